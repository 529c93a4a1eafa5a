"""The words that Westmarch sends often: its SENDIASS, and its children's desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.domain.saved_answers import AnswerKind
from helpdesk.services.saved_answers import add_answer
from infrastructure.identity.users import User

# SEND Code of Practice 9.14 (anybody of the family may ask) and 9.17 (six weeks); exclusions guidance of the Department
# for Education (the governors meet within 15 school days of a permanent exclusion).
ANSWERS = (
    (
        "May we ring you?",
        AnswerKind.REPLY,
        "May we ring you? Tell us a day and a time that suits you, Monday to Friday, 9 to 5. It is free, and you "
        "choose what to do.",
    ),
    (
        "Permanent exclusion",
        AnswerKind.FACTSHEET,
        "After a permanent exclusion the governors must meet within 15 school days. You can speak at that meeting and "
        "bring somebody with you. Keep the letter. We can help you get ready.",
    ),
    (
        "Asking for an assessment",
        AnswerKind.FACTSHEET,
        "You can ask the council for an EHC needs assessment yourself, and you do not need the school to agree. The "
        "council must answer within 6 weeks. We can help you write the letter.",
    ),
    (
        "Another council",
        AnswerKind.SIGNPOST,
        "Each council has a free service like ours. Yours can help you best, since it knows the local offer there. We "
        "can give you its number.",
    ),
    (
        "How a family reaches us",
        AnswerKind.WORDS_TO_PASS_ON,
        "SENDIASS gives families free, impartial and private advice about special educational needs. They can text "
        "07700 900180 or ring {phone} themselves.",
    ),
)
OF_THE_DESK = (
    (
        "What happens next",
        AnswerKind.REPLY,
        "Thank you for your request {reference}. A manager decides by {promise}, and we then send you the outcome. "
        "If a child is in danger meanwhile, ring 999 or {duty line}.",
    ),
    (
        "Please complete the form",
        AnswerKind.REPLY,
        "We need a little more before a manager can decide. Please complete the form behind the link, or ring us on "
        "{phone} and we fill it in together. Quote {reference}.",
    ),
    (
        "Early help instead",
        AnswerKind.SIGNPOST,
        "What you describe can be helped sooner by the early help team near the family, who work with them if they "
        "agree. Please speak with the family first, and ring {phone} if you would like to talk it through.",
    ),
)


def save_answers(session: Session, *, adviser: User, manager: User, now: datetime) -> None:
    """Save them as an adviser does, and as a manager of the desk does."""
    for by, answers in ((adviser, ANSWERS), (manager, OF_THE_DESK)):
        for title, kind, body in answers:
            add_answer(session, title=title, body=body, kind=kind, by=by, now=now)
