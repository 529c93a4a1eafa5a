"""Who asks: agencies and members of the public, each mapped to the census's referral source where it is asked.

Mapping later, from free text, is how sources get lost (nurseries counted as childminders, early help as adult care).
"""

from service_request.asking.code_sets import Codes

# CIN: referral source, 22 codes.
REFERRAL_SOURCES: Codes = (
    ("1A", "Family member, relative or carer"),
    ("1B", "Acquaintance, neighbour or childminder"),
    ("1C", "Self"),
    ("1D", "Other individual"),
    ("2A", "Schools"),
    ("2B", "Education services"),
    ("3A", "GP"),
    ("3B", "Health visitor"),
    ("3C", "School nurse"),
    ("3D", "Other primary health services"),
    ("3E", "Accident and emergency"),
    ("3F", "Other health services"),
    ("4", "Housing"),
    ("5A", "Council social care, for example adults"),
    ("5B", "Other council service"),
    ("5C", "Another council"),
    ("5D", "Council early help"),
    ("6", "Police"),
    ("7", "Other legal agency"),
    ("8", "Other, for example voluntary or independent"),
    ("9", "Anonymous"),
    ("10", "Not known"),
)
SOURCE_SELF, SOURCE_RELATIVE, SOURCE_ANONYMOUS, SOURCE_NOT_KNOWN = "1C", "1A", "9", "10"

# (our code, what it is called on the page, the heading it stands under, referral source).
AGENCY_KINDS: tuple[tuple[str, str, str, str], ...] = (
    ("school", "School or academy", "Education", "2A"),
    ("nursery", "Nursery or pre-school", "Education", "2B"),
    ("college", "College", "Education", "2B"),
    ("education_service", "Education service, for example educational psychology", "Education", "2B"),
    ("gp", "GP surgery", "Health", "3A"),
    ("health_visitor", "Health visiting", "Health", "3B"),
    ("school_nurse", "School nursing", "Health", "3C"),
    ("midwife", "Midwifery or maternity", "Health", "3D"),
    ("primary_health", "Dentist, pharmacy or other community health", "Health", "3D"),
    ("emergency", "Emergency department or ambulance", "Health", "3E"),
    ("camhs", "Mental health service", "Health", "3F"),
    ("hospital", "Hospital, hospice or other health service", "Health", "3F"),
    ("police", "Police", "Police and courts", "6"),
    ("probation", "Probation", "Police and courts", "7"),
    ("court", "Court, Cafcass, prison or immigration", "Police and courts", "7"),
    ("early_help", "Early help", "Councils and housing", "5D"),
    ("adult_care", "Adult social care", "Councils and housing", "5A"),
    ("council", "Another service of this council, for example youth justice", "Councils and housing", "5B"),
    ("other_council", "Another council", "Councils and housing", "5C"),
    ("housing", "Housing", "Councils and housing", "4"),
    ("charity", "Charity or community group", "Others", "8"),
    ("family_hub", "Children's centre or family hub", "Others", "8"),
    ("provider", "Care home, fostering agency or other provider", "Others", "8"),
    ("childminder", "Childminder", "Others", "1B"),
    ("councillor", "Councillor or MP", "Others", "1D"),
    ("other", "Another agency", "Others", "8"),
)
AGENCY_LABELS: Codes = tuple((code, label) for code, label, _, _ in AGENCY_KINDS)

# (our code, on the page, referral source). What a member of the public is to the child.
PUBLIC_RELATIONSHIPS: tuple[tuple[str, str, str], ...] = (
    ("parent", "Their parent or carer", "1A"),
    ("relative", "A relative", "1A"),
    ("neighbour", "A neighbour", "1B"),
    ("friend", "A friend of the family", "1B"),
    ("stranger", "I do not know them well", "1D"),
    ("other", "Something else", "1D"),
)
RELATIONSHIP_LABELS: Codes = tuple((code, label) for code, label, _ in PUBLIC_RELATIONSHIPS)

# What an officer chooses for a caller: the young person, the public, then every agency.
CALLERS: tuple[tuple[str, str, str, str], ...] = (
    ("self", "The child or young person", "The public", SOURCE_SELF),
    ("parent", "Parent or carer", "The public", "1A"),
    ("relative", "Relative", "The public", "1A"),
    ("neighbour", "Neighbour", "The public", "1B"),
    ("friend", "Friend of the family", "The public", "1B"),
    ("stranger", "Other member of the public", "The public", "1D"),
    ("anonymous", "Would not say who they are", "The public", SOURCE_ANONYMOUS),
    *AGENCY_KINDS,
    ("not_known", "Not known", "Others", SOURCE_NOT_KNOWN),
)
_BY_CODE = {code: source for code, _, _, source in CALLERS}


def source_of(code: str) -> str:
    """Return the census's referral source for an agency's or a caller's code; 10 where nothing is known."""
    return _BY_CODE.get(code, SOURCE_NOT_KNOWN)


def public_source(relationship: str, *, name: str, reachable: bool) -> str:
    """Return the source of a member of the public: 9 when they left neither a name nor a way to reach them."""
    if not name and not reachable:
        return SOURCE_ANONYMOUS
    return next((source for code, _, source in PUBLIC_RELATIONSHIPS if code == relationship), SOURCE_NOT_KNOWN)


def is_public(caller: str) -> bool:
    """Tell whether a caller's code is the public's: they are told they were heard, and no more (GL-14)."""
    return any(code == caller and heading == "The public" for code, _, heading, _ in CALLERS)
