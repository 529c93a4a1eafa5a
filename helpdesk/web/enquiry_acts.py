"""What an adviser does besides writing to them: levels, ends, signposts, families, splits (SE-1 to SE-6)."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import request
from flask.typing import ResponseReturnValue

from helpdesk.services.enquiries import finishing, levels, looking_after, same_family, signposting, splitting
from helpdesk.web.acts import written_on
from helpdesk.web.blueprint import ADVISES, blueprint, me
from helpdesk.web.enquiry_act_forms import (
    AsideForm,
    CloseForm,
    FinishForm,
    ProfessionalForm,
    ReopenForm,
    RiseForm,
    SignpostForm,
    SplitForm,
)
from helpdesk.web.enquiry_asking import ask, back_to, enquiry_of, refused_with_reason
from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import guarded
from service_request.models import Safe
from service_request.pathways.sendiass.codes import LEVEL_LABELS, Level
from service_request.pathways.sendiass.rules import CloseReason, NotAnEnquiry, ReopenReason

PASS_ON = (
    "SENDIASS helps parents, carers and young people themselves, so we need to hear from the family. It is free and "
    "confidential. Please pass on these words: “You can get in touch with {service} yourself, by phone, text, email or "
    "on our web page.{phone} You do not have to give your name.”"
)


@blueprint.route("/enquiries/<uuid:request_id>/level", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_level(request_id: UUID) -> ResponseReturnValue:
    """Raise the level, with what came of the one before (SE-4)."""
    now_at = enquiry_of(request_id).level
    above = levels.levels_above(now_at)
    form = RiseForm(request.form, meta=GOVUK, levels=above, needs_outcome=now_at is not None)

    def save() -> None:
        levels.rise(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            level=Level(form.level.data),
            reason=form.reason.data or "",
            outcome=form.outcome.data or "",
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = [f"It is now {LEVEL_LABELS[now_at]}."] if now_at else []
    shown = ("level", "reason", "outcome") if now_at else ("level", "reason")
    return ask(request_id, form, save, "rise", title="Raise the level", button="Raise level", said=said, shown=shown)


@blueprint.route("/enquiries/<uuid:request_id>/finish", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_finish(request_id: UUID) -> ResponseReturnValue:
    """Finish with the outcome in their own words (SE-4)."""
    form = FinishForm(request.form, meta=GOVUK)

    def save() -> None:
        finishing.finish(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            outcome=form.outcome.data or "",
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = ["Its dates end with it. When they write again, that opens a new enquiry, linked to this one."]
    return ask(request_id, form, save, "enquiry_finish", title="Finish", button="Finish enquiry", said=said)


@blueprint.route("/enquiries/<uuid:request_id>/close", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_close(request_id: UUID) -> ResponseReturnValue:
    """Close it for one of the reasons that there are (SE-3)."""
    form = CloseForm(request.form, meta=GOVUK)

    def save() -> None:
        finishing.close(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            reason=CloseReason(form.reason.data),
            words=form.words.data or "",
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    days = len(finishing.attempt_days(db.session(), request_id, current_house()))
    counted = "1 day" if days == 1 else f"{days} days"
    said = [f"Attempts to reach them are logged on {counted}. It takes 3 to close it as not reached."]
    return ask(request_id, form, save, "enquiry_close", title="Close without an outcome", button="Close", said=said)


@blueprint.route("/enquiries/<uuid:request_id>/reopen", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_reopen(request_id: UUID) -> ResponseReturnValue:
    """Open again what was closed: the same matter goes on, and no promise begins anew (SE-3)."""
    form = ReopenForm(request.form, meta=GOVUK)

    def save() -> None:
        finishing.reopen(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            reason=ReopenReason(form.reason.data),
            words=form.words.data or "",
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = [
        "It is yours at once. Dates that ended with it run again as they stood, and no new five days begin.",
        "If it is another matter, let them write: that opens an enquiry of its own, linked to this one.",
    ]
    return ask(request_id, form, save, "enquiry_reopen", title="Open again", button="Open again", said=said)


@blueprint.route("/enquiries/<uuid:request_id>/signpost", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_signpost(request_id: UUID) -> ResponseReturnValue:
    """Tell them where they can go (SE-2)."""
    form = SignpostForm(request.form, meta=GOVUK)

    def save() -> None:
        signposting.signpost(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            reason=signposting.Signpost(form.reason.data),
            where=form.where.data or "",
            told=signposting.Told(form.told.data),
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = [
        "Nobody is turned away: they hear where to go. What they write next still comes here.",
        "Words that are only sent do not end the five days. Close it afterwards, when nothing more is owed.",
    ]
    return ask(request_id, form, save, "signpost", title="Signpost", button="Signpost", said=said)


@blueprint.route("/enquiries/<uuid:request_id>/professional", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_professional(request_id: UUID) -> ResponseReturnValue:
    """Send a professional the words to pass on, and set what they wrote aside (SE-1)."""
    form = ProfessionalForm(request.form, meta=GOVUK)
    if request.method == "GET":
        settings = current_house().settings
        phone = f" Ring {settings.sendiass_phone}." if settings.sendiass_phone else ""
        form.words.data = PASS_ON.format(service=settings.sendiass_name, phone=phone)

    def save() -> None:
        signposting.tell_professional(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            words=form.words.data or "",
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    return ask(request_id, form, save, "professional", title="Tell a professional", button="Send and set aside")


@blueprint.route("/enquiries/<uuid:request_id>/set-aside", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_set_aside(request_id: UUID) -> ResponseReturnValue:
    """Set aside what is no enquiry (SE-1)."""
    form = AsideForm(request.form, meta=GOVUK)

    def save() -> None:
        finishing.set_aside(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            reason=NotAnEnquiry(form.reason.data),
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = ["It is kept, is not counted as an enquiry, and can be restored at any time."]
    return ask(request_id, form, save, "enquiry_aside", title="Set aside", button="Set aside", said=said)


@blueprint.post("/enquiries/<uuid:request_id>/restore")
@guarded(ADVISES)
@refused_with_reason
def enquiry_restore(request_id: UUID) -> ResponseReturnValue:
    """Bring back what was set aside."""
    finishing.restore(
        db.session(), request_id=request_id, version=written_on(), by=me(), now=utc_now(), house=current_house()
    )
    return back_to(request_id, "enquiry_restore")


@blueprint.post("/enquiries/<uuid:request_id>/interpreter")
@guarded(ADVISES)
@refused_with_reason
def enquiry_interpreter(request_id: UUID) -> ResponseReturnValue:
    """Say that an interpreter is seen to."""
    looking_after.see_to_interpreter(db.session(), request_id=request_id, by=me(), now=utc_now(), house=current_house())
    return back_to(request_id, "interpreter")


@blueprint.post("/enquiries/<uuid:request_id>/record")
@guarded(ADVISES)
@refused_with_reason
def enquiry_record(request_id: UUID) -> ResponseReturnValue:
    """Keep that they asked for their record (SE-6)."""
    looking_after.ask_record(db.session(), request_id=request_id, by=me(), now=utc_now(), house=current_house())
    return back_to(request_id, "record")


@blueprint.post("/enquiries/<uuid:request_id>/family/<uuid:other_id>")
@guarded(ADVISES)
@refused_with_reason
def enquiry_family(request_id: UUID, other_id: UUID) -> ResponseReturnValue:
    """Say whether another enquiry is of the same family, or take that back (EV-4)."""
    session, user, now, house = db.session(), me(), utc_now(), current_house()
    said = request.form.get("same")
    for one in (request_id, other_id):
        enquiry_of(one)
    if said == "undo":
        same_family.take_back(session, request_id=request_id, other_id=other_id, by=user, now=now, house=house)
        return back_to(request_id, "undo_family")
    if said not in ("yes", "no"):  # no answer is not "no"
        return back_to(request_id, "")
    is_same = said == "yes"
    same_family.answer(session, request_id=request_id, other_id=other_id, same=is_same, by=user, now=now, house=house)
    return back_to(request_id, "same_family" if is_same else "not_same_family")


@blueprint.route("/enquiries/<uuid:request_id>/split", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_split(request_id: UUID) -> ResponseReturnValue:
    """Make a second enquiry out of one (SE-1)."""
    form = SplitForm(request.form, meta=GOVUK)
    form.split_id.data = form.split_id.data or str(uuid4())

    def save() -> None:
        new = splitting.Split(
            id=UUID(form.split_id.data or ""),
            story=form.story.data or "",
            same_person=form.who.data == "same",
            facts={"name": (form.name.data or "").strip(), "age": (form.age.data or "").strip()},
            phone=(form.phone.data or "").strip(),
            email=(form.email.data or "").strip(),
            safe=Safe(form.safe.data or Safe.UNSET),
        )
        splitting.split(
            db.session(),
            request_id=request_id,
            version=form.written_on,
            new=new,
            by=me(),
            now=utc_now(),
            house=current_house(),
        )

    said = ["The second enquiry is yours at once. Its five days run from when the first message came."]
    return ask(request_id, form, save, "split", title="Split into two", button="Make the second enquiry", said=said)


@blueprint.post("/enquiries/<uuid:request_id>/keep-whole")
@guarded(ADVISES)
@refused_with_reason
def enquiry_keep_whole(request_id: UUID) -> ResponseReturnValue:
    """Say that it is one enquiry after all."""
    splitting.keep_whole(db.session(), request_id=request_id, by=me(), now=utc_now(), house=current_house())
    return back_to(request_id, "keep_whole")
