"""Files with a request: added one or several at a time, listed, taken out again; it all works without a script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from flask import abort, redirect
from flask.typing import ResponseReturnValue

from infrastructure.database import Wall, db
from infrastructure.files.arriving import Arrived, Refusal, RefusedFile
from infrastructure.files.kinds import ACCEPT, IN_WORDS
from infrastructure.files.stores import store_of
from infrastructure.web.current import current_house, current_settings, remote_address
from infrastructure.web.file_words import limit_of, why_no_room, why_post_refused, why_refused
from infrastructure.web.guard import guarded
from infrastructure.web.uploads import Received, UploadRefusedError, let_run_by, receive_files
from service_request.channels.web.blueprint import DRAFT_HOLDER, web
from service_request.channels.web.device import this_device
from service_request.channels.web.here import Here, open_here
from service_request.services.files import adding
from service_request.services.files.adding import FileRefusedError, Sender
from service_request.services.refusals import DraftSentError
from service_request.services.sight.held_files import HeldFile


class FilesHere(Protocol):
    """What a page of files knows of the draft that they go with."""

    @property
    def now(self) -> datetime: ...
    @property
    def draft_id(self) -> UUID: ...
    def hold(self) -> UUID: ...
    @property
    def is_sent(self) -> bool: ...
    @property
    def files(self) -> list[HeldFile]: ...
    def url(self, page: str, **values: Any) -> str: ...
    def show(self, template: str, **facts: Any) -> str: ...


STATUS = {"lapsed": 400, "too_big": 413, "busy": 503, "unreadable": 400}


@web.get("/request/<uuid:draft_id>/files")
@guarded(DRAFT_HOLDER)
def files(draft_id: UUID) -> ResponseReturnValue:
    """List what was added, with the means to add and to remove."""
    here = _open(draft_id)
    return redirect(here.url("sent")) if here.is_sent else files_page(here)


@web.post("/request/<uuid:draft_id>/files")
@guarded(DRAFT_HOLDER, keeps_words=True)
def add_files(draft_id: UUID) -> ResponseReturnValue:
    """Take files as they stream; each that breaks a rule is refused by its name, and the others are kept (U1)."""
    return take_files(lambda: _open(draft_id), this_device() or "")


@web.post("/request/<uuid:draft_id>/files/<uuid:file_id>/remove")
@guarded(DRAFT_HOLDER)
def remove_file(draft_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Take a file out of the draft."""
    here = _open(draft_id)
    adding.remove_from_draft(db.session(), draft_id, file_id, device=this_device(), now=here.now, house=current_house())
    return redirect(here.url("files"))


def take_files(open_it: Callable[[], FilesHere], device: str) -> ResponseReturnValue:
    """Take the files of a post for a draft that this device holds; it is opened anew for the page that shows them."""
    here, house = open_it(), current_house()
    if here.is_sent:
        let_run_by()
        return redirect(here.url("sent"))
    sender = Sender(device, remote_address())
    try:
        room = adding.room_in_draft(db.session(), here.draft_id, sender=sender, now=here.now, house=house)
    except FileRefusedError as refused:
        let_run_by()
        return files_page(here, [why_no_room(refused.why, house.settings)])
    db.session.remove()  # a slow line holds no connection
    try:
        got = receive_files(store=store_of(house.settings), wall=Wall.OPEN, room=room, settings=house.settings)
    except UploadRefusedError as post:
        return files_page(open_it(), [why_post_refused(post.why, house.settings)], STATUS[post.why])
    refused_files = _keep(here, sender, got)
    if refused_files is None:
        return redirect(here.url("sent"))
    problems = [why_refused(one, house.settings) for one in refused_files]
    if not problems and not got.files:
        problems = ["Select a file to add"]
    return files_page(open_it(), problems) if problems else redirect(here.url("files"))


def _keep(here: FilesHere, sender: Sender, got: Received) -> list[RefusedFile] | None:
    """Keep each file that came whole; return those that were not taken, or None when the draft was sent meanwhile."""
    session, house, refused = db.session(), current_house(), list(got.refused)
    draft_id = here.hold()
    waiting: list[Arrived] = list(got.files)
    while waiting:
        arrived = waiting.pop(0)
        try:
            adding.add_to_draft(session, draft_id, arrived=arrived, sender=sender, now=here.now, house=house)
        except FileRefusedError as refusal:
            refused.append(RefusedFile(arrived.name, refusal.why))
        except DraftSentError:
            for one in waiting:
                one.path.unlink(missing_ok=True)
            return None
    for lost in refused:
        if lost.why is Refusal.CUT_OFF:
            adding.note_refused(session, draft_id, refused=lost, device=sender.device, now=here.now, house=house)
    return refused


def _open(draft_id: UUID) -> Here:
    """Open the draft on this device; a talk without names has no files, which would name somebody (GL-6)."""
    here = open_here(draft_id)
    if not here.takes_files:
        abort(404)
    return here


def files_page(here: FilesHere, problems: list[str] | None = None, status: int = 200) -> ResponseReturnValue:
    """Show what was added to a draft, and what was not taken."""
    settings = current_settings()
    page = here.show(
        "files",
        problems=problems or [],
        has_errors=bool(problems),
        accept=ACCEPT,
        kinds=IN_WORDS,
        longest=limit_of(settings),
        most=settings.upload_most,
        room=settings.upload_most - sum(one.is_kept for one in here.files),
    )
    return page, status
