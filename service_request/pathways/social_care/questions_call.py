"""A call or walk-in that an officer writes down while listening (GL-7, GL-16): one page, only the words forced."""

from collections.abc import Iterable, Mapping

from service_request.asking.checks import (
    Enter,
    EnterWhen,
    birth_date,
    email_address,
    expected_date,
    phone_number,
    postcode,
)
from service_request.asking.code_sets import NOT_KNOWN, Codes
from service_request.asking.fields import (
    choices_of,
    day,
    drop_down,
    email,
    grouped,
    line,
    phone,
    prose,
    radios,
)
from service_request.asking.steps import FormContext, Step, Typed
from service_request.domain.consent import RiskReasonMissingError, Told
from service_request.pathways.social_care.codes import AGE_BANDS, URGENCY, Urgency
from service_request.pathways.social_care.questions_public import SAFE
from service_request.pathways.social_care.questions_referrer import by_heading
from service_request.pathways.social_care.sources import CALLERS

CALLED_CHILDREN = 3
TOLD_BY_PHONE: Codes = (
    (Told.NOT_ESTABLISHED, "Not established"),
    (Told.YES, "Yes, a parent or carer knows, or the caller asks for their own family"),
    (Told.NOT_YET, "Not yet"),
    (Told.RISK, "No, telling them may put a child at further risk"),
)
_AREAS_LEFT: Codes = (("outside", "Outside this county"), (NOT_KNOWN, "Not known"))


class CallForm(Step):
    """GL-7: nothing is refused at the door: told is not established until somebody says."""

    slug, group = "call", "call"
    title, short = "Take a call", "The call"
    guidance = (
        "Danger now? Tell the caller to ring 999, stay with them, and tell the duty manager.",
        "Ask whether the family knows. Do not press: you can leave it not established.",
    )
    rows = {
        "urgency": "Danger",
        "caller_name": "Caller",
        "caller": "Caller is",
        "agency": "Agency and role",
        "phone": "Phone",
        "email": "Email",
        "safe": "Safe to reach them there",
        "child_name": "Child",
        "birth_on": "Birth date",
        "expected_on": "Expected",
        "age_band": "Age, about",
        "child_2_name": "Second child",
        "child_2_birth_on": "Second child's birth date",
        "child_3_name": "Third child",
        "child_3_birth_on": "Third child's birth date",
        "narrative": "What was said",
        "told": "Told",
        "risk_reason": "Why they were not told",
    }

    urgency = radios("Is a child in danger now?", choices_of(URGENCY), default=Urgency.ROUTINE)
    narrative = prose("What was said", Enter("Enter what was said"), hint="In the caller's own words", rows=10)
    caller_name = line("Caller's name", hint="Leave it empty if they would not say", autocomplete="off")
    caller = drop_down("Who is calling?", grouped(by_heading(CALLERS)))
    agency = line("Agency and role", hint="For a professional", autocomplete="off")
    phone = phone("Phone number", phone_number, own=False)
    email = email("Email address", email_address, own=False)
    safe = radios("Is it safe to reach them there?", choices_of(SAFE), hint="Ask a member of the public or a family")
    child_name = line("Child's name", autocomplete="off", spellcheck="false")
    birth_on = day("Birth date", birth_date, noun="Birth date")
    expected_on = day("Or expected date, if not born yet", expected_date, noun="Expected date")
    age_band = drop_down("Or age, about", choices_of(AGE_BANDS))
    child_2_name = line("Second child's name", autocomplete="off", spellcheck="false")
    child_2_birth_on = day("Second child's birth date", birth_date, noun="Birth date")
    child_3_name = line("Third child's name", autocomplete="off", spellcheck="false")
    child_3_birth_on = day("Third child's birth date", birth_date, noun="Birth date")
    address = prose("Address", rows=3)
    postcode = line("Postcode", postcode, most=12, autocomplete="off")
    area = drop_down("Area", choices_of(_AREAS_LEFT))
    told = radios(
        "Does the family know of this call?",
        choices_of(TOLD_BY_PHONE, reveals={Told.RISK: "risk_reason"}),
        default=Told.NOT_ESTABLISHED,
    )
    risk_reason = prose(
        "Why would telling them put a child at further risk?",
        EnterWhen("told", (Told.RISK,), RiskReasonMissingError.sentence),
        rows=3,
    )

    @classmethod
    def offers(cls, context: FormContext) -> Mapping[str, Codes]:
        return {"area": (*context.areas, *_AREAS_LEFT)}

    @classmethod
    def wants(cls, typed: Typed) -> Iterable[str]:
        """Show as missing what the desk would ring back for."""
        yield from ("caller", "child_name")
        if not typed.has("birth_on") and not typed.has("expected_on"):
            yield "age_band"
        if not typed.has("address"):
            yield "postcode"
