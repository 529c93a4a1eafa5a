"""Mails on the desk's pages, on both sides of the wall: read, sorted, placed, downloaded as they came (EV-1, T7)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from helpdesk.services import mails as service
from helpdesk.web.blueprint import READS_MAIL, SORTS_MAIL, blueprint, me, page_of
from helpdesk.web.mail_words import KIND_PLURALS, KIND_WORDS, NOTE_WORDS, SAY_KIND, WHY_WORDS
from helpdesk.web.words import DONE_WORDS
from infrastructure.database import Wall, db, utc_now
from infrastructure.identity.users import User
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house
from infrastructure.web.downloads import attachment
from infrastructure.web.guard import guarded
from service_request.domain.errors import DomainError
from service_request.domain.mail.types import MailKind
from service_request.models import Direction
from service_request.services.refusals import NotYoursError
from service_request.services.sight.desk import RequestFacts, read_request
from service_request.services.sight.held_arrivals import get_held_arrival
from service_request.services.sight.mails import PAGE, MailFacts, count_filed, get_mail, get_raw, list_filed
from service_request.services.sight.timeline import list_said

SAID_THERE = 2  # messages that are laid beside a mail
RAW = "application/octet-stream"
PAGES = 10_000  # a number past any list, which every database can count to


@blueprint.get("/mails")
@guarded(READS_MAIL)
def mails() -> ResponseReturnValue:
    """List what was filed on this side of the wall, by what wrote it, and log what was listed."""
    session, user, now = db.session(), me(), utc_now()
    kind, page = _kind(request.args.get("kind", "")), min(max(1, request.args.get("page", 1, type=int)), PAGES)
    rows = list_filed(session, user, kind, page)
    counts = count_filed(session, user)
    log_access(session, Access.LIST, by=user.actor, now=now, ids=[row.id for row in rows], wall=user.wall)
    many = counts.get(kind, 0) if kind is not None else sum(counts.values())
    return render_template(
        "helpdesk/mail/filed.html",
        rows=rows,
        kind=kind,
        counts=counts,
        all_of_them=sum(counts.values()),
        kinds=KIND_PLURALS,
        labels=KIND_WORDS,
        page=page,
        has_older=page * PAGE < many,
        first=(page - 1) * PAGE + 1,
        many=many,
        back=_home(user),
        done=DONE_WORDS.get(request.args.get("done", "")),
    )


@blueprint.get("/mails/<uuid:mail_id>")
@guarded(READS_MAIL)
def mail(mail_id: UUID) -> ResponseReturnValue:
    """Show one mail whole, with what can be said of it."""
    return _page(mail_id)


@blueprint.get("/mails/<uuid:mail_id>/raw")
@guarded(READS_MAIL)
def raw_mail(mail_id: UUID) -> ResponseReturnValue:
    """Hand out a mail exactly as it came, to be saved, and log it (EV-1, EV-5)."""
    session, user = db.session(), me()
    request_id, raw = get_raw(session, mail_id, user)
    return _download(raw, mail_id, request_id, user)


@blueprint.get("/held-mails/<uuid:arrival_id>/raw")
@guarded(SORTS_MAIL)
def raw_held_mail(arrival_id: UUID) -> ResponseReturnValue:
    """Hand out what waits for a person exactly as it came, also where nothing of it could be read (EV-1)."""
    session, user = db.session(), me()
    return _download(get_held_arrival(session, arrival_id, user).raw or b"", arrival_id, None, user)


@blueprint.post("/mails/<uuid:mail_id>/kind")
@guarded(SORTS_MAIL)
def say_mail_kind(mail_id: UUID) -> ResponseReturnValue:
    """Say what wrote a mail; what a person wrote is a request from now on."""
    kind = _kind(request.form.get("kind", ""))
    session, user, now = db.session(), me(), utc_now()
    was_filed = get_mail(session, mail_id, user).request_id is None
    if kind is None or kind not in SAY_KIND:
        return _page(mail_id, "Select what wrote it", 400)
    try:
        request_id = service.say_kind(session, mail_id=mail_id, kind=kind, by=user, now=now, house=current_house())
    except NotYoursError:
        raise
    except DomainError as refusal:
        return _page(mail_id, refusal.sentence, 409)
    if was_filed and request_id is not None:
        return redirect(page_of(request_id, done="mail_opened"))
    return redirect(url_for("desk.mail", mail_id=mail_id, done="mail_kind"))


@blueprint.post("/mails/<uuid:mail_id>/match")
@guarded(SORTS_MAIL)
def answer_mail_match(mail_id: UUID) -> ResponseReturnValue:
    """Say whether a mail belongs to the request that it names (T7)."""
    belongs = {"yes": True, "no": False}.get(request.form.get("belongs", ""))
    session, user, now = db.session(), me(), utc_now()
    if belongs is None:
        return _page(mail_id, "Select whether it belongs there", 400)
    try:
        request_id = service.answer_match(
            session, mail_id=mail_id, belongs=belongs, by=user, now=now, house=current_house()
        )
    except NotYoursError:
        raise
    except DomainError as refusal:
        return _page(mail_id, refusal.sentence, 409)
    return redirect(page_of(request_id, done="mail_joined" if belongs else "mail_apart"))


def words_of_mail(facts: MailFacts) -> list[str]:
    """Return what a person should know of how a mail was made, in plain words."""
    return [NOTE_WORDS[note] for note in facts.notes if note in NOTE_WORDS]


def _page(mail_id: UUID, problem: str = "", status: int = 200) -> ResponseReturnValue:
    session, user, now = db.session(), me(), utc_now()
    facts = get_mail(session, mail_id, user)
    own = read_request(session, facts.request_id, user) if facts.request_id is not None else None
    named = _named(facts, user) if facts.possible_answer is None else None
    log_access(session, Access.VIEW, by=user.actor, now=now, request_id=facts.request_id, ids=[mail_id], wall=user.wall)
    may_sort = SORTS_MAIL.admits(user)
    page = render_template(
        "helpdesk/mail/one.html",
        mail=facts,
        own=own,
        named=named,
        said_there=_said_there(named, user),
        asks=facts.possible_id is not None and facts.possible_answer is None and own is not None,
        notes=words_of_mail(facts),
        kind_words=KIND_WORDS,
        why=WHY_WORDS.get(facts.why, ""),
        says=[(code, words) for code, words in SAY_KIND.items() if code is not facts.kind] if may_sort else [],
        may_sort=may_sort,
        page_of=page_of,
        problem=problem,
        done=DONE_WORDS.get(request.args.get("done", "")),
    )
    return page, status


def _named(facts: MailFacts, user: User) -> RequestFacts | None:
    """Return the request that a mail seems to speak of, if this user may see it."""
    if facts.possible_id is None:
        return None
    try:
        return read_request(db.session(), facts.possible_id, user)
    except NotYoursError:
        return None


def _said_there(named: RequestFacts | None, user: User) -> list[str]:
    """Return what was said last in the request that a mail seems to speak of, the latest first."""
    if named is None:
        return []
    said = list_said(db.session(), named.id, user)
    return [one.body for one in said if one.direction is Direction.IN and one.body][:SAID_THERE]


def _download(raw: bytes, name: UUID, request_id: UUID | None, user: User) -> Response:
    log_access(
        db.session(), Access.EXPORT, by=user.actor, now=utc_now(), request_id=request_id, ids=[name], wall=user.wall
    )
    return attachment(iter([raw]), name=f"{name}.eml", mime=RAW, size=len(raw))


def _kind(said: str) -> MailKind | None:
    return MailKind(said) if said in set(MailKind) else None


def _home(user: User) -> str:
    return url_for("desk.enquiries" if user.wall is Wall.SENDIASS else "desk.queue")
