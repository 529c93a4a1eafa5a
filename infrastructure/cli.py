"""Commands of the installation: prove the trail, run the worker, name people."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select

from infrastructure.database import db, transaction, utc_now
from infrastructure.database.rights import refuse_wide_rights
from infrastructure.identity.accounts import (
    OtherSideError,
    close_account,
    find_or_add_account,
    give_place,
    lock_account,
    offer_password,
)
from infrastructure.identity.changed import LETTER
from infrastructure.identity.models import Role, Team, UserAccount
from infrastructure.identity.second_factor import forget_second
from infrastructure.jobs import Worker
from infrastructure.trail import SYSTEM, Reading, count_waiting, verify
from infrastructure.trail.anchors import AnchorFile

trail = AppGroup("trail", help="The trail of acts.")
people = AppGroup("people", help="Staff and their places.")


@trail.command("verify")
@click.option(
    "--anchors",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What left the box: the anchor file, saved anchor mails, or our logs. May be given several times.",
)
def verify_trail(files: tuple[Path, ...]) -> None:
    """Read every act, look and seal of the trail; name each thing that was altered, and exit 1 if there is one."""
    found, reading = 0, Reading()
    lines = [AnchorFile(path) for path in files]
    for fault in verify(db.session(), chain.from_iterable(lines), reading=reading):
        found += 1
        click.echo(str(fault))
    read = reading.read
    what = f"{read['acts']} acts, {read['looks']} looks and {read['seals']} seals read"
    waiting = count_waiting(db.session())
    if waiting:
        click.echo(f"{waiting} of them wait for their seal: the worker gives it within a minute or two.")
    outside = sum(line.count for line in lines)
    if files:
        click.echo(f"{outside} seals compared with what left the box.")
    else:
        click.echo(
            "Not compared with what left the box: give --anchors FILE to find a trail that was written anew whole."
        )
    if files and not outside:
        click.echo("No seal was found in what was given with --anchors: nothing is proven by it.")
        found += 1
    if found:
        click.echo(f"{what}: {found} faults found. Keep the database as it is, and compare it with a backup.")
        sys.exit(1)
    click.echo(f"{what}: nothing was altered.")


def register(app: Flask, worker: Worker) -> None:
    """Add the commands to the application."""

    @app.cli.command("worker")
    def run_worker() -> None:
        """Run the worker as a process of its own, until SIGTERM."""
        if not worker.settings.demonstration:
            refuse_wide_rights(db.engine, from_command=True)
        worker.run_here()

    app.cli.add_command(trail)
    app.cli.add_command(people)


@people.command("add")
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--team", "team_name", required=True, help="The team's name, as `flask authority load` made it.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
def add_person(name: str, email: str, team_name: str, role: str) -> None:
    """Give somebody a place; a new account gets a link by which they set their password, printed once."""
    now, session = utc_now(), db.session()
    with transaction(session):
        team = session.scalars(select(Team).where(Team.name == team_name)).one_or_none()
        if team is None:
            raise click.ClickException(f"There is no team called {team_name}.")
        account, is_new = find_or_add_account(session, name=name, email=email)
        email = account.email
        try:
            give_place(session, account, team, Role(role), by=SYSTEM, now=now)
        except OtherSideError:
            raise click.ClickException(
                f"{email} works on the other side of the wall from {team_name}. Nobody has places on both sides: end "
                "those places first, or give the person a second account."
            ) from None
        link = offer_password(session, account, by=SYSTEM, now=now) if is_new else None
    click.echo(f"{email} is now {role} in {team_name}.")
    if link is not None:
        click.echo(
            "Set a password within 7 days: " + current_app.extensions["house"].link("desk.invitation", token=link.token)
        )


@people.command("reset")
@click.option("--email", required=True)
@click.option("--second-step", is_flag=True, help="Take the authenticator and the recovery codes away instead.")
def reset_password(email: str, second_step: bool) -> None:
    """Print a link, good once and for 30 minutes, by which somebody sets a new password."""
    now, session = utc_now(), db.session()
    with transaction(session):
        account = _account(email)
        if second_step:
            letter = current_app.extensions["house"].write(LETTER)
            forget_second(session, account, letter=letter, by=SYSTEM, now=now)
        link = None if second_step else offer_password(session, account, by=SYSTEM, now=now)
    if link is None:
        click.echo(f"{account.email} sets an authenticator up anew at the next sign-in.")
        return
    click.echo("Set a new password: " + current_app.extensions["house"].link("desk.invitation", token=link.token))


@people.command("end")
@click.option("--email", required=True)
def end_person(email: str) -> None:
    """Close an account: its places and sessions end now; what it did stays in the trail."""
    now, session = utc_now(), db.session()
    with transaction(session):
        account = _account(email)
        close_account(session, account, by=SYSTEM, now=now)
    click.echo(f"{account.email} can no longer sign in.")


def _account(email: str) -> UserAccount:
    account = lock_account(db.session(), email=email)
    if account is None:
        raise click.ClickException(f"There is no account for {email}.")
    return account
