"""The tables of the desk: decisions, referrals, assignments."""

from helpdesk.models.assignment import Assignment
from helpdesk.models.decision import Decision, DecisionDraft, DecisionLine, Referral

__all__ = ["Assignment", "Decision", "DecisionDraft", "DecisionLine", "Referral"]
