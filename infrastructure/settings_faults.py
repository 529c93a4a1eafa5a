"""What is missing or unsafe in the settings of texts and of SENDIASS: a start with a fault is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from infrastructure.settings import Settings

TEXT_NUMBER = re.compile(r"(sms|whatsapp):(\+[1-9]\d{6,14})=(sendiass|social_care)")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_MAILBOX = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")
_HOURS = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)")
_ROLES = ("officer", "manager", "member", "service_manager", "administrator", "commissioner")
_GROUP = re.compile(rf"\s*[^;=\s][^;]*=[^;=]*[^;=/\s][^;=]*/\s*({'|'.join(_ROLES)})\s*")
_LOOPBACK = ("127.0.0.1", "localhost")


def text_faults(settings: Settings) -> Iterator[str]:
    """Name what stands against sending or taking a text; without a token nobody could tell whose it is (T3)."""
    carrier, numbers = settings.text_carrier, settings.listed("text_numbers")
    if carrier not in ("", "twilio", "notify"):
        yield "FRONTDOOR_TEXT_CARRIER must be twilio, notify or empty"
    if numbers and not carrier:
        yield "FRONTDOOR_TEXT_NUMBERS needs FRONTDOOR_TEXT_CARRIER as well"
    if carrier and not numbers:
        yield "FRONTDOOR_TEXT_NUMBERS must say which numbers are ours"
    found = [TEXT_NUMBER.fullmatch(number) for number in numbers]
    if not all(found):
        yield "FRONTDOOR_TEXT_NUMBERS must be written like sms:+447700900180=sendiass, with commas between"
    ours = [(one[1], one[2]) for one in found if one]
    if len(set(ours)) < len(ours):
        yield "FRONTDOOR_TEXT_NUMBERS names a number twice"
    if carrier == "twilio":
        yield from _twilio_faults(settings)
    if carrier == "notify":
        yield from _notify_faults(settings, has_whatsapp=any(channel == "whatsapp" for channel, _ in ours))
    if settings.text_timeout_seconds * 2 >= settings.lease_seconds:
        yield "FRONTDOOR_TEXT_TIMEOUT_SECONDS must be shorter than half of FRONTDOOR_LEASE_SECONDS"
    base = urlsplit(settings.twilio_api_base)
    if settings.twilio_api_base and not (settings.demonstration and base.hostname in _LOOPBACK):
        yield "FRONTDOOR_TWILIO_API_BASE may be an address of this machine, in a demonstration only"


def _twilio_faults(settings: Settings) -> Iterator[str]:
    if not re.fullmatch(r"AC[0-9a-f]{32}", settings.twilio_account_sid):
        yield "FRONTDOOR_TWILIO_ACCOUNT_SID must be AC and 32 letters or digits"
    tokens = settings.listed("twilio_auth_token")
    if not tokens or min(map(len, tokens)) < 32:
        yield "FRONTDOOR_TWILIO_AUTH_TOKEN needs at least 32 characters: without it nobody can tell who sends a text"
    if settings.demonstration and not settings.twilio_api_base:
        yield "FRONTDOOR_TWILIO_API_BASE must say where the stand-in of a demonstration is: no made-up text leaves it"


def _notify_faults(settings: Settings, *, has_whatsapp: bool) -> Iterator[str]:
    if len(settings.notify_api_key.get_secret_value()) < 73:  # two UUIDs at its end: the service and the secret
        yield "FRONTDOOR_NOTIFY_API_KEY must be the whole key"
    tokens = settings.listed("notify_callback_token")
    if not tokens or min(map(len, tokens)) < 32:
        yield "FRONTDOOR_NOTIFY_CALLBACK_TOKEN needs at least 32 characters: it tells who sends a text"
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", settings.notify_text_template):
        yield "FRONTDOOR_NOTIFY_TEXT_TEMPLATE must be the id of a template whose text is ((text))"
    base = urlsplit(settings.notify_base_url)
    if base.scheme != "https" and not (settings.demonstration and base.hostname in _LOOPBACK):
        yield "FRONTDOOR_NOTIFY_BASE_URL must start with https://"
    if has_whatsapp:
        yield "FRONTDOOR_TEXT_NUMBERS names a WhatsApp number, and Notify carries none"


def sendiass_faults(settings: Settings) -> Iterator[str]:
    """Name what stands against hearing of danger at once, and against counting days (SE-3, SE-7, SE-9, SE-10)."""
    hours = _HOURS.fullmatch(settings.sendiass_hours)
    if not hours or hours[1] >= hours[2]:
        yield "FRONTDOOR_SENDIASS_HOURS must be written like 09:00-17:00"
    if settings.results_smallest < 3:
        yield "FRONTDOOR_RESULTS_SMALLEST must be 3 or more: a smaller number tells who it is"
    pathways = {one[3] for one in map(TEXT_NUMBER.fullmatch, settings.listed("text_numbers")) if one}
    for pathway, name in (("sendiass", "sendiass_alert"), ("social_care", "duty_alert")):
        if pathway in pathways and not settings.listed(name):
            yield f"FRONTDOOR_{name.upper()} must name who hears at once of danger in a text"
    for name in ("sendiass_alert", "duty_alert"):
        if not all(map(_MAILBOX.fullmatch, settings.listed(name))):
            yield f"FRONTDOOR_{name.upper()} must be mail addresses, with commas between"
        if not all(map(_E164.fullmatch, settings.listed(f"{name}_phones"))):
            yield f"FRONTDOOR_{name.upper()}_PHONES must be written like +447700900123, with commas between"
    if not _is_span_of_day(settings.sendiass_hours):
        yield "FRONTDOOR_SENDIASS_HOURS must be written like 09:00-17:00"
    if not all(map(_is_span, settings.listed("school_holidays"))):
        yield "FRONTDOOR_SCHOOL_HOLIDAYS must be written like 2026-12-21/2027-01-01, with commas between"
    if settings.words_dir and not Path(settings.words_dir).is_dir():
        yield "FRONTDOOR_WORDS_DIR is no folder"
    if settings.evaluation_file and not Path(settings.evaluation_file).is_file():
        yield "FRONTDOOR_EVALUATION_FILE is no file"


def sign_in_faults(settings: Settings) -> Iterator[str]:
    """Name what stands against knowing who works here (T32)."""
    if settings.staff_second_factor not in ("", "required", "offered"):
        yield "FRONTDOOR_STAFF_SECOND_FACTOR must be required, offered or empty"
    if not settings.oidc_issuer:
        return
    issuer = urlsplit(settings.oidc_issuer)
    if issuer.scheme != "https" and not (settings.demonstration and issuer.hostname in _LOOPBACK):
        yield "FRONTDOOR_OIDC_ISSUER must start with https://"
    if not settings.oidc_client_id or not settings.oidc_client_secret.get_secret_value():
        yield "FRONTDOOR_OIDC_ISSUER needs FRONTDOOR_OIDC_CLIENT_ID and FRONTDOOR_OIDC_CLIENT_SECRET as well"
    if "openid" not in settings.oidc_scopes.split():
        yield "FRONTDOOR_OIDC_SCOPES must name openid"
    pairs = [pair for pair in settings.oidc_groups.split(";") if pair.strip()]
    if not pairs or not all(map(_GROUP.fullmatch, pairs)):
        yield f"FRONTDOOR_OIDC_GROUPS must be written like group=Team/role, with ; between. Roles: {', '.join(_ROLES)}"


def _is_span(text: str) -> bool:
    first, _, last = text.partition("/")
    try:
        return date.fromisoformat(first) <= date.fromisoformat(last)
    except ValueError:
        return False


def _is_span_of_day(text: str) -> bool:
    first, _, last = text.partition("-")
    try:
        return time.fromisoformat(first) < time.fromisoformat(last)
    except ValueError:
        return False
