"""The tables of the desk: decisions, referrals, assignments, the rota, imports."""

from helpdesk.models.assignment import Assignment
from helpdesk.models.decision import Decision, DecisionDraft, DecisionLine, Referral
from helpdesk.models.duty import DutyTurn
from helpdesk.models.import_run import ImportRun
from helpdesk.models.investigation import About, Investigation

__all__ = [
    "About",
    "Assignment",
    "Decision",
    "DecisionDraft",
    "DecisionLine",
    "DutyTurn",
    "ImportRun",
    "Investigation",
    "Referral",
]
