"""Words that may mean a child is in danger now (W16, EV-10): to be shown 999 and looked at first, never to decide.

Heard as people text them ("hes hitin me"; danger_texted.json) and in other languages that families here write
(danger_abroad.json: a start that an authority adds to, not a dictionary; "…" takes the rest of a word).
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from service_request.domain.plain_words import plain_words, plain_words_of

# One phrase a line, in plain letters: case, accents and marks are folded before they are looked for, so that
# "can’t" is "can t". Capitals stand for the groups beneath. A false alarm costs a look, a miss far more.
_PHRASES = r"""
(?<!not in )(?<!no )(?<!isn t in )(?<!not in any )(?<!without )(?:immediate|imminent) (?:danger|risk|harm)
in danger(?: right)? now
(?:is|are|m|am|s|re) in danger
not safe (?:now|tonight|at home|to go home|here)
(?:i m|he s|she s|we re|they re|i am|he is|she is|we are|they are|(?:kids?|son|daughter|children) (?:is|are)) not safe
(?:isn t|aren t|don t feel|doesn t feel) safe (?:at home|here|now|tonight|with)
life threatening
fear(?:s|ed)? for (?:my|his|her|their) li(?:fe|ves)
emergency(?! contacts?| numbers?| department| services? number)
(?:call|calling|called|ring|phone|get|need|needs) (?:for )?(?:an |the )?ambulance
help me(?! to| understand| with| find| work| support| get)
save me
come quick(?:ly)?

(?:going|about|threaten\w*|wants?|wanted|trying|tried|try) to kill
(?:gonna|ll|will|would|could) kill
kill(?:s|ed|ing)? WHO
kill(?:ing)? (?:him|her|them|your|my|our)sel(?:f|ves)
kms
suicid\w*
end (?:it all|my life|his life|her life|their life)
(?:want|wants|wanted|going|gonna) (?:to )?(?:die|be dead)
better off dead
(?:don|doesn) t want to (?:be here|live|be alive)
overdos\w*
over dos(?:e|ed|ing)
od d
(?:i|he|she|has|have|did|just) od
unalive\w*
sewer ?slide
(?:end|ending) (?:me|myself|himself|herself|themselves)
(?:took|taken|swallowed) (?:\w+ ){0,3}(?:pills|tablets|bleach|batter(?:y|ies))
(?:cut|cuts|cutting|slit|slitting|hang|hanging|hung) (?:\w+sel(?:f|ves)|(?:my|his|her|their) wrists?)
self harm\w*
strangl\w*
chok(?:ed|ing) (?:WHO|by|on)
suffocat\w*
smother\w*
drown(?:ed|ing)
can t breathe
stopped breathing
not breathing

unconscious
passed out
(?:won t|will not|can t|cannot|couldn t) (?:be )?wake(?:n|d)?(?: up)?
unresponsive
bleeding
blood everywhere
seizures?
head injur\w*
fractur\w*
broken (?:arm|leg|bones?|ribs?|jaw|wrist|collarbone|skull)
(?:burn(?:t|ed|s|ing)?|scald(?:s|ed|ing)?) (?:with|by|marks?|WHO)
cigarette burns?
shak(?:es|ing|en|ook) (?:the |her |his |my )?baby
bruis\w+ (?:on|to|around|round) (?:(?:his|her|the|their|my) )?(?:neck|throat|face|head|ears?|baby)

weapons?
knives|knife(?! and fork)
machetes?
guns?|pistols?|shotguns?|firearms?
stab(?:s|bed|bing)?
shot (?:at )?WHO
acid attack
pour\w* petrol
set (?:fire|the house on fire|us on fire)
threaten\w* (?:with|to hurt|to stab|to burn|to shoot|to take|WHO)

DOING WHO
(?:hit|hits|beat|beats|hurt|hurts|kicks|punches) (?:me|us)\bUNHARMED
(?:scared|afraid|frightened) (?:to go home|to be at home|for my life|he ll|she ll|of what he)
(?:hits|beats|kicks|punches|hurts|rapes) WHO NOW
GROWN (?:has |have |had |just |always )?STRUCK WHO(?! (?:out|off|up)\b)
(?:GROWN|SOMEBODY) OFTENSTRIKES HOMEUNHARMED
(?:beat|beats|beaten|battered|knocked|knocks) WHO (?:up|about|around|black and blue|unconscious)
(?:beats|beaten|beat|battered) up (?:my|his|her|their|our) HOUSEHOLD
(?:gets|getting|being|be|been) (?:hit|beaten|punched|slapped|kicked|battered|strangled)(?! (?:out|off|in the league)\b)
(?:hit|beaten|punched|slapped|kicked|battered|attacked|assaulted) (?:up )?by (?:(?:his|her|my|their|our|the) )?GROWN
THROWN HOME (?:down|across|against|by|into|onto|to the|on the|over)
(?:is|s|are|re) (?:drunk and|kicking off|going mad|smashing)
(?:is|are|s|re) (?:outside|at the door|trying to get in)
broke(?:n)? in
(?:locked|locks) (?:WHO|in|up|out)
trapped
tied up
held (?:hostage|against)
rap(?:ed|ing|ist)
sexual(?:ly)? (?:assault\w*|abus\w*)
touch(?:es|ing) me
touch(?:ed|es) (?:me|him|her|them) (?:down there|there|sexually|inappropriately)
penetrat\w*

(?:gone|reported|currently|still) missing(?! school| lessons| work| out)
(?:is|been|are|was) missing (?:from home|from care|since|for|again|now|tonight)
(?:run|ran|running) away
abduct\w*
kidnap\w*
snatched
taken (?:him|her|them|the (?:child|children|baby|kids?)) (?:away|from)
(?:left|home|house|all) (?:on (?:his|her|their) own|alone|by \w+sel(?:f|ves)) (?:NOW|all night|all day|overnight)
(?:baby|toddler|infant) (?:is |was |has been )?(?:left )?(?:alone|on (?:his|her|its|their) own)
leav(?:e|ing) the country (?:today|tomorrow|this week|NOW)
flight (?:is )?(?:today|tomorrow|NOW)
forced (?:to marry|marriage)
fgm

right now
this (?:very )?minute
happening now
as we speak
"""
_GROUPS = {
    "WHO": r"(?:me|him|her|them|us|myself|(?:(?:the|my|his|her|their|our|a) )?(?:baby|child|children|kids?|boys?|girls?"
    r"|son|daughter|brothers?|sisters?|siblings?|mother|father|mum|mom|dad|wife|partner|family|pupils?|students?))",
    "GROWN": r"(?:(?:step ?)?(?:dad(?:dy)?|mum(?:my)?|father|mother)|partner|boyfriend|girlfriend|husband|wife|ex|"
    r"uncle|aunt(?:ie)?|grand(?:ad|father|mother)|teacher|carer)",
    "SOMEBODY": r"(?:he|she|they|who|him|her|them|someone|somebody|neighbou?r|"
    r"(?:a|the|this|that|our|my) (?:man|woman|bloke|guy|neighbou?r)(?: next door)?)",
    "HOUSEHOLD": r"(?:mother|father|mum|mom|dad|wife|girlfriend|partner|brothers?|sisters?|siblings?|baby|nan|gran)",
    "HOME": r"(?:me|him|her|them|us|(?:my|his|her|their|our|the) (?:mother|father|mum|mom|dad|wife|girlfriend|partner|"
    r"brothers?|sisters?|siblings?|son|daughter|baby|child|children|kids?|boys?|girls?|nan|gran))",
    "UNHARMED": r"(?! (?:out|off)\b)"
    # "to hit somebody with a suspension" hurts in another way
    r"(?! with (?:a|an|another|the) (?:\w+ )?(?:letter|suspension|exclusion|fine|bill|plan|detention)\b)",
    "OFTEN": r"(?:(?:has|have|had|s|ve|d|just|always|often|even|also|again|then|used to|keeps|would) )*",
    "STRIKES": r"(?:hits?|hitting|beats?|punche[sd]|punch|slap(?:s|ped)|smack(?:s|ed)|kick(?:s|ed)|hurts|"
    r"headbutt(?:s|ed)|batter(?:s|ed)|whack(?:s|ed)|thump(?:s|ed)|chok(?:es|ed)|attack(?:s|ed)|assault(?:s|ed))",
    "THROWN": r"(?:thr[eo]w[ns]?|drag(?:s|ged)?|grab(?:s|bed)|push(?:es|ed)|shove[sd]|slam(?:s|med)|pin(?:s|ned))",
    "STRUCK": r"(?:hits?|beats?|punche[sd]|slap(?:s|ped)|smack(?:s|ed)|kick(?:s|ed))",
    "DOING": r"(?:hitting|beating|kicking|punching|hurting|attacking|strangling|choking|shaking|touching|raping)",
    "NOW": r"(?:now|right now|at the moment|as we speak|tonight|this minute|again)",
}
_STRETCHED = re.compile(r"([a-z])\1{2,}")  # "hellllp", "nowwww"
_SCRIPTS = {
    "latin": re.compile("[a-z]"),
    "arabic": re.compile("[\u0600-\u06ff]"),
    "indian": re.compile("[\u0900-\u0dff]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
}
_JOINED = "(?:[وفبلس]|و?ال|بال|لل)?"  # "and", "so", "by", "to", "will", "the" are written as part of an Arabic word


# Put together when a process first looks for them, not when it starts: 15 ms, and a megabyte.
@cache
def _english() -> re.Pattern[str]:
    pattern = "|".join(line for line in _PHRASES.splitlines() if line)
    pattern = re.sub("|".join(_GROUPS), lambda match: _GROUPS[match.group()], pattern)
    return re.compile(rf"\b(?:{pattern})\b")


@cache
def _texted() -> dict[str, str]:
    """Return each word as it is texted, with what it stands for."""
    held = json.loads(Path(__file__).with_name("danger_texted.json").read_text(encoding="utf-8"))
    return {word: meant for meant, words in held.items() for word in words}


@cache
def _abroad() -> dict[str, re.Pattern[str]]:
    """Return one pattern for each script. No part of one repeats another, so that none can run away."""
    held = json.loads(Path(__file__).with_name("danger_abroad.json").read_text(encoding="utf-8"))
    patterns = {}
    for script, languages in held.items():
        phrases = sorted(
            {plain_words(one) + "…" * one.endswith("…") for several in languages.values() for one in several}
        )
        end = "" if script == "indian" else r"\b"  # vowel signs follow a letter there
        by_letter = groupby(reversed(phrases), key=itemgetter(0))  # the longer of two before what it begins with
        shapes = (
            f"{letter}(?:{'|'.join(one[1:].replace('…', chr(92) + 'w*') + end for one in several)})"
            for letter, several in by_letter
        )
        patterns[script] = re.compile(rf"\b{_JOINED if script == 'arabic' else ''}(?:{'|'.join(shapes)})")
    return patterns


def danger_words(text: str) -> list[str]:
    """Return the phrases that may mean present danger, in plain letters and in order, each once; empty when none.

    A false alarm costs somebody a look, a miss may cost a child far more.
    """
    return _heard([text])


def speak_of_danger(texts: Iterable[str]) -> bool:
    """Tell whether any of these texts has such a phrase."""
    return bool(_heard(texts))


def _heard(texts: Iterable[str]) -> list[str]:
    """Look for the phrases in all texts at once: between two of them stands what is no word of any phrase."""
    words, texted = plain_words_of(texts), _texted()
    meant = " ".join([texted.get(word, word) for word in _STRETCHED.sub(r"\1", words).split(" ")])
    found = [match.group() for match in _english().finditer(meant)]
    for script, letters in _SCRIPTS.items():
        if letters.search(words):
            found += [match.group() for match in _abroad()[script].finditer(words)]
    return list(dict.fromkeys(found))
