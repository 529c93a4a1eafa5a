"""From the bytes of a mail to what it says: the one way in, which never raises and is bounded (E1 to E9, F32)."""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime

from service_request.domain.mail.addresses import Sender, recipients_of, sender_of
from service_request.domain.mail.charsets import one_line
from service_request.domain.mail.classify import classify
from service_request.domain.mail.content import Content, read_content
from service_request.domain.mail.headers import Headers, decode_words, raw_text, split_head
from service_request.domain.mail.limits import (
    MAX_HEAD,
    MAX_MAIL,
    MAX_REFERENCES,
    MAX_SPLIT_LINE,
    MAX_SPLIT_TEXT,
    MAX_SUBJECT,
    MAX_VALUE,
)
from service_request.domain.mail.types import Classed, MailKind, MailNote, ParsedEmail, Read, Split
from service_request.domain.mail.visible import split
from service_request.domain.mail.when import sent_at

_ID = re.compile(r"<([^<>\s\x00-\x1f]{1,900})>")
_BARE_ID = re.compile(r"[^<>\s,;]{1,400}@[^<>\s,;]{1,400}")
_MARKS_A_MAIL = {"from", "to", "subject", "date", "message-id", "received", "return-path", "mime-version", "reply-to"}
_LOCKED = {MailNote.ENCRYPTED, MailNote.WINMAIL_LOCKED}
_SEALED_IN_TEXT = "-----BEGIN PGP MESSAGE-----"
_SIGNED_IN_TEXT, _SIGNATURE_IN_TEXT = "-----BEGIN PGP SIGNED MESSAGE-----\n", "\n-----BEGIN PGP SIGNATURE-----"
_MOST_HEADERS_READ = 2_000
_MOST_VERDICTS = 20


def parse(raw: bytes, *, now: datetime | None = None) -> ParsedEmail:
    """Say what a mail says, whatever it is; `now` is what its date is believed against.

    Past the bounds in `limits` the rest of it is left in the raw mail, and the notes say so.
    """
    now = now or datetime.now(UTC)
    try:
        return read_whole(bytes(raw), now)
    except Exception:  # a mail nobody thought of: held for a person, who has the raw mail
        return _held(raw, now)


def _held(raw: bytes, now: datetime) -> ParsedEmail:
    try:
        return _headers_alone(bytes(raw), now)
    except Exception:
        return ParsedEmail(kind=MailKind.UNREADABLE, notes=frozenset({MailNote.BROKEN_STRUCTURE}))


def read_whole(raw: bytes, now: datetime) -> ParsedEmail:
    """Read a mail without the net under it: what this raises, a test should hear of."""
    if len(raw) > MAX_MAIL:
        return _headers_alone(raw, now, note=MailNote.TOO_LARGE)
    content = read_content(_straightened(raw))
    headers, sender = content.headers, sender_of(content.headers)
    subject = headers.words("subject", MAX_SUBJECT)
    classed = _classed(content, sender, subject)
    shown = _split(_without_signature(content.text), subject)
    return _made(
        headers,
        sender,
        now,
        content.notes,
        subject=subject,
        visible_text=shown.visible,
        quoted_text=shown.quoted,
        full_text=content.text,
        attachments=tuple(content.attachments),
        kind=_kind(classed.kind, content, sender, subject),
        why=classed.why,
        returned=classed.returned,
    )


def _headers_alone(raw: bytes, now: datetime, *, note: MailNote = MailNote.BROKEN_STRUCTURE) -> ParsedEmail:
    headers, _ = split_head(_straightened(raw[: MAX_HEAD + 1]), 0, MAX_HEAD)
    subject = headers.words("subject", MAX_SUBJECT)
    return _made(headers, sender_of(headers), now, {note}, subject=subject, kind=MailKind.UNREADABLE)


def _made(headers: Headers, sender: Sender, now: datetime, notes: set[MailNote], **said: object) -> ParsedEmail:
    date = headers.text("date")
    sent = sent_at(date, headers.text("received"), now=now)
    if date.strip() and sent is None:
        notes = notes | {MailNote.DATE_UNBELIEVABLE}
    return ParsedEmail(
        sender=sender.address,
        sender_name=sender.name,
        reply_to=sender.reply_to,
        recipients=recipients_of(headers),
        sent_at=sent,
        message_id=next(iter(_ids(headers, "message-id")), ""),
        references=_references(headers),
        verdicts=tuple(one_line(each, 5_000) for each in headers.every("authentication-results")[:_MOST_VERDICTS]),
        notes=frozenset(notes | sender.notes),
        **said,  # type: ignore[arg-type]
    )


def _classed(content: Content, sender: Sender, subject: str) -> Classed:
    """Ask what wrote the mail; should the answer fail, a person looks."""
    read = Read(
        headers=_decoded(content.headers),
        content_type=content.content_type,
        report_type=content.report_type,
        sender=sender.address,
        subject=subject,
        text=content.text[:MAX_SPLIT_TEXT],
        report=content.report,
        returned_headers=_decoded(content.returned),
    )
    try:
        return classify(read)
    except Exception:
        return Classed(MailKind.UNREADABLE, "not_classed")


def _kind(kind: MailKind, content: Content, sender: Sender, subject: str) -> MailKind:
    """Hold for a person what nobody can read: no mail at all, or one whose words are locked up."""
    if kind is not MailKind.PERSON:
        return kind
    is_no_mail = not _MARKS_A_MAIL & content.headers.first.keys()
    said = content.text.strip()
    is_locked = bool(content.notes & _LOCKED) and (not said or said.startswith(_SEALED_IN_TEXT))
    is_empty = not (said or content.attachments or subject or sender.address)
    return MailKind.UNREADABLE if is_no_mail or is_locked or is_empty else kind


def _split(text: str, subject: str) -> Split:
    """Tell the words of now from those of before, where patterns can be let loose on the text."""
    if max(map(len, text.split("\n"))) > MAX_SPLIT_LINE:
        return Split(visible=text.strip())
    first = text[:MAX_SPLIT_TEXT]
    try:
        shown = split(first, subject=subject)
    except Exception:
        return Split(visible=text.strip())
    rest = text[MAX_SPLIT_TEXT:]
    return Split(shown.visible, shown.quoted + rest) if shown.quoted else Split(shown.visible + rest)


def _without_signature(text: str) -> str:
    """Take the lines that PGP writes around signed words away from them."""
    before, begun, rest = text.partition(_SIGNED_IN_TEXT)
    if not begun or _SIGNATURE_IN_TEXT not in rest:
        return text
    words, _, signature = rest.partition("\n\n")[2].partition(_SIGNATURE_IN_TEXT)
    return before + words.replace("\n- -", "\n-") + signature.partition("-----END PGP SIGNATURE-----")[2]


def _straightened(raw: bytes) -> bytes:
    """Undo what ways of moving mail do to all of it: odd line ends, a byte order mark, lines above the headers."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", "replace").encode("utf-8")
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if raw.startswith((b"\r", b"\n", b" \n", b" \r")):
        raw = raw.lstrip(b" \r\n")
    return raw.replace(b"\r", b"\n") if b"\n" not in raw else raw


def _decoded(headers: Headers) -> tuple[tuple[str, str], ...]:
    read, left = list[tuple[str, str]](), MAX_VALUE
    for name, value in headers.items[:_MOST_HEADERS_READ]:
        words = one_line(decode_words(raw_text(value[:left])), 10_000)
        left -= min(len(value), 10_000)
        read.append((name, words))
        if left <= 0:
            break
    return tuple(read)


def _ids(headers: Headers, name: str) -> list[str]:
    values = headers.every(name)
    found = [f"<{each}>" for value in values for each in _ID.findall(value.replace("\n", ""))]
    return found or [f"<{each}>" for value in values for each in _BARE_ID.findall(value)]


def _references(headers: Headers) -> tuple[str, ...]:
    each_once = dict.fromkeys([*_ids(headers, "in-reply-to"), *reversed(_ids(headers, "references"))])
    return tuple(each_once)[:MAX_REFERENCES]
