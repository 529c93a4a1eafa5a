"""The authority's own tables as files: taken up, tried first, then imported; and handed out (A4)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from helpdesk.services.importing.reading import MOST_BYTES
from helpdesk.web.blueprint import IMPORTS, blueprint, me
from helpdesk.web.forms import OneOf
from helpdesk.web.saving import STALE_PAGE
from infrastructure.database import db, utc_now
from infrastructure.questions import PlainForm, choice
from infrastructure.web.current import current_house
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from infrastructure.web.uploads import TABLES
from service_request.services.refusals import NotYoursError

if TYPE_CHECKING:
    from helpdesk.services.importing.format import Format

# What a file may say is written as models, which are slow to make: they are fetched with the first of these pages.
NO_FILE = "Select the file to import"
TABLES["desk.import_tables"] = MOST_BYTES


class ImportForm(PlainForm):
    """Which table the file is."""

    kind = RadioField("Which table is it?", validators=[OneOf("Select which table it is")], validate_choice=False)


@blueprint.route("/import", methods=["GET", "POST"])
@guarded(IMPORTS)
def import_tables() -> ResponseReturnValue:
    """Offer every table as it stands, and take a file: it is tried first, and nothing is changed yet."""
    from helpdesk.services.importing.formats import FORMATS
    from helpdesk.services.importing.run import import_file, list_runs

    form = ImportForm(request.form if request.method == "POST" else None, meta=GOVUK)
    form.kind.choices = [choice(one.kind, one.title) for one in FORMATS.values()]
    problem, status = "", 200
    if request.method == "POST":
        content = b"".join(file.read(MOST_BYTES + 1) for file in request.files.getlist("files")[:1])
        if not csrf_holds():
            problem, status = STALE_PAGE, 400
        elif form.validate() and content:
            run = import_file(
                db.session(), _form(form.kind.data), content, dry_run=True, by=me(), now=utc_now(),
                house=current_house(),
            )  # fmt: skip
            return redirect(url_for("desk.import_run", run_id=run.id))
        elif not content:
            problem = NO_FILE
    page = render_template(
        "helpdesk/imports.html",
        form=form,
        problem=problem,
        formats=FORMATS,
        runs=list_runs(db.session()),
        not_chosen=problem == NO_FILE,
    )
    return page, status


@blueprint.get("/import/<uuid:run_id>")
@guarded(IMPORTS)
def import_run(run_id: UUID) -> ResponseReturnValue:
    """Say row by row what is wrong with a file; or what it would change, and ask whether it shall."""
    from helpdesk.services.importing.run import compare, faults_of, get_run

    session = db.session()
    run = get_run(session, run_id)
    form, faults = _form(run.kind), faults_of(run)
    is_tried = not (faults or run.is_accepted) and (run.added or run.changed or run.ended)
    compared = compare(session, form, run, now=utc_now()) if is_tried else None
    return render_template("helpdesk/import.html", run=run, form=form, faults=faults, compared=compared)


@blueprint.post("/import/<uuid:run_id>/confirm")
@guarded(IMPORTS)
def confirm_import(run_id: UUID) -> ResponseReturnValue:
    """Import the file that was tried; it is read again, since the tables may have changed since."""
    from helpdesk.services.importing.run import get_run, import_file

    tried = get_run(db.session(), run_id)
    form, content = _form(tried.kind), tried.content or b""
    run = import_file(db.session(), form, content, dry_run=False, by=me(), now=utc_now(), house=current_house())
    return redirect(url_for("desk.import_run", run_id=run.id))


@blueprint.get("/import/tables/<table>.csv")
@guarded(IMPORTS)
def download_table(table: str) -> ResponseReturnValue:
    """Hand out a table as it stands now, for a spreadsheet: it imports back unchanged."""
    from helpdesk.services.importing.run import write_rows

    content = b"".join(write_rows(db.session(), _form(table), now=utc_now()))
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{table}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _form(kind: str) -> Format:
    from helpdesk.services.importing.formats import FORMATS

    form = FORMATS.get(kind)
    if form is None:
        raise NotYoursError
    return form
