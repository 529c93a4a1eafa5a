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
           "scanner": "unix:/run/clamav/clamd.ctl", "files_dir": "files", "twilio_api_base": "", **changes},
    )  # fmt: skip


NOTIFY = {
    "text_carrier": "notify",
    "text_numbers": "sms:+447700900180=sendiass",
    "notify_api_key": f"front-door-{'1b' * 4}-0000-4000-8000-{'2c' * 6}-{'3d' * 4}-0000-4000-8000-{'4e' * 6}",
    "notify_callback_token": "b" * 40,
    "notify_text_template": f"{'5f' * 4}-0000-4000-8000-{'6a' * 6}",
}


OIDC = {
    "oidc_issuer": "https://sign-in.westmarch.example",
    "oidc_client_id": "front-door",
    "oidc_client_secret": "a secret of this test",
    "oidc_groups": "fd-desk=Helpdesk/officer; fd-teasel=Referral and assessment, Teasel Vale/manager",
}


@pytest.mark.threat("T32")
def test_a_second_factor_is_required_of_everybody_but_in_a_demonstration() -> None:
    assert safe().needs_second_factor
    assert not safe(staff_second_factor="offered").needs_second_factor
    assert not safe(demonstration=True, text_carrier="", text_numbers="").needs_second_factor
    assert safe(
        demonstration=True, text_carrier="", text_numbers="", staff_second_factor="required"
    ).needs_second_factor


def test_groups_of_the_authoritys_own_sign_in_are_read_as_places() -> None:
    assert safe(
        **{**OIDC, "oidc_groups": "fd-desk=Helpdesk/officer; CN=all staff=Teasel Vale/Saltby/member"}
    ).oidc_places == (
        ("fd-desk", ("Helpdesk", "officer")),
        ("CN=all staff", ("Teasel Vale/Saltby", "member")),
    )


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
        ({"staff_second_factor": "never"}, "FRONTDOOR_STAFF_SECOND_FACTOR"),
        ({**OIDC, "oidc_issuer": "http://sign-in.westmarch.example"}, "FRONTDOOR_OIDC_ISSUER must start"),
        ({**OIDC, "oidc_client_secret": ""}, "FRONTDOOR_OIDC_CLIENT_SECRET"),
        ({**OIDC, "oidc_scopes": "email"}, "FRONTDOOR_OIDC_SCOPES"),
        ({**OIDC, "oidc_groups": ""}, "FRONTDOOR_OIDC_GROUPS"),
        ({**OIDC, "oidc_groups": "fd-desk=Helpdesk/chief"}, "FRONTDOOR_OIDC_GROUPS"),
        ({**OIDC, "oidc_groups": "fd-desk=Helpdesk/officer; =Helpdesk/member"}, "FRONTDOOR_OIDC_GROUPS"),
        ({**OIDC, "oidc_groups": "fd-desk=/officer"}, "FRONTDOOR_OIDC_GROUPS"),
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


@pytest.mark.rule("SE-10")
@pytest.mark.threat("T3")
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"twilio_auth_token": ""}, "FRONTDOOR_TWILIO_AUTH_TOKEN"),
        ({"twilio_auth_token": f"{'a' * 32},short"}, "FRONTDOOR_TWILIO_AUTH_TOKEN"),
        ({"twilio_account_sid": "AC12"}, "FRONTDOOR_TWILIO_ACCOUNT_SID"),
        ({"text_carrier": ""}, "FRONTDOOR_TEXT_CARRIER"),
        ({"text_carrier": "pigeon"}, "FRONTDOOR_TEXT_CARRIER"),
        ({"text_numbers": ""}, "FRONTDOOR_TEXT_NUMBERS"),
        ({"text_numbers": "sms:07700900180=sendiass"}, "FRONTDOOR_TEXT_NUMBERS"),
        ({"text_numbers": "sms:+447700900180=early_help"}, "FRONTDOOR_TEXT_NUMBERS"),
        ({"text_numbers": "sms:+447700900180=sendiass,sms:+447700900180=social_care"}, "twice"),
        ({"text_timeout_seconds": 10.0}, "FRONTDOOR_TEXT_TIMEOUT_SECONDS"),
        ({"twilio_api_base": "http://127.0.0.1:4000"}, "FRONTDOOR_TWILIO_API_BASE"),
        ({"twilio_api_base": "https://evil.example", "demonstration": True}, "FRONTDOOR_TWILIO_API_BASE"),
        ({"demonstration": True}, "FRONTDOOR_TWILIO_API_BASE"),
        ({"sendiass_alert": ""}, "FRONTDOOR_SENDIASS_ALERT"),
        ({"sendiass_alert": "Ada"}, "FRONTDOOR_SENDIASS_ALERT"),
        ({"duty_alert": ""}, "FRONTDOOR_DUTY_ALERT"),
        ({"sendiass_alert_phones": "07700 900190"}, "FRONTDOOR_SENDIASS_ALERT_PHONES"),
        ({"sendiass_hours": "Monday to Friday"}, "FRONTDOOR_SENDIASS_HOURS"),
        ({"sendiass_hours": "17:00-09:00"}, "FRONTDOOR_SENDIASS_HOURS"),
        ({"results_smallest": 2}, "FRONTDOOR_RESULTS_SMALLEST"),
        ({"school_holidays": "2026-12-21"}, "FRONTDOOR_SCHOOL_HOLIDAYS"),
        ({"school_holidays": "2027-01-01/2026-12-21"}, "FRONTDOOR_SCHOOL_HOLIDAYS"),
        ({"words_dir": "/nowhere"}, "FRONTDOOR_WORDS_DIR"),
        ({"evaluation_file": "/nowhere.json"}, "FRONTDOOR_EVALUATION_FILE"),
        ({**NOTIFY, "notify_api_key": ""}, "FRONTDOOR_NOTIFY_API_KEY"),
        ({**NOTIFY, "notify_callback_token": ""}, "FRONTDOOR_NOTIFY_CALLBACK_TOKEN"),
        ({**NOTIFY, "notify_text_template": "reply"}, "FRONTDOOR_NOTIFY_TEXT_TEMPLATE"),
        ({**NOTIFY, "notify_base_url": "http://notify.example"}, "FRONTDOOR_NOTIFY_BASE_URL"),
        ({**NOTIFY, "text_numbers": "whatsapp:+447700900180=sendiass"}, "Notify carries none"),
    ],
)
def test_an_unsafe_setting_of_texts_stops_the_start_and_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsRefusedError, match=named):
        safe(**changes)


def test_either_carrier_of_texts_may_be_chosen_and_none() -> None:
    assert safe(**NOTIFY).text_carrier == "notify"
    assert safe(text_carrier="", text_numbers="").listed("text_numbers") == []
    assert safe(twilio_auth_token=f"{'n' * 32},{'o' * 32}").listed("twilio_auth_token") == ["n" * 32, "o" * 32]
