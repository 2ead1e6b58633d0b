"""Conditions decide exactly, are read and written back unchanged, and say what is wrong where they are not."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.engine.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    Fact,
    Finding,
    Not,
    NotACondition,
    NotSureShare,
    Truth,
    Value,
    World,
    admitted,
    parse,
)

LADDER = ("l0", "l1", "l2")
LADDERS = {"b.one": LADDER, "b.two": LADDER, "profile.size": LADDER, "profile.data": ("x", "y", "z")}
ALL: dict[str, frozenset[Value]] = {
    name: frozenset(ladder) for name, ladder in LADDERS.items() if name != "profile.data"
}
FACTS: Mapping[str, Condition] = {
    "small": Compare("profile.size", "at_most", ("l0",)),
    "careless": AnyOf((Compare("b.one", "is", ("l0",)), Fact("small"))),
}

T, F, U = Finding("holds"), Finding("fails"), Finding("open")
FINDINGS: dict[str, Truth] = {"holds": True, "fails": False, "open": None}


def world(possible: Mapping[str, frozenset[Value]] | None = None, share: int = 0) -> World:
    return World(possible or {}, LADDERS, FACTS, FINDINGS, share)


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (T, T, True, True),
        (T, F, False, True),
        (T, U, None, True),
        (F, T, False, True),
        (F, F, False, False),
        (F, U, False, None),
        (U, T, None, True),
        (U, F, False, None),
        (U, U, None, None),
    ],
)
def test_all_and_any_follow_three_valued_logic(left: Finding, right: Finding, both: Truth, either: Truth) -> None:
    assert All((left, right)).decide(world()) is both
    assert AnyOf((left, right)).decide(world()) is either


@pytest.mark.parametrize(("part", "denied"), [(T, False), (F, True), (U, None)])
def test_not_turns_true_and_false_around_and_leaves_the_unknown(part: Finding, denied: Truth) -> None:
    assert Not(part).decide(world()) is denied


@pytest.mark.parametrize(
    ("test", "values", "passing"),
    [
        ("is", ("l1",), {"l1"}),
        ("in", ("l0", "l2"), {"l0", "l2"}),
        ("at_most", ("l1",), {"l0", "l1"}),
        ("at_most", ("l2",), {"l0", "l1", "l2"}),
        ("at_least", ("l1",), {"l1", "l2"}),
        ("at_least", ("l0",), {"l0", "l1", "l2"}),
    ],
)
def test_options_are_compared_by_their_place_on_the_ladder(
    test: str, values: tuple[str, ...], passing: set[str]
) -> None:
    assert admitted(test, values, LADDER) == passing
    for option in LADDER:
        decided = Compare("b.one", test, values).decide(world({"b.one": frozenset([option])}))
        assert decided is (option in passing)


@pytest.mark.parametrize(
    ("test", "value", "number", "passes"),
    [
        ("at_most", "5", 5, True),
        ("at_most", "5", 6, False),
        ("at_least", "5", 5, True),
        ("at_least", "5", 4, False),
        ("is", "5", 5, True),
        ("is", "5", 50, False),
        ("at_most", "10", 9, True),
        ("at_least", "-1", 0, True),
    ],
)
def test_numbers_are_compared_as_numbers(test: str, value: str, number: int, passes: bool) -> None:
    assert Compare("profile.staff", test, (value,)).admits(number, ()) is passes


def test_several_choices_pass_if_any_of_them_is_included() -> None:
    includes = Compare("profile.data", "includes", ("x", "y"))
    assert includes.admits(frozenset(["y", "z"]), ()) is True
    assert includes.admits(frozenset(["z"]), ()) is False


def test_an_answer_that_does_not_apply_fails_every_comparison() -> None:
    nothing = world({"b.one": frozenset()})
    assert Compare("b.one", "at_most", ("l2",)).decide(nothing) is False
    assert Compare("b.one", "at_least", ("l0",)).decide(nothing) is False
    assert Compare("b.one", "at_most", ("l2",)).decide(world()) is False


def test_an_open_answer_is_unknown_only_where_its_values_differ() -> None:
    opened = world({"b.one": frozenset(["l0", "l1"])})
    assert Compare("b.one", "at_most", ("l1",)).decide(opened) is True
    assert Compare("b.one", "at_most", ("l0",)).decide(opened) is None
    assert Compare("b.one", "is", ("l2",)).decide(opened) is False


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        (AnyOf((Compare("b.one", "at_most", ("l0",)), Compare("b.one", "at_least", ("l1",)))), True),
        (All((Compare("b.one", "at_most", ("l0",)), Compare("b.one", "at_least", ("l1",)))), False),
        (AnyOf((Fact("small"), Not(Fact("small")))), True),
        (All((Fact("careless"), Not(Compare("b.one", "is", ("l0",))), Not(Fact("small")))), False),
        (AnyOf((Compare("b.one", "is", ("l0",)), Compare("b.two", "is", ("l0",)))), None),
    ],
)
def test_an_open_answer_that_stands_twice_is_still_decided(condition: Condition, truth: Truth) -> None:
    assert condition.decide(world(ALL)) is truth


@pytest.mark.parametrize(("share", "holds"), [(0, False), (29, False), (30, True), (100, True)])
def test_the_share_of_not_sure_counts_from_its_limit_on(share: int, holds: bool) -> None:
    assert NotSureShare(30).decide(world(share=share)) is holds


def test_a_rule_nobody_judged_has_not_fired() -> None:
    assert Finding("never-heard-of").decide(world()) is False


# Any condition at all.

comparisons = st.one_of(
    st.builds(
        Compare,
        st.sampled_from(["b.one", "b.two", "profile.size"]),
        st.sampled_from(["is", "at_most", "at_least"]),
        st.sampled_from(LADDER).map(lambda option: (option,)),
    ),
    st.builds(
        Compare,
        st.sampled_from(["b.one", "b.two"]),
        st.just("in"),
        st.lists(st.sampled_from(LADDER), min_size=1, max_size=3, unique=True).map(tuple),
    ),
)


def several(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[tuple[Condition, ...]]:
    return st.lists(inner, min_size=1, max_size=3).map(tuple)


def conditions(leaf: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(All, several(inner)), st.builds(AnyOf, several(inner)), st.builds(Not, inner)
        ),
        max_leaves=8,
    )


open_worlds = st.fixed_dictionaries({name: st.frozensets(st.sampled_from(LADDER)) for name in ALL})


@given(conditions(st.one_of(comparisons, st.sampled_from([Fact("small"), Fact("careless")]))), open_worlds)
def test_decide_says_exactly_what_every_completion_says(
    condition: Condition, possible: dict[str, frozenset[Value]]
) -> None:
    names = [name for name in possible if possible[name]]
    verdicts = {
        condition.kleene(world({name: frozenset([v]) for name, v in zip(names, values, strict=True)}))
        for values in product(*(sorted(map(str, possible[name])) for name in names))
    }
    assert condition.decide(world(possible)) is (verdicts.pop() if len(verdicts) == 1 else None)


@given(conditions(comparisons), open_worlds, st.data())
def test_knowing_more_never_takes_back_what_was_decided(
    condition: Condition, possible: dict[str, frozenset[Value]], data: st.DataObject
) -> None:
    before = condition.decide(world(possible))
    fewer = {n: frozenset([data.draw(st.sampled_from(sorted(map(str, v))))]) if v else v for n, v in possible.items()}
    assert before is None or condition.decide(world(fewer)) is before


every_kind = conditions(st.one_of(comparisons, st.sampled_from([T, Fact("small"), NotSureShare(30)])))


@given(every_kind)
def test_a_condition_is_read_back_from_its_own_data(condition: Condition) -> None:
    assert parse(condition.data()) == condition
    assert hash(parse(condition.data())) == hash(condition)


class Names:
    """Words for everything."""

    def name_question(self, question: str) -> str:
        return f"‹{question}›"

    def name_option(self, question: str, option: str) -> str:
        return option.upper()

    def name_fact(self, fact: str) -> str:
        return "you are small"


@given(every_kind)
def test_a_condition_says_itself_in_words(condition: Condition) -> None:
    words = condition.words(Names())
    assert all(f"‹{question}›" in words for question in condition.questions)


def test_words_read_as_part_of_a_sentence() -> None:
    condition = parse({"b.one": {"at_most": "l1"}, "any": [{"fact": "small"}, {"not": {"b.two": ["l0", "l2"]}}]})
    assert condition.words(Names()) == (
        "‹b.one› is at most “L1” and (you are small or (it is not so that ‹b.two› is one of “L0” or “L2”))"
    )


def test_findings_and_shares_say_themselves() -> None:
    assert Finding("any-critical").words(Names()) == "there is a critical finding"
    assert Finding("backups.none").words(Names()) == "“backups.none” applies"
    assert NotSureShare(30).words(Names()) == "at least 30% of the answers are “not sure”"


@pytest.mark.parametrize(
    ("value", "condition"),
    [
        ({"b.one": "l0"}, Compare("b.one", "is", ("l0",))),
        ({"b.one": ["l0", "l1"]}, Compare("b.one", "in", ("l0", "l1"))),
        ({"b.one": {"at_most": "l1"}}, Compare("b.one", "at_most", ("l1",))),
        ({"b.one": {"includes": "x"}}, Compare("b.one", "includes", ("x",))),
        ({"b.one": "l0", "b.two": "l1"}, All((Compare("b.one", "is", ("l0",)), Compare("b.two", "is", ("l1",))))),
        ({"any": [{"b.one": "l0"}]}, AnyOf((Compare("b.one", "is", ("l0",)),))),
        ({"not": {"fact": "small"}}, Not(Fact("small"))),
        ({"not_sure_share": {"at_least": "30"}}, NotSureShare(30)),
    ],
)
def test_short_forms_read_as_what_they_stand_for(value: object, condition: Condition) -> None:
    assert parse(value) == condition


@pytest.mark.parametrize(
    ("value", "path", "part"),
    [
        ("l0", (), "a condition is a mapping"),
        ({}, (), "a condition is a mapping"),
        (["l0"], (), "a condition is a mapping"),
        (None, (), "a condition is a mapping"),
        ({"all": {}}, ("all",), "needs a list"),
        ({"any": []}, ("any",), "needs a list"),
        ({"all": [{"b.one": "l0"}, "x"]}, ("all", 1), "a condition is a mapping"),
        ({"not": {"any": [{"b.one": {"over": "l1"}}]}}, ("not", "any", 0, "b.one"), "“over” is no comparison"),
        ({"b.one": {"at_most": "l1", "at_least": "l0"}}, ("b.one",), "compare an answer with"),
        ({"b.one": {"at_most": ["l1"]}}, ("b.one",), "an id is expected"),
        ({"b.one": {"in": []}}, ("b.one",), "a list of ids"),
        ({"b.one": ""}, ("b.one",), "an id is expected"),
        ({"b.one": []}, ("b.one",), "a list of ids"),
        ({"b.one": [{}]}, ("b.one",), "an id is expected"),
        ({"b.one": None}, ("b.one",), "compare an answer with"),
        ({"fact": ["small"]}, ("fact",), "an id is expected"),
        ({"finding": {}}, ("finding",), "an id is expected"),
        ({"not_sure_share": "30"}, ("not_sure_share",), "is written {at_least: 30}"),
        ({"not_sure_share": {"at_least": "many"}}, ("not_sure_share",), "is written {at_least: 30}"),
    ],
)
def test_what_is_no_condition_is_refused_at_its_own_place(value: Any, path: tuple[object, ...], part: str) -> None:
    with pytest.raises(NotACondition, match=part.replace("{", r"\{")) as caught:
        parse(value)
    assert caught.value.path == path


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["all", "any", "not", "fact", "finding", "not_sure_share", "at_least", "b.one"]),
                inner,
                max_size=3,
            )
        ),
    )
)
def test_anything_else_is_a_condition_or_refused_never_an_error(value: Any) -> None:
    try:
        condition = parse(value)
    except NotACondition:
        return
    assert parse(condition.data()) == condition
