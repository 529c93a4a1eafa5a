"""What is asked three months later, and that an authority can say it in its own words."""

import json

import pytest

from app import create_app
from infrastructure.settings import SettingsRefusedError
from service_request.pathways.sendiass.codes import LEVELS, Level
from service_request.pathways.sendiass.evaluation import CORE, SHIPPED, TEXT_MAX, read_evaluation
from tests.plugins.house import settings_for


def written(folder, **changes):
    held = json.loads(SHIPPED.read_text(encoding="utf-8")) | changes
    path = folder / "evaluation.json"
    path.write_text(json.dumps(held), encoding="utf-8")
    return path


def without(code):
    held = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return [one for one in held["questions"] if one["code"] != code]


@pytest.mark.rule("SE-8")
def test_the_six_core_questions_are_asked_in_order_and_of_higher_levels_all_six():
    wording = read_evaluation()
    assert tuple(one.code for one in wording.questions) == CORE
    for level in (Level.TWO, Level.THREE, Level.FOUR):
        assert wording.for_level(level) == wording.questions


@pytest.mark.rule("SE-8")
def test_which_level_is_asked_what_is_said_in_the_file(tmp_path):
    """An authority may ask those less who had a factsheet and no more."""
    questions = json.loads(SHIPPED.read_text(encoding="utf-8"))["questions"]
    for one in questions:
        one["levels"] = ["1", "2", "3", "4"] if one["code"] in ("neutral", "difference") else list(LEVELS)
    wording = read_evaluation(written(tmp_path, questions=questions))
    assert [one.code for one in wording.for_level(Level.CONTACT)] == ["reach", "satisfied", "helpful", "recommend"]
    assert tuple(one.code for one in wording.for_level(Level.ONE)) == CORE


@pytest.mark.rule("SE-8")
def test_every_question_has_a_scale_and_fits_a_text():
    for one in read_evaluation().questions:
        assert len(one.scale) == 5 and len(dict(one.scale)) == 5
        assert one.say.endswith("?") and len(one.say_text) <= TEXT_MAX


@pytest.mark.rule("SE-8")
def test_an_authority_says_it_otherwise_and_the_version_goes_with_it(tmp_path):
    wording = read_evaluation(written(tmp_path, version="Westmarch 2027"))
    assert wording.version == "Westmarch 2027"


@pytest.mark.rule("SE-8")
@pytest.mark.parametrize("code", CORE)
def test_none_of_the_six_can_be_left_out(tmp_path, code):
    with pytest.raises(ValueError, match=code):
        read_evaluation(written(tmp_path, questions=without(code)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": ""}, "needs a version"),
        ({"scales": {}}, "lacks"),
        ({"scales": {"ease": [["1", "Easy"]]}}, "two answers or more"),
        ({"questions": "six"}, "lacks"),
    ],
)
def test_a_broken_file_is_refused_with_a_sentence(tmp_path, changes, said):
    with pytest.raises(ValueError, match=said):
        read_evaluation(written(tmp_path, **changes))


def test_a_start_is_refused_over_questions_that_leave_one_out(tmp_path):
    path = written(tmp_path, questions=without("neutral"))
    with pytest.raises(SettingsRefusedError, match="neutral"):
        create_app(settings_for(f"sqlite:///{tmp_path}/main.sqlite", tmp_path, 25, evaluation_file=str(path)))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        read_evaluation(tmp_path / "nothing.json")
