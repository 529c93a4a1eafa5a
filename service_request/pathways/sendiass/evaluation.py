"""What is asked three months after the first contact: wording, scale and which level is asked what are data (SE-8)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from service_request.pathways.sendiass.codes import Level

SHIPPED = Path(__file__).with_name("evaluation.json")
# SE-8's six core questions: an authority may say them otherwise and may not leave one out.
CORE = ("reach", "satisfied", "helpful", "neutral", "recommend", "difference")
TEXT_MAX = 100  # characters of a question by text, before its scale
_CODE = re.compile(r"[a-z0-9_]{1,40}")

Scale = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """One question: whole, as the heading of a result, and short enough for a text; the best answer stands first."""

    code: str
    say: str
    short: str
    say_text: str
    scale: Scale
    levels: frozenset[Level]


@dataclass(frozen=True)
class Wording:
    """All questions of one version. An evaluation keeps the version that it was asked in."""

    version: str
    questions: tuple[Asked, ...]

    def for_level(self, level: Level) -> tuple[Asked, ...]:
        """Return what is asked of somebody whose enquiry went as far as this, in order."""
        return tuple(one for one in self.questions if level in one.levels)


@lru_cache(maxsize=8)
def read_evaluation(path: Path | None = None) -> Wording:
    """Return the questions of a file, or those that come with the product; raise ValueError and say what is wrong."""
    path = path or SHIPPED
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        scales = {name: _scale(name, rows) for name, rows in held["scales"].items()}
        questions = tuple(_asked(one, scales) for one in held["questions"])
        version = str(held["version"])
    except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"Evaluation: {path.name} cannot be read ({type(error).__name__})") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"Evaluation: {path.name} lacks {error}") from None
    codes = [one.code for one in questions]
    if missing := [code for code in CORE if code not in codes]:
        raise ValueError(f"Evaluation: {path.name} leaves out {', '.join(missing)}")
    if len(set(codes)) < len(codes):
        raise ValueError(f"Evaluation: {path.name} asks one question twice")
    if not version or any(not Wording(version, questions).for_level(level) for level in Level):
        raise ValueError(f"Evaluation: {path.name} needs a version, and a question for each level")
    return Wording(version, questions)


def _asked(held: Mapping[str, Any], scales: Mapping[str, Scale]) -> Asked:
    code = held["code"]
    if not _CODE.fullmatch(code):
        raise ValueError(f"Evaluation: {code!r} is no code of a question")
    if len(held["say_text"]) > TEXT_MAX:
        raise ValueError(f"Evaluation: {code} is too long for a text")
    levels = frozenset(Level(level) for level in held["levels"])
    return Asked(code, held["say"], held["short"], held["say_text"], scales[held["scale"]], levels)


def _scale(name: str, rows: list[list[str]]) -> Scale:
    scale = tuple((str(code), str(label)) for code, label in rows)
    if len(scale) < 2 or len(dict(scale)) < len(scale):
        raise ValueError(f"Evaluation: the scale {name} needs two answers or more, each with a code of its own")
    return scale
