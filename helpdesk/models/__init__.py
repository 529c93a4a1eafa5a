"""The tables of the desk: decisions, referrals, assignments."""

from helpdesk.models.assignment import Assignment
from helpdesk.models.decision import Decision, DecisionDraft, DecisionLine, Referral
from helpdesk.models.investigation import About, Investigation

__all__ = ["About", "Assignment", "Decision", "DecisionDraft", "DecisionLine", "Investigation", "Referral"]
