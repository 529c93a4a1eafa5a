"""What is asked three months later, and that an authority can say it in its own words."""

import json

import pytest

from service_request.pathways.sendiass.codes import LEVELS, Level
from service_request.pathways.sendiass.evaluation import CORE, SHIPPED, TEXT_MAX, read_evaluation


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
def test_who_had_less_help_is_asked_less():
    asked = [len(read_evaluation().for_level(level)) for level in LEVELS]
    assert asked == sorted(asked)
    assert 0 < asked[0] < asked[1] < 6


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


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        read_evaluation(tmp_path / "nothing.json")
