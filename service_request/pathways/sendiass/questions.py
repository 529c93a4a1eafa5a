"""What an enquirer is asked, once for every channel: a text, a mail, the web page, a call taken (SE-2, SE-3, SE-6).

Nothing is required: a service user may withhold any information. The field names are those of Enquiry.facts.
"""

from service_request.asking.checks import NotFuture, adult_birth_date, email_address, phone_number, postcode
from service_request.asking.code_sets import UNKNOWN, Codes
from service_request.asking.fields import choices_of, day, drop_down, email, line, phone, prose, radios
from service_request.asking.steps import Step
from service_request.pathways.sendiass.checks import age_in_years
from service_request.pathways.sendiass.codes import DeadlineKind, EnquirerKind

ENQUIRERS: Codes = (
    (EnquirerKind.PARENT, "A parent"),
    (EnquirerKind.CARER, "A carer, for example a foster carer or guardian"),
    (EnquirerKind.YOUNG_PERSON, "A young person aged 16 to 25"),
    (EnquirerKind.CHILD, "A child under 16"),
    (EnquirerKind.FAMILY, "Another relative or a friend of the family"),
    (EnquirerKind.PROFESSIONAL, "Someone who works with the family"),
    (EnquirerKind.NOT_KNOWN, "I would rather not say"),
)
NO_LETTER = "none"
LETTERS: Codes = (
    (DeadlineKind.EXCLUSION, "A suspension or exclusion"),
    (DeadlineKind.EXCLUSION_REVIEW, "A review of an exclusion"),
    (DeadlineKind.APPEAL, "A decision you can appeal to the tribunal"),
    (DeadlineKind.MEDIATION, "Mediation"),
    (DeadlineKind.ANNUAL_REVIEW, "An annual review of a plan"),
    (DeadlineKind.DRAFT_PLAN, "A draft plan to comment on"),
    (DeadlineKind.OTHER, "Another letter with a date in it"),
    (NO_LETTER, "No letter"),
    ("not_known", "I am not sure"),
)
SEND: Codes = (("yes", "Yes"), ("maybe", "Perhaps, or being assessed"), ("no", "No"), ("not_known", "I am not sure"))
PLANS: Codes = (
    ("yes", "Yes, there is a plan"),
    ("asked", "We have asked for one"),
    ("no", "No"),
    ("not_known", "I am not sure"),
)
GENDERS: Codes = (
    ("female", "Female"),
    ("male", "Male"),
    ("other", "Another word describes them better"),
    *UNKNOWN,
)
NEEDS: Codes = (
    ("asd", "Autism"),
    ("adhd", "ADHD"),
    ("semh", "Social, emotional and mental health"),
    ("slcn", "Speech, language and communication"),
    ("mld", "Moderate learning difficulty"),
    ("sld", "Severe learning difficulty"),
    ("pmld", "Profound and multiple learning difficulty"),
    ("spld", "Specific learning difficulty, for example dyslexia"),
    ("hi", "Hearing"),
    ("vi", "Vision"),
    ("msi", "Hearing and vision"),
    ("pd", "Physical disability"),
    ("other", "Another need"),
    ("not_assessed", "Not assessed yet"),
    *UNKNOWN,
)
ETHNICITIES: Codes = (
    ("white_british", "White British"),
    ("white_irish", "White Irish"),
    ("traveller", "Traveller of Irish heritage"),
    ("roma", "Gypsy or Roma"),
    ("white_other", "Any other White background"),
    ("mixed", "Mixed or multiple ethnic groups"),
    ("indian", "Indian"),
    ("pakistani", "Pakistani"),
    ("bangladeshi", "Bangladeshi"),
    ("chinese", "Chinese"),
    ("asian_other", "Any other Asian background"),
    ("caribbean", "Black Caribbean"),
    ("african", "Black African"),
    ("black_other", "Any other Black background"),
    ("other", "Any other ethnic group"),
    ("refused", "Prefer not to say"),
    *UNKNOWN,
)
SAFE: Codes = (("yes", "Yes"), ("no", "No, do not write, text or ring"))


class Story(Step):
    """What they ask, in their own words."""

    slug, group = "story", "enquiry"
    title, short = "What is happening, and what would help?", "What is happening"
    hint = "Write as much or as little as you like"
    rows = {"story": "What is happening"}

    story = prose(title, hint=hint, rows=8)


class WhoAsks(Step):
    """Who asks (SE-1, SE-2)."""

    slug, group = "who", "enquiry"
    title, short = "Who are you?", "Who asks"
    rows = {"enquirer": "Who asks"}

    enquirer = radios(title, choices_of(ENQUIRERS))


class Letter(Step):
    """A letter that the law sets a date for (SE-3)."""

    slug, group = "letter", "enquiry"
    title, short = "Have you had a letter with a date or a time limit?", "A letter with a date"
    hint = "Letters like that can have a time limit, so an adviser sees yours first"
    rows = {"letter": "Letter", "letter_on": "Date on the letter"}

    letter = radios(title, choices_of(LETTERS), hint=hint)
    letter_on = day("What date is on the letter?", NotFuture("Date on the letter"), noun="Date on the letter")


class AboutChild(Step):
    """The child or young person it is about, without a name."""

    slug, group = "child", "enquiry"
    title, short = "About the child or young person", "The child"
    rows = {
        "age": "Age",
        "birth_on": "Birth date",
        "gender": "Gender",
        "send": "Special educational needs or a disability",
        "plan": "Education, health and care plan",
        "need": "Main need",
        "ethnicity": "Ethnicity",
    }

    age = line("How old are they?", age_in_years, most=3, inputmode="numeric", autocomplete="off")
    birth_on = day("Or their birth date", adult_birth_date, noun="Birth date", hint="For example, 27 3 2017")
    gender = radios("Gender", choices_of(GENDERS))
    send = radios("Do they have, or may they have, special educational needs or a disability?", choices_of(SEND))
    plan = radios("Do they have an education, health and care plan (EHCP)?", choices_of(PLANS))
    need = drop_down("What is their main need?", choices_of(NEEDS))
    ethnicity = drop_down("What is their ethnic group?", choices_of(ETHNICITIES))


class Place(Step):
    """Where they live; an area not given refuses nobody (SE-2)."""

    slug, group = "place", "enquiry"
    title, short = "Where do you live?", "Where they live"
    hint = "A town or a postcode is enough"
    rows = {"place": "Town or area", "postcode": "Postcode"}

    place = line("Town or area", autocomplete="off", spellcheck="false")
    postcode = line("Postcode", postcode, most=12, autocomplete="postal-code")


class Reach(Step):
    """How to reach them, and whether it is safe (EV-2)."""

    slug, group = "reach", "enquiry"
    title, short = "How can we reach you?", "How to reach them"
    guidance = ("You do not have to tell us. Then we cannot answer you.",)
    rows = {
        "name": "What to call you",
        "phone": "Phone",
        "email": "Email",
        "safe": "Safe to reach you there",
        "reach": "Best time and way",
        "anything_else": "Anything else",
    }

    name = line("What may we call you?", hint="A first name is enough", autocomplete="given-name", spellcheck="false")
    phone = phone("Phone number", phone_number)
    email = email("Email address", email_address)
    safe = radios(
        "Is it safe for us to write, text or ring you there?",
        choices_of(SAFE),
        hint="Someone else may see it. If you are not sure, select no",
    )
    reach = line("When and how is it best to reach you?", hint="For example: text only, after 4pm")
    anything_else = prose("Is there anything else we should know?", rows=4)


STEPS: tuple[type[Step], ...] = (Story, WhoAsks, Letter, AboutChild, Place, Reach)
