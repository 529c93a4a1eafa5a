"""The short form as a conversation: a family for itself, a child, or someone worried about a child (GL-16, EV-10)."""

from datetime import date

from service_request.asking.code_sets import NOT_KNOWN
from service_request.asking.fields import choices_of, drop_down, radios
from service_request.conversation.ages import find_age, read_age
from service_request.conversation.readings import Reading
from service_request.conversation.script import CUES, SAFE_MEANS, Question, Script
from service_request.conversation.state import Answers
from service_request.conversation.understanding import find_postcode
from service_request.conversation.words import plain
from service_request.pathways.social_care import questions_public as forms
from service_request.pathways.social_care.codes import AGE_BANDS, GROWN_BAND, FormKind, Urgency
from service_request.pathways.social_care.sources import RELATIONSHIP_LABELS
from service_request.pathways.social_care.telling_public import SELF, find_relationship

_BANDS = ((1, "under_1"), (5, "1_4"), (10, "5_9"), (14, "10_13"), (16, "14_15"), (18, "16_17"))  # age below, band
_UNBORN = frozenset("unborn pregnant pregnancy expecting".split())
_KINDS = {"parent": FormKind.PUBLIC_FAMILY, SELF: FormKind.PUBLIC_CHILD}


class TextedYou(forms.WorriedYou):
    """Who texts: in a conversation this is not known before it is asked."""

    relationship = radios(
        "How do you know the child?",
        choices_of((*RELATIONSHIP_LABELS, (SELF, "I am the child or young person"))),
    )


class TextedChild(forms.FamilyChild):
    """The child, who may be the one who texts: that they are 18 is an answer, and decided all the same (GL-18)."""

    age_band = drop_down("About how old are they?", choices_of((*AGE_BANDS, GROWN_BAND, (NOT_KNOWN, "I do not know"))))


def kind_of(answers: Answers) -> FormKind:
    """Return which of the short forms the answers belong to; someone worried, until they say who they are."""
    relationship = answers.get("relationship", [""])
    return _KINDS.get(relationship[0] if relationship else "", FormKind.PUBLIC_WORRIED)


def _band(reading: Reading | None) -> Reading | None:
    if reading is None or not reading.value.isdecimal():
        return None
    return next((Reading(band) for below, band in _BANDS if int(reading.value) < below), Reading(GROWN_BAND[0]))


def read_band(text: str, today: date) -> Reading | None:
    """Return the age band that answers a question for an age."""
    if _UNBORN & set(plain(text).split()) or "not born" in plain(text):
        return Reading("unborn")
    return _band(read_age(text, today))


def find_band(text: str, today: date) -> Reading | None:
    """Return the age band of a child's age that stands plainly in a message; 18 or more may be anybody's."""
    band = _band(find_age(text, today))
    return band if band != Reading(GROWN_BAND[0]) else None


def _is_child(answers: Answers) -> bool:
    return kind_of(answers) is FormKind.PUBLIC_CHILD


def _is_in_childhood(answers: Answers) -> bool:
    return _is_child(answers) and answers.get("age_band") != [GROWN_BAND[0]]


def _is_other(answers: Answers) -> bool:
    return not _is_child(answers)


PUBLIC = Script(
    code="social_care",
    asks_child=_is_child,
    is_child=_is_in_childhood,
    questions=(
        Question(
            "safe",
            forms.Reach,
            say="Is it safe to text you here? 1 yes, 2 no",
            label="safe to write here",
            means=SAFE_MEANS,
        ),
        Question(
            "narrative",
            forms.FamilyStory,
            say="What is happening, and what would help? Write as much or as little as you like.",
            label="what is happening",
            is_story=True,
        ),
        Question(
            "urgency",
            forms.FamilySafety,
            say="Is anyone in danger? 1 yes, now, 2 not this minute but we need help today, 3 no",
            label="danger",
            offers=(Urgency.DANGER, Urgency.URGENT, Urgency.ROUTINE),
            means={
                Urgency.DANGER: ("in danger now", "danger now"),
                Urgency.URGENT: ("today", "help today", "not this minute"),
                Urgency.ROUTINE: ("not in danger", "no danger", "safe", "not today"),
            },
            yes=Urgency.DANGER,
            no=Urgency.ROUTINE,
            dangers=frozenset({Urgency.DANGER.value}),
            thanks="urgent",
            thanks_for=frozenset({Urgency.URGENT.value}),
        ),
        Question(
            "relationship",
            TextedYou,
            say="How do you know the child? 1 parent or carer, 2 relative, 3 neighbour, 4 friend of the family, "
            "5 not well, 6 something else, 7 I am the child",
            label="how they know the child",
            means={
                "parent": ("mum", "mom", "mam", "mother", "dad", "father", "parent", "carer", "my child", "my kid"),
                "relative": ("nan", "gran", "grandma", "grandad", "aunt", "auntie", "uncle", "cousin", "sister"),
                "neighbour": ("neighbour", "neighbor", "next door"),
                "friend": ("friend", "family friend"),
                "stranger": ("stranger", "dont know them", "dont know"),
                SELF: ("its me", "it is me", "about me", "im the child", "i am the child", "myself", "me"),
            },
            finds=find_relationship,
        ),
        Question(
            "name",
            TextedChild,
            name="child_name",
            say="What is the child's first name?",
            say_self="What is your name? A first name is enough.",
            label="the child's name",
        ),
        Question(
            "age_band",
            TextedChild,
            say="About how old is the child?",
            say_self="How old are you?",
            label="age, about",
            reads=read_band,
            finds=find_band,
            unsure=NOT_KNOWN,
            is_told_back=True,
        ),
        Question(
            "address",
            forms.FamilyHome,
            say="Where does the child live? A town or a postcode is enough.",
            say_self="Where do you live? A town or a postcode is enough.",
            label="where the child lives",
        ),
        Question(
            "name",
            TextedYou,
            name="your_name",
            say="What is your name? You do not have to say.",
            label="your name",
            cue=CUES["name"],
            is_of_them=True,
            when=_is_other,
        ),
        Question(
            "best_time",
            forms.Reach,
            say="When is it best to reach you, and what should we not do? For example: text only, after 4pm",
            label="best time",
            is_about_reaching=True,
            cue=CUES["reach"],
        ),
    ),
    extras=(Question("postcode", forms.FamilyHome, say="", label="postcode", finds=find_postcode, part_of="address"),),
)
