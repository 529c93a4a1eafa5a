"""A yes with a condition: "yes but only in the day", "yes but not after 6"; and one that is no yes at all (EV-2)."""

from __future__ import annotations

import re

from service_request.conversation.words import plain

_BEGINS = re.compile(
    r"\b(?:but|only|just|if|as long as|so long as|unless|except|apart from|not|before|after|between|until|till|when|"
    r"while|during|in the|at)\b",
    re.IGNORECASE,
)
_OF_TIME_OR_WAY = re.compile(
    r"\b(?:day|daytime|days|morning|mornings|lunch\w*|afternoon\w*|evening\w*|night|nights|weekend\w*|week|weekdays?|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|school (?:hours|time|run|day)|work|\d{1,2}(?: ?[ap]m)?|half \w+|"
    r"noon|midday|midnight|text|texts|txt|whatsapp|call|calls|calling|ring|ringing|phone|voicemail|message|messages|email|"
    r"emails|letter|letters|post|home)\b"
)
_SOMEBODY_SEES = re.compile(
    r"\b(?:he|she|they|him|her|husband|wife|partner|ex|boyfriend|girlfriend|dad|mum|kids?|someone|somebody|shared?) "
    r"(?:\w+ ){0,3}?(?:see|sees|seen|look|looks|read|reads|check|checks|use|uses|has|got|find|finds|know|knows|go|"
    r"goes)\b"
    r"|\b(?:delete|hide|secret)\b"
)


def condition_of(text: str) -> str:
    """Return under which condition it is safe, in their words: "only in the day" of "yes but only in the day"."""
    found = _BEGINS.search(text)
    if found is None:
        return ""
    told = text[found.start() :].strip(" .,!")
    told = re.sub(r"^but\b[\s,]*", "", told, flags=re.IGNORECASE)
    return told if _OF_TIME_OR_WAY.search(plain(told)) else ""


def is_doubtful(text: str) -> bool:
    """Tell a yes beside which somebody else may read: it is asked again, for it may harm."""
    return bool(_SOMEBODY_SEES.search(plain(text)))


def is_only_a_condition(text: str) -> bool:
    """Tell "only in the day", which says yes without the word."""
    return plain(text).split(" ")[0] in ("only", "just") and bool(condition_of(text))
