"""Start is refused when a setting is missing or unsafe, and every fault is named at once."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from infrastructure.settings import Settings, SettingsRefusedError, read_settings, secrets_of
from tests.plugins.house import KEYS, settings_for


def safe(**changes: Any) -> Settings:
    return settings_for(
        "postgresql+psycopg://db", Path("instance"), 587,
        **{"demonstration": False, "public_url": "https://front-door.westmarch.example", "smtp_starttls": True,
           "scanner": "unix:/run/clamav/clamd.ctl", "files_dir": "files", **changes},
    )  # fmt: skip


def test_safe_settings_start() -> None:
    assert safe().trusted_hosts == ["front-door.westmarch.example"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"public_url": "http://front-door.westmarch.example"}, "FRONTDOOR_PUBLIC_URL"),
        ({"secret_key": "short"}, "FRONTDOOR_SECRET_KEY"),
        ({"hash_key": ""}, "FRONTDOOR_HASH_KEY"),
        ({"open_keys": "not a key"}, "FRONTDOOR_OPEN_KEYS"),
        ({"sendiass_keys": ""}, "FRONTDOOR_SENDIASS_KEYS"),
        ({"sendiass_keys": KEYS["open_keys"]}, "share no key"),
        ({"smtp_starttls": False}, "FRONTDOOR_SMTP_STARTTLS"),
        ({"smtp_timeout_seconds": 30}, "FRONTDOOR_SMTP_TIMEOUT_SECONDS"),
        ({"duty_line": ""}, "FRONTDOOR_DUTY_LINE"),
        ({"scanner": ""}, "FRONTDOOR_SCANNER"),
        ({"scanner": "clamd"}, "FRONTDOOR_SCANNER"),
        ({"scanner_timeout_seconds": 20}, "FRONTDOOR_SCANNER_TIMEOUT_SECONDS"),
        ({"files_dir": ""}, "FRONTDOOR_FILES_DIR"),
        ({"files_bucket": "front-door"}, "FILES_SECRET_KEY"),
        ({"failpoint": "after_send:exit9"}, "FRONTDOOR_FAILPOINT"),
    ],
)
def test_an_unsafe_setting_stops_the_start_and_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsRefusedError, match=named):
        safe(**changes)


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUBLIC_URL", "DATABASE_URL", "SECRET_KEY"):
        monkeypatch.delenv(f"FRONTDOOR_{name}", raising=False)
    with pytest.raises(SettingsRefusedError) as refused:
        read_settings()
    assert len(refused.value.faults) >= 8


def test_no_secret_is_shown_by_the_settings() -> None:
    shown = repr(safe())
    assert KEYS["open_keys"] not in shown
    assert "ssss" not in shown


def test_the_first_start_makes_secrets_that_only_the_owner_reads_and_keeps_them(tmp_path: Path) -> None:
    first = secrets_of(tmp_path / "instance")
    assert first == secrets_of(tmp_path / "instance")
    assert stat.S_IMODE((tmp_path / "instance" / "secrets.json").stat().st_mode) == 0o600
