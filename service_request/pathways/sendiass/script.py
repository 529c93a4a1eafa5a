"""The conversation of an enquiry to SENDIASS: what is asked in which order, in the words of a text (SE-1 to SE-3)."""

from service_request.conversation.ages import find_age, read_age
from service_request.conversation.script import CUES, SAFE_MEANS, Question, Script
from service_request.conversation.state import Answers
from service_request.conversation.understanding import find_postcode
from service_request.pathways.sendiass import questions as forms
from service_request.pathways.sendiass.codes import DeadlineKind, EnquirerKind
from service_request.pathways.sendiass.telling import (
    find_enquirer,
    find_gender,
    find_letter,
    find_letter_day,
    find_letter_on,
    find_plan,
    find_send,
    kind_of_letter,
)

GROWN = 18
DATED = frozenset(kind.value for kind in DeadlineKind)
SELF = frozenset({EnquirerKind.CHILD.value, EnquirerKind.YOUNG_PERSON.value})


def _has_letter(answers: Answers) -> bool:
    return bool(DATED & set(answers.get("letter", ())))


def _has_no_postcode(answers: Answers) -> bool:
    return "postcode" not in answers or "place" in answers


def _is_child(answers: Answers) -> bool:
    return bool(SELF & set(answers.get("enquirer", ())))


def _is_under_18(answers: Answers) -> bool:
    """Tell a child who writes for themselves: by what they say they are, or by a young person's age."""
    age = answers.get("age", [""])[0]
    if answers.get("enquirer") == [EnquirerKind.YOUNG_PERSON.value]:
        return age.isdecimal() and int(age) < GROWN
    return answers.get("enquirer") == [EnquirerKind.CHILD.value]


def _is_professional(answers: Answers) -> bool:
    return answers.get("enquirer") == [EnquirerKind.PROFESSIONAL.value]


SENDIASS = Script(
    code="sendiass",
    asks_child=_is_child,
    is_child=_is_under_18,
    is_not_ours=_is_professional,
    questions=(
        Question(
            "safe",
            forms.Reach,
            say="Is it safe to text you here? 1 yes, 2 no",
            label="safe to write here",
            means=SAFE_MEANS,
        ),
        Question(
            "story",
            forms.Story,
            say="What is happening, and what would help? Write as much or as little as you like.",
            label="what is happening",
            is_story=True,
        ),
        Question(
            "enquirer",
            forms.WhoAsks,
            say="Who are you? 1 parent, 2 carer, 3 young person 16 to 25, 4 child under 16, 5 relative or friend, "
            "6 someone who works with the family, 7 rather not say",
            label="who asks",
            means={
                "parent": ("parent", "mum", "mom", "mam", "mother", "dad", "father", "step mum", "step dad", "stepmum"),
                "carer": (
                    "carer",
                    "foster carer",
                    "foster mum",
                    "foster dad",
                    "guardian",
                    "special guardian",
                    "kinship carer",
                ),
                "young_person": ("young person", "student", "teenager", "me its about me"),
                "child": ("child", "kid", "im a kid", "im a child", "under 16"),
                "family": (
                    "nan",
                    "nana",
                    "gran",
                    "grandma",
                    "granny",
                    "grandad",
                    "grandparent",
                    "aunt",
                    "auntie",
                    "uncle",
                    "sister",
                    "brother",
                    "friend",
                    "neighbour",
                    "relative",
                    "cousin",
                ),
                "professional": (
                    "teacher",
                    "senco",
                    "head teacher",
                    "headteacher",
                    "social worker",
                    "school nurse",
                    "health visitor",
                    "support worker",
                    "professional",
                    "gp",
                    "doctor",
                    "ta",
                ),
                "not_known": ("rather not say", "prefer not to say"),
            },
            unsure="not_known",
            finds=find_enquirer,
            is_of_them=True,
        ),
        Question(
            "letter",
            forms.Letter,
            say="Have you had a letter with a date or a time limit? 1 suspended or excluded, 2 appeal or tribunal, "
            "3 mediation, 4 annual review, 5 draft plan, 6 another letter, 7 no, 8 not sure",
            label="letter",
            offers=("exclusion", "appeal", "mediation", "annual_review", "draft_plan", "other", "none", "not_known"),
            means={
                "exclusion": ("suspended", "excluded", "exclusion", "suspension", "expelled", "kicked out"),
                "appeal": ("tribunal", "appeal", "refused to assess", "refusal to assess"),
                "mediation": ("mediation", "mediation certificate"),
                "other": (
                    "other",
                    "another letter",
                    "other letter",
                    "different letter",
                    "got a letter",
                    "had a letter",
                ),
                "annual_review": ("annual review", "review of the plan", "ehcp review"),
                "draft_plan": ("draft plan", "draft ehcp", "proposed plan"),
                "none": ("no letter", "no letters", "none", "nothing", "not had one", "havent had one", "not yet"),
            },
            says_little=("got a letter", "had a letter"),
            yes=kind_of_letter,
            no="none",
            unsure="not_known",
            finds=find_letter,
            thanks="letter",
            thanks_for=DATED,
            is_told_back=True,
        ),
        Question(
            "letter_on",
            forms.Letter,
            say="What date is on the letter? For example 3 November",
            label="date of the letter",
            finds=find_letter_on,
            beside="letter",
            recalls=find_letter_day,
            when=_has_letter,
        ),
        Question(
            "age",
            forms.AboutChild,
            say="How old is your child?",
            say_self="How old are you?",
            label="age",
            reads=read_age,
            finds=find_age,
            is_told_back=True,
        ),
        Question(
            "send",
            forms.AboutChild,
            say="Do they have special educational needs or a disability? 1 yes, 2 perhaps, 3 no, 4 not sure",
            say_self="Do you have special educational needs or a disability? 1 yes, 2 perhaps, 3 no, 4 not sure",
            label="special needs or a disability",
            means={"maybe": ("perhaps", "maybe", "possibly", "being assessed", "waiting", "on the pathway")},
            yes="yes",
            no="no",
            unsure="not_known",
            finds=find_send,
        ),
        Question(
            "plan",
            forms.AboutChild,
            say="Is there an education, health and care plan (EHCP)? 1 yes, 2 asked for one, 3 no, 4 not sure",
            label="plan",
            means={
                "yes": ("has one", "have one", "got one", "has an ehcp", "has a plan"),
                "asked": ("asked", "applied", "asked for one", "applied for one", "in progress", "waiting"),
            },
            yes="yes",
            no="no",
            unsure="not_known",
            finds=find_plan,
            is_told_back=True,
        ),
        Question(
            "place",
            forms.Place,
            say="Which town or postcode do you live in? It tells us which service is yours.",
            label="where you live",
            cue=CUES["place"],
            is_of_them=True,
            when=_has_no_postcode,
        ),
        Question(
            "name",
            forms.Reach,
            say="What may we call you? A first name is enough.",
            label="name",
            is_of_them=True,
            cue=CUES["name"],
        ),
        Question(
            "reach",
            forms.Reach,
            say="When and how is it best to reach you? For example: ring after 4pm, or text only",
            label="best time and way",
            is_about_reaching=True,
            cue=CUES["reach"],
        ),
        Question(
            "anything_else",
            forms.Reach,
            say="Is there anything else we should know? If not, reply NO",
            label="anything else",
        ),
    ),
    extras=(
        Question(
            "postcode", forms.Place, say="", label="postcode", finds=find_postcode, part_of="place", is_of_them=True
        ),
        Question("gender", forms.AboutChild, say="", label="gender", finds=find_gender),
    ),
)
