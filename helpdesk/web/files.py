"""Files of a request: added by staff with what they are, and fetched by whoever may see them."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpdesk.web.blueprint import ACTS, IS_GIVEN, RECEIVES, blueprint, me
from helpdesk.web.forms import FileNoteForm
from helpdesk.web.saving import STALE_PAGE
from infrastructure.database import db, utc_now
from infrastructure.files.arriving import RefusedFile
from infrastructure.files.kinds import ACCEPT, IN_WORDS
from infrastructure.files.stores import store_of
from infrastructure.trail import Access, log_access
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.downloads import attachment
from infrastructure.web.fields import GOVUK
from infrastructure.web.file_words import limit_of, why_post_refused, why_refused
from infrastructure.web.guard import guarded
from infrastructure.web.uploads import Received, UploadRefusedError, receive_files
from service_request.services.files import adding
from service_request.services.files.adding import FileRefusedError
from service_request.services.files.reading import FileGoneError, FilesAwayError, NotServedError, open_file
from service_request.services.sight.desk import read_request
from service_request.services.sight.files import FileFacts, get_file, get_granted_file, wall_of

STATUS = {"lapsed": 400, "too_big": 413, "busy": 503, "unreadable": 400}


@blueprint.get("/requests/<uuid:request_id>/files")
@guarded(ACTS)
def add_file(request_id: UUID) -> ResponseReturnValue:
    """Ask for the file, and for what it is."""
    return _page(request_id, FileNoteForm(meta=GOVUK))


@blueprint.post("/requests/<uuid:request_id>/files")
@guarded(ACTS, keeps_words=True)
def keep_file(request_id: UUID) -> ResponseReturnValue:
    """Take the file as it streams; what it is said to be is kept on the page when the file is refused."""
    house = current_house()
    wall = wall_of(db.session(), request_id, me())
    db.session.remove()
    try:
        got = receive_files(
            store=store_of(house.settings), wall=wall, room=house.settings.upload_most, settings=house.settings
        )
    except UploadRefusedError as post:
        words = STALE_PAGE if post.why == "lapsed" else why_post_refused(post.why, house.settings)
        return _page(request_id, FileNoteForm(meta=GOVUK), [words], STATUS[post.why])
    form = FileNoteForm(data={"words": got.fields.get("words", "")}, meta=GOVUK)
    problems = _keep(request_id, got, form)
    return _page(request_id, form, problems) if problems else redirect(_back(request_id))


def _keep(request_id: UUID, got: Received, form: FileNoteForm) -> list[str]:
    """Keep what came whole, unless nobody said what it is; return what is wrong."""
    user, house, refused = me(), current_house(), list(got.refused)
    is_said = form.validate()
    for arrived in got.files:
        if not is_said:
            arrived.path.unlink(missing_ok=True)
            continue
        try:
            adding.add_to_request(
                db.session(),
                request_id,
                arrived=arrived,
                note=form.words.data or "",
                by=user,
                now=utc_now(),
                house=house,
            )
        except FileRefusedError as refusal:
            refused.append(RefusedFile(arrived.name, refusal.why))
    problems = [why_refused(one, house.settings) for one in refused]
    if not is_said and got.files:
        problems.append("Choose the file again, once you have said what it is")
    return problems or ([] if got.files else ["Select a file to add"])


@blueprint.get("/requests/<uuid:request_id>/files/<uuid:file_id>")
@guarded(IS_GIVEN)
def fetch_file(request_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Hand out a file of a request that this user sees; one of another team is not there (T19)."""
    return hand_out(get_file(db.session(), request_id, file_id, me()), _back(request_id))


@blueprint.get("/assignments/<uuid:assignment_id>/files/<uuid:file_id>")
@guarded(RECEIVES)
def fetch_granted_file(assignment_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Hand out a file to a team that was given sight of files with its work."""
    found = get_granted_file(db.session(), assignment_id, file_id, me())
    return hand_out(found, url_for("desk.assignment", assignment_id=assignment_id))


def hand_out(found: FileFacts, back: str) -> ResponseReturnValue:
    """Log the look, then send the file to be saved; where it cannot be, say why and what to do."""
    session, user, now = db.session(), me(), utc_now()
    log_access(
        session, Access.EXPORT, by=user.actor, now=now, request_id=found.request_id, ids=[found.id], wall=found.wall
    )
    try:
        pieces = open_file(session, found, now=now, house=current_house())
    except (NotServedError, FileGoneError, FilesAwayError) as refusal:
        status = 503 if isinstance(refusal, FilesAwayError) else 409
        return render_template("helpdesk/no_file.html", sentence=refusal.sentence, back=back), status
    assert found.stored is not None
    return attachment(pieces, name=found.name, mime=found.mime, size=found.stored.size)


def _back(request_id: UUID) -> str:
    return url_for("desk.request_page", request_id=request_id, _anchor="files")


def _page(
    request_id: UUID, form: FileNoteForm, problems: list[str] | None = None, status: int = 200
) -> ResponseReturnValue:
    session, user, settings = db.session(), me(), current_settings()
    facts = read_request(session, request_id, user)
    log_access(session, Access.VIEW, by=user.actor, now=utc_now(), request_id=request_id, wall=facts.wall)
    page = render_template(
        "helpdesk/add_file.html",
        request_=facts,
        form=form,
        problems=problems or [],
        accept=ACCEPT,
        kinds=IN_WORDS,
        longest=limit_of(settings),
        back=_back(request_id),
    )
    return page, status
