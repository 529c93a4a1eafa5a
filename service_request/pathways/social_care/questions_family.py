"""The household and the agencies around it (GL-2)."""

from collections.abc import Iterable

from infrastructure.questions import choice
from service_request.asking.checks import Alone, adult_birth_date, email_address, phone_number
from service_request.asking.code_sets import NOT_KNOWN, YES_NO_NOT_KNOWN
from service_request.asking.fields import (
    checkboxes,
    choices_of,
    day,
    drop_down,
    email,
    grouped,
    line,
    phone,
    prose,
    radios,
    tick,
)
from service_request.asking.steps import Step, Typed
from service_request.pathways.social_care.codes import (
    AGENCIES_INVOLVED,
    ETHNICITY_GROUPS,
    INTERPRETER,
    LANGUAGES,
    RELATIONSHIPS,
    RISKS,
)


class Adult(Step):
    """GL-2: an adult with parental responsibility, or another who matters to the child."""

    slug, group, repeats = "adult", "family", "adult"
    title, short = "An adult in the child's life", "Adults and household"
    named = "About {child}"
    guidance = (
        "Add each parent first, wherever they live, then other adults in the household.",
        "Parental responsibility is the legal right to decide for a child. A mother has it from birth.",
        "Add an adult you are worried about, too.",
    )
    asked = ("name", "relationship", "parental_responsibility", "same_household")
    rows = {
        "also_known": "Also known as",
        "birth_on": "Birth date",
        "relationship": "Relationship to the children",
        "parental_responsibility": "Parental responsibility",
        "same_household": "Lives with the children",
        "safe_to_contact": "Safe to ring or text",
        "email": "Email",
        "language": "First language",
        "interpreter": "Interpreter",
        "needs": "Disability or communication needs",
    }

    name = line("Full name", autocomplete="off", spellcheck="false")
    name_not_known = tick()
    also_known = line("Other names they are known by", autocomplete="off")
    relationship = drop_down("Relationship to the children", choices_of(RELATIONSHIPS))
    relationship_detail = line("More about this", hint="For example: mother of the older child only")
    parental_responsibility = radios("Do they have parental responsibility?", choices_of(YES_NO_NOT_KNOWN))
    same_household = radios("Do they live with the children?", choices_of(YES_NO_NOT_KNOWN))
    birth_on = day("Birth date", adult_birth_date, noun="Birth date", hint="If you know it. For example, 27 3 1990")
    address = prose("Address", hint="If it is not the children's", rows=3)
    phone = phone("Phone number", phone_number, own=False)
    safe_to_contact = radios(
        "Is it safe to ring or text them on it?",
        choices_of(YES_NO_NOT_KNOWN, hints={"no": "For example because someone else reads their messages"}),
    )
    email = email("Email address", email_address, own=False)
    ethnicity = drop_down("Ethnicity", grouped(ETHNICITY_GROUPS))
    language = drop_down("First language", choices_of(LANGUAGES))
    interpreter = drop_down("Do they need an interpreter?", choices_of(INTERPRETER))
    needs = line("Disability or communication needs", hint="For example: deaf, reads lips; finds reading hard")

    @classmethod
    def wants(cls, typed: Typed) -> Iterable[str]:
        """Ask who it is before all else, and whether a number is safe once there is one."""
        yield from cls.asked if typed else ("name",)
        if typed.has("phone"):
            yield "safe_to_contact"


class Household(Step):
    """GL-2: brothers and sisters who are not part of the request, wherever they live."""

    slug, group = "household", "family"
    title, short = "Brothers, sisters and others at home", "Adults and household"
    guidance = ("A child you are also worried about belongs in this request: add them as a child of their own.",)
    asked = ("siblings",)
    rows = {"siblings": "Other brothers and sisters", "others": "Others at home"}

    siblings = prose(
        "Brothers and sisters who are not part of this request",
        hint="Names, ages, and where they live if elsewhere. Write none if there are none",
        rows=4,
    )
    siblings_not_known = tick()
    others = prose("Anyone else in the home, or who comes and goes", hint="Names and who they are, if you know", rows=3)


class Agencies(Step):
    """GL-2: the other agencies involved."""

    slug, group = "agencies", "family"
    title, short = "Which other agencies are involved?", "Other agencies involved"
    guidance = ("We ask them only what we need to. Names and numbers save a day.",)
    asked = ("agencies",)
    rows = {"agencies": "Other agencies involved", "agencies_detail": "Their names and numbers"}

    agencies = checkboxes(
        title,
        choices_of(AGENCIES_INVOLVED, exclusive=("none", NOT_KNOWN)),
        Alone(("none", NOT_KNOWN), 'Select the agencies, or "None that I know of" or "Not known" alone'),
        hint="Besides your own. Select all that apply",
    )
    agencies_detail = prose("Their names and numbers", hint="One on a line, with what they do for the family")


class StaffRisks(Step):
    """GL-2: the risks to staff who visit."""

    slug, group = "risks", "concerns"
    title, short = "Is there a risk to staff who visit?", "Risks to visiting staff"
    guidance = ("For example violence, weapons, dogs, drug use, or a person who must not know of the visit.",)
    asked = ("risks",)
    rows = {"risks": "Risks to visiting staff", "risks_detail": "What the risk is"}

    risks = radios(
        title,
        [choice(code, label, reveals="risks_detail" if code == "yes" else "") for code, label in RISKS],
    )
    risks_detail = prose("What is the risk, and from whom?", rows=4)

    @classmethod
    def wants(cls, typed: Typed) -> Iterable[str]:
        """A risk needs its words."""
        yield from cls.asked
        if typed.text("risks") == "yes":
            yield "risks_detail"
