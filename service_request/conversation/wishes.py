"""What people want of the conversation itself: a person, to skip, to stop; and what is no answer at all."""

from __future__ import annotations

import re
from enum import StrEnum

from service_request.conversation.script import Question
from service_request.conversation.words import Words, plain


class Command(StrEnum):
    """What someone wants of the conversation itself."""

    HUMAN = "human"
    SKIP = "skip"
    BACK = "back"
    RESTART = "restart"


_SOMEONE = (
    r"(?:someone|somebody|some1|anyone|a person|a human|a real person|an? advis[eo]r|a worker|a lady|a man|"
    r"real person|human)"
)
_WANTS_PERSON = re.compile(
    rf"\b(?:(?:talk|speak|spk|chat) (?:to|with|2) {_SOMEONE}"
    rf"|(?:can|could|will|would|pls|please|plz) (?:{_SOMEONE}|you|u) (?:please |pls |plz |just )*(?:call|ring|phone) "
    rf"(?:me|us)"
    r"|(?:want|need|prefer|like) (?:a |to be )?(?:call|called|phone call|rung|ring|call back|callback)\b"
    r"|(?:not|no more) (?:a )?(?:robots?|bots?|machines?)|(?:real|actual) (?:person|human))"
)
_WISH_NOT = re.compile(r"\b(?:dont|don t|do not|not|never|cant|can t|wont|won t|no need to|rather not)\b(?: \w+){0,2}$")
_NO_ANSWER = frozenset(
    "ok okay k kk thanks thank you thankyou thx ta cheers hi hello hey hiya right oh ah lol haha alright great "
    "good cool "
    "hm hmm um x xx xxx hello there ok thanks ok thank you thanks x thank you x good morning good afternoon good "
    "evening".split()
)  # fmt: skip
_ASKS_BACK = frozenset(
    {"what", "why", "huh", "eh", "wdym", "what do you mean", "what do u mean", "who is this", "whos this", "who s this"}
)
_GREETING = frozenset(
    "hi hello hey hiya yo good morning afternoon evening is anyone anybody someone there can could you u help me "
    "us please "
    "pls plz i we need want some a bit of advice support info information with to ask question questions have got "
    "am looking for "
    "this sendiass the service hope do im m it my salam salaam assalamu alaikum dzien dobry witam czesc buna "
    "ziua".split()
)  # fmt: skip
_TOLD_OTHERS = re.compile(
    r"\b(?:tell|told|telling|said|says|say|saying|ask|asked|asking|make|made|get|got|want|order|letter)\b"
)
_POLITE = (
    r"(?:(?:please|pls|plz|can you|could you|can u|will you|just|ok|and|so|also|now|hi|hello|i said|i want "
    r"you to|i want u to|sorry but|sorry) )*"
)
_HERE = (
    r"(?: (?:me|us|back|again|here|anymore|any more|ever|please|pls|plz|now|thanks|thank you|this number|this "
    r"phone|my number|my phone|on this number|on this phone|to|at all|these|any|more|so many|your|texts?|messages?|"
    r"msgs?|x|ok))*"
)
_STOP = tuple(
    re.compile(rf"{_POLITE}{pattern}")
    for pattern in (
        rf"(?:stop|quit) (?:texting|messaging|msging|mesaging|contacting|sending|writing|spamming|txting){_HERE}",
        rf"(?:dont|don t|do not|never) (?:text|txt|message|msg|contact|write to|reply to|send)(?= ){_HERE}",
        r"leave (?:me|us) alone(?: with (?:these|the|your|all these|all the|ur) (?:texts|messages|txts))?(?: "
        r"please| pls| now)?",
        rf"no more (?:texts|messages|msgs|txts){_HERE}",
        rf"i (?:dont|don t|do not) want (?:any |any more |more |these |your )*(?:texts|messages|txts){_HERE}(?: "
        rf"from you)?",
        rf"i (?:dont|don t|do not) want (?:you|u) to (?:text|message|contact|write to) (?:me|us|this number){_HERE}",
        r"(?:take|remove|delete|lose|block) (?:me|my number|this number)(?: off| from)?(?: (?:your|this|the|ur) "
        r"list)?(?: please| pls)?",
        r"stop",
    )
)
_CLAUSES = re.compile(r"[.!?;,\n]+|\b(?:because|cos|coz|cuz|as he|as she)\b")
_CHILDREN = r"(?:kids?|children|childs|sons|daughters|boys|girls|lads|teens|teenagers)"
_SEVERAL = re.compile(
    rf"\bboth (?:of )?(?:my |our |the )?(?:{_CHILDREN}|twins)\b|\btwins\b"
    rf"|\b(?:my|our|have|got|with|all) (?:\w+ )?(?:two|2|three|3|four|4|five|5) (?:\w+ )?{_CHILDREN}\b"
    r"|\b(?:son|boy|lad) and (?:my |our |a |his )?(?:\w+ )?(?:daughter|girl|sister)\b"
    r"|\b(?:daughter|girl) and (?:my |our |a |her )?(?:\w+ )?(?:son|boy|lad|brother)\b"
    r"|\bmy other (?:son|daughter|child|boy|girl|lad|kid|one)\b|\b(?:his|her) (?:brother|sister) (?:too|as well|"
    r"also)\b"
)
_ANOTHER = re.compile(
    r"\b(?:this is|its|it s) (?:\w+ )?(?:the |his |her |their )(?:dad|father|mum|mom|mother|step\w+|"
    r"nan|gran\w*|partner)\b"
    r"|\b(?:his|her|their) (?:dad|mum|father|mother) here\b|\b(?:dad|mum|father|mother) here (?:now|instead)\b"
    r"|\busing (?:my |his |her )(?:\w+ )?(?:phone|mobile|number)\b"
)  # fmt: skip


def command_of(text: str, words: Words, question: Question | None = None) -> Command | None:
    """Return what they want of the conversation: said with nothing else, or a person asked for anywhere in it."""
    whole = plain(text)
    for command in Command:
        if whole in words.heard(command.value):
            about_reaching = question is not None and question.is_about_reaching
            return None if about_reaching and command is Command.HUMAN else command
    if question is None or not question.is_about_reaching:
        for found in _WANTS_PERSON.finditer(whole):
            if not _WISH_NOT.search(whole[: found.start()].rstrip()):
                return Command.HUMAN
    return None


def asks_to_stop(text: str, words: Words) -> bool:
    """Tell a plain wish to get no more texts from everything else: "stop him hitting me" is a cry for help."""
    whole = plain(text)
    if whole in words.heard("stop"):
        return True
    clauses = [plain(clause) for clause in _CLAUSES.split(text)]
    for number, clause in enumerate(clauses):
        if any(pattern.fullmatch(clause) for pattern in _STOP if clause):
            return number == 0 or not _TOLD_OTHERS.search(" ".join(clauses[:number]))
    return False


def is_no_answer(text: str) -> bool:
    """Tell thanks, a greeting or an "ok" that answers nothing."""
    whole = plain(text)
    return not whole or all(word in _NO_ANSWER for word in whole.split())


def is_question(text: str) -> bool:
    """Tell a text that asks us back, "?" or "what", from an answer."""
    whole = plain(text)
    return whole in _ASKS_BACK or (not any(letter.isalnum() for letter in whole) and "?" in whole)


def is_story(text: str) -> bool:
    """Tell whether a first message already says what it is about."""
    tokens = plain(text).split()
    return len(tokens) >= 3 and not (len(tokens) <= 12 and all(token in _GREETING for token in tokens))


def is_about_several(text: str) -> bool:
    """Tell whether more than one child is spoken of: a person looks, nothing is split by a machine."""
    return bool(_SEVERAL.search(plain(text)))


def is_another_person(text: str) -> bool:
    """Tell whether somebody else seems to hold the phone now."""
    return bool(_ANOTHER.search(plain(text)))
