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
