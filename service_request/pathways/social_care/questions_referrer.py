"""You and your agency (GL-2, GL-14)."""

from collections.abc import Iterable

from service_request.asking.checks import Enter, email_address, phone_number
from service_request.asking.code_sets import Codes
from service_request.asking.fields import choices_of, drop_down, email, grouped, line, phone, radios
from service_request.asking.steps import Step
from service_request.pathways.social_care.codes import OWN_LEAD
from service_request.pathways.social_care.sources import AGENCY_KINDS


def by_heading(kinds: Iterable[tuple[str, str, str, str]]) -> list[tuple[str, Codes]]:
    """Gather a list of agencies or callers under their headings, in the order they come."""
    headed: dict[str, list[tuple[str, str]]] = {}
    for code, label, heading, _ in kinds:
        headed.setdefault(heading, []).append((code, label))
    return [(heading, tuple(codes)) for heading, codes in headed.items()]


class ReferrerInPrinciple(Step):
    """GL-2: the referrer and agency; its kind is asked with the census's 22 sources behind plain labels.

    On a form without names, the referrer is named and the child is not (GL-6).
    """

    slug, group = "you", "you"
    title, short = "Your details", "Your details"
    guidance = (
        "We need to know who you are, so that we can ring you. Do not name the child or family here.",
        "We send the reference to your work email address.",
    )
    asked = ("name", "role", "agency", "agency_kind", "email", "phone", "own_lead")
    rows = {
        "name": "Name and role",
        "role": "Role",
        "agency": "Agency",
        "agency_kind": "Kind of agency",
        "email": "Work email",
        "phone": "Phone",
        "address": "Work address",
        "best_time": "Best time to ring",
        "other_person": "When you are away",
        "own_lead": "Discussed with your safeguarding lead",
    }

    name = line("Your name", Enter("Enter your name"), autocomplete="name", spellcheck="false")
    role = line("Your role", hint="For example: teacher, health visitor", autocomplete="organization-title")
    agency = line("Your agency", Enter("Enter the name of your agency"), autocomplete="organization")
    agency_kind = drop_down(
        "What kind of agency is it?", grouped(by_heading(AGENCY_KINDS)), Enter("Select what kind of agency it is")
    )
    email = email("Work email address", Enter("Enter your work email address"), email_address)
    phone = phone("Phone number", phone_number, hint="A direct line or mobile is best")
    address = line("Work address", autocomplete="street-address")
    best_time = line("When is it best to ring you?", hint="For example: after 3:30pm, until 5pm on Fridays")
    other_person = line("Who can we ask when you are away?", hint="Name and phone number")
    own_lead = radios("Have you talked to your own safeguarding lead?", choices_of(OWN_LEAD))


class Referrer(ReferrerInPrinciple):
    """The same on the full form, with how the referrer knows the child."""

    guidance = (
        "We send the reference, and what was done, to your work email address.",
        "What you wrote goes back only to an address we have proven to be yours.",
    )

    rows = {**ReferrerInPrinciple.rows, "knows_child": "How you know the child"}

    knows_child = line("How do you know the child or family?", hint="For example: class teacher since September")
