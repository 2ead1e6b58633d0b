"""Questionnaire folders: joined, ids written in full, everything wrong said at once, nothing ever raised."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assessment.engine.checks import check
from assessment.engine.conditions import Compare
from assessment.engine.documents import read_yaml
from assessment.engine.loading import Loaded, assemble, load, load_scenarios
from assessment.engine.problems import Refused
from assessment.engine.questionnaire import Questionnaire
from tests.engine.strategies import SHIPPED, shipped
from tests.engine.tiny import BANKS, tiny

TEXTS = {
    path.relative_to(BANKS / "valid" / "tiny").as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((BANKS / "valid" / "tiny").rglob("*.yaml"))
}


def assembled(texts: dict[str, str]) -> Loaded:
    return assemble({name: read_yaml(text, name) for name, text in texts.items()})


def test_references_are_written_in_full() -> None:
    rule = tiny().all_rules["backups.untested"]
    assert rule.when == Compare("backups.tested", "is", ("never",))
    assert rule.recommends == ("backups.test",)
    assert tiny().all_rules["backups.none"].caps.banks == {"backups": 5}
    assert tiny().recommendations["access.switch-on"].raises == {"access.second-step": "everybody"}


def test_every_part_has_its_place() -> None:
    places = load(BANKS / "valid" / "tiny").places
    assert {key: f"{Path(at.file).name}:{at.line}:{at.column}" for key, at in places.items() if "backups" in key} == {
        "banks:backups": "backups.yaml:1:1",
        "questions:backups.made": "backups.yaml:5:5",
        "questions:backups.tested": "backups.yaml:16:5",
        "rules:backups.none": "backups.yaml:29:5",
        "rules:backups.untested": "backups.yaml:36:5",
        "recommendations:backups.make": "backups.yaml:44:5",
        "recommendations:backups.test": "backups.yaml:45:5",
    }
    assert {"profile:profile.staff", "bands:fair", "rules:held"} <= set(places)


def test_a_folder_without_a_questionnaire_is_refused(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert [problem.code for problem in loaded.problems] == ["no-questionnaire"]
    with pytest.raises(Refused, match="there is no questionnaire") as caught:
        loaded.or_refuse()
    assert caught.value.problems == loaded.problems


def test_problems_of_several_files_come_together_in_order() -> None:
    broken = {
        **TEXTS,
        "banks/access.yaml": TEXTS["banks/access.yaml"].replace("weight: 1", "weight: heavy"),
        "banks/backups.yaml": TEXTS["banks/backups.yaml"].replace("severity: high", "severity: mild"),
    }
    problems = assembled(broken).problems
    assert [problem.code for problem in problems] == ["schema"] * 3
    assert [problem.source for problem in problems] == sorted(problem.source for problem in problems)
    assert len({problem.source.file for problem in problems}) == 2


def test_the_same_files_always_give_the_same_digest() -> None:
    assert assembled(TEXTS).or_refuse().digest == assembled(TEXTS).or_refuse().digest == tiny().digest
    other = {**TEXTS, "questionnaire.yaml": TEXTS["questionnaire.yaml"].replace("good_enough: 85", "good_enough: 80")}
    assert assembled(other).or_refuse().digest != tiny().digest


@pytest.mark.parametrize("questionnaire", [tiny, shipped])
def test_a_questionnaire_is_read_back_from_its_canonical_text(questionnaire: Any) -> None:
    original = questionnaire()
    again = Questionnaire.model_validate_json(original.canonical_json)
    assert again == original
    assert again.canonical_json == original.canonical_json


def test_the_scenarios_of_the_shipped_questionnaire_are_read() -> None:
    scenarios, problems = load_scenarios(SHIPPED)
    assert problems == ()
    assert {scenario.id.partition("-")[0] for scenario in scenarios} >= {"c1", "c2", "c4", "c5", "c8", "c9"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: x\n", "f.yaml:1:1: schema “answers” is missing"),
        ("- x\n", "f.yaml:1:1: schema the file: Input should be a valid dictionary or instance of Case"),
        ("name: x\nanswers: {}\nexpect: {overall: 101}\n", "f.yaml:3:19: schema expect.overall: Input should be less"),
        ("name: x\nanswers: {}\ndepth: deep\n", "f.yaml:3:8: schema depth: Input should be 'quick', 'standard' or"),
        ("name: [x\n", "f.yaml:2:1: not-yaml did not find expected"),
    ],
)
def test_a_scenario_that_is_none_is_refused_where_it_is_wrong(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "f.yaml").write_text(text)
    scenarios, problems = load_scenarios(tmp_path)
    assert scenarios == ()
    (problem,) = problems
    said = f"{problem.source}: {problem.code} {problem.message}"
    assert said.removeprefix(f"{tmp_path}/scenarios/").startswith(expected)


# Any files at all.

words = st.sampled_from(["", "x", "5", "backups", "made", "never", "backups.made", "any-critical", "100", "now"])
keys = st.sampled_from(
    [
        "id",
        "title",
        "about",
        "questions",
        "rules",
        "recommendations",
        "banks",
        "bank",
        "weight",
        "profile",
        "facts",
        "bands",
        "signs",
        "figures",
        "when",
        "all",
        "any",
        "not",
        "settled",
        "as",
        "caps",
        "needs",
        "first",
        "better_after",
        "raises",
        "replaces",
        "recommends",
        "options",
        "points",
        "kind",
        "assumed",
    ]
)
values = st.recursive(
    words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=6
)


@given(st.data())
def test_one_value_replaced_by_anything_gives_a_questionnaire_or_problems_never_an_error(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TEXTS)))
    tree: Any = yaml.load(TEXTS[name], Loader=yaml.BaseLoader)
    node = tree
    while True:
        place = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[place], dict | list) or not node[place] or data.draw(st.booleans()):
            node[place] = data.draw(values)
            break
        node = node[place]
    loaded = assembled({**TEXTS, name: yaml.safe_dump(tree, allow_unicode=True)})
    assert (loaded.questionnaire is None) is bool(loaded.problems)
    for problem in check(loaded):
        assert problem.message
        assert problem.source.file in TEXTS


@given(values)
def test_any_head_at_all_gives_a_questionnaire_or_problems_never_an_error(value: Any) -> None:
    loaded = assembled({**TEXTS, "questionnaire.yaml": yaml.safe_dump(value)})
    assert loaded.problems
