"""A call or a walk-in, written down while listening, on the questions that everybody is asked (SE-1, SE-3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.services.enquiries.calls import NewCall, log_call
from helpdesk.web.blueprint import ADVISES, blueprint, me
from helpdesk.web.enquiry_asking import enquiry_of, interpreter, stand_close
from helpdesk.web.saving import STALE_PAGE
from infrastructure.calendar import LONDON
from infrastructure.database import Wall, db, utc_now
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.asking.checks import Enter
from service_request.asking.fields import choices_of, prose, radios
from service_request.asking.steps import FormContext, typed
from service_request.domain.errors import DomainError
from service_request.domain.references import format_reference, spoken
from service_request.models import Channel
from service_request.pathways.sendiass.questions import AboutChild, Letter, Place, Reach, WhoAsks
from service_request.pathways.sendiass.reading import plain_answers
from service_request.services.refusals import SentDifferentlyError
from service_request.services.sight.desk import read_request

WAYS = (
    (Channel.PHONE.value, "A call"),
    (Channel.IN_PERSON.value, "They are here"),
    (Channel.VOICEMAIL.value, "A message left on our phone: nobody spoke with them"),
)
LEFT = (
    ("What is said", ("channel", "story", "letter", "letter_on")),
    ("The child or young person", ("age", "send", "plan", "place", "postcode")),
)
RIGHT = (("Who asks, and how to reach them", ("name", "phone", "email", "safe", "reach", "enquirer", "language")),)
MORE = ("birth_on", "gender", "need", "ethnicity", "anything_else")
SAVED_BEFORE = (
    "This call was saved as {}, in other words. Save again to keep what is here as another enquiry, "
    "or open that one and change it."
)


class EnquiryCallForm(WhoAsks, Letter, AboutChild, Place, Reach):
    """Only the words are needed: every other question can be left out (SE-6)."""

    slug = "enquiry_call"
    title = short = "Take a call"

    channel = radios("How did they come?", choices_of(WAYS), default=Channel.PHONE.value)
    story = prose("What was said", Enter("Enter what was said"), hint="In their own words", rows=8)
    language = interpreter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stand_close(self)


@blueprint.route("/enquiries/new", methods=["GET", "POST"])
@guarded(ADVISES, keeps_words=True)
def enquiry_call() -> ResponseReturnValue:
    """Show the page of a call, or make the call an enquiry; the same page saved twice is one."""
    now = utc_now()
    context = FormContext(today=now.astimezone(LONDON).date())
    if request.method == "GET":
        return _page(EnquiryCallForm(meta={**GOVUK, "context": context}), uuid4())
    call_id = _call_id()
    form = EnquiryCallForm(formdata=typed(EnquiryCallForm, request.form), meta={**GOVUK, "context": context})
    if not csrf_holds():
        return _page(form, call_id, STALE_PAGE, 400)
    if not form.validate():
        return _page(form, call_id)
    answers = {name: text for name, text in plain_answers(form).items() if text}
    new = NewCall(call_id, Channel(form.channel.data or Channel.PHONE), answers, form.language.data or None)
    try:
        request_id = log_call(db.session(), new=new, by=me(), now=now, house=current_house())
    except SentDifferentlyError as refusal:
        return _page(form, uuid4(), SAVED_BEFORE.format(format_reference(refusal.reference)), 409)
    except DomainError as refusal:
        return _page(form, call_id, refusal.sentence, 409)
    return redirect(url_for("desk.enquiry_logged", request_id=request_id))


@blueprint.get("/enquiries/<uuid:request_id>/logged")
@guarded(ADVISES)
def enquiry_logged(request_id: UUID) -> ResponseReturnValue:
    """Show the reference big, and as it is said over the phone."""
    session, user, now = db.session(), me(), utc_now()
    enquiry = enquiry_of(request_id)
    facts = read_request(session, request_id, user)
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=request_id, wall=Wall.SENDIASS)
    return render_template(
        "helpdesk/enquiry/logged.html", request_=facts, enquiry=enquiry, spoken=spoken(facts.reference)
    )


def _page(form: EnquiryCallForm, call_id: UUID, problem: str = "", status: int = 200) -> tuple[str, int]:
    page = render_template(
        "helpdesk/enquiry/call.html",
        form=form,
        call_id=call_id,
        problem=problem,
        columns=(LEFT, RIGHT),
        more=MORE,
        opens_more=any(form[name].errors for name in MORE),
    )
    return page, status


def _call_id() -> UUID:
    try:
        return UUID(request.form.get("call_id", ""))
    except ValueError:
        return uuid4()
