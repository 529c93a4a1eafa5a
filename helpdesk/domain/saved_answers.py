"""The kinds of words that advisers send often."""

from enum import StrEnum


class AnswerKind(StrEnum):
    """What a saved answer is for."""

    REPLY = "reply"
    FACTSHEET = "factsheet"
    SIGNPOST = "signpost"
    WORDS_TO_PASS_ON = "words_to_pass_on"


KIND_LABELS: dict[AnswerKind, str] = {
    AnswerKind.REPLY: "A reply",
    AnswerKind.FACTSHEET: "A factsheet",
    AnswerKind.SIGNPOST: "Where else to go",
    AnswerKind.WORDS_TO_PASS_ON: "Words for a professional to pass on to a family",
}
