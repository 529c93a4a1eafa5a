"""What the carrier tells the product: a text that came, and what became of one that went; signed as Twilio signs."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from demonstration.carrier.account import Account, Text

MESSAGE, STATUS = "/hooks/twilio/message", "/hooks/twilio/status"
LONGEST_WAIT = 15.0
Params = list[tuple[str, str]]


def params_of(account: Account, text: Text) -> Params:
    """Return the parameters of a text that came, the empty ones too, in the order of a captured one."""
    said = {
        "ToCountry": "GB", "ToState": "", "SmsMessageSid": text.sid, "NumMedia": str(len(text.media)), "ToCity": "",
        "FromZip": "", "SmsSid": text.sid, "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": text.body,
        "FromCountry": "GB", "To": text.to, "ToZip": "", "NumSegments": str(text.segments), "MessageSid": text.sid,
        "AccountSid": account.sid, "From": text.sender, "ApiVersion": "2010-04-01",
    }  # fmt: skip
    for number, media in enumerate(text.media):
        said |= {f"MediaUrl{number}": media.url, f"MediaContentType{number}": media.kind}
    if text.sender.startswith("whatsapp:"):
        said |= {"WaId": text.sender.removeprefix("whatsapp:+"), "ProfileName": "Someone"}
    return list(said.items())


def report_of(account: Account, text: Text, status: str, error_code: int | None = None) -> Params:
    """Return the parameters of a report on a text that went out; there is no Body in it."""
    said = {
        "SmsSid": text.sid, "SmsStatus": status, "MessageStatus": status, "To": text.to, "MessageSid": text.sid,
        "AccountSid": account.sid, "From": text.sender, "ApiVersion": "2010-04-01",
    }  # fmt: skip
    if error_code is not None:
        said["ErrorCode"] = str(error_code)
    return list(said.items())


def sign(account: Account, url: str, params: Params) -> str:
    """Sign a webhook with the account's token."""
    from twilio.request_validator import RequestValidator
    from werkzeug.datastructures import MultiDict

    made: Any = RequestValidator(account.token).compute_signature(url, MultiDict(params))
    return str(made)


def post(account: Account, url: str, params: Params, *, is_forged: bool = False) -> int:
    """Post a webhook to the product and return how it answered; 0: not at all."""
    parts = urlsplit(url)
    signature = sign(account, url, [*params, ("Forged", "1")] if is_forged else params)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature,
        "User-Agent": "TwilioProxy/1.1",
    }
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=LONGEST_WAIT)
    try:
        connection.request("POST", parts.path, urlencode(params), headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()
