"""The concerns with their background, what has been tried, and the family's views (GL-2)."""

from infrastructure.questions import choice
from service_request.asking.checks import Enter, NotFuture
from service_request.asking.code_sets import NOT_KNOWN, YES_NO_NOT_KNOWN, Codes
from service_request.asking.fields import checkboxes, choices_of, day, line, prose, radios, tick
from service_request.asking.steps import Step
from service_request.pathways.social_care.codes import WORRIES_ASKED

CONCERNS_ITEM = "What you are worried about"
SERIOUSNESS: Codes = (
    ("low", "Low: it may grow if nothing changes"),
    ("medium", "Medium: a child is not getting what they need"),
    ("high", "High: a child is being harmed, or soon will be"),
    (NOT_KNOWN, "I cannot say"),
)


class Concerns(Step):
    """GL-2: what worries the referrer, in codes and in words."""

    slug, group = "concerns", "concerns"
    title, short = "What are you worried about?", CONCERNS_ITEM
    guidance = (
        "Say what you have seen and heard, when, and who told you. Keep fact and opinion apart.",
        "Say what it means for each child.",
        "Short is fine. We ring you if we need more.",
    )
    asked = ("worries", "narrative")
    rows = {
        "worries": "Kinds of worry",
        "narrative": "What worries you",
        "seriousness": "How serious, as the referrer sees it",
        "seriousness_why": "Why they think so",
    }

    worries = checkboxes("Which of these is it about?", choices_of(WORRIES_ASKED), hint="Select all that apply")
    narrative = prose(
        "What worries you, and how does it affect each child?",
        Enter("Enter what worries you"),
        hint="What happened, when, and what you saw or were told",
        rows=10,
    )
    seriousness = radios(
        "How serious do you think it is now?",
        choices_of(SERIOUSNESS),
        hint="Your own judgement. The manager makes theirs",
    )
    seriousness_why = line("What makes you think so?")


class Harm(Step):
    """What happened and what was said; every question can be left, since often there was no single event."""

    slug, group = "harm", "concerns"
    title, short = "Has something happened, or been said?", CONCERNS_ITEM
    guidance = (
        "If a child told you something, write their words and yours. Do not ask them to say it again.",
        "Leave this page empty if nothing single happened.",
    )
    rows = {
        "happened_on": "When it happened",
        "happened_where": "Where it happened",
        "said": "What was said, and by whom",
        "injury": "Injuries or marks",
        "caused_by": "Who may have caused it",
    }

    happened_on = day("When did it happen?", NotFuture("The date it happened"), noun="The date it happened")
    happened_where = line("Where did it happen?")
    said = prose("What was said, by whom and to whom?", hint="In their own words, with the day")
    injury = prose("Any injury or mark?", hint="Where on the body, size and colour, and how it was explained", rows=3)
    caused_by = line("Who may have caused it?", hint="A name or who they are to the child, if you know")


class Background(Step):
    """GL-2: the family history as far as it is known."""

    slug, group = "background", "concerns"
    title, short = "What do you know of the family's history?", CONCERNS_ITEM
    guidance = ("Write what you know. Nobody expects you to know all of it.",)
    asked = ("history", "capacity")
    rows = {
        "history": "Family history",
        "previous": "Earlier involvement of social care",
        "capacity": "What affects the parents",
        "places": "Places and people outside the family",
    }

    history = prose(
        "Family history", hint="Earlier worries, moves, losses, changes in the household, and how long it has gone on"
    )
    history_not_known = tick()
    previous = prose("Earlier involvement of social care, here or elsewhere", hint="If you know of any", rows=3)
    capacity = prose(
        "What affects how the parents can care for the children?",
        hint="For example domestic abuse, mental health, alcohol or drugs, learning disability, money or housing",
        rows=4,
    )
    capacity_not_known = tick()
    places = prose(
        "Places or people outside the family that worry you",
        hint="For example a park, a house, a group, or online",
        rows=3,
    )


class Tried(Step):
    """GL-2: what has been tried, and whether a common assessment (CAF, early help) exists."""

    slug, group = "tried", "concerns"
    title, short = "What has been tried?", "What has been tried"
    guidance = (
        "Your own agency's help counts too.",
        "For a low risk that may grow, we may ask your agency to carry out an early help assessment.",
    )
    asked = ("tried", "assessment", "working_well", "needs_to_change")
    rows = {
        "tried": "What has been tried",
        "tried_result": "What came of it",
        "assessment": "Early help assessment or CAF",
        "assessment_on": "Date of the assessment",
        "assessment_lead": "Lead professional",
        "working_well": "What is working well",
        "needs_to_change": "What needs to change",
    }

    tried = prose("What has been tried to help, and by whom?", hint="Write nothing yet if so")
    tried_not_known = tick()
    tried_result = prose("What came of it?", rows=3)
    assessment = radios(
        "Is there an early help assessment or a CAF?",
        [choice(code, label, reveals="assessment_on" if code == "yes" else "") for code, label in YES_NO_NOT_KNOWN],
    )
    assessment_on = day(
        "When was it made?",
        NotFuture("The date of the assessment"),
        noun="The date of the assessment",
        hint="About when is fine. Leave it empty if you do not know",
    )
    assessment_lead = line("Who is the lead professional?", hint="Name, agency and phone, if there is one")
    working_well = prose("What is working well for the children?", hint="People, places and strengths", rows=4)
    working_well_not_known = tick()
    needs_to_change = prose("What needs to change, and what are you asking us for?", rows=4)
    needs_to_change_not_known = tick()


class FamilyViews(Step):
    """GL-2: the family's views."""

    slug, group = "views", "concerns"
    title, short = "What do the parents or carers say?", "What the family and children say"
    guidance = ("Their own words matter, also where you see it differently.",)
    asked = ("family_view",)
    rows = {"family_view": "What the parents or carers say"}

    family_view = prose(
        "What do the parents or carers say?", hint="Say who said what. If they do not know of this, say so"
    )
    family_view_not_known = tick("Not known, or not asked yet")


class BandConcerns(Step):
    """GL-6: the concern without names."""

    slug, group = "concerns", "concerns"
    title, short = "What are you worried about?", CONCERNS_ITEM
    guidance = (
        "Leave out names, birth dates, addresses, schools and phone numbers. Write the boy, his mother, the partner.",
        "We mark words that may say who it is, before you send.",
    )
    asked = ("worries", "narrative")
    rows = {"worries": "Kinds of worry", "narrative": "What worries you", "question": "What you want to talk through"}

    worries = checkboxes("Which of these is it about?", choices_of(WORRIES_ASKED), hint="Select all that apply")
    narrative = prose("What worries you?", Enter("Enter what worries you"), hint="Without names", rows=10)
    question = prose("What do you want to talk through with us?", hint="Without names", rows=4)


class BandTried(Step):
    """GL-6: what has been tried, without names."""

    slug, group = "tried", "concerns"
    title, short = "What has been tried?", "What has been tried"
    asked = ("tried", "assessment")
    rows = {"tried": "What has been tried", "assessment": "Early help assessment or CAF"}

    tried = prose("What has been tried to help?", hint="Without names. Write nothing yet if so")
    tried_not_known = tick()
    assessment = radios("Is there an early help assessment or a CAF?", choices_of(YES_NO_NOT_KNOWN))
