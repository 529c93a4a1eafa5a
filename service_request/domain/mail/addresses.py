"""Who a mail is from and to: addresses read leniently, and no guess where they could mean two people (E8)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from service_request.domain.mail.charsets import one_line
from service_request.domain.mail.headers import Headers, decode_words
from service_request.domain.mail.limits import MAX_ADDRESSES, MAX_NAME
from service_request.domain.mail.types import MailNote

_ADDRESS = re.compile(
    r"(?P<local>[^\s@<>()\[\]\\,;:\"]{1,128})@(?P<domain>[^\W_](?:[\w.-]{0,250}[^\W_])?|\[(?:IPv6:)?[0-9a-f:.]{3,45}\])\.?",
    re.IGNORECASE,
)
_QUOTED_LOCAL = re.compile(r'"([^\s@<>()\[\]\\,;:"]{1,128})"@')  # quoted without need: the same address without
_LONGEST = 254
RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")


@dataclass(frozen=True)
class Mailbox:
    """One address of a header; confusing where another reader could take another from the same words."""

    address: str
    name: str = ""
    is_confusing: bool = False
    is_guess: bool = False  # found among other words, not where an address stands


@dataclass
class _Item:
    words: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)  # the words that stand in no quotes
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sender:
    """Who wrote, where an answer may go, and what a person should know of it."""

    address: str = ""
    name: str = ""
    reply_to: str = ""
    notes: frozenset[MailNote] = frozenset()


def mailboxes(value: str) -> list[Mailbox]:
    """Return the addresses of a header, in their order; what holds none is part of the next one's name."""
    found = list[Mailbox]()
    before = ""
    for item in _items(_QUOTED_LOCAL.sub(r"\1@", value)):
        box = _mailbox(item)
        if box is None:
            before = f"{before}{_name(item)}, " if "@" not in "".join(item.outside) else ""
            continue
        name = _shown(f"{before}{box.name}") if box.name else _shown(before.rstrip(", "))
        found.append(Mailbox(box.address, name, box.is_confusing, box.is_guess))
        before = ""
        if len(found) == MAX_ADDRESSES:
            break
    return found


def address_of(text: str) -> str:
    """Return the address that this is, in lower case; "" where it is none."""
    text = text.strip().strip("'").removeprefix("mailto:").removeprefix("MAILTO:").strip()
    if text.startswith("@"):  # the way it should take stood before it, once
        text = text.rpartition(":")[2]
    match = _ADDRESS.fullmatch(text)
    if match is None or "=?" in text or ".." in match["domain"] or len(text) > _LONGEST:
        return ""
    return f"{match['local']}@{match['domain']}".lower()


def recipients_of(headers: Headers) -> tuple[str, ...]:
    """Return everybody that the mail says it was for, each once."""
    named = dict.fromkeys(
        box.address for name in RECIPIENTS for value in headers.every(name) for box in mailboxes(value)
    )
    return tuple(address for address in named if address)[:MAX_ADDRESSES]


def sender_of(headers: Headers) -> Sender:
    """Tell who wrote: From, where it means one address; else Reply-To, else Return-Path, else unclear."""
    stood = headers.every("from")
    boxes = [box for value in stood for box in mailboxes(value)]
    addresses = list(dict.fromkeys(box.address for box in boxes))
    notes = {MailNote.SENDER_DOUBLED} if len(stood) > 1 or len(addresses) > 1 else set[MailNote]()
    is_confusing = any(box.is_confusing for box in boxes)
    clear = [box for box in boxes if not box.is_confusing and not box.is_guess]
    answer_to, returns_to = _one(headers, "reply-to"), _one(headers, "return-path")
    if (
        len(addresses) > 1 and not is_confusing
    ):  # several: who sent it is one of them (RFC 5322 3.6.2), or says so elsewhere
        telling = (box.address for box in mailboxes(headers.text("sender")))
        sending = next((each for each in (*telling, answer_to, returns_to) if each in addresses), "")
        clear = [box for box in clear if box.address == sending]
        addresses = [box.address for box in clear[:1]] or addresses
    if len(addresses) == 1 and clear and not is_confusing:
        name = next((box.name for box in clear if box.name), "")
        return Sender(addresses[0], name, answer_to or addresses[0], frozenset(notes))
    fallback = answer_to or returns_to
    name = "" if boxes else _named(stood)
    if fallback and not is_confusing and len(addresses) < 2:
        return Sender(fallback, name, fallback, frozenset(notes))
    notes.add(MailNote.SENDER_UNCLEAR)
    if is_confusing:
        return Sender(fallback, "", "", frozenset(notes))
    guess = fallback or (boxes or _hidden(stood) or [Mailbox("")])[0].address
    return Sender(guess, name, "", frozenset(notes))


def _one(headers: Headers, name: str) -> str:
    boxes = [box for value in headers.every(name) for box in mailboxes(value)]
    plain = [box.address for box in boxes if not box.is_confusing and not box.is_guess]
    return plain[0] if plain and len(plain) == len(boxes) else ""


def _hidden(stood: list[str]) -> list[Mailbox]:
    """Look into a From that was encoded whole, address and all: good for showing, never for answering."""
    return [box for value in stood for box in mailboxes(decode_words(value))]


def _named(stood: list[str]) -> str:
    return next((name for value in stood if "@" not in value and (name := _shown(value.strip('"<> ')))), "")


def _mailbox(item: _Item) -> Mailbox | None:
    around = "".join(item.outside)
    if item.angles:
        addresses = {address for inside in item.angles if (address := address_of(inside))}
        if len(addresses) != 1:
            return Mailbox("", is_confusing=True) if len(addresses) > 1 else None
        address = addresses.pop()
        others = {word.strip("[]'<>").lower() for word in around.split() if "@" in word}
        return Mailbox(address, _name(item), is_confusing=bool(others - {address, f"mailto:{address}"}))
    if address := address_of(around.strip().strip("[]<>")):
        return Mailbox(address, " ".join(item.comments))
    if address := address_of("".join(item.words)):  # the whole of it in quotes
        return Mailbox(address)
    guesses = {found for word in around.split() if (found := address_of(word.strip("[](){}<>'\"")))}
    if len(guesses) == 1:
        return Mailbox(guesses.pop(), "", is_guess=True)
    return None


def _name(item: _Item) -> str:
    return "".join(item.words).strip() or " ".join(item.comments)


def _shown(name: str) -> str:
    return one_line(decode_words(name), MAX_NAME).strip("\"' ")


def _items(value: str) -> list[_Item]:
    """Cut a header at commas and semicolons outside quotes, brackets and comments; each sign is seen once."""
    items, item = list[_Item](), _Item()
    kept, depth, place, is_escaped = list[str](), 0, "", False
    for sign in value:
        if is_escaped:
            kept.append(sign)
            is_escaped = False
        elif sign == "\\" and place in ('"', "("):
            is_escaped = True
        elif place == '"':
            if sign == '"':
                item.words.append("".join(kept))
                kept, place = [], ""
            else:
                kept.append(sign)
        elif place == "(":
            depth += (sign == "(") - (sign == ")")
            if depth:
                kept.append(sign)
            else:
                item.comments.append("".join(kept))
                kept, place = [], ""
        elif place == "<":
            if sign == ">":
                item.angles.append("".join(kept))
                kept, place = [], ""
            else:
                kept.append(sign)
        elif sign in '"(<':
            _leave(item, kept)
            kept, place, depth = [], sign, 1
        elif sign in ",;":
            _leave(item, kept)
            items.append(item)
            item, kept = _Item(), []
        elif sign == ":" and "mailto" not in "".join(kept[-7:]).lower():  # the name of a group stands before it
            item, kept = _Item(), []
        else:
            kept.append(sign)
    if place == "<":
        item.angles.append("".join(kept))
    else:
        _leave(item, kept)
    return [*items, item]


def _leave(item: _Item, kept: list[str]) -> None:
    item.words.append("".join(kept))
    item.outside.append("".join(kept))
