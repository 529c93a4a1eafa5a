"""What the installation is told about itself: read once from the environment, frozen, refused when unsafe."""

from __future__ import annotations

import json
import os
import re
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infrastructure.mailboxes import Mailbox, mail_faults, read_mailboxes, say_if_read
from infrastructure.settings_faults import sendiass_faults, sign_in_faults, text_faults


class Promise(StrEnum):
    """How long a decision may take (GL-8); an authority chooses one."""

    HOURS_24 = "24_hours"
    WORKING_DAY = "working_day"
    EARLIER_OF_BOTH = "earlier_of_both"


class SettingsRefusedError(Exception):
    """The start is refused: every missing or unsafe value is named at once."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(faults)

    def __str__(self) -> str:
        """Name every fault on a line of its own."""
        return "The front door cannot start:\n" + "\n".join(f"- {fault}" for fault in self.faults)


class Settings(BaseSettings):
    """Every value that differs between installations. Names in the environment start FRONTDOOR_."""

    model_config = SettingsConfigDict(env_prefix="FRONTDOOR_", frozen=True, extra="ignore")

    demonstration: bool = False
    public_url: str = ""
    database_url: str = ""
    database_role: str = ""  # PostgreSQL: whom the application signs in as; `flask db upgrade` grants its rights
    jobs_url: str = ""  # a file for SqliteHuey, or a postgresql:// address; empty: beside the database
    instance_dir: Path = Path("instance")

    secret_key: SecretStr = SecretStr("")
    open_keys: SecretStr = SecretStr("")  # Fernet keys, newest first, separated by commas
    sendiass_keys: SecretStr = SecretStr("")  # the ring behind the wall (SE-5)
    hash_key: SecretStr = SecretStr("")  # HMAC key of every keyed hash
    sendiass_hash_key: SecretStr = SecretStr("")  # and of those behind the wall (SE-5)

    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_starttls: bool = True
    smtp_timeout_seconds: float = 10.0
    mail_from: str = ""
    secure_domains: str = ""  # domains whose mailboxes may be told more in the text of a mail (EV-6), with commas

    mailboxes: SecretStr = SecretStr("")  # which mailboxes are read, as JSON: see infrastructure/mailboxes.py
    mail_server_name: str = ""  # as our own mail server signs its Authentication-Results; empty: nobody is vouched for
    mail_poll_seconds: float = 30.0
    mail_timeout_seconds: float = 20.0  # for one answer of the mail server
    mail_max_bytes: int = 52_428_800  # a larger mail is kept, and only its headers are read (E3)

    text_carrier: str = ""  # twilio or notify; empty: nothing is sent or taken by text
    text_numbers: str = ""  # our numbers: "sms:+447700900180=sendiass", with commas
    text_timeout_seconds: float = 8.0  # for one question to the carrier; two of them fit into the lease
    text_settle_seconds: float = 8.0  # a number that goes on texting is left to finish: one reply for several texts
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")  # newest first, separated by commas: signatures by any are accepted
    twilio_api_base: str = ""  # a stand-in on this machine, in a demonstration only
    notify_api_key: SecretStr = SecretStr("")
    notify_base_url: str = "https://api.notifications.service.gov.uk"
    notify_callback_token: SecretStr = SecretStr("")  # the bearer token by which Notify's callbacks are known
    notify_text_template: str = ""  # the id of a template whose whole text is ((text))

    authority_name: str = ""
    service_name: str = "Ask for help for a child or family"
    product_name: str = "Children's front door"
    authority_code: str = "local"
    duty_line: str = ""
    helpdesk_phone: str = ""
    helpdesk_hours: str = "Monday to Friday, 8:30am to 5pm"
    address: str = ""
    sendiass_name: str = "SENDIASS"
    sendiass_phone: str = ""
    sendiass_hours: str = "09:00-17:00"  # SE-7: Monday to Friday but bank holidays, by the clock on the wall
    sendiass_alert: str = ""  # SE-10: the mailboxes of the named persons who hear of danger, with commas
    sendiass_alert_phones: str = ""  # and their mobile numbers
    duty_alert: str = ""  # who hears of danger outside SENDIASS's wall (EV-10)
    duty_alert_phones: str = ""
    words_dir: str = ""  # the authority's own words for each language; empty: those that come with the product
    school_holidays: str = ""  # "2026-12-21/2027-01-01", with commas: what counts school days leaves them out
    evaluation_file: str = ""  # SE-8: the authority's own questions and scale; empty: those that come with the product
    results_smallest: int = 5  # SE-8, SE-9: a number below it is never published
    brand_colour: str = "#0f4c55"
    exit_url: str = "https://www.bbc.co.uk/weather"

    decision_promise: Promise = Promise.HOURS_24
    acknowledge_working_days: int = 1  # GL-17
    escalate_minutes: str = "0,60"  # EV-7: how long after the time has run out each of the chain hears
    chase_days: str = "1,3"  # GL-17: after how many working days a referrer who was asked is reminded
    link_days: int = 28  # GL-17
    draft_days: int = 14
    draft_reminder_days: int = 3  # how long before it lapses its proven owner is told; 0: never
    code_minutes: int = 15
    code_tries: int = 5
    told_exceptions: str = ""  # GL-5: "code=Plain label" pairs, separated by ;
    extra_closed_days: str = ""  # ISO dates, separated by commas
    staff_idle_minutes: int = 15
    staff_session_hours: int = 8
    oidc_issuer: str = ""  # the authority's own sign-in, by OpenID Connect; empty: passwords alone
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_scopes: str = "openid email profile"
    oidc_group_claim: str = "groups"
    oidc_groups: str = ""  # "group=Team/role" pairs, separated by ;
    oidc_name: str = "your work account"
    oidc_timeout_seconds: float = 8.0
    staff_second_factor: str = ""  # required or offered; empty: required, and offered in a demonstration
    break_glass_hours: int = 4  # how long a request that was opened in an emergency stays open
    referrer_idle_minutes: int = 15
    shift_hours: int = 10  # how long a device knows a proven work address, where its holder asks for it

    anchor_email: str = ""  # whom the head of the seals is mailed to each day; empty: nobody
    anchor_file: str = ""  # and the file, on a mount off this machine, that it is added to
    export_rows: int = 1_000  # an export of the trail with more needs a second person (T24)

    files_dir: str = ""  # outside the web root; not set: in the instance folder of a demonstration
    files_bucket: str = ""  # an S3-compatible store instead of a folder
    files_endpoint: str = ""
    files_region: str = "eu-west-2"
    files_access_key: str = ""
    files_secret_key: SecretStr = SecretStr("")
    scanner: str = ""  # unix:/run/clamav/clamd.ctl, tcp://host:3310, or none, which is said in so many letters
    scanner_timeout_seconds: float = 15.0  # for one file; shorter than the lease
    upload_max_bytes: int = 10_000_000  # of one file
    upload_most: int = 10  # files with one request
    upload_day_bytes: int = 200_000_000  # from one device in a day
    upload_day_bytes_address: int = 2_000_000_000  # from one address: a whole school may stand behind it
    upload_idle_seconds: float = 30.0  # between two pieces of an upload
    upload_seconds: float = 600.0  # for one upload, however slow the line
    uploads_at_once: int = 4  # in each web process, so that other pages have threads left

    worker_in_web: bool = False
    sweep_seconds: float = 3.0
    lease_seconds: int = 20
    retry_first_seconds: float = 30.0
    retry_hours: int = 48
    max_body_bytes: int = 6_000_000  # a page of the longest answers, in any script, urlencoded
    posts_a_minute: int = 300  # from one address, for each web process; 0: no limit (T1)
    trusted_proxies: int = 0
    argon2_memory_kib: int = 19_456  # OWASP password storage: 19 MiB, 2 passes, 1 lane
    argon2_passes: int = 2
    log_level: str = "INFO"
    failpoint: str = ""  # "name:exit9": tests of "nothing lost" only, refused outside demonstration

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if faults := list(self._faults()):
            raise SettingsRefusedError(faults)
        return self

    def _faults(self) -> list[str]:
        faults = []
        for name in ("public_url", "database_url", "smtp_host", "mail_from", "authority_name", "duty_line"):
            if not getattr(self, name):
                faults.append(f"FRONTDOOR_{name.upper()} is not set")
        if len(self.secret_key.get_secret_value()) < 32:
            faults.append("FRONTDOOR_SECRET_KEY needs at least 32 characters")
        for name in ("hash_key", "sendiass_hash_key"):
            keys = split(getattr(self, name).get_secret_value())
            if not keys or min(map(len, keys)) < 32:
                faults.append(f"FRONTDOOR_{name.upper()} needs at least 32 characters (several: newest first)")
        for name in ("open_keys", "sendiass_keys"):
            keys = split(getattr(self, name).get_secret_value())
            if not keys or not all(_is_fernet_key(key) for key in keys):
                faults.append(f"FRONTDOOR_{name.upper()} needs one or more Fernet keys, newest first")
        rings = [set(split(getattr(self, n).get_secret_value())) for n in ("open_keys", "sendiass_keys")]
        if rings[0] & rings[1]:
            faults.append("FRONTDOOR_SENDIASS_KEYS must share no key with FRONTDOOR_OPEN_KEYS")
        hashes = [set(split(getattr(self, n).get_secret_value())) for n in ("hash_key", "sendiass_hash_key")]
        if hashes[0] & hashes[1]:
            faults.append("FRONTDOOR_SENDIASS_HASH_KEY must differ from FRONTDOOR_HASH_KEY")
        if self.scanner not in ("", "none") and not re.fullmatch(r"unix:/.+|tcp://[^/:]+:\d+", self.scanner):
            faults.append("FRONTDOOR_SCANNER must be unix:/path, tcp://host:port or none")
        if self.scanner_timeout_seconds >= self.lease_seconds:
            faults.append("FRONTDOOR_SCANNER_TIMEOUT_SECONDS must be shorter than FRONTDOOR_LEASE_SECONDS")
        reached_by = (self.files_endpoint, self.files_access_key, self.files_secret_key.get_secret_value())
        if self.files_bucket and not all(reached_by):
            faults.append("FRONTDOOR_FILES_BUCKET needs FILES_ENDPOINT, FILES_ACCESS_KEY and FILES_SECRET_KEY as well")
        if not re.fullmatch(r"\d{1,5}(\s*,\s*\d{1,5})*", self.escalate_minutes) or list(
            self.escalation_minutes
        ) != sorted(self.escalation_minutes):
            faults.append("FRONTDOOR_ESCALATE_MINUTES must be minutes that rise, separated by commas, such as 0,60")
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.brand_colour):
            faults.append("FRONTDOOR_BRAND_COLOUR must be written like #0f4c55")
        if not all(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", name) for name in self.secure_domain_names):
            faults.append("FRONTDOOR_SECURE_DOMAINS must be mail domains of two parts or more, separated by commas")
        if not all(re.fullmatch(r"[1-9]\d?", day) for day in split(self.chase_days)):
            faults.append("FRONTDOOR_CHASE_DAYS must be numbers of working days, like 1,3")
        if self.smtp_timeout_seconds >= self.lease_seconds:
            faults.append("FRONTDOOR_SMTP_TIMEOUT_SECONDS must be shorter than FRONTDOOR_LEASE_SECONDS")
        faults += text_faults(self)
        faults += mail_faults(self)
        faults += sendiass_faults(self)
        faults += sign_in_faults(self)
        if not self.demonstration:
            if urlsplit(self.public_url).scheme != "https":
                faults.append("FRONTDOOR_PUBLIC_URL must start with https://")
            if not self.smtp_starttls:
                faults.append("FRONTDOOR_SMTP_STARTTLS may be off in a demonstration only")
            if not self.scanner:
                faults.append("FRONTDOOR_SCANNER must say where clamd is, or none: files are then served unscanned")
            if not self.files_dir and not self.files_bucket:
                faults.append("FRONTDOOR_FILES_DIR or FRONTDOOR_FILES_BUCKET must say where files are kept")
            if self.failpoint:
                faults.append("FRONTDOOR_FAILPOINT may be set in a demonstration only")
        return faults

    def listed(self, name: str) -> list[str]:
        """Return the parts of a setting that is written with commas."""
        value = getattr(self, name)
        return split(value.get_secret_value() if isinstance(value, SecretStr) else value)

    @property
    def escalation_minutes(self) -> tuple[int, ...]:
        """Return after how many minutes each of the chain hears of what is late; the last holds for all that follow."""
        return tuple(int(part) for part in split(self.escalate_minutes))

    @property
    def trusted_hosts(self) -> list[str]:
        """Return the only host names that a request may carry; a demonstration answers to both names of the machine."""
        own = urlsplit(self.public_url).hostname or "localhost"
        return list(dict.fromkeys([own, "127.0.0.1", "localhost"])) if self.demonstration else [own]

    @property
    def is_https(self) -> bool:
        """Tell whether people reach us over TLS, so that cookies and HSTS may insist on it."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def needs_second_factor(self) -> bool:
        """Tell whether nobody works here by a password alone."""
        return (self.staff_second_factor or ("offered" if self.demonstration else "required")) == "required"

    @property
    def oidc_places(self) -> tuple[tuple[str, tuple[str, str]], ...]:
        """Return which group of the authority's own sign-in has which place: (group, (team, role))."""
        return tuple(
            (group.strip(), (team.strip(), role.strip()))
            for pair in self.oidc_groups.split(";")
            for group, _, place in [pair.rpartition("=")]
            for team, _, role in [place.rpartition("/")]
            if group.strip()
        )

    @property
    def files_folder(self) -> Path:
        """Return the folder of stored files, and of those still arriving."""
        return Path(self.files_dir) if self.files_dir else self.instance_dir / "files"

    @property
    def scans(self) -> bool:
        """Tell whether files are scanned before anybody can fetch them."""
        return self.scanner not in ("", "none")

    @property
    def our_mailboxes(self) -> tuple[Mailbox, ...]:
        """Return which mailboxes are read, and for whom."""
        return read_mailboxes(self.mailboxes.get_secret_value())

    @property
    def answers_read(self) -> str:
        """Return what a letter from outside the wall says of answering it."""
        return say_if_read(self.our_mailboxes, "social_care", "desk")

    @property
    def sendiass_answers_read(self) -> str:
        """Return what a letter of SENDIASS says of answering it."""
        return say_if_read(self.our_mailboxes, "sendiass")

    @property
    def secure_domain_names(self) -> tuple[str, ...]:
        """Return the mail domains that are marked secure; what lies under one is too."""
        return tuple(name.lower().lstrip("@.").rstrip(".") for name in split(self.secure_domains))

    @property
    def extra_exceptions(self) -> tuple[tuple[str, str], ...]:
        """Return the authority's own exceptions to GL-5 as (code, label) pairs."""
        pairs = (pair.split("=", 1) for pair in self.told_exceptions.split(";") if "=" in pair)
        return tuple((code.strip(), label.strip()) for code, label in pairs)


def split(text: str) -> list[str]:
    """Split a comma-separated setting into its parts."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def read_settings(**changes: object) -> Settings:
    """Read the settings from the environment; raise SettingsRefusedError naming every fault at once."""
    try:
        return Settings(**changes)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsRefusedError(
            [f"FRONTDOOR_{'_'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()]
        ) from None


SECRETS = ("secret_key", "open_keys", "sendiass_keys", "hash_key", "sendiass_hash_key", "twilio_auth_token")


SECRETS_FILE = "secrets.json"


def secrets_of(folder: Path) -> dict[str, str]:
    """Return the secrets kept in `folder`, made there on the first start (owner may read, nobody else)."""
    path = folder / SECRETS_FILE
    folder.mkdir(parents=True, exist_ok=True)
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if missing := [name for name in SECRETS if name not in kept]:
        kept |= {name: _fresh(name) for name in missing}  # one that a later version asks for is made beside the others
        beside = path.with_suffix(".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(kept, file)
        beside.replace(path)
    return {name: kept[name] for name in SECRETS}


def _fresh(name: str) -> str:
    return Fernet.generate_key().decode() if name.endswith("_keys") else secrets.token_urlsafe(48)
