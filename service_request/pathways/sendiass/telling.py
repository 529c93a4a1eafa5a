"""What a message to SENDIASS tells plainly without being asked: who writes, a letter, a plan, a need."""

from __future__ import annotations

import re
from datetime import date

from service_request.conversation.days import find_day
from service_request.conversation.readings import Reading
from service_request.conversation.words import plain
from service_request.pathways.sendiass.codes import DeadlineKind, EnquirerKind

_MY_CHILD = re.compile(
    r"\b(?:my|our) (?:\w+ ){0,2}(?:son|daughter|child|children|kids?|boy|girl|lad|lass|boys|girls|sons|daughters|"
    r"twins|teenager)s?\b"
    r"|\b(?:we are|we re|and i are) (?:the |his |her |their )?(?:parents|mum and dad)\b"
    r"|\bi am (?:a |the |his |her )?(?:mum|mom|mother|dad|father|parent)\b"
    r"|\b(?:im|i m|i am|this is) (?:\w+ )?(?:a |the |his |her |their )?(?:\w+ )?(?:mum|mom|mother|dad|father|parent)\b"
)
_CARER = re.compile(
    r"\bmy (?:foster (?:child|son|daughter)|foster)\b|\b(?:im|i m|i am) (?:a |his |her )?(?:foster (?:carer|mum|"
    r"dad)|guardian|carer)\b"
)
_RELATIVE = re.compile(
    r"\bmy (?:\w+ )?(?:grandson|granddaughter|grandchild|nephew|niece|brother|sister|godson|goddaughter)\b"
    r"|\b(?:im|i m|i am) (?:a |his |her |their )(?:nan|nana|gran|grandma|grandad|auntie|aunt|uncle|neighbour)\b"
)
_PROFESSIONAL = re.compile(
    r"\b(?:im|i m|i am|this is) (?:\w+ ){0,3}?(?:a |an |the )?(?:\w+ )?(?:teacher|senco|sendco|head ?teacher|"
    r"deputy head|social worker|health visitor|"
    r"school nurse|midwife|family support worker|support worker|gp|doctor|paediatrician|educational psychologist|"
    r"early help worker|youth worker|solicitor|pastoral lead|inclusion manager)\b"
    r"|\b(?:i work|we work|im working|i am working|i m working) with (?:a |the |this |one )?(?:\w+ )?(?:family|mum|"
    r"mother|parent|child|pupil)\b"
    r"|\bfamily (?:that |who )?(?:i|we) (?:am |are )?(?:work|support|supporting)\w*\b|\ba (?:pupil|student) (?:at|"
    r"of|in) (?:our|my) (?:school|setting|class)\b"
)
_MYSELF = re.compile(
    r"\b(?:im|i m|i am) (?:only )?(?:a )?(\d{1,2})\b(?! (?:weeks|months|days|minutes|hours|miles|stone))"
)

_LETTER = re.compile(
    r"\b(?:got|had|have|has|received|recieved|sent|given|gave|email\w*|getting|the|a|this|school) (?:\w+ "
    r"){0,3}(?:letter|letters)\b|\bletter (?:from|says|saying|dated|came|today|yesterday)\b"
)
_NO_LETTER = re.compile(
    r"\b(?:no|without a|without any) letters?\b|\b(?:not|havent|haven t|hasnt|hasn t|never|didnt|didn t) (?:\w+ "
    r"){0,3}(?:a |any |the )?letters?\b"
)
_EXCLUDED = re.compile(
    r"\b(?:excluded|suspended|expelled|permanently exclu\w*|perm ex\w*|pex|fixed term exclu\w*|exclusion letter|"
    r"suspension letter)\b"
)
_MAYBE = re.compile(
    r"\b(?:not|never|might|may|could|would|will|going to|gonna|threaten\w*|worried|scared|afraid|if|about to|risk "
    r"of|dont want|avoid|nearly|almost|want to|wanting to|"
    r"keep saying|trying to|isnt|isn t|wasnt|wasn t|hasnt|hasn t|havent|haven t|feels?|socially|last year|years "
    r"ago|used to)\b(?: \w+){0,5}$"
)
_EXCLUDING = re.compile(
    r"\b(?:exclu\w+|suspen\w+|expel\w*|pex|kicked out|chucked out|thrown out|sent (?:him |her |them )?home|"
    r"(?:wont|won t|not|dont|don t|refus\w+ to) (?:let|letting|have|take|allow) (?:\w+ ){1,4}(?:in|back|into)|cant "
    r"go (?:back|in)|can t go (?:back|in))\b"
)
_KINDS: tuple[tuple[DeadlineKind, re.Pattern[str]], ...] = (
    (DeadlineKind.EXCLUSION, _EXCLUDING),
    (DeadlineKind.APPEAL, re.compile(r"\b(?:tribunal|appeal\w*|refus\w+ (?:to )?(?:assess|issue)|wont assess|won t "
                                     r"assess|not (?:to )?(?:assess|issue)|turned (?:\w+ )?down)\b")),
    (DeadlineKind.MEDIATION, re.compile(r"\bmediat\w+\b")),
    (DeadlineKind.DRAFT_PLAN, re.compile(r"\b(?:draft|proposed) (?:plan|ehcp|ehc)\b")),
    (DeadlineKind.ANNUAL_REVIEW, re.compile(r"\b(?:annual|yearly|ehcp|plan) review\b|\breview of (?:the|his|her) "
                                            r"(?:plan|ehcp)\b")),
)  # fmt: skip

_PLAN = r"(?:ehcp|ehc plan|echp|ehcps|education health and care plan)"
_HAS_PLAN = re.compile(rf"\b(?:has|got|with|on|have|his|her|an) (?:\w+ )?{_PLAN}\b")
_ASKED_PLAN = re.compile(
    rf"\b(?:applied|applying|asked|asking|waiting|requested|apply) (?:\w+ ){{0,4}}{_PLAN}\b|\b{_PLAN} (?:assessment|"
    rf"application|request|needs assessment)\b"
)
_NO_PLAN = re.compile(
    rf"\b(?:no|not|without|doesnt|doesn t|dont|don t|hasnt|hasn t|havent|haven t|wants?|needs?|get|refused) (?:\w+ "
    rf"){{0,4}}{_PLAN}\b"
)
_NO_PLAN_AT_ALL = re.compile(
    rf"\b(?:no|without an?|(?:hasnt|hasn t|doesnt have|doesn t have) (?:got )?an?|not got an?) (?:{_PLAN}|"
    rf"plan)\b(?! to\b)"
)
_NO_PLAN_YET = re.compile(
    rf"\b(?:no|not|hasnt|hasn t|havent|haven t) (?:\w+ ){{0,3}}(?:{_PLAN}|plan) (?:yet )?but (?:\w+ ){{1,2}}(?:\w+ )?"
    rf"(?:applied|applying|asked|asking|waiting)\b"
)
_SEND = re.compile(
    r"\b(?:has|have|had|got|with|is|hes|shes|he s|she s|diagnosed (?:with|as)|diagnosis of|his|her|my) "
    r"(?:\w+ ){0,2}?(?:autism|"
    r"autistic|asd|adhd|send|sen|special needs|special educational needs|"
    r"dyslexi[ac]|dyspraxi[ac]|down s syndrome|downs syndrome|cerebral palsy|learning (?:disability|difficulties|"
    r"difficulty)|deaf|blind|epilepsy)\b"
)
_MAYBE_SEND = re.compile(
    r"\b(?:waiting|wait|awaiting|think|thinks|thought|might|may|maybe|possible|suspected|suspect|being assessed|"
    r"not|no|assessment for|pathway|doesnt|hasnt|doesn t|hasn t)\b"
)


_SON = re.compile(r"\b(?:son|boy|lad|grandson|nephew|stepson|godson)s?\b")
_DAUGHTER = re.compile(r"\b(?:daughter|girl|lass|granddaughter|niece|stepdaughter|goddaughter)s?\b")
_THEIR_OWN = r"\b(?:my|our) (?:\w+ ){0,5}?$|\b(?:i m|im|i am|hes|he s|shes|she s|is) (?:only )?a (?:\w+ )?$"
_OF_A_LETTER = re.compile(r"\b(?:letter\w*|dated|notice|decision|emailed?|exclu\w+|suspen\w+)\b", re.IGNORECASE)
_NOT_OF_IT = re.compile(
    r"\b(?:by|before|until|til|till|deadline|hearing|meeting|due|born|birthday|dob)\b", re.IGNORECASE
)
_PARTS = re.compile(r"[.!?;\n]+|,\s+(?=(?:and|but|so|then)\b)")


_BEFORE = 60  # letters, in which "my" stands
_NEAR = 5  # words before, in which a doubt counts


def find_enquirer(text: str, today: date) -> Reading | None:
    """Return who writes, where they say so plainly; a parent who is also a teacher is a parent."""
    whole = plain(text)
    is_child = any(5 <= int(found[1]) < 16 for found in _MYSELF.finditer(whole))  # who may write about a sister
    for kind, pattern in (
        (EnquirerKind.CARER, _CARER),
        (EnquirerKind.PARENT, _MY_CHILD),
        (EnquirerKind.PROFESSIONAL, _PROFESSIONAL),
        (EnquirerKind.FAMILY, _RELATIVE),
    ):
        if pattern.search(whole) and not (kind is EnquirerKind.FAMILY and is_child):
            return Reading(kind.value)
    if (found := _MYSELF.search(whole)) and 5 <= int(found[1]) <= 25:
        return Reading((EnquirerKind.CHILD if int(found[1]) < 16 else EnquirerKind.YOUNG_PERSON).value)
    return None


def find_letter(text: str, today: date) -> Reading | None:
    """Return the kind of letter, where one is spoken of plainly, or somebody was plainly excluded."""
    whole = plain(text)
    if _NO_LETTER.search(whole):
        return Reading("none")
    was_excluded = any(not _MAYBE.search(whole[: found.start()].rstrip()) for found in _EXCLUDED.finditer(whole))
    if was_excluded:
        return Reading(DeadlineKind.EXCLUSION.value)
    if _LETTER.search(whole):
        kinds = [kind for kind, pattern in _KINDS[1:] if pattern.search(whole)]
        return Reading(kinds[0].value) if len(kinds) == 1 else None
    return None


def find_letter_day(text: str, today: date) -> Reading | None:
    """Return the date that was told of a letter, in whatever was said before a letter was asked for (SE-3)."""
    told = [part for part in _PARTS.split(text) if _OF_A_LETTER.search(part) and not _NOT_OF_IT.search(part)]
    found = {reading.value for part in told if (reading := find_day(part, today))}
    return Reading(found.pop()) if len(found) == 1 else None


def find_letter_on(text: str, today: date) -> Reading | None:
    """Return the one date told beside a letter; a day by which something must be done is none of the letter's."""
    return find_day(" ".join(part for part in re.split(r"[,.;\n]", text) if not _NOT_OF_IT.search(part)), today)


def find_gender(text: str, today: date) -> Reading | None:
    """Return whether a son or a daughter is spoken of, or what a child says of themselves; none of both."""
    whole = plain(text)
    found = {
        code
        for code, pattern in (("male", _SON), ("female", _DAUGHTER))
        for one in pattern.finditer(whole)
        if re.search(_THEIR_OWN, whole[max(0, one.start() - _BEFORE) : one.start()])
    }
    return Reading(found.pop()) if len(found) == 1 else None


def kind_of_letter(all_said: str) -> str:
    """Return what a letter is about, told from all they said; a letter of no known kind is another one."""
    whole = plain(all_said)
    return next((kind for kind, pattern in _KINDS if pattern.search(whole)), DeadlineKind.OTHER).value


def find_plan(text: str, today: date) -> Reading | None:
    """Return whether there is an education, health and care plan, where that is said plainly."""
    whole = plain(text)
    if _ASKED_PLAN.search(whole) or _NO_PLAN_YET.search(whole):
        return Reading("asked")
    if _NO_PLAN_AT_ALL.search(whole):
        return Reading("no")
    if _NO_PLAN.search(whole) or not _HAS_PLAN.search(whole):
        return None
    return Reading("yes")


def find_send(text: str, today: date) -> Reading | None:
    """Return that a need or a disability is known, where it is said plainly and without a doubt."""
    whole = plain(text)
    for found in _SEND.finditer(whole):
        near = " ".join([*whole[: found.start()].split()[-_NEAR:], found.group()])
        if not _MAYBE_SEND.search(near) and not whole[found.end() :].startswith(" assess"):
            return Reading("yes")
    return None
