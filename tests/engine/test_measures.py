"""Measures: what brute force over every completion finds, on generated ones; the figures of the miniatures are theirs.

The oracle is written again from `docs/measures.md`, and shares nothing with the engine but the vocabulary.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings

from assessment.engine.assess import assess
from assessment.engine.checks import check, code_of, measures
from assessment.engine.documents import read_yaml
from assessment.engine.loading import Loaded, assemble, load, load_scenarios
from assessment.engine.measures import Deduction, FirstMatch, Levels, Mean, Measure, Sum
from assessment.engine.measuring import short
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, Depth
from assessment.engine.result import MeasureResult, MeasureState, Outcome
from assessment.engine.scenarios import run_scenarios
from tests.engine import naive
from tests.engine.sound import Dice, ladder
from tests.engine.strategies import SEEDS, SMALL, Case, generated
from tests.engine.tiny import BANKS

Data = dict[str, Any]
MOST = 300
"""How many completions brute force tries."""

BLOCKED = (MeasureState.BLOCKED, MeasureState.MAY_BE_BLOCKED)


# Generated measures


def measured(seed: int) -> Case:
    """A small questionnaire with a measure of every kind, and some of its questions answered."""
    case, dice = generated(seed, SMALL), Dice(f"measures {seed}")
    data = json.loads(case.questionnaire.canonical_json)
    asked = [q for bank in data["banks"] for q in bank["questions"] if "points" in q.get("options", [{}])[0]]
    data["measures"] = [
        {"kind": "mean", **mean(dice, asked)},
        {"kind": "sum", "points": {q["id"]: rising(dice, ladder(q)) for q in dice.some(asked, 1, 3)}},
        {"kind": "deduction", **deduction(dice, asked)},
        {"kind": "levels", "levels": levels(dice, dice.some(asked, 1, 3))},
        {"kind": "first-match", **first_match(dice, asked)},
    ]
    for measure in data["measures"]:
        measure |= {"id": measure["kind"], "title": "A measure", "says": "What it is."}
    built = Questionnaire.model_validate(data)
    assert check(Loaded(built, ())) == (), seed
    return case.but(questionnaire=built)


def mean(dice: Dice, asked: list[Data]) -> Data:
    """Each question by itself, in one of two groups, or not at all; at least one."""
    parts: list[Data] = [{}, {}, {}, {}]
    for n, question in enumerate(asked):
        parts[dice.randint(0 if n else 1, 3)][question["id"]] = dice.randint(1, 5)
    groups = [{"title": "Some", "weight": dice.randint(1, 5), "of": part} for part in parts[2:] if part]
    return {"of": parts[1], "groups": groups}


def rising(dice: Dice, options: list[str]) -> Data:
    """Points from none for the first option to some for the last; what is 0 may be left out."""
    points = [0, *sorted(dice.randint(0, 6) for _ in options[1:])]
    points[-1] += 1
    return {option: count for option, count in zip(options, points, strict=True) if count or dice.chance()}


def deduction(dice: Dice, asked: list[Data]) -> Data:
    deducts = {question["id"]: rising(dice, ladder(question)[::-1]) for question in dice.some(asked, 1, 3)}
    data: Data = {"base": dice.randint(-5, 20), "deducts": deducts}
    if dice.chance():
        low = [{q["id"]: {"at_most": dice.choice(ladder(q)[:-1])}} for q in dice.some(asked, 1, 2)]
        data["blocked_by"] = {"when": {dice.choice(["all", "any"]): low}, "says": "There is none."}
    return data


def levels(dice: Dice, some: list[Data]) -> list[Data]:
    """Two to four levels; thresholds never fall, and the mean may be one of them."""
    taken: dict[str, int] = {}
    found: list[Data] = [{"id": "level-0", "name": "Level"}]
    for place in range(1, dice.randint(2, 4)):
        at_least = {}
        for question in dice.some(some, 1, 3):
            name, options = question["id"], ladder(question)
            taken[name] = dice.randint(taken.get(name, 1), len(options) - 1)
            at_least[name] = options[taken[name]]
        if dice.chance():
            taken["mean"] = dice.randint(taken.get("mean", 1), 100)
            at_least["mean"] = str(taken["mean"])
        found.append({"id": f"level-{place}", "name": "Level", "at_least": at_least})
    return found


def first_match(dice: Dice, asked: list[Data]) -> Data:
    severities = ["critical", "high", "info"]
    words: list[Data] = [
        {"id": f"word-{n}", "name": "Word", "severity": dice.choice(severities), "says": "So it is."}
        for n in range(dice.randint(2, 4))
    ]
    return {"rules": [{**word, "when": whatever(dice, asked)} for word in words[1:]], "otherwise": words[0]}


def whatever(dice: Dice, asked: list[Data]) -> Data:
    parts: list[Data] = []
    for question in dice.some(asked, 1, 3):
        name, options = question["id"], ladder(question)
        low, high = {"at_most": dice.choice(options[:-1])}, {"at_least": dice.choice(options[1:])}
        parts.append({name: dice.choice([low, high, dice.choice(options)])})
    joined: Data = {dice.choice(["all", "any"]): parts}
    return {"not": joined} if dice.chance(0.2) else joined


# The oracle


@dataclass(frozen=True)
class Plain:
    """One firm with everything answered, and its measures as plainly as they can be written."""

    questionnaire: Questionnaire
    facts: naive.Known
    counted: dict[str, str]

    def points(self, question: str) -> Fraction:
        return Fraction(self.questionnaire.questions[question].option(self.counted[question]).points or 0)

    def mean(self, measure: Mean) -> Fraction | None:
        parts = [(weight, self.points(q)) for q, weight in measure.of.items() if q in self.counted]
        for group in measure.groups:
            own = [(weight, self.points(q)) for q, weight in group.of.items() if q in self.counted]
            if own:
                parts.append((group.weight, sum(w * p for w, p in own) / Fraction(sum(w for w, _ in own))))
        return sum(w * p for w, p in parts) / Fraction(sum(w for w, _ in parts)) if parts else None

    def number(self, measure: Measure) -> Fraction | None:
        if isinstance(measure, Mean):
            return self.mean(measure)
        assert isinstance(measure, Sum | Deduction)
        found = [points.get(self.counted[q], 0) for q, points in measure.by_option().items() if q in self.counted]
        if not found:
            return None
        return Fraction(sum(found) if isinstance(measure, Sum) else measure.base - sum(found))

    def blocked(self, measure: Measure) -> bool:
        if not isinstance(measure, Deduction) or measure.blocked_by is None:
            return False
        return naive.holds(measure.blocked_by.when.data(), {**self.facts, **self.counted}, self.questionnaire)

    def level(self, measure: Levels) -> int:
        reached = 0
        for place, level in enumerate(measure.levels):
            for name, least in level.at_least.items():
                if name == "mean":
                    value = self.number(self.questionnaire.measure_by_id[name])
                    if value is not None and int(value + Fraction(1, 2)) < int(least):
                        return reached
                elif name in self.counted:
                    options = self.questionnaire.ladders[name]
                    if options.index(self.counted[name]) < options.index(least):
                        return reached
            reached = place
        return reached

    def word(self, measure: FirstMatch) -> str:
        known = {**self.facts, **self.counted}
        holding = (rule.id for rule in measure.rules if naive.holds(rule.when.data(), known, self.questionnaire))
        return next(holding, measure.otherwise.id)


def completed(case: Case, firm: naive.Known) -> Iterator[Plain]:
    for full in naive.completions(case.questionnaire, firm, case.answers, case.depth):
        yield Plain(case.questionnaire, firm, naive.counting(case.questionnaire, firm, full, case.depth))


def here(case: Case) -> list[Plain]:
    """Every completion for the firm that facts nobody told us are taken to describe."""
    return list(completed(case, naive.facts_of(case.questionnaire, case.answers)))


def everywhere(case: Case) -> list[Plain]:
    """Every completion for every firm the facts leave possible."""
    return [one for firm in naive.firms(case.questionnaire, case.answers) for one in completed(case, firm)]


def few(case: Case) -> bool:
    """Whether brute force can try them all."""
    firms = naive.firms(case.questionnaire, case.answers)
    opened = (naive.opened(case.questionnaire, firm, case.answers, case.depth) for firm in firms)
    return sum(prod(len(q.ladder) for q in questions) for questions in opened) <= MOST


def results(case: Case) -> dict[str, MeasureResult]:
    return {one.id: one for one in case.outcome.measures}


# What holds of all of them


def a_number_is_the_worst_there_can_be_and_its_range_ends_where_brute_force_does(case: Case) -> None:
    for name in ("mean", "sum", "deduction"):
        measure, found = case.questionnaire.measure_by_id[name], results(case)[name]
        every = {one.number(measure): one.blocked(measure) for one in everywhere(case)}
        numbers = [number for number in every if number is not None]
        if found.amount is not None:
            amount = found.amount
            assert amount.value_exact == min(_number(one, measure) for one in here(case)), name
            assert (amount.low_exact, amount.high_exact) == (min(numbers), max(numbers)), name
            assert bool(found.open) is (amount.low_exact != amount.high_exact), name


def a_figure_is_taken_away_where_every_completion_takes_it_and_may_be_where_some_do(case: Case) -> None:
    measure, found = case.questionnaire.measure_by_id["deduction"], results(case)["deduction"]
    if found.amount is not None or found.state in BLOCKED:
        blocked = {one.blocked(measure) for one in everywhere(case) if one.number(measure) is not None}
        states = {frozenset([True]): MeasureState.BLOCKED, frozenset([False]): MeasureState.MEASURED}
        assert found.state is states.get(frozenset(blocked), MeasureState.MAY_BE_BLOCKED)


def _number(one: Plain, measure: Measure) -> Fraction:
    number = one.number(measure)
    assert number is not None
    return number


def a_level_is_what_the_worst_completion_reaches_and_could_be_what_others_reach(case: Case) -> None:
    found, measure = results(case)["levels"], case.questionnaire.measure_by_id["levels"]
    assert isinstance(measure, Levels)
    if found.comes_to is None:
        return
    mean = case.questionnaire.measure_by_id["mean"]
    about = {*measure.counted(), *(mean.counted() if measure.refers_to() else ())}
    place = min(one.level(measure) for one in here(case))
    reached = {one.level(measure) for one in everywhere(case) if about & set(one.counted)}
    assert found.comes_to == f"level-{place}"
    assert set(found.could_be) == {f"level-{end}" for end in (min(reached), max(reached)) if end != place}
    assert bool(found.lacks) is (place + 1 < len(measure.levels))


def the_gravest_word_there_can_be_stands_first_and_the_others_are_named(case: Case) -> None:
    """Where one answer may settle another, more may be named than there can be, never fewer."""
    found, measure = results(case)["first-match"], case.questionnaire.measure_by_id["first-match"]
    assert isinstance(measure, FirstMatch)
    if found.comes_to is None:
        return
    about = {question for when in measure.conditions() for question in when.questions}
    possible = {one.word(measure) for one in everywhere(case) if about & set(one.counted)}
    severity = {word.id: ["critical", "high", "info"].index(word.severity) for word in measure.words}
    assert possible <= {found.comes_to, *found.could_be}
    gravest = min(severity[one.word(measure)] for one in here(case))
    assert severity[found.comes_to] <= gravest
    if not any(question.settled for question in case.questionnaire.every_question()):
        assert possible == {found.comes_to, *found.could_be}
        assert severity[found.comes_to] == gravest


def a_better_answer_never_lowers_a_measure(case: Case) -> None:
    asked = [q for q in case.questionnaire.every_question() if q.scored and case.answers.get(q.id) != DOES_NOT_APPLY]
    if not asked:
        return
    question = case.dice.choice(asked)
    given_now = case.answers.get(question.id, NOT_SURE)
    worse = -1 if given_now == NOT_SURE else question.ladder.index(str(given_now))
    before, after = results(case), results(case.given({question.id: case.dice.choice(question.ladder[worse:])}))
    for name, was in before.items():
        now = after[name]
        assert was.amount is None or now.state not in BLOCKED
        if was.amount is not None and now.amount is not None:
            assert now.amount.value_exact >= was.amount.value_exact, name
        if name == "levels" and was.comes_to and now.comes_to:
            assert now.comes_to >= was.comes_to


def neither_the_order_of_answers_nor_that_of_measures_matters(case: Case) -> None:
    data = json.loads(case.questionnaire.canonical_json)
    data["measures"] = [data["measures"][0], *data["measures"][:0:-1]]
    turned = case.but(questionnaire=Questionnaire.model_validate(data), answers=dict([*case.answers.items()][::-1]))
    assert results(turned) == results(case)


def what_the_answers_cost_and_the_value_make_the_most_there_is(case: Case) -> None:
    for name in ("sum", "deduction"):
        one = results(case)[name]
        if one.amount is not None:
            assert one.amount.value_exact + sum(one.costs.values()) == one.amount.most
            assert one.amount.least <= one.amount.value <= one.amount.most


def measures_change_nothing_else_and_an_outcome_reads_back(case: Case) -> None:
    data = json.loads(case.questionnaire.canonical_json)
    bare = case.but(questionnaire=Questionnaire.model_validate({**data, "measures": []}))
    for name in ("overall", "banks", "findings", "losses", "plan", "next_band", "trajectory"):
        assert getattr(case.outcome, name) == getattr(bare.outcome, name), name
    assert Outcome.model_validate_json(case.outcome.to_json()) == case.outcome
    assert Questionnaire.model_validate_json(case.questionnaire.canonical_json) == case.questionnaire


BY_BRUTE_FORCE = (
    a_number_is_the_worst_there_can_be_and_its_range_ends_where_brute_force_does,
    a_figure_is_taken_away_where_every_completion_takes_it_and_may_be_where_some_do,
    a_level_is_what_the_worst_completion_reaches_and_could_be_what_others_reach,
    the_gravest_word_there_can_be_stands_first_and_the_others_are_named,
)
ALWAYS = (
    a_better_answer_never_lowers_a_measure,
    neither_the_order_of_answers_nor_that_of_measures_matters,
    what_the_answers_cost_and_the_value_make_the_most_there_is,
    measures_change_nothing_else_and_an_outcome_reads_back,
)


@settings(max_examples=settings().max_examples // 2)
@given(SEEDS)
@example(20086)
@example(1_017_630_816)
def test_what_measures_promise_holds_of_every_case(seed: int) -> None:
    case = measured(seed)
    full = case.but(depth=Depth.FULL)
    for promise in (*ALWAYS, *BY_BRUTE_FORCE):
        if promise in ALWAYS:
            promise(case)
        elif few(full):
            promise(full)


def test_outcomes_and_digests_from_before_there_were_measures_stay_what_they_were() -> None:
    questionnaire = load(BANKS / "valid" / "least").or_refuse()
    assert "measures" not in questionnaire.canonical_json
    stored = assess(questionnaire, {"b.one": "fair"}, Depth.FULL).model_dump(mode="json")
    del stored["measures"]
    assert Outcome.model_validate(stored).measures == ()


@pytest.mark.parametrize("answers", [{}, {"b.three": DOES_NOT_APPLY}], ids=["none", "one that does not apply"])
def test_nothing_is_said_where_nothing_is_answered(answers: dict[str, str]) -> None:
    (protection,) = assess(load(MINI).or_refuse(), answers, Depth.FULL).measures
    assert protection == MeasureResult(id="protection", state=MeasureState.UNANSWERED)


def test_nothing_is_said_of_what_a_quick_check_does_not_ask() -> None:
    folder = BANKS / "valid" / "measure-deduction"
    texts = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.yaml")}
    texts["banks/b.yaml"] = texts["banks/b.yaml"].replace("    short: One", "    tier: quick\n    short: One")
    questionnaire = assemble({name: read_yaml(text, name) for name, text in texts.items()}).or_refuse()
    (standing,) = assess(questionnaire, {"b.one": "good", "b.two": "good"}, Depth.QUICK).measures
    assert standing == MeasureResult(id="standing", state=MeasureState.DEEPER)


# The US Department of Defense's own figures: all 110 requirements (see tests/banks/valid/measure-sprs)

FIVE = {
    1: [1, 2, 12, 13, 16, 17, 18],
    2: [1, 2],
    3: [1, 5],
    4: [1, 2, 5, 6, 7, 8],
    5: [1, 2, 10],
    6: [1, 2],
    7: [2, 5],
    8: [3, 7],
    9: [2],
    10: [1, 2],
    11: [2],
    12: [1, 3],
    13: [1, 2, 5, 6, 15],
    14: [1, 2, 3, 4, 6],
}
THREE = {1: [5, 19], 3: [2], 7: [1, 4], 8: [1, 2, 8], 9: [1], 11: [1], 12: [2], 13: [8], 14: [5, 7]}
PARTIAL = {5: [3], 13: [11]}
PLAN = "3.12.4"
FAMILIES = {1: 22, 2: 3, 3: 9, 4: 9, 5: 11, 6: 3, 7: 6, 8: 9, 9: 2, 10: 6, 11: 3, 12: 4, 13: 16, 14: 7}
"""How many requirements each family of NIST SP 800-171 revision 2 holds."""


def sprs() -> Questionnaire:
    """All 110: what each deducts where it is not met, and where it is met in part."""
    names = [(family, n) for family, count in FAMILIES.items() for n in range(1, count + 1)]
    deducts = {}
    for family, n in names:
        both = 5 if n in FIVE.get(family, ()) else 3 if n in THREE.get(family, ()) else 1
        worth = {"no": 5, "part": 3} if n in PARTIAL.get(family, ()) else {"no": both, "part": both}
        deducts[f"r.q3-{family}-{n}"] = worth
    questions = [
        {
            "id": question,
            "short": question,
            "ask": "Is it?",
            "weight": 1,
            "options": [{"id": o, "says": o, "points": p} for o, p in (("no", 0), ("part", 50), ("yes", 100))],
        }
        for question in deducts
    ]
    del deducts["r.q3-12-4"]
    plan = {"when": {"r.q3-12-4": {"at_most": "part"}}, "says": "There is no plan."}
    measure = {"id": "sprs", "kind": "deduction", "title": "SPRS", "says": "It.", "base": 110, "deducts": deducts}
    bands = [{"id": "low", "name": "Low", "at_least": 0, "verdict": "It is low."}]
    bank = {"id": "r", "title": "R", "about": "R.", "weight": 1, "questions": questions}
    head = {"id": "x", "version": "1", "title": "X", "about": "X.", "good_enough": 85, "minutes": {}, "profile": []}
    return Questionnaire.model_validate(
        {**head, "bands": bands, "banks": [bank], "measures": [{**measure, "blocked_by": plan}]}
    )


def test_all_110_requirements_come_to_what_the_method_says() -> None:
    questionnaire = sprs()
    every = questionnaire.questions
    assert len(every) == 110

    def score(rest: str, **given: str) -> MeasureResult:
        answers = dict.fromkeys(every, rest) | {f"r.{name.replace('_', '-')}": o for name, o in given.items()}
        return assess(questionnaire, answers, Depth.FULL).measures[0]

    lowest = score("no", q3_12_4="yes").amount
    assert lowest is not None
    assert (lowest.value, lowest.least, lowest.most) == (-203, -203, 110)
    found = [score("yes"), score("yes", q3_5_3="part", q3_13_11="part"), score("yes", q3_1_1="part", q3_1_8="no")]
    assert [short(one) for one in found] == ["110 of 110", "104 of 110", "104 of 110"]
    assert score("yes", q3_12_4="no").state is MeasureState.BLOCKED


# Files and their problems


MINI = BANKS / "valid" / "measure-mean"


def problem_with(written: str) -> str:
    texts = {path.relative_to(MINI).as_posix(): path.read_text() for path in MINI.rglob("*.yaml")}
    head, _ = texts["questionnaire.yaml"].split("measures:\n")
    texts["questionnaire.yaml"] = f"{head}measures:\n{written}"
    loaded = assemble({name: read_yaml(text, name) for name, text in texts.items()})
    problems = loaded.problems or check(loaded)
    start = head.count("\n") + 1
    return "; ".join(f"{p.source.line - start}:{p.source.column} {p.code} {p.message}" for p in problems)


KINDS = "'mean', 'sum', 'deduction', 'levels', 'first-match'"
MEASURE = "  - id: m\n    title: M\n    says: It.\n"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("    kind: median\n", f"1:5 schema there is no such kind: use one of {KINDS}"),
        ("", "1:5 schema “kind” is missing"),
        ("    kind: sum\n", "1:5 schema “points” is missing"),
        ("    kind: mean\n    of: {b.one: 0}\n", "5:17 schema of.b.one: Input should be greater than or equal to 1"),
        ("    kind: mean\n    off: {b.one: 1}\n", "5:10 schema “off” is no key here"),
        ("    kind: mean\n    of: {b.four: 1}\n", "1:5 unknown-question there is no question “b.four”"),
        ("    kind: sum\n    points: {b.one: {best: 1}}\n", "1:5 unknown-option “b.one” has no option “best”"),
        ("    kind: mean\n    of: {b.one: 1}\n    source: who\n", "1:5 unknown-source there is no source “who”"),
        (
            "    kind: levels\n    levels: [{id: a, name: A}, {id: a, name: B, at_least: {b.one: fair}}]\n",
            "5:32 duplicate-id “m.a” stands here 2 times",
        ),
        (
            "    kind: deduction\n    base: 1\n    deducts: {}\n    blocked_by: {when: {b.one: {most: bad}}}\n",
            "7:32 condition “most” is no comparison; use one of is, in, at_most, at_least, includes",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_line(written: str, said: str) -> None:
    assert problem_with(MEASURE + written) == said


def test_a_scenario_that_comes_out_otherwise_is_told() -> None:
    scenarios, _ = load_scenarios(MINI)
    one = next(scenario for scenario in scenarios if scenario.id == "all")
    data = one.case.model_dump(exclude_none=True) | {"expect": {"measures": {"protection": "64 of 100"}}}
    wrong = type(one)(one.id, type(one.case).model_validate(data), one.at)
    (problem,) = run_scenarios(load(MINI).or_refuse(), [wrong])
    assert problem.message.endswith("measures.protection should be 64 of 100, and is 63 of 100")
    assert problem.source.line > 1


# The document


def test_the_document_shows_the_miniatures_and_what_they_come_to() -> None:
    text = Path("docs/measures.md").read_text(encoding="utf-8")
    told = 0
    for folder in sorted((BANKS / "valid").glob("measure-*")):
        block = (folder / "questionnaire.yaml").read_text(encoding="utf-8").partition("\nmeasures:\n")[2]
        assert text.count(block) == 1, folder
        rows = re.findall(r"^\| ([a-z]+) \|.*\| \*\*(.*)\*\* \|$", text.partition(block)[2].split("```yaml")[0], re.M)
        expected = {one.id: [*one.case.expect.measures.values()] for one in load_scenarios(folder)[0]}
        assert rows, folder
        for scenario, comes_to in rows:
            assert comes_to in expected[scenario], (folder, scenario)
        told += len(rows)
    assert told == 22


def test_the_document_lists_every_code_with_its_measure() -> None:
    text = Path("docs/measures.md").read_text(encoding="utf-8")
    checks = (*measures.EXIST, *measures.HOLD, *measures.COUNT, *measures.PROVED)
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.M)) == {code_of(one) for one in checks}
    assert all(state in text for state in MeasureState)
