"""Say why two children may be the same, from codes and the facts that the reader may see (EV-4)."""

from service_request.domain.matching import PersonFacts

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# code: what is compared, and what is said; {fact} is what the earlier record holds
_REASONS: dict[str, tuple[str, str]] = {
    "nhs_number_same": ("NHS number", "Same"),
    "nhs_number_differs": ("NHS number", "Differs"),
    "upn_same": ("Pupil number", "Same"),
    "upn_differs": ("Pupil number", "Differs"),
    "born_same": ("Born", "Same: {fact}"),
    "born_swapped": ("Born", "Day and month swapped: {fact}"),
    "born_slip": ("Born", "Differs by one part: {fact}"),
    "born_near": ("Born", "Born or expected about then: {fact}"),
    "born_differs": ("Born", "Differs: {fact}"),
    "name_same": ("Name", "Same"),
    "name_order": ("Name", "Same, in another order: {fact}"),
    "name_spacing": ("Name", "Same, written in other parts: {fact}"),
    "name_more": ("Name", "Same, with a name more or less: {fact}"),
    "name_sound": ("Name", "Spelt another way: {fact}"),
    "name_slip": ("Name", "One letter differs: {fact}"),
    "name_part": ("Name", "One name is the same: {fact}"),
    "name_differs": ("Name", "Differs: {fact}"),
    "postcode_same": ("Address", "Same postcode"),
    "district_same": ("Address", "Near: {fact}"),
    "postcode_differs": ("Address", "Differs: {fact}"),
}
REASON_CODES = frozenset(_REASONS)


def reason_item(code: str) -> str:
    """Return what a reason is about: "Born", "Name", "Address"."""
    return _REASONS[code][0]


def say_reason(code: str, a: PersonFacts, b: PersonFacts) -> str:
    """Return a reason in plain words, `b` being the earlier record: "Same: 14 Mar 2017", "One letter differs: …"."""
    item, words = _REASONS[code]
    return words.replace("{fact}", _fact(item, b) or "not known").strip()


def _fact(item: str, person: PersonFacts) -> str:
    if item == "Name":
        return person.name or person.also_known
    if item == "Address":
        return person.postcode
    day = person.birth_on or person.expected_on
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if day else ""
