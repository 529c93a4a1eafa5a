"""The code sets of pathway GL: what is stored, and the plain words it is asked and read with.

Sets marked CIN are those of the children in need census; a code there is never reused for a thing of our own.
"""

from collections.abc import Iterable
from enum import StrEnum

from service_request.asking.code_sets import UNKNOWN, Codes

OTHER = "other"


class FormKind(StrEnum):
    """Name which set of questions a draft answers."""

    FULL = "full"
    IN_PRINCIPLE = "in_principle"
    PUBLIC_FAMILY = "public_family"
    PUBLIC_CHILD = "public_child"
    PUBLIC_WORRIED = "public_worried"
    CALL = "call"


PUBLIC_KINDS = frozenset({FormKind.PUBLIC_FAMILY, FormKind.PUBLIC_CHILD, FormKind.PUBLIC_WORRIED})

WITH_FILES = PUBLIC_KINDS | {FormKind.FULL}  # GL-6: a file would name whom a talk without names must not


class Urgency(StrEnum):
    """Say how soon a person must look."""

    DANGER = "danger"
    URGENT = "urgent"
    ROUTINE = "routine"


# CIN: person's sex. An unborn child is always U.
SEX: Codes = (("F", "Female"), ("M", "Male"), ("U", "Not known"))

# CIN: ethnicity, 20 codes.
ETHNICITY_GROUPS: tuple[tuple[str, Codes], ...] = (
    (
        "White",
        (
            ("WBRI", "White British"),
            ("WIRI", "White Irish"),
            ("WIRT", "Traveller of Irish heritage"),
            ("WROM", "Gypsy or Roma"),
            ("WOTH", "Any other White background"),
        ),
    ),
    (
        "Mixed",
        (
            ("MWBC", "White and Black Caribbean"),
            ("MWBA", "White and Black African"),
            ("MWAS", "White and Asian"),
            ("MOTH", "Any other mixed background"),
        ),
    ),
    (
        "Asian or Asian British",
        (
            ("AIND", "Indian"),
            ("APKN", "Pakistani"),
            ("ABAN", "Bangladeshi"),
            ("AOTH", "Any other Asian background"),
        ),
    ),
    (
        "Black or Black British",
        (
            ("BCRB", "Black Caribbean"),
            ("BAFR", "Black African"),
            ("BOTH", "Any other Black background"),
        ),
    ),
    (
        "Other",
        (
            ("CHNE", "Chinese"),
            ("OOTH", "Any other ethnic group"),
            ("REFU", "They prefer not to say"),
            ("NOBT", "Not known"),
        ),
    ),
)
ETHNICITY: Codes = tuple(code for _, codes in ETHNICITY_GROUPS for code in codes)

# CIN: disabilities. NONE stands alone.
NO_DISABILITY = "NONE"
DISABILITIES: Codes = (
    ("AUT", "Autism"),
    ("BEH", "Behaviour"),
    ("COMM", "Communication, speech or language"),
    ("CON", "Consciousness, for example epilepsy"),
    ("HAND", "Hand function"),
    ("HEAR", "Hearing"),
    ("INC", "Continence"),
    ("LD", "Learning"),
    ("MOB", "Mobility"),
    ("PC", "Personal care"),
    ("VIS", "Vision"),
    ("DDA", "Another disability or long-term illness"),
    (NO_DISABILITY, "No disability"),
)
NEEDS_ASKED: Codes = (*DISABILITIES, *UNKNOWN)

# CIN: primary need, chosen by staff when a referral is accepted.
PRIMARY_NEEDS: Codes = (
    ("N1", "Abuse or neglect"),
    ("N2", "Child's disability"),
    ("N3", "Parental illness or disability"),
    ("N4", "Family in acute stress"),
    ("N5", "Family dysfunction"),
    ("N6", "Socially unacceptable behaviour"),
    ("N7", "Low income"),
    ("N8", "Absent parenting"),
    ("N9", "Cases other than children in need"),
    ("N0", "Not stated"),
)

SEN_PROVISION: Codes = (
    ("N", "No special educational needs"),
    ("K", "SEN support"),
    ("E", "Education, health and care plan"),
    *UNKNOWN,
)
SEN_TYPES: Codes = (
    ("ASD", "Autistic spectrum"),
    ("HI", "Hearing"),
    ("MLD", "Moderate learning difficulty"),
    ("MSI", "Multi-sensory"),
    ("PD", "Physical disability"),
    ("PMLD", "Profound and multiple learning difficulty"),
    ("SEMH", "Social, emotional and mental health"),
    ("SLCN", "Speech, language and communication"),
    ("SLD", "Severe learning difficulty"),
    ("SPLD", "Specific learning difficulty, for example dyslexia"),
    ("VI", "Vision"),
    ("OTH", "Another need"),
    ("NSA", "Not assessed yet"),
)

AGE_BANDS: Codes = (
    ("unborn", "Not born yet"),
    ("under_1", "Under 1"),
    ("1_4", "1 to 4"),
    ("5_9", "5 to 9"),
    ("10_13", "10 to 13"),
    ("14_15", "14 to 15"),
    ("16_17", "16 to 17"),
)
GROWN_BAND = ("18_over", "18 or over")  # of whoever asks for themselves, and is decided all the same (GL-18)
BORN_AGE_BANDS: Codes = (*AGE_BANDS[1:], *UNKNOWN)

BIRTH: Codes = (
    ("born", "Born, and I know the birth date"),
    ("date_not_known", "Born, but I do not know the birth date"),
    ("unborn", "Not born yet"),
)

LANGUAGES: Codes = (
    ("en", "English"),
    ("ar", "Arabic"),
    ("bn", "Bengali or Sylheti"),
    ("bg", "Bulgarian"),
    ("yue", "Cantonese"),
    ("fa", "Farsi or Dari"),
    ("fr", "French"),
    ("gu", "Gujarati"),
    ("ku", "Kurdish"),
    ("lt", "Lithuanian"),
    ("zh", "Mandarin"),
    ("pa", "Panjabi"),
    ("ps", "Pashto"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("so", "Somali"),
    ("es", "Spanish"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("bfi", "British Sign Language"),
    (OTHER, "Another language"),
    *UNKNOWN,
)
INTERPRETER: Codes = (
    ("none", "No interpreter needed"),
    ("spoken", "Yes, an interpreter"),
    ("sign", "Yes, a sign language interpreter"),
    (OTHER, "Yes, other help, for example easy read or pictures"),
    *UNKNOWN,
)

SCHOOL_YEARS: Codes = (
    ("none", "Not at school or nursery"),
    ("nursery", "Nursery"),
    ("reception", "Reception"),
    *((f"year_{n}", f"Year {n}") for n in range(1, 14)),
    ("college", "College"),
    *UNKNOWN,
)

WHERE: Codes = (
    ("address", "At this address"),
    ("same", "At the same address as the first child"),
    ("no_fixed", "No fixed address"),
    *UNKNOWN,
)

LEGAL_STATUSES: Codes = (
    ("none", "None that I know of"),
    ("child_in_need", "Child in need plan"),
    ("child_protection", "Child protection plan"),
    ("looked_after", "Looked after by a council"),
    ("care_leaver", "Left care"),
    ("guardianship", "Special guardianship or child arrangements order"),
    ("adopted", "Adopted"),
    ("private_fostering", "Privately fostered"),
    ("asylum", "Seeking asylum alone"),
    ("no_public_funds", "No recourse to public funds"),
    ("youth_justice", "Under a youth justice order or on bail"),
    (OTHER, "Another"),
    *UNKNOWN,
)

YOUNG_MOTHER: Codes = (
    ("yes_worried", "Yes, and I am worried about her too"),
    ("yes", "Yes, but I am not worried about her"),
    ("no", "No"),
    *UNKNOWN,
)
IS_PARENT: Codes = (
    ("no", "No"),
    ("pregnant", "Pregnant"),
    ("mother", "A mother"),
    ("father", "A father"),
    *UNKNOWN,
)

RELATIONSHIPS: Codes = (
    ("mother", "Mother"),
    ("father", "Father"),
    ("step_parent", "Step-parent"),
    ("partner", "Parent's partner"),
    ("grandparent", "Grandparent"),
    ("aunt_uncle", "Aunt or uncle"),
    ("sibling", "Brother or sister"),
    ("foster_carer", "Foster carer"),
    ("guardian", "Special guardian or legal guardian"),
    ("relative", "Another relative"),
    ("family_friend", "Family friend"),
    ("lodger", "Lodger or other member of the household"),
    (OTHER, "Someone else"),
    *UNKNOWN,
)

# Who of the family was told. A parent, both, or the young person (GL-4).
WHO_TOLD: Codes = (
    ("mother", "Their mother"),
    ("father", "Their father"),
    ("carer", "Another carer"),
    ("young_person", "The young person themselves"),
)
AGREES: Codes = (
    ("yes", "Yes, they agree to a service"),
    ("no", "No, they do not agree"),
    ("not_asked", "They have not been asked"),
)
LAWFUL_BASES: Codes = (
    ("public_task", "Public task: safeguarding children"),
    ("legal_obligation", "Legal obligation"),
    ("vital_interests", "Vital interests: to protect someone's life"),
    ("consent", "Consent"),
    ("not_sure", "I am not sure"),
)

AGENCIES_INVOLVED: Codes = (
    ("gp", "GP"),
    ("midwife", "Midwife"),
    ("health_visitor", "Health visitor"),
    ("school_nurse", "School nurse"),
    ("paediatrics", "Hospital or paediatrician"),
    ("school", "School or nursery"),
    ("education", "Education welfare or educational psychology"),
    ("camhs", "Child and adolescent mental health (CAMHS)"),
    ("adult_mental_health", "Adult mental health"),
    ("substance", "Drug or alcohol service"),
    ("domestic_abuse", "Domestic abuse service"),
    ("early_help", "Early help or family support"),
    ("social_worker", "Social worker"),
    ("police", "Police"),
    ("youth_justice", "Youth justice"),
    ("probation", "Probation"),
    ("housing", "Housing"),
    ("charity", "Charity or community group"),
    (OTHER, "Another agency"),
    ("none", "None that I know of"),
    *UNKNOWN,
)

RISKS: Codes = (("no", "No, none that I know of"), ("yes", "Yes"), *UNKNOWN)
OWN_LEAD: Codes = (
    ("yes", "Yes"),
    ("i_am", "I am the safeguarding lead"),
    ("no", "No"),
    ("none", "My agency has no safeguarding lead"),
)

URGENCY: Codes = (
    (Urgency.DANGER, "A child is in danger now"),
    (Urgency.URGENT, "Nobody is in danger this minute, but someone must act today"),
    (Urgency.ROUTINE, "Neither of these"),
)

# (code, what it is called on the page, short tag for staff). Grouped from the concern lists of eight real forms.
WORRIES: tuple[tuple[str, str, str], ...] = (
    ("neglect", "Neglect: food, clothes, warmth, hygiene or being left alone", "Neglect"),
    ("physical", "Physical abuse, or an injury nobody can explain", "Physical abuse"),
    ("emotional", "Emotional abuse", "Emotional abuse"),
    ("sexual", "Sexual abuse or harmful sexual behaviour", "Sexual abuse"),
    ("sexual_exploitation", "Sexual exploitation", "Sexual exploitation"),
    ("criminal_exploitation", "Criminal exploitation, county lines or gangs", "Criminal exploitation"),
    ("trafficking", "Trafficking or modern slavery", "Trafficking"),
    ("missing", "Going missing", "Missing"),
    ("domestic_abuse", "Domestic abuse", "Domestic abuse"),
    ("conflict", "Family conflict or breakdown", "Family conflict"),
    ("parent_substance", "A parent's alcohol or drug use", "Parent's alcohol or drugs"),
    ("parent_mental_health", "A parent's mental health", "Parent's mental health"),
    ("parent_health", "A parent's illness, disability or learning disability", "Parent's health"),
    ("parent_offending", "A parent's offending, or a parent in prison", "Parent's offending"),
    ("child_substance", "The child's alcohol or drug use", "Child's alcohol or drugs"),
    ("child_mental_health", "The child's mental health", "Child's mental health"),
    ("self_harm", "Self-harm or thoughts of suicide", "Self-harm"),
    ("child_disability", "The child's disability or health", "Child's disability"),
    ("behaviour", "The child's behaviour or offending", "Behaviour"),
    ("young_carer", "Caring for someone at home", "Young carer"),
    ("school", "Missing school, or excluded", "Missing school"),
    ("online", "Harm or bullying, online or face to face", "Bullying or online harm"),
    ("culture", "Female genital mutilation, forced marriage or honour-based abuse", "FGM or honour-based abuse"),
    ("faith", "Abuse linked to faith or belief", "Faith-based abuse"),
    ("radicalisation", "Radicalisation", "Radicalisation"),
    ("unborn", "The safety of a baby not born yet", "Unborn baby"),
    ("housing", "Housing or homelessness", "Housing"),
    ("money", "Money, or no recourse to public funds", "Money"),
    ("alone", "Alone in this country, or privately fostered", "Alone or privately fostered"),
    ("adult_at_work", "An adult who works with children", "Adult who works with children"),
    ("moved_in", "A family known to another council has moved here", "Moved in"),
    (OTHER, "Something else", "Something else"),
)
WORRIES_ASKED: Codes = tuple((code, label) for code, label, _ in WORRIES)
WORRY_TAGS: Codes = tuple((code, tag) for code, _, tag in WORRIES)


def label_of(codes: Iterable[tuple[str, str]], code: str) -> str:
    """Return the words for `code`, or the code itself where this version no longer knows it."""
    return next((label for known, label in codes if known == code), code)


def lower_first(words: str) -> str:
    """Return words as they stand inside a sentence; an abbreviation keeps its capitals."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
