"""One child, born or unborn: who they are, where they live and learn, what they need (GL-2, GL-18)."""

from collections.abc import Iterable, Mapping

from service_request.asking.checks import (
    Alone,
    EnterWhen,
    birth_date,
    expected_date,
    nhs_number,
    phone_number,
    postcode,
    pupil_number,
)
from service_request.asking.code_sets import NOT_KNOWN, Codes
from service_request.asking.fields import (
    checkboxes,
    choices_of,
    day,
    drop_down,
    grouped,
    line,
    phone,
    prose,
    radios,
    tick,
)
from service_request.asking.steps import FormContext, Step, Typed
from service_request.pathways.social_care.codes import (
    AGE_BANDS,
    BIRTH,
    BORN_AGE_BANDS,
    ETHNICITY_GROUPS,
    INTERPRETER,
    IS_PARENT,
    LANGUAGES,
    LEGAL_STATUSES,
    NEEDS_ASKED,
    NO_DISABILITY,
    OTHER,
    SCHOOL_YEARS,
    SEN_PROVISION,
    SEN_TYPES,
    SEX,
    WHERE,
    YOUNG_MOTHER,
)

OUTSIDE: Codes = (("outside", "Outside this county"), (NOT_KNOWN, "Not known"))


def is_unborn(who: Typed) -> bool:
    """Tell whether the child of this page is not born yet; a birth date typed alone says that they are."""
    if who.has("birth"):
        return who.text("birth") == "unborn"
    return who.has("expected_on") and not who.has("birth_on")


class ChildWho(Step):
    """GL-2: names, birth date or expected date, and what a first call to the family must know."""

    slug, group, repeats = "who", "family", "child"
    title, short = "Who is the child?", "{child}"
    named = "About {child}"
    guidance = (
        "Add one child at a time. Add a baby who is not born yet too.",
        "Where you honestly do not know, say so: that counts as an answer.",
        "A child's mother may be a child herself. If you are worried about her too, "
        "add her as a child of her own in this request.",
    )
    asked = ("name", "birth", "sex", "ethnicity", "language", "interpreter", "young_mother")
    rows = {
        "name": "Full name",
        "also_known": "Also known as",
        "birth": "Born",
        "birth_on": "Birth date",
        "age_band": "Age, about",
        "expected_on": "Expected",
        "gender_note": "How they describe their gender",
        "language_other": "Other language",
        "interpreter": "Interpreter",
        "young_mother": "Mother under 18",
        "is_parent": "Pregnant or a parent",
    }

    name = line("Full name", hint="As you know it. One name is enough", autocomplete="off", spellcheck="false")
    name_not_known = tick()
    also_known = line("Other names they are known by", hint="A preferred name, or one used before", autocomplete="off")
    birth = radios(
        "Is the child born?",
        choices_of(BIRTH, reveals={"born": "birth_on", "date_not_known": "age_band", "unborn": "expected_on"}),
    )
    birth_on = day(
        "Birth date",
        EnterWhen("birth", ("born",), "Enter the birth date, or select that you do not know it"),
        birth_date,
        noun="Birth date",
        hint="For example, 27 3 2017",
    )
    age_band = drop_down("About how old are they?", choices_of(BORN_AGE_BANDS))
    expected_on = day(
        "When is the baby expected?",
        expected_date,
        noun="Expected date",
        hint="For example, 27 3 2027. Leave it empty if you do not know",
    )
    sex = radios("Sex", choices_of(SEX))
    gender_note = line("How the child describes their gender", hint="Only if it is different, and they want us to know")
    ethnicity = drop_down("Ethnicity", grouped(ETHNICITY_GROUPS))
    language = drop_down("First language", choices_of(LANGUAGES))
    language_other = line("Other language", hint="If it is not in the list")
    interpreter = radios("Does the child or family need an interpreter?", choices_of(INTERPRETER))
    religion = line("Religion", hint="Only if it matters to what you are asking")
    young_mother = radios(
        "Is the child's mother under 18?",
        choices_of(YOUNG_MOTHER, hints={"yes_worried": "Add her as a child of her own in this request"}),
    )
    is_parent = radios("Is this young person pregnant, or a parent?", choices_of(IS_PARENT))

    @classmethod
    def wants(cls, typed: Typed) -> Iterable[str]:
        """Ask of a baby only what a baby has; ask for an interpreter where English is not the first language."""
        unborn = is_unborn(typed)
        not_wanted = {"name", "sex", "ethnicity", "language"} if unborn else {"young_mother"}
        if typed.text("language") in ("", "en"):
            not_wanted.add("interpreter")
        if typed.text("language") == OTHER:
            yield "language_other"
        if typed.text("birth") == "date_not_known":
            yield "age_band"
        if unborn:
            yield "expected_on"
        if typed.has("birth_on") or unborn:  # the date itself answers the question
            not_wanted.add("birth")
        yield from (name for name in cls.asked if name not in not_wanted)


def _areas(context: FormContext) -> Codes:
    return (*context.areas, *OUTSIDE)


class ChildWhere(Step):
    """GL-2: address, school and GP; GL-8: no fixed abode and an unknown address are answers."""

    slug, group, repeats = "where", "family", "child"
    title, short = "Where {child} lives and learns", "{child}"
    guidance = (
        "The address decides which team takes this. If you know only the area, choose it.",
        "If the child is staying somewhere else now, say where, so that we go to the right door.",
    )
    asked = ("lives", "school", "school_year", "gp")
    rows = {
        "lives": "Address",
        "area": "Area",
        "current_place": "Staying now",
        "previous_address": "Previous address",
        "own_phone": "Own phone",
        "lives_with": "Lives with",
        "school": "School",
        "school_year": "School year",
        "gp": "GP surgery",
        "legal_status": "Legal status",
    }

    lives = radios(
        "Where does the child live?",
        choices_of(WHERE, reveals={"address": "address"}),
    )
    address = prose(
        "Address",
        EnterWhen("lives", ("address",), "Enter the address, or select that you do not know it"),
        hint="House, street and town",
        rows=3,
    )
    postcode = line("Postcode", postcode, most=12, autocomplete="off")
    area = drop_down("Area", choices_of(OUTSIDE), hint="If you do not know the address")
    current_place = line("Where the child is staying now", hint="Only if it is somewhere else")
    own_phone = phone("The child's own phone", phone_number, hint="Only if they are old enough to be rung", own=False)
    previous_address = prose("Previous address", hint="If they moved in the last year", rows=3)
    lives_with = line("Who they live with", hint="For example: mother and grandmother")
    school = line(
        "School, nursery or college", hint="If they are not at one, write where they learn, or none", autocomplete="off"
    )
    school_not_known = tick()
    school_year = drop_down("School year", choices_of(SCHOOL_YEARS))
    gp = line("GP surgery", hint="Write none if they are not registered", autocomplete="off")
    gp_not_known = tick()
    legal_status = drop_down(
        "Legal status", choices_of(LEGAL_STATUSES), hint="For example a plan, an order, or seeking asylum alone"
    )

    @classmethod
    def offers(cls, context: FormContext) -> Mapping[str, Codes]:
        return {"area": _areas(context)}

    @classmethod
    def wants(cls, typed: Typed) -> Iterable[str]:
        """An address typed alone answers where the child lives; without a full address, the area matters."""
        if typed.text("lives") == "address" or typed.has("address"):
            yield "postcode"
        if typed.text("lives") in ("no_fixed", NOT_KNOWN):
            yield "area"
        school_year = typed.has("school")  # an unknown school has no known year
        yield from (
            name
            for name in cls.asked
            if not (name == "lives" and typed.has("address")) and not (name == "school_year" and not school_year)
        )


class UnbornWhere(Step):
    """The same for a baby not born yet, who has no school: where the mother lives, and who cares for her."""

    slug, group, repeats = "where", "family", "child"
    title, short = "Where the baby's mother lives", "{child}"
    asked = ("lives", "gp")
    rows = {"lives": "Address", "area": "Area", "gp": "Mother's GP surgery", "booked_at": "Where the birth is booked"}

    lives = radios("Where does the mother live?", choices_of(WHERE, reveals={"address": "address"}))
    address = prose(
        "Address",
        EnterWhen("lives", ("address",), "Enter the address, or select that you do not know it"),
        hint="House, street and town",
        rows=3,
    )
    postcode = line("Postcode", postcode, most=12, autocomplete="off")
    area = drop_down("Area", choices_of(OUTSIDE), hint="If you do not know the address")
    current_place = line("Where she is staying now", hint="Only if it is somewhere else")
    gp = line("Mother's GP surgery", hint="Write none if she is not registered", autocomplete="off")
    gp_not_known = tick()
    booked_at = line("Where the birth is booked", hint="The hospital, or at home")

    @classmethod
    def offers(cls, context: FormContext) -> Mapping[str, Codes]:
        return {"area": _areas(context)}

    @classmethod
    def wants(cls, typed: Typed) -> Iterable[str]:
        return (name for name in ChildWhere.wants(typed) if name not in ("school", "school_year"))


def _not_same(codes: Codes) -> Codes:
    return tuple(one for one in codes if one[0] != "same")


class FirstChildWhere(ChildWhere):
    """The same page for the first child, who lives with no other: from the second on, nothing is asked twice."""

    @classmethod
    def offers(cls, context: FormContext) -> Mapping[str, Codes]:
        return {"area": _areas(context), "lives": _not_same(WHERE)}


class FirstUnbornWhere(UnbornWhere):
    """The same page for a baby who is the only or the first child of the request."""

    @classmethod
    def offers(cls, context: FormContext) -> Mapping[str, Codes]:
        return {"area": _areas(context), "lives": _not_same(WHERE)}


class ChildNeeds(Step):
    """GL-2: disability and communication needs, with the census's and the schools' codes behind plain labels."""

    slug, group, repeats = "needs", "family", "child"
    title, short = "What {child} needs", "{child}"
    guidance = ("We ask so that the first person who meets the child comes prepared.",)
    asked = ("needs", "communication", "sen")
    rows = {
        "needs": "Disability or special needs",
        "needs_detail": "More about their needs",
        "communication": "Communication needs",
        "sen": "Special educational needs",
        "sen_types": "Kinds of need",
        "nhs_number": "NHS number",
        "upn": "Unique pupil number",
    }

    needs = checkboxes(
        "Disability",
        choices_of(NEEDS_ASKED, exclusive=(NO_DISABILITY, NOT_KNOWN)),
        Alone((NO_DISABILITY, NOT_KNOWN), 'Select the disabilities, or "No disability" or "Not known" alone'),
        hint="Select all that apply",
    )
    needs_detail = prose("More about this", hint="What it means day to day, and any diagnosis", rows=3)
    communication = line(
        "How best to communicate with the child", hint="For example signs, pictures, hearing aids. Write none if none"
    )
    communication_not_known = tick()
    sen = radios("Special educational needs", choices_of(SEN_PROVISION))
    sen_types = checkboxes("What kinds of need?", choices_of(SEN_TYPES), hint="If you know. The main need first")
    nhs_number = line("NHS number", nhs_number, hint="If you have it", most=20, inputmode="numeric", autocomplete="off")
    upn = line("Unique pupil number", pupil_number, hint="If you have it", most=20, autocomplete="off")


class ChildViews(Step):
    """GL-2: what the child says, asked for each child."""

    slug, group, repeats = "views", "concerns", "child"
    title, short = "What {child} says", "What the family and children say"
    guidance = (
        "Use the child's own words where you can. A young child shows it: say what you saw.",
        "If nobody has asked, say that you do not know.",
    )
    asked = ("child_view",)
    rows = {"child_view": "What {child} says"}

    child_view = prose("What does the child say or show?", hint="Their wishes, and what worries them")
    child_view_not_known = tick("Not known, or not asked yet")


class ChildBand(Step):
    """GL-6: a child without a name: an age band and an area, and nothing that could say who it is."""

    slug, group, repeats = "band", "family", "child"
    title, short = "About the child, without names", "{child}"
    guidance = (
        "Do not give a name, birth date, address or school. We do not open a record on a child from this.",
        "Add one child at a time.",
    )
    asked = ("age_band", "area")
    rows = {"age_band": "Age", "area": "Area", "needs": "Disability or special needs"}

    age_band = radios("About how old is the child?", choices_of((*AGE_BANDS[1:], AGE_BANDS[0])))
    area = drop_down("Which area does the child live in?", choices_of(OUTSIDE))
    needs = checkboxes(
        "Does the child have a disability?",
        choices_of(NEEDS_ASKED, exclusive=(NO_DISABILITY, NOT_KNOWN)),
        Alone((NO_DISABILITY, NOT_KNOWN), 'Select the disabilities, or "No disability" or "Not known" alone'),
    )

    @classmethod
    def offers(cls, context: FormContext) -> Mapping[str, Codes]:
        return {"area": _areas(context)}
