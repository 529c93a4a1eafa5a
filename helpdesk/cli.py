"""Commands of the desk: load what an authority's file says."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from infrastructure.database import db, utc_now
from infrastructure.files.stores import StoreAwayError
from infrastructure.house import House
from service_request.services.files.comparing import compare

authority = AppGroup("authority", help="The authority: its areas, teams, agencies and routes.")
files = AppGroup("files", help="The files that people added.")


@authority.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Bring areas, teams, agencies and routes to what FILE (TOML) says; loading it again changes nothing."""
    # Only here: what a file may say is written as models, which are slow to make and which no page needs.
    from helpdesk.services.authority import load_authority
    from helpdesk.services.authority_file import AuthorityFileError, read_file

    try:
        changes = load_authority(db.session(), read_file(file), now=utc_now())
    except AuthorityFileError as error:
        raise click.ClickException(f"{file.name} was not loaded, and nothing was changed:\n{error}") from None
    click.echo(f"{file.name}: {changes.added} added, {changes.changed} changed, {changes.ended} ended.")
    for name in changes.left:
        click.echo(f"Not in the file, and left as it is: {name}.")


@click.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be changed, and change nothing.")
def import_table(kind: str, file: Path, *, dry_run: bool) -> None:
    """Make one of the authority's tables hold what FILE (CSV) says; exit 1, and change nothing, with a fault in it.

    KIND is localities, teams, agencies, routes, reasons, checks, calendar-days or rota.
    """
    from helpdesk.services.importing.formats import FORMATS
    from helpdesk.services.importing.run import faults_of, import_file

    form = FORMATS.get(kind)
    if form is None:
        raise click.BadParameter(f"{kind} is none of {', '.join(FORMATS)}.", param_hint="KIND")
    house: House = current_app.extensions["house"]
    run = import_file(db.session(), form, file.read_bytes(), dry_run=dry_run, by=None, now=utc_now(), house=house)
    faults = faults_of(run)
    for fault in faults:
        click.echo(f"{fault.place}: {fault.words}")
    if faults:
        click.echo(f"{file.name} was not imported, and nothing was changed.")
        sys.exit(1)
    what = "would be " if dry_run else ""
    click.echo(f"{file.name}: {run.rows} rows read; {what}{run.added} added, {run.changed} changed, {run.ended} ended.")


@files.command("check")
@click.option("--remove", is_flag=True, help="Remove stored files that no row names, once they are an hour old.")
def check(remove: bool) -> None:
    """Compare the stored files with the rows that name them, both ways; exit 1 when something is lost."""
    house: House = current_app.extensions["house"]
    try:
        found = compare(db.session(), now=utc_now(), house=house, remove=remove)
    except StoreAwayError:
        raise click.ClickException("The store does not answer: nothing was compared, and nothing changed.") from None
    for name in found.orphans:
        click.echo(f"{'Removed' if remove else 'No row names'}: {name}")
    for file_id in found.lost:
        click.echo(f"Lost: file {file_id}")
    if found.is_doubtful:
        click.echo("So many are missing that the folder or the bucket is likely wrong. No file was marked as lost.")
    elif found.lost:
        click.echo("Each lost file is marked, and is a task for the helpdesk.")
    click.echo(
        f"{found.objects} stored files and {found.rows} rows compared: {len(found.orphans)} that no row names, "
        f"{len(found.lost)} lost."
    )
    if found.lost:
        sys.exit(1)


def register(app: Flask) -> None:
    """Add the commands to the application."""
    app.cli.add_command(authority)
    app.cli.add_command(files)
    app.cli.add_command(import_table)
