"""Commands of the desk: load what an authority's file says."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from helpdesk.services.authority import load_authority
from helpdesk.services.authority_file import AuthorityFileError, read_file
from infrastructure.database import db, utc_now

authority = AppGroup("authority", help="The authority: its areas, teams, agencies and routes.")


@authority.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Bring areas, teams, agencies and routes to what FILE (TOML) says; loading it again changes nothing."""
    try:
        changes = load_authority(db.session(), read_file(file), now=utc_now())
    except AuthorityFileError as error:
        raise click.ClickException(f"{file.name} was not loaded, and nothing was changed:\n{error}") from None
    click.echo(f"{file.name}: {changes.added} added, {changes.changed} changed, {changes.ended} ended.")
    for name in changes.left:
        click.echo(f"Not in the file, and left as it is: {name}.")


def register(app: Flask) -> None:
    """Add the commands to the application."""
    app.cli.add_command(authority)
