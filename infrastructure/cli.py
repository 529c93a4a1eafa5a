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
from infrastructure.identity.links import make_link
from infrastructure.identity.models import LinkPurpose, Membership, Role, Team, UserAccount
from infrastructure.identity.signing_in import end_sessions
from infrastructure.identity.users import is_on_other_side
from infrastructure.jobs import Worker
from infrastructure.trail import SYSTEM, Reading, Stream, count_waiting, record, verify
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
    now, email = utc_now(), email.strip().lower()
    session = db.session()
    with transaction(session):
        team = session.scalars(select(Team).where(Team.name == team_name)).one_or_none()
        if team is None:
            raise click.ClickException(f"There is no team called {team_name}.")
        account = session.scalars(select(UserAccount).where(UserAccount.email == email).with_for_update()).one_or_none()
        is_new = account is None
        if account is None:
            account = UserAccount(name=name, email=email)
            session.add(account)
            session.flush()
        if is_on_other_side(session, account.id, team.wall, now=now):
            raise click.ClickException(
                f"{email} works on the other side of the wall from {team_name}. Nobody has places on both sides: end "
                "those places first, or give the person a second account."
            )
        session.add(Membership(user_id=account.id, team_id=team.id, role=Role(role), since=now))
        end_sessions(session, account.id, now=now)
        record(session, Stream("user", account.id), "place_given", by=SYSTEM, now=now, team=team.id, role=role)
        link = make_link(
            session, LinkPurpose.INVITATION, about=("user", account.id), address=email, now=now, days=7
        ) if is_new else None  # fmt: skip
    click.echo(f"{email} is now {role} in {team_name}.")
    if link is not None:
        click.echo(
            "Set a password within 7 days: " + current_app.extensions["house"].link("desk.invitation", token=link.token)
        )


@people.command("reset")
@click.option("--email", required=True)
def reset_password(email: str) -> None:
    """Print a link, good once and for a day, by which somebody sets a new password."""
    now, session = utc_now(), db.session()
    with transaction(session):
        account = _account(email)
        link = make_link(session, LinkPurpose.RESET, about=("user", account.id), address=account.email, now=now, days=1)
        record(session, Stream("user", account.id), "reset_offered", by=SYSTEM, now=now)
    click.echo(
        "Set a new password within a day: " + current_app.extensions["house"].link("desk.invitation", token=link.token)
    )


@people.command("end")
@click.option("--email", required=True)
def end_person(email: str) -> None:
    """Close an account: its places and sessions end now; what it did stays in the trail."""
    now, session = utc_now(), db.session()
    with transaction(session):
        account = _account(email)
        account.disabled_at = now
        places = select(Membership).where(Membership.user_id == account.id, Membership.until.is_(None))
        for place in session.scalars(places):
            place.until = now
        end_sessions(session, account.id, now=now)
        record(session, Stream("user", account.id), "end", by=SYSTEM, now=now)
    click.echo(f"{account.email} can no longer sign in.")


def _account(email: str) -> UserAccount:
    query = select(UserAccount).where(UserAccount.email == email.strip().lower()).with_for_update()
    account = db.session.scalars(query).one_or_none()
    if account is None:
        raise click.ClickException(f"There is no account for {email}.")
    return account
