"""The composition root: it knows every part, and nothing imports it."""

from __future__ import annotations

import gc

looks_for_garbage = gc.isenabled()
gc.disable()  # nothing that is imported below is garbage, and to look through it for some takes a sixth of a start

from datetime import date
from importlib import import_module
from pathlib import Path

from flask import Flask, Request
from flask_login import LoginManager, current_user
from flask_mail import Mail
from sqlalchemy.types import TypeDecorator
from werkzeug.middleware.proxy_fix import ProxyFix

import helpdesk.cli
import helpdesk.models
import helpdesk.web
import service_request.channels.email.intake
import service_request.channels.text
import service_request.channels.web
import service_request.models
from helpdesk.services.trail_keeping import say_where_anchors_go
from infrastructure import cli, cli_keys
from infrastructure.database import KeyRings, db, use_keys, utc_now
from infrastructure.database.key_check import check_keys
from infrastructure.database.migrating import Migrations
from infrastructure.database.rights import hold_back, refuse_wide_rights
from infrastructure.database.transaction import arm, tune
from infrastructure.house import House
from infrastructure.identity.users import User, find_user
from infrastructure.jobs import Job, Worker
from infrastructure.logging import configure_logging
from infrastructure.office import Office
from infrastructure.outbox.owe import rekey
from infrastructure.settings import Settings, SettingsRefusedError, read_settings, split
from infrastructure.web.compiled import Route
from infrastructure.web.current import staff_token
from infrastructure.web.errors import install_errors
from infrastructure.web.floods import install_flood_limit
from infrastructure.web.guard import csrf, install_guards
from infrastructure.web.letters import letter_writer, link_builder, text_writer
from infrastructure.web.security import KeptSigner, install_headers
from infrastructure.web.templating import Way, install_templates
from infrastructure.web.uploads import install_uploads
from service_request.pathways.sendiass.evaluation import read_evaluation
from service_request.services.files.comparing import say_how_files_are_checked
from service_request.services.rehashing import rehash_match_keys

gc.freeze()  # what is imported stays; a later look through all that is held begins after it
gc.set_threshold(5_000)  # a page makes some thousand things that hold others; nearly all go by themselves when it ends
if looks_for_garbage:
    gc.enable()

FOOTER = (
    Way("Other ways to reach us", "web.other_ways"),
    Way("Who sees what you tell us", "web.who_sees"),
    Way("Special needs advice (SENDIASS)", "web.sendiass"),
    Way("Privacy", "web.privacy"),
    Way("Accessibility statement", "web.accessibility"),
)


def create_app(settings: Settings | None = None) -> Flask:
    """Put the parts together; refuse to start on missing or unsafe settings."""
    settings = settings or read_settings()
    _check_own_words(settings)
    configure_logging(settings.log_level)
    use_keys(KeyRings.from_settings(settings))
    arm(settings.failpoint)
    app = Flask(__name__, static_folder=None)
    app.url_rule_class = Route
    app.config.update(_flask_settings(settings))
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]

    db.init_app(app)
    with app.app_context():
        tune(db.engine)
        hold_back(db.engine)
        if not check_keys(db.engine, settings, now=utc_now()):
            _check_keys_before_work(app, settings)
        if not settings.demonstration:
            refuse_wide_rights(db.engine)
            say_where_anchors_go(settings)
            say_how_files_are_checked(settings)
    Migrations(app, directory="migrations", render_as_batch=True, render_item=_render_type)
    mail = Mail(app)
    app.session_interface = KeptSigner()
    csrf.init_app(app)
    _install_sign_in(app, settings)

    install_templates(app, settings, home="web.start", staff_home="desk.home", sign_out="desk.sign_out", footer=FOOTER)
    install_headers(app, https=settings.is_https)
    install_errors(app)
    install_flood_limit(app, settings)
    install_uploads(app, settings)
    write, say, link = letter_writer(app, settings), text_writer(app, settings), link_builder(app, settings)
    house = House(settings, _office(settings), write, link, say)
    app.extensions["house"] = house

    service_request.channels.web.register(app)
    service_request.channels.text.register(app)
    helpdesk.web.register(app)
    if settings.demonstration:
        import_module("demonstration.web").register(app)  # above helpdesk, and only here
    install_guards(app, "desk.sign_in")

    worker = Worker(app, settings, lambda: _jobs(house, mail))
    app.extensions["worker"] = worker
    cli.register(app, worker)
    cli_keys.register(app, rehash=[rehash_match_keys, rekey])
    helpdesk.cli.register(app)
    service_request.channels.email.intake.register(app)
    return app


def _check_keys_before_work(app: Flask, settings: Settings) -> None:
    """Serve nothing until the database, which was away at the start, was asked whether these keys are its own."""
    checked: list[bool] = []

    @app.before_request
    def check() -> None:
        if not checked and check_keys(db.engine, settings, now=utc_now()):
            checked.append(True)


def _jobs(house: House, mail: Mail) -> list[Job]:
    """Return the work of the worker; loaded where somebody works, since no page needs it (0.1 seconds)."""
    from helpdesk.jobs import list_jobs
    from infrastructure.outbox.senders import MailSender
    from infrastructure.texting.senders import text_senders

    return list_jobs(house, {"email": MailSender(mail, house.settings), **text_senders(house.settings)})


def _check_own_words(settings: Settings) -> None:
    """Refuse to start on words or questions of the authority's own that nobody could be answered or asked in."""
    faults = []
    if settings.words_dir:
        from service_request.conversation.words import faults_in  # only where somebody works, or there are such words

        faults += faults_in(Path(settings.words_dir))
    if settings.evaluation_file:
        try:
            read_evaluation(Path(settings.evaluation_file))
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise SettingsRefusedError(faults)


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": not settings.database_url.startswith("sqlite")},
        "MAX_CONTENT_LENGTH": settings.max_body_bytes,
        "MAX_FORM_MEMORY_SIZE": settings.max_body_bytes,
        "MAX_FORM_PARTS": 1000,
        "TRUSTED_HOSTS": settings.trusted_hosts,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.is_https else "session",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_CHECK_DEFAULT": False,  # the guard checks, so that a view may keep what was typed (W13)
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # no Referer is sent (Referrer-Policy); the token and SameSite do the work
        "MAIL_DEFAULT_SENDER": settings.mail_from,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
    }


def _install_sign_in(app: Flask, settings: Settings) -> None:
    manager = LoginManager(app, add_context_processor=False)  # a page that asks nobody's name looks for nobody
    manager.session_protection = None  # of the cookie alone, which holds nobody: a session of ours is a row
    app.jinja_env.globals["current_user"] = current_user

    def load(_: Request) -> User | None:
        token = staff_token()
        return find_user(db.session(), token, settings=settings, now=utc_now()) if token else None

    manager.request_loader(load)


def _office(settings: Settings) -> Office:
    return Office(closed=(date.fromisoformat(day) for day in split(settings.extra_closed_days)))


def _render_type(kind: str, item: object, _: object) -> str | bool:
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False
