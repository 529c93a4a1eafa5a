"""Read the facts of a request from its answers: codes, dates and tidy numbers, for matching, routing and the record.

It is asked once `problems()` is empty, but never falls over a gap: what can't be read is left out, and stays in the
answers as it was typed.
"""

from stdnum.gb import nhs, upn

from service_request.asking.code_sets import NOT_KNOWN
from service_request.asking.steps import FormContext, Typed, within
from service_request.domain.consent import PublicKind, Told, WhoAgrees, told_for_public
from service_request.domain.facts import AdultFacts, ChildFacts, ConsentFacts, ReferrerFacts, RequestFacts
from service_request.domain.postcodes import tidy
from service_request.pathways.social_care.codes import OTHER, PUBLIC_KINDS, FormKind, Urgency
from service_request.pathways.social_care.questions_child import is_unborn
from service_request.pathways.social_care.sources import is_public, public_source, source_of
from service_request.pathways.social_care.steps import (
    FORM_VERSION,
    Answers,
    called_children,
    numbers_of,
    of_kind,
)

_PUBLIC: dict[FormKind, tuple[PublicKind, str]] = {
    FormKind.PUBLIC_FAMILY: (PublicKind.FAMILY, "family"),
    FormKind.PUBLIC_CHILD: (PublicKind.YOUNG_PERSON, "child"),
    FormKind.PUBLIC_WORRIED: (PublicKind.SOMEONE_ELSE, "public"),
}
Pages = dict[str, Typed]


def facts(kind: FormKind, answers: Answers, context: FormContext, *, version: str = FORM_VERSION) -> RequestFacts:
    """Return what the answers of a form say; in principle, of each child an age band and an area only (GL-6)."""
    answers = of_kind(kind, answers, version=version)
    pages = {placed.key: within(placed.form_class, values, context) for placed, values in answers.pages}
    if kind is FormKind.CALL:
        return call_answers_to_facts(pages["call"], version=version)
    children = _children(kind, pages, numbers_of(answers, "child"))
    return RequestFacts(
        kind=kind,
        form_version=version,
        children=children,
        adults=tuple(
            _adult(number, pages[f"adult.{number}"])
            for number in numbers_of(answers, "adult")
            if pages[f"adult.{number}"].says_anything()
        ),
        referrer=_public(kind, pages) if kind in PUBLIC_KINDS else _professional(pages["you"]),
        consent=_consent(kind, pages),
        worries=pages["concerns"].all("worries"),
        urgency=pages["safety"].code("urgency") or Urgency.ROUTINE,
        followed_call_reference=pages["safety"].text("call_reference"),
        area_code=next((child.area_code for child in children if child.area_code), ""),
    )


def _children(kind: FormKind, pages: Pages, numbers: list[int]) -> tuple[ChildFacts, ...]:
    """Return the children something was said of; the short forms are about one child at least, named or not."""
    if kind is FormKind.FULL:
        first = pages[f"child.{numbers[0]}.where"]
        said = [number for number in numbers if _is_said_of(number, pages)]
        return tuple(_named_child(number, pages, first) for number in said)
    if kind is FormKind.IN_PRINCIPLE:
        said = [number for number in numbers if _is_said_of(number, pages)]
        return tuple(_banded_child(number, pages[f"child.{number}.band"]) for number in said)
    home = pages.get("home", Typed())
    said = [number for number in numbers if _is_said_of(number, pages)] or numbers[:1]
    return tuple(_brief_child(number, pages[f"child.{number}.brief"], home) for number in said)


def _is_said_of(number: int, pages: Pages) -> bool:
    return any(page.says_anything() for key, page in pages.items() if key.startswith(f"child.{number}."))


def _named_child(number: int, pages: Pages, first: Typed) -> ChildFacts:
    who, where = pages[f"child.{number}.who"], pages[f"child.{number}.where"]
    needs = pages.get(f"child.{number}.needs", Typed())
    unborn = is_unborn(who)
    home = first if where.text("lives") == "same" else where
    at_address = home.text("lives") in ("address", "")
    return ChildFacts(
        number=number,
        name=who.text("name"),
        also_known=who.text("also_known"),
        birth_on=None if unborn else who.day("birth_on"),
        unborn=unborn,
        expected_on=who.day("expected_on") if unborn else None,
        age_band="unborn" if unborn else who.code("age_band"),
        sex="U" if unborn else who.text("sex"),
        gender_note=who.text("gender_note"),
        ethnicity=who.text("ethnicity"),
        language=_language(who),
        interpreter=who.code("interpreter"),
        religion=who.text("religion"),
        needs=_needs(needs),
        needs_detail=needs.text("needs_detail"),
        communication=needs.text("communication"),
        sen=needs.code("sen"),
        sen_types=needs.all("sen_types"),
        nhs_number=_nhs(needs.text("nhs_number")),
        upn=_upn(needs.text("upn")),
        address=home.text("address") if at_address else "",
        postcode=_postcode(home) if at_address else "",
        no_fixed_address=home.text("lives") == "no_fixed",
        area_code=home.code("area"),
        current_place=where.text("current_place"),
        previous_address=where.text("previous_address"),
        lives_with=where.text("lives_with"),
        school=where.text("school"),
        school_year=where.code("school_year"),
        gp=where.text("gp"),
        legal_status=where.code("legal_status"),
        is_mother_too=who.text("is_parent") in ("mother", "pregnant"),
        mother_is_child=who.text("young_mother") in ("yes", "yes_worried"),
    )


def _banded_child(number: int, band: Typed) -> ChildFacts:
    age_band = band.code("age_band")
    return ChildFacts(
        number=number,
        unborn=age_band == "unborn",
        age_band=age_band,
        needs=_needs(band),
        area_code=band.code("area"),
    )


def _brief_child(number: int, brief: Typed, home: Typed) -> ChildFacts:
    age_band = brief.code("age_band")
    return ChildFacts(
        number=number,
        name=brief.text("name"),
        birth_on=brief.day("birth_on"),
        unborn=age_band == "unborn" and brief.day("birth_on") is None,
        age_band=age_band,
        address=home.text("address"),
        postcode=_postcode(home),
        area_code=home.code("area") or brief.code("area"),
    )


def _adult(number: int, page: Typed) -> AdultFacts:
    return AdultFacts(
        number=number,
        name=page.text("name"),
        also_known=page.text("also_known"),
        birth_on=page.day("birth_on"),
        relationship=page.text("relationship"),
        parental_responsibility=page.text("parental_responsibility"),
        same_household=page.text("same_household"),
        address=page.text("address"),
        phone=page.text("phone"),
        safe_to_contact=page.text("safe_to_contact"),
        language=page.code("language"),
        interpreter=page.code("interpreter"),
        needs=page.text("needs"),
    )


def _professional(you: Typed) -> ReferrerFacts:
    return ReferrerFacts(
        kind="professional",
        name=you.text("name"),
        role=you.text("role"),
        agency=you.text("agency"),
        agency_kind=you.text("agency_kind"),
        source_code=source_of(you.text("agency_kind")),
        email=you.text("email"),
        phone=you.text("phone"),
        safe="yes",  # EV-2: a professional's work address counts as safe
        best_time=you.text("best_time"),
    )


def _public(kind: FormKind, pages: Pages) -> ReferrerFacts:
    you = pages.get("you", pages["child.1.brief"]) if kind is FormKind.PUBLIC_CHILD else pages["you"]
    reach = pages["reach"]
    name, reachable = you.text("name"), reach.has("email") or reach.has("phone")
    relationship = {FormKind.PUBLIC_CHILD: "self"}.get(kind, you.text("relationship"))
    if kind is FormKind.PUBLIC_CHILD:
        source = source_of("self")
    elif kind is FormKind.PUBLIC_FAMILY:
        source = source_of("parent")
    else:
        source = public_source(relationship, name=name, reachable=reachable)
    return ReferrerFacts(
        kind=_PUBLIC[kind][1],
        name=name,
        source_code=source,
        email=reach.text("email"),
        phone=reach.text("phone"),
        anonymous=not name,
        safe=reach.text("safe") or "unset",
        relationship=relationship,
        best_time=reach.text("best_time"),
    )


def _consent(kind: FormKind, pages: Pages) -> ConsentFacts:
    if kind in PUBLIC_KINDS:
        return ConsentFacts(told=told_for_public(_PUBLIC[kind][0]))
    answer = pages["told"].text("told")
    agreed = pages.get("agrees", Typed())
    whom = agreed.all("who_told")
    ours = answer in set(Told)
    return ConsentFacts(
        told=Told(answer) if ours else Told.NOT_ESTABLISHED,
        extra_code="" if ours else answer,
        who_told=_who(whom),
        who_told_codes=whom,
        told_by=agreed.text("told_by"),
        told_on=agreed.day("told_on"),
        reason=_reason(answer, pages["told"]),
        agrees=agreed.text("agrees"),
        agrees_who=agreed.text("agrees_who") if agreed.text("agrees") in ("yes", "no") else "",
        agrees_detail=agreed.text("agrees_detail"),
        lawful_basis=agreed.text("lawful_basis"),
    )


def _reason(answer: str, told: Typed) -> str:
    """Return the reason that belongs to the answer: one typed beside another answer is not part of it."""
    if answer == Told.RISK:
        return told.text("risk_reason")
    return "" if answer in set(Told) else told.text("exception_reason")


def _who(whom: tuple[str, ...]) -> str:
    """Return who was told as the record keeps it: a parent, both, or the young person alone."""
    if {"mother", "father"} <= set(whom):
        return WhoAgrees.BOTH_PARENTS
    if whom == ("young_person",):
        return WhoAgrees.YOUNG_PERSON
    return WhoAgrees.PARENT if whom else ""


def call_answers_to_facts(call: Typed, *, version: str = FORM_VERSION) -> RequestFacts:
    """Return what a logged call says; told is not established until the caller says so (GL-7, GL-16)."""
    children = tuple(_called_child(number, call) for number in called_children() if _is_told_of(number, call))
    caller, name = call.text("caller"), call.text("caller_name")
    public = is_public(caller) or not caller
    safe = call.text("safe") or ("unset" if public else "yes")
    told = call.text("told")
    kind = {"self": "child", "parent": "family"}.get(caller, "public" if public else "professional")
    return RequestFacts(
        kind=FormKind.CALL,
        form_version=version,
        children=children,
        adults=(),
        referrer=ReferrerFacts(
            kind=kind,
            name=name,
            agency=call.text("agency"),
            agency_kind="" if public else caller,
            source_code=source_of(caller),
            email=call.text("email"),
            phone=call.text("phone"),
            anonymous=not name,
            safe=safe,
            relationship=caller if public else "",
        ),
        consent=ConsentFacts(
            told=_told_by_call(told, kind),
            reason=call.text("risk_reason") if told == Told.RISK else "",
        ),
        urgency=call.code("urgency") or Urgency.ROUTINE,
        area_code=call.code("area"),
    )


def _told_by_call(told: str, kind: str) -> Told:
    """Return what was established; a young person who rings for themselves knows of it (GL-16).

    A parent who rings may ask for their own family, or speak of children who live elsewhere: the officer says which.
    """
    if told in set(Told) and told != Told.NOT_ESTABLISHED:
        return Told(told)
    return told_for_public(PublicKind.YOUNG_PERSON if kind == "child" else PublicKind.SOMEONE_ELSE)


def _is_told_of(number: int, call: Typed) -> bool:
    """A call is about one child at least, named or not; a further one is there once something is said of it."""
    return number == 1 or call.has(f"child_{number}_name") or call.has(f"child_{number}_birth_on")


def _called_child(number: int, call: Typed) -> ChildFacts:
    first = number == 1
    birth_on = call.day("birth_on" if first else f"child_{number}_birth_on")
    expected_on = call.day("expected_on") if first and birth_on is None else None
    age_band = call.code("age_band") if first else ""
    return ChildFacts(
        number=number,
        name=call.text("child_name" if first else f"child_{number}_name"),
        birth_on=birth_on,
        unborn=birth_on is None and (expected_on is not None or age_band == "unborn"),
        expected_on=expected_on,
        age_band=age_band,
        address=call.text("address"),
        postcode=_postcode(call),
        area_code=call.code("area"),
    )


def _language(who: Typed) -> str:
    """Return the code of the first language, or its name where the list had none."""
    code = who.code("language")
    return who.text("language_other") or code if code == OTHER else code


def _needs(page: Typed) -> tuple[str, ...]:
    return tuple(code for code in page.all("needs") if code != NOT_KNOWN)


def _postcode(page: Typed) -> str:
    return tidy(page.text("postcode")) or ""


def _nhs(text: str) -> str:
    return str(nhs.compact(text)) if text and nhs.is_valid(text) else ""


def _upn(text: str) -> str:
    return str(upn.compact(text)) if text and upn.is_valid(text) else ""
