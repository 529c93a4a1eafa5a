"""The code sets of pathway SE: what is stored, and the plain words it is asked and read with."""

from enum import StrEnum


class EnquirerKind(StrEnum):
    """Who asks (SE-1, SE-2)."""

    PARENT = "parent"
    CARER = "carer"
    CHILD = "child"
    YOUNG_PERSON = "young_person"
    FAMILY = "family"  # a grandparent, a friend: someone who asks for a parent
    PROFESSIONAL = "professional"
    NOT_KNOWN = "not_known"


class Eligible(StrEnum):
    """Whether the service is for them (SE-2)."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class InArea(StrEnum):
    """Whether they live in the authority's area; one not given refuses nobody (SE-2)."""

    YES = "yes"
    NO = "no"
    NOT_GIVEN = "not_given"


class Level(StrEnum):
    """How far the help goes (SE-4)."""

    CONTACT = "contact"
    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"


class DeadlineKind(StrEnum):
    """What the law sets a date for (SE-3)."""

    EXCLUSION = "exclusion"  # governors consider a permanent exclusion within 15 school days
    EXCLUSION_REVIEW = "exclusion_review"
    APPEAL = "appeal"  # to the tribunal
    MEDIATION = "mediation"
    ANNUAL_REVIEW = "annual_review"
    DRAFT_PLAN = "draft_plan"  # 15 days to comment on a draft EHC plan
    OTHER = "other"


LEVEL_LABELS: dict[Level, str] = {
    Level.CONTACT: "Contact: a factsheet or a signpost",
    Level.ONE: "1, information and advice",
    Level.TWO: "2, help with documents, meetings and communication",
    Level.THREE: "3, continuing help through statutory processes",
    Level.FOUR: "4, tribunal, ombudsman or judicial review",
}
LEVELS: tuple[Level, ...] = tuple(LEVEL_LABELS)
