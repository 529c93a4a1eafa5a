"""Which language somebody writes in, where it is not English: for an interpreter and the words of a reply (SE-1)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from service_request.domain.plain_words import plain_words

FEWEST_WORDS = 5  # fewer are told by their telling words alone: a statistic of a name is a guess
FEWEST_LETTERS = 20
SURE = 0.95
_LETTERS = re.compile(r"[^\W\d_]")
_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("bn", "\u0980-\u09ff"),
    ("pa", "\u0a00-\u0a7f"),
    ("gu", "\u0a80-\u0aff"),
    ("ta", "\u0b80-\u0bff"),
    ("te", "\u0c00-\u0c7f"),
    ("kn", "\u0c80-\u0cff"),
    ("ml", "\u0d00-\u0d7f"),
    ("si", "\u0d80-\u0dff"),
    ("hi", "\u0900-\u097f"),
    ("am", "\u1200-\u137f"),
    ("el", "\u0370-\u03ff"),
    ("he", "\u0590-\u05ff"),
    ("ka", "\u10a0-\u10ff"),
    ("hy", "\u0530-\u058f"),
    ("th", "\u0e00-\u0e7f"),
    ("ko", "\uac00-\ud7af\u1100-\u11ff"),
    ("ja", "\u3040-\u30ff"),
    ("zh", "\u4e00-\u9fff"),
    ("arabic", "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff"),
    ("cyrillic", "\u0400-\u04ff"),
)
_OF_SCRIPT = tuple((name, re.compile(f"[{letters}]")) for name, letters in _SCRIPTS)
# The letters of Arabic and Cyrillic script that one language has and its neighbours have not, the surest first.
_ARABIC = (("ku", re.compile("[ێۆڵڕ]")), ("ur", re.compile("[ٹڈڑںے]")), ("fa", re.compile("[پچژگ]")))
_CYRILLIC = (("uk", re.compile("[іїєґ]", re.I)), ("ru", re.compile("[ыэё]", re.I)), ("bg", re.compile("[ъ]", re.I)))
_KURDISH_E = re.compile("ە")
_TELLING_LETTERS = (
    ("pl", re.compile("[łżźśńąę]", re.I)),
    ("ro", re.compile("[ățţ]", re.I)),
    ("tr", re.compile("[ğı]|ş")),
    ("cs", re.compile("[řů]", re.I)),
    ("sk", re.compile("[ľĺŕ]", re.I)),
    ("pt", re.compile("[ãõ]", re.I)),
    ("es", re.compile("[¿¡ñ]", re.I)),
    ("hu", re.compile("[őű]", re.I)),
    ("cy", re.compile("[ŵŷ]", re.I)),
)
# Words that people of a language use in every second sentence, in plain letters, and that are no English word.
_TELLING = {
    "pl": "nie jest moj moja moje syn syna corka corki dziecko dziecka szkola szkole szkoly prosze pomoc"
    " pomocy dzien dobry czy jak co dla mam mamy ma ze sie wiem bardzo przez zeby jestem dziekuje tak"
    " lat pismo list nauczyciel ktory",
    "ro": "nu este si pentru fiul fiica meu mea copil copilul copilului scoala buna ziua va rog ajutor am"
    " are ce sunt multumesc vreau din cu nostru la stiu cum ani scrisoare",
    "ur": "hai hain mera meri mere beta beti bacha bache bachay bachon ko se nahi nahin kya kia karein"
    " karen karna chahiye madad mujhe mujhay raha rahi rahe ka ki ke aur hum aap mein main wo woh ye"
    " yeh liye school walay khat janab salam assalam alaikum walon jata jati",
    "pa": "menu mainu tuhanu sanu sadda mera munda kudi puttar nu da di de ne nahin kita karda kardi sakda"
    " haan ji tusi assi chahida vich naal",
    "bn": "amar chele meye bachcha bacha ami apni tumi ke na korbo korte pari parchi school e jete chai"
    " sahajjo dorkar keno kibhabe achhe ache nei",
    "tr": "oglum kizim okul okula okulu benim icin bir ve cok degil yardim lutfen merhaba ne yapmaliyim"
    " yapabilirim var yok cocugum cocuk istiyorum ile bana",
    "cs": "je neni muj moje syn dcera skola skoly skole prosim dobry den pomoc jak co mam se ze nevim dekuji dite",
    "sk": "je nie moj moja syn dcera skola skoly skole prosim dobry den pomoc ako co mam sa ze neviem dakujem dieta",
    "pt": "nao meu minha filho filha escola ajuda por favor ola bom dia obrigado obrigada uma com que esta"
    " sou tenho preciso para crianca voces",
    "fr": "je suis mon ma fils fille ecole ne pas bonjour merci aide pour avec est une des les que qui vous"
    " nous dans s il plait besoin enfant",
    "es": "mi hijo hija escuela no el los las por favor hola buenos dias gracias ayuda para con que esta"
    " una tengo necesito quiero nino nina colegio pero",
    "it": "mio mia figlio figlia scuola non sono per favore buongiorno grazie aiuto con che una ho bisogno bambino",
    "cy": "mae fy mab merch ysgol ddim yn ydy plentyn dwi rwy wedi i r helo bore da diolch os gwelwch help"
    " gyda beth sut angen chi ni eisiau isio gallwch n cael mynd",
    "so": "waa wiilkayga wiilkaygu gabadhayda ilmahayga ilmahaygu iskuulka iskuul iskuulku ma waxaan iga"
    " caawi caawiya fadlan mahadsanid salaan aan ku ka iyo ah caawimaad u baahanahay tago aqbalin"
    " rabaa",
    "ku": "kure kura min kece zarok zaroke dibistan dibistane ji bo ez nikarim alikari dixwazim spas rojbas"
    " em ne naçe nace cawa ci heye nine re",
    "sq": "djali im vajza ime shkolla shkollen nuk eshte per te dhe ju lutem ndihme pershendetje faleminderit kam une",
    "lt": "mano sunus sunu dukra mokykla mokyklos ne yra labas diena prasau pagalba aciu kad ir vaikas",
    "hu": "fiam lanyom iskola iskolaba nem van kerem segitseg koszonom jo napot hogy es egy gyerek",
    "de": "mein sohn tochter schule nicht ist bitte hilfe guten tag danke ich und kind wir",
}
_WORDS_OF = {code: frozenset(words.split()) for code, words in _TELLING.items()}
_ENGLISH = frozenset(
    "the a an and or but is are was were be am i im ive id me my mine you u your ur he hes him his"
    " she shes her it its we us our they them their this that these those to of in on at for from with"
    " about out up no not dont didnt doesnt cant wont isnt what when where who why how there here have"
    " has had do does did will would can could should just now still son daughter school letter help"
    " please pls plz thanks thank sorry know need want said says saying get got getting been so if"
    " because cos years year old yes nt wot wen wat dunno idk hi hello hey n r ya mum dad kid kids"
    " child teacher going gone go like any some all more very really then than only again".split()
)
# What a statistic of letters calls a short English text or a name too often to be believed without a telling word.
_TOO_EAGER = frozenset(("af", "so", "tl", "id", "sw", "cy", "no", "da", "ca", "sl", "et", "nl", "vi", "hr", "en"))


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language, or None where it is English or too short to know."""
    letters = _LETTERS.findall(text)
    if not letters:
        return None
    if script := _script_of(text, len(letters)):
        return _of_arabic(text) if script == "arabic" else _of_cyrillic(text) if script == "cyrillic" else script
    words = plain_words(text).split()
    english = sum(word in _ENGLISH for word in words)
    marks = {code for code, telling in _TELLING_LETTERS if telling.search(text)}
    told = {code: sum(word in known and word not in _ENGLISH for word in words) for code, known in _WORDS_OF.items()}
    best = max(told, key=lambda code: (told[code] + (code in marks), code))
    score = told[best] + (best in marks)
    if told[best] and score >= 2 and score > english:
        return best
    if english or len(words) < FEWEST_WORDS or len(letters) < FEWEST_LETTERS:
        return None
    return _guessed(text)


def is_in_latin_letters(text: str) -> bool:
    """Tell whether a text is written in Latin letters, whatever its language is written in at home ("mera beta")."""
    letters = _LETTERS.findall(text)
    return bool(letters) and _script_of(text, len(letters)) is None


def _script_of(text: str, letters: int) -> str | None:
    """Return the script, or the language that alone is written in it, of more than half the letters."""
    counted = {name: len(shape.findall(text)) for name, shape in _OF_SCRIPT}
    if counted["ja"]:
        counted["ja"] += counted.pop("zh")
    best = max(counted, key=lambda name: counted[name])
    return best if counted[best] * 2 > letters else None


def _of_arabic(text: str) -> str:
    if len(_KURDISH_E.findall(text)) > 1:
        return "ku"
    return next((code for code, telling in _ARABIC if telling.search(text)), "ar")


def _of_cyrillic(text: str) -> str:
    return next((code for code, telling in _CYRILLIC if telling.search(text)), None) or _guessed(text) or "uk"


def _guessed(text: str) -> str | None:
    """Return what a statistic of letters is sure of."""
    guesses = _detector()(text)
    if not guesses or guesses[0].prob < SURE or guesses[0].lang in _TOO_EAGER:
        return None
    return str(guesses[0].lang)[:2]


@cache
def _detector() -> Any:
    from langdetect import DetectorFactory, LangDetectException, detect_langs  # slow to load: not before it is needed

    DetectorFactory.seed = 0  # the same text is the same language each time

    def detect(text: str) -> list[Any]:
        try:
            return list(detect_langs(text))
        except LangDetectException:  # no letters that it knows
            return []

    return detect
