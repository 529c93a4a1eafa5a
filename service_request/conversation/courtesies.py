"""What people write around what they say in a mail: a greeting, thanks, a closing line, a signature. No answers."""

from __future__ import annotations

import re

from service_request.conversation.words import plain

_MOST_WORDS = 7  # of a line that only greets
_LONGEST_AFTER = 8  # lines beneath a closing line: a name, an office, a telephone number
_MOST_AFTER = 40  # lines at the end in which a closing line or a signature is looked for
_LONG = 70  # letters of a line that says more than who signs
_GREETS = (
    "hi hiya hello hey dear good morning|good afternoon|good evening|greetings|to whom it may concern|sir or madam|"
    "dzien dobry|witam|szanowni panstwo|czesc|buna ziua|buna|stimata|stimate|helo|annwyl|bore da|prynhawn da|"
    "dobryi den|dobryy den|добрии день|добрий день|вітаю|здравствуите|salam|salaam|assalam|assalamu alaikum|merhaba|"
    "السلام|مرحبا|سلام|bonjour|hola|buenos dias|guten tag|hallo|ola|bom dia|salaan"
)
_CLOSES = (
    "kind regards|best regards|warm regards|many regards|regards|kindest regards|with kind regards|best wishes|"
    "kind wishes|warm wishes|all the best|best|yours sincerely|yours faithfully|yours truly|yours|sincerely|"
    "with thanks|many thanks|thanks again|thanks so much|thank you so much|thank you very much|thanks in advance|"
    "thank you in advance|many thanks in advance|thanks|thank you|thankyou|thx|ta|cheers|kr|br|speak soon|"
    "look forward to hearing from you|looking forward to hearing from you|i look forward to hearing from you|"
    "hope to hear from you soon|love|x|xx|xxx|pozdrawiam|z powazaniem|dziekuje|z gory dziekuje|cu respect|multumesc|"
    "va multumesc|o zi buna|cofion|cofion cynnes|diolch|diolch yn fawr|cordialement|merci|saludos|gracias|mit "
    "freundlichen grußen|danke|obrigado|obrigada|tesekkurler|saygilarimla|mahadsanid|з повагою|дякую|спасибо|"
    "с уважением|شكرا|مع التحية|شکریہ|والسلام"
)
_THANKS = re.compile(
    r"(?:(?:many )?thanks?|thank you|thankyou)(?: so| very)?(?: much)?(?: again)? (?:for|to) .{0,60}"
    r"|(?:i )?hope (?:you are|youre|you re|this finds you|this email finds you) .{0,30}"
    r"|(?:please )?(?:see|find) (?:my )?answers? (?:below|inline|in line|in red|in bold).{0,30}"
    r"|(?:my )?answers? (?:are )?(?:below|inline|as follows|here).{0,30}|here (?:are|is) my answers?"
)
_SENT_FROM = re.compile(
    r"sent from (?:my|outlook|yahoo|mail|gmail)\b.*|get outlook for .*|wyslano z .*|sent via .*|sent with .*|"
    r"trimis (?:de|din) .*|anfonwyd o .*|envoye de(?:puis)? mon .*|enviado desde mi .*|von meinem .* gesendet"
)
_PROPER = r"[^\W\d_a-z][\w'’.-]*(?: [^\W\d_a-z][\w'’.-]*){0,2}"
_NAME = re.compile(rf"(?P<name>{_PROPER})(?=$|\s*[,|(/–—-]|\s+\+?\d)")
_BESIDE = re.compile(rf"^\s*(?P<closing>[^,!.\n]{{2,40}})[,!.]\s+(?P<name>{_PROPER})\s*$")  # "Many thanks, Claire"
_OFFICE = frozenset(
    "sent get the team school council office tel phone mobile email yes no head manager service".split()
)
_SIGNATURE = re.compile(r"^--\s?$|^_{2,}\s*$")


def _folded(lines: str) -> frozenset[str]:
    first, *rest = lines.split("|")
    return frozenset(plain(one) for one in (*first.split(" "), *rest) if one)


_GREETINGS, _CLOSINGS = _folded(_GREETS), frozenset(plain(one) for one in _CLOSES.split("|"))


def without_courtesies(text: str) -> str:
    """Return what a mail says between its greeting and its closing line; all of it, where nothing else is said."""
    lines = text.splitlines()
    while lines and (not lines[0].strip() or _is_greeting(lines[0])):
        lines.pop(0)
    last = range(max(0, len(lines) - _MOST_AFTER), len(lines))
    end = next((at for at in last if _ends_at(lines, at)), len(lines))
    kept = [line for line in lines[:end] if not _SENT_FROM.fullmatch(plain(line)) and not _is_thanks(line)]
    return "\n".join(kept).strip()


def signed_by(text: str) -> str:
    """Return who signs a mail, by name: beneath its closing line or beside it, or alone in the last paragraph."""
    lines = text.rstrip().splitlines()
    last = range(max(0, len(lines) - _MOST_AFTER), len(lines))
    end = next((at for at in last if _ends_at(lines, at)), None)
    if end is not None:
        beside = _BESIDE.match(lines[end])
        beneath = next((line for line in lines[end + 1 :] if line.strip()), "")
        return beside["name"] if beside else _name_in(beneath)
    alone = len(lines) > 2 and not lines[-2].strip()
    return _name_in(lines[-1]) if alone else ""


def _name_in(line: str) -> str:
    found = _NAME.match(line.strip(" -–—*"))
    if found is None or len(line.strip()) > _LONG or _OFFICE & set(plain(found["name"]).split()):
        return ""  # a line that says more than a name is a sentence: nobody is called Hello
    if plain(found["name"]) in _GREETINGS | _CLOSINGS:
        return ""
    return found["name"]


def _is_greeting(line: str) -> bool:
    whole = plain(line)
    words = whole.split()
    starts = {" ".join(words[:length]) for length in (1, 2, 3)} | {whole}
    greets = bool(starts & _GREETINGS) and len(words) <= _MOST_WORDS
    return greets and (len(words) <= 2 or line.rstrip().endswith((",", "!", ":", "،")) or words[0] == "dear")


def _is_thanks(line: str) -> bool:
    return _THANKS.fullmatch(plain(line)) is not None


def _closes(line: str) -> bool:
    beside = _BESIDE.match(line)
    return plain(beside["closing"] if beside else line) in _CLOSINGS


def _ends_at(lines: list[str], at: int) -> bool:
    """Tell whether a closing line stands there, with no more beneath it than who signs."""
    if _SIGNATURE.match(lines[at]):
        return True
    if len(lines[at]) > _LONG or not _closes(lines[at]):
        return False
    beneath = [line for line in lines[at + 1 :] if line.strip()]
    if len(beneath) > _LONGEST_AFTER:
        return False
    return not any(
        len(line) > _LONG or line.rstrip().endswith("?") or re.match(r"\s*\d+[.)]", line) for line in beneath
    )
