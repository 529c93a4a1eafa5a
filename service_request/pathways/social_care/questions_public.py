"""The short forms: a family for itself, a child or young person, and someone worried about a child (GL-16).

Every question can be skipped. Only a form that says nothing and leaves no way to ask cannot be sent.
"""

from collections.abc import Iterable, Mapping

from service_request.asking.checks import birth_date, email_address, phone_number, postcode
from service_request.asking.code_sets import NOT_KNOWN, Codes
from service_request.asking.fields import choices_of, day, drop_down, email, line, phone, prose, radios
from service_request.asking.steps import FormContext, Step, Typed
from service_request.pathways.social_care.codes import AGE_BANDS, GROWN_BAND, Urgency
from service_request.pathways.social_care.sources import RELATIONSHIP_LABELS

SAFE: Codes = (
    ("yes", "Yes"),
    ("no", "No, do not write, text or ring"),
)
_SAY_NOTHING = "Someone else may see it. If you are not sure, select no"
_AREAS_LEFT: Codes = (("outside", "Outside this county"), (NOT_KNOWN, "I do not know"))
_AGES: Codes = (*AGE_BANDS, (NOT_KNOWN, "I do not know"))
_OWN_AGES: Codes = (*AGE_BANDS[3:], GROWN_BAND)


class FamilySafety(Step):
    """EV-10: danger first, in the family's words."""

    slug, group = "safety", "public"
    title, short = "Is anyone in danger now?", "Is anyone in danger"
    guidance = ("If a child is in danger now, call 999. You do not have to finish this form.",)
    rows = {"urgency": "Danger"}

    urgency = radios(
        title,
        choices_of(
            (
                (Urgency.DANGER, "Yes, someone is in danger now"),
                (Urgency.URGENT, "Not this minute, but we need help today"),
                (Urgency.ROUTINE, "No"),
            ),
            hints={Urgency.DANGER: "Call 999 now", Urgency.URGENT: "Ring the duty line, day or night"},
        ),
    )


class ChildSafety(FamilySafety):
    """The same, asked of a child."""

    title, short = "Are you safe right now?", "Are you safe"
    guidance = ("If you are in danger, call 999. You can also ring us.",)
    rows = {"urgency": "Danger"}

    urgency = radios(
        title,
        choices_of(
            (
                (Urgency.DANGER, "No, I am in danger now"),
                (Urgency.URGENT, "I am all right this minute, but I need help today"),
                (Urgency.ROUTINE, "Yes"),
            ),
            hints={Urgency.DANGER: "Call 999 now", Urgency.URGENT: "Ring the duty line, day or night"},
        ),
    )


class WorriedSafety(FamilySafety):
    """The same, asked of a relative, neighbour or friend."""

    title, short = "Is the child in danger now?", "Is the child in danger"
    guidance = ("If a child is in danger now, call 999. You do not have to finish this form.",)

    urgency = radios(
        title,
        choices_of(
            (
                (Urgency.DANGER, "Yes, in danger now"),
                (Urgency.URGENT, "Not this minute, but someone must act today"),
                (Urgency.ROUTINE, "No, or I do not know"),
            ),
            hints={Urgency.DANGER: "Call 999 now", Urgency.URGENT: "Ring the duty line, day or night"},
        ),
    )


class FamilyStory(Step):
    """What a family asks for, in its own words."""

    slug, group = "concerns", "public"
    title, short = "What would help you and your children?", "What would help"
    guidance = ("Write as much or as little as you like. Your own words are fine.",)
    rows = {"narrative": "What would help"}

    narrative = prose(title, hint="What is happening, and what you would like from us", rows=8)


class ChildStory(Step):
    """What a child says, in their own words."""

    slug, group = "concerns", "public"
    title, short = "What is happening?", "What is happening"
    guidance = ("You can tell us as much or as little as you like. It is not your fault.",)
    rows = {"narrative": "What is happening"}

    narrative = prose(title, hint="And what you would like to happen", rows=8)


class WorriedStory(Step):
    """What someone saw or heard."""

    slug, group = "concerns", "public"
    title, short = "What are you worried about?", "What worries you"
    guidance = ("Tell us what you saw or heard, and when. You do not need to be sure.",)
    rows = {"narrative": "What worries you"}

    narrative = prose(title, hint="What you saw or heard, when, and how often", rows=8)


class FamilyChild(Step):
    """A child of the family, named or not."""

    slug, group, repeats = "brief", "public", "child"
    title, short = "Which child is it about?", "{child}"
    guidance = ("You can add more children after this one, and a baby who is not born yet.",)
    rows = {"birth_on": "Birth date", "age_band": "Age, about"}

    name = line("Child's name", autocomplete="off", spellcheck="false")
    birth_on = day("Birth date", birth_date, noun="Birth date", hint="For example, 27 3 2017")
    age_band = drop_down("Or about how old are they?", choices_of(_AGES))


class WorriedChild(FamilyChild):
    """A child somebody is worried about, as far as they know."""

    title = "Who is the child?"
    guidance = ("A first name helps. If you do not know it, say what you know about the child on the next page.",)


class AboutMe(Step):
    """The child or young person themselves."""

    slug, group, repeats = "brief", "public", "child"
    title, short = "About you", "About you"
    guidance = ("You do not have to give your name. We can find the right person sooner if you do.",)
    rows = {"name": "Your name", "age_band": "Your age", "area": "Where you live"}

    name = line("Your name", hint="Your first name is enough", autocomplete="name", spellcheck="false")
    age_band = radios("How old are you?", choices_of(_OWN_AGES))
    area = drop_down("Where do you live?", choices_of(_AREAS_LEFT))

    @classmethod
    def offers(cls, context: FormContext) -> Mapping[str, Codes]:
        return {"area": (*context.areas, *_AREAS_LEFT)}


class FamilyHome(Step):
    """Where the family lives: it decides who answers."""

    slug, group = "home", "public"
    title, short = "Where do you live?", "Where you live"
    guidance = ("It tells us which team is yours. A town or a postcode is enough.",)
    rows = {"area": "Area"}

    address = prose("Address", hint="As much as you want to give", rows=3)
    postcode = line("Postcode", postcode, most=12, autocomplete="postal-code")
    area = drop_down("Or which area?", choices_of(_AREAS_LEFT))

    @classmethod
    def offers(cls, context: FormContext) -> Mapping[str, Codes]:
        return {"area": (*context.areas, *_AREAS_LEFT)}


class WorriedHome(FamilyHome):
    """Where the child lives or was seen."""

    title, short = "Where does the child live?", "Where the child lives"
    guidance = ("If you do not know the address, say where you saw or heard them.",)


class ChildHome(FamilyHome):
    """Where a child said that they live, by text: their own form has no such page, and nothing of it is missing."""

    @classmethod
    def wants(cls, typed: Typed) -> Iterable[str]:  # noqa: ARG003  # nothing, whatever was typed
        return ()


class FamilyYou(Step):
    """Who asks, if they want to say."""

    slug, group = "you", "public"
    title, short = "Who are you?", "Who you are"
    guidance = ("You do not have to give your name.",)
    rows = {"name": "Your name", "relationship": "You are"}

    name = line("Your name", autocomplete="name", spellcheck="false")
    relationship = radios("What are you to the child?", choices_of(RELATIONSHIP_LABELS[:2] + RELATIONSHIP_LABELS[-1:]))


class WorriedYou(FamilyYou):
    """Who is worried, if they want to say; anonymous is said in words."""

    title = "Who are you?"
    guidance = (
        "You do not have to give your name. If you do, we do not tell the family who you are unless the law makes us.",
    )

    relationship = radios("How do you know the child?", choices_of(RELATIONSHIP_LABELS[1:]))


class Reach(Step):
    """EV-2: a way to reach them, and whether it is safe: unset is answered once, no is never answered."""

    slug, group = "reach", "public"
    title, short = "How can we reach you?", "How to reach you"
    guidance = ("You do not have to tell us. Then we cannot tell you what happens next.",)
    rows = {
        "email": "Email",
        "phone": "Phone",
        "safe": "Safe to reach you there",
        "best_time": "Best time, and what not to do",
    }

    email = email("Email address", email_address)
    phone = phone("Phone number", phone_number)
    safe = radios("Is it safe for us to write, text or ring you there?", choices_of(SAFE), hint=_SAY_NOTHING)
    best_time = line("When is it best, and what should we not do?", hint="For example: text only, after 4pm")


class ChildReach(Reach):
    """The same, asked of a child."""

    title, short = "How can we reach you safely?", "How to reach you"
    guidance = ("You do not have to tell us. We only write, text or ring if you say it is safe.",)
