"""Small sound questionnaires, and answers to them, for property tests; `check` finds nothing in any of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from assessment.engine.answers import Answer, Answers
from assessment.engine.checks import check
from assessment.engine.loading import Loaded, load
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, PROFILE, Depth, Question
from tests.engine.naive import possible_answers

SHIPPED = Path("questions/it-health")

Data = dict[str, Any]
Draw = st.DrawFn


@dataclass(frozen=True)
class Case:
    """A questionnaire, answers to it, and the depth they were given at."""

    questionnaire: Questionnaire
    answers: Answers
    depth: Depth

    def __repr__(self) -> str:
        return f"Case({self.depth}, {dict(self.answers)!r}, {self.questionnaire.canonical_json})"


# Questionnaires.

BANDS = [
    {"id": f"band-{at}", "name": f"From {at}", "at_least": str(at), "verdict": "So it is."}
    for at in (0, 30, 50, 70, 85)
]


@st.composite
def questionnaires(draw: Draw, most_banks: int = 3, most_questions: int = 3, settling: bool = True) -> Questionnaire:
    """One to three banks, up to three facts, gates, caps, findings and recommendations."""
    profile = [draw(fact(n)) for n in range(draw(st.integers(0, 2)))]
    on_firm = firm_conditions(profile)
    named = [{"id": "named", "says": "it is so", "when": draw(on_firm)}] if profile and draw(st.booleans()) else []
    if named:
        on_firm = st.one_of(on_firm, st.just({"fact": "named"}))
    questions: list[Data] = []
    banks = []
    for n in range(draw(st.integers(1, most_banks))):
        own = []
        for place in range(draw(st.integers(1, most_questions))):
            own.append(draw(question(f"bank-{n}", place, questions, on_firm if profile else None, settling)))
            questions.append(own[-1])
        banks.append({"id": f"bank-{n}", "title": "A bank", "about": "Of it.", "questions": own})
        banks[-1]["weight"] = str(draw(st.integers(0 if n else 1, 4)))
    for bank in banks:
        bank["rules"] = [
            draw(bank_rule(bank, n, questions, on_firm if profile else None)) for n in range(draw(st.integers(0, 2)))
        ]
        bank["recommendations"] = draw(recommendations(bank, questions, on_firm if profile else None))
    link(draw, banks)
    built = Questionnaire.model_validate(
        {
            "id": "small",
            "version": "1",
            "title": "Small",
            "about": "For tests.",
            "good_enough": "85",
            "minutes": {"quick": "1", "standard": "2", "full": "3"},
            "profile": profile,
            "facts": named,
            "banks": banks,
            "bands": BANDS,
            "rules": draw(rules_across(banks, questions, on_firm if profile else None)),
        }
    )
    problems = check(Loaded(built, ()))
    assume(not any(problem.code == "cycle" for problem in problems))
    assert problems == ()
    return built


@st.composite
def fact(draw: Draw, n: int) -> Data:
    kind = draw(st.sampled_from(["single", "single", "multiple", "number"]))
    data: Data = {"id": f"profile.fact-{n}", "short": "A fact", "ask": "Is it so?", "kind": kind, "not_sure": "0"}
    if kind == "number":
        return {**data, "at_least": "0", "at_most": "4", "assumed": [str(draw(st.integers(0, 4)))]}
    options = [{"id": f"o{place}", "says": "This"} for place in range(draw(st.integers(2, 3)))]
    if kind == "multiple":
        options.append({"id": "none", "says": "None", "exclusive": "true"})
    return {**data, "options": options, "assumed": [draw(st.sampled_from(options))["id"]]}


def firm_conditions(profile: list[Data]) -> st.SearchStrategy[Data]:
    """Any condition over facts that tells answers apart."""
    if not profile:
        return st.nothing()
    return st.recursive(st.sampled_from(profile).flatmap(firm_comparison), joined, max_leaves=3)


def joined(inner: st.SearchStrategy[Data]) -> st.SearchStrategy[Data]:
    several = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        inner.map(lambda c: {"not": c}), several.map(lambda c: {"all": c}), several.map(lambda c: {"any": c})
    )


def firm_comparison(question: Data) -> st.SearchStrategy[Data]:
    name = question["id"]
    if question["kind"] == "number":
        return st.tuples(st.sampled_from(["at_most", "at_least", "is"]), st.integers(1, 3)).map(
            lambda drawn: {name: {drawn[0]: str(drawn[1])}}
        )
    ids = [option["id"] for option in question["options"]]
    if question["kind"] == "multiple":
        return st.lists(st.sampled_from(ids[:-1]), min_size=1, unique=True).map(lambda some: {name: {"includes": some}})
    return any_comparison(name, ids)


def any_comparison(name: str, ids: list[str]) -> st.SearchStrategy[Data]:
    """A comparison with some options passing and some failing."""
    return st.one_of(
        st.sampled_from(ids[:-1]).map(lambda option: {name: {"at_most": option}}),
        st.sampled_from(ids[1:]).map(lambda option: {name: {"at_least": option}}),
        st.sampled_from(ids).map(lambda option: {name: option}),
        st.lists(st.sampled_from(ids), min_size=1, max_size=len(ids) - 1, unique=True).map(lambda some: {name: some}),
    )


def low_comparison(name: str, ids: list[str]) -> st.SearchStrategy[Data]:
    """A comparison that only answers at the bottom of the ladder pass."""
    return st.integers(1, len(ids) - 1).flatmap(
        lambda n: st.sampled_from([{name: {"at_most": ids[n - 1]}}, {name: ids[:n]}] + [{name: ids[0]}] * (n == 1))
    )


def ladder(question: Data) -> list[str]:
    return [option["id"] for option in question["options"]]


@st.composite
def question(
    draw: Draw, bank: str, place: int, earlier: list[Data], on_firm: st.SearchStrategy[Data] | None, settling: bool
) -> Data:
    between = sorted(draw(st.lists(st.integers(0, 100), max_size=2)))
    points = [0, *between, 100]
    data: Data = {
        "id": f"{bank}.q{place}",
        "short": "A question",
        "ask": "How is it?",
        "weight": str(draw(st.integers(1, 4))),
        "tier": draw(st.sampled_from(["quick", "quick", "standard", "full"])),
        "options": [{"id": f"l{level}", "says": "So", "points": str(n)} for level, n in enumerate(points)],
    }
    if draw(st.booleans()):
        data["not_sure"] = str(draw(st.integers(0, 60)))
    if on_firm is not None and draw(st.booleans()):
        data["when"] = draw(on_firm)
    if settling and earlier and draw(st.booleans()):
        gate = draw(st.sampled_from(earlier))
        data["settled"] = {"when": draw(low_comparison(gate["id"], ladder(gate))), "as": "l0"}
    if draw(st.integers(0, 3)) == 0:
        data["does_not_apply"] = {"says": "Not for us."}
        if on_firm is not None and draw(st.booleans()):
            data["does_not_apply"]["when"] = draw(on_firm)
    return data


def low_conditions(questions: list[Data], on_firm: st.SearchStrategy[Data] | None) -> st.SearchStrategy[Data]:
    """Downward closed: if such a condition holds, it holds for every worse answer too."""
    leaf = st.sampled_from(questions).flatmap(lambda q: low_comparison(q["id"], ladder(q)))
    several = st.lists(st.one_of(leaf, on_firm) if on_firm is not None else leaf, min_size=1, max_size=2)
    return st.one_of(leaf, several.map(lambda c: {"all": c}), several.map(lambda c: {"any": c}))


def any_conditions(questions: list[Data], on_firm: st.SearchStrategy[Data] | None) -> st.SearchStrategy[Data]:
    leaf = st.sampled_from(questions).flatmap(lambda q: any_comparison(q["id"], ladder(q)))
    return st.recursive(st.one_of(leaf, on_firm) if on_firm is not None else leaf, joined, max_leaves=4)


@st.composite
def bank_rule(draw: Draw, bank: Data, n: int, questions: list[Data], on_firm: st.SearchStrategy[Data] | None) -> Data:
    rule: Data = {
        "id": f"{bank['id']}.rule-{n}",
        "code": f"{bank['id']}-K{n}",
        "severity": draw(st.sampled_from(["critical", "high", "info"])),
        "finding": "It is so.",
    }
    if draw(st.booleans()):
        return {**rule, "when": draw(any_conditions(questions, on_firm))}
    own = draw(st.sampled_from(bank["questions"]))
    caps: Data = {"banks": {bank["id"]: str(draw(st.integers(0, 90)))}}
    if draw(st.booleans()):
        caps["overall"] = str(draw(st.integers(0, 90)))
    parts = [draw(low_comparison(own["id"], ladder(own)))]
    if draw(st.booleans()):
        parts.append(draw(low_conditions(questions, on_firm)))
    return {**rule, "when": {"all": parts}, "caps": caps}


@st.composite
def rules_across(
    draw: Draw, banks: list[Data], questions: list[Data], on_firm: st.SearchStrategy[Data] | None
) -> list[Data]:
    rules: list[Data] = []
    low = low_conditions(questions, on_firm)
    if draw(st.booleans()):
        rules.append({"when": draw(low), "severity": "high", "caps": {"overall": str(draw(st.integers(0, 90)))}})
    if draw(st.booleans()):
        rules.append({"when": draw(low), "severity": "high", "caps": {"band": "band-30"}})
    if draw(st.booleans()):
        rules.append({"when": {"finding": "any-critical"}, "severity": "info", "caps": {"band": "band-50"}})
    if draw(st.booleans()):
        rules.append({"when": {"not_sure_share": {"at_least": "30"}}, "severity": "info", "caps": {"band": "band-70"}})
    return [{**rule, "id": f"across-{n}", "code": f"A{n}", "finding": "So it is."} for n, rule in enumerate(rules)]


@st.composite
def recommendations(
    draw: Draw, bank: Data, questions: list[Data], on_firm: st.SearchStrategy[Data] | None
) -> list[Data]:
    """One that raises each question of the bank to its top, and perhaps more that raise some, or look at some."""
    found = [draw(advice(bank, f"raise-{n}", {q["id"]: ladder(q)[-1]})) for n, q in enumerate(bank["questions"])]
    for n in range(draw(st.integers(0, 2))):
        some = draw(st.lists(st.sampled_from(questions), max_size=2, unique_by=lambda q: q["id"]))
        raises = {q["id"]: draw(st.sampled_from(ladder(q)[1:])) for q in some}
        more = draw(advice(bank, f"more-{n}", raises))
        if not raises or draw(st.booleans()):
            more["when"] = draw(any_conditions(questions, on_firm))
        found.append(more)
    return found


@st.composite
def advice(draw: Draw, bank: Data, name: str, raises: Data) -> Data:
    return {
        "id": f"{bank['id']}.{name}",
        "code": f"R-{bank['id']}-{name}",
        "do": "Do it.",
        "why": "Because.",
        "raises": raises,
        "effort": {"owner": str(draw(st.integers(0, 9)))},
        "cost": draw(st.sampled_from(["none", "low", "high"])),
        "horizon": draw(st.sampled_from(["now", "30", "90", "365"])),
        "who": "owner",
        "impact": str(draw(st.integers(0, 100))),
    }


HORIZONS = ["now", "30", "90", "365"]


def link(draw: Draw, banks: list[Data]) -> None:
    """Rules name recommendations; recommendations need, and replace, only ones before them: no cycle can arise."""
    everything = [advice for bank in banks for advice in bank["recommendations"]]
    for bank in banks:
        for rule in bank["rules"]:
            rule["recommends"] = [a["id"] for a in draw(st.lists(st.sampled_from(everything), max_size=2))]
    for place, advice_data in enumerate(everything):
        sooner = [
            a for a in everything[:place] if HORIZONS.index(a["horizon"]) <= HORIZONS.index(advice_data["horizon"])
        ]
        if sooner and draw(st.integers(0, 3)) == 0:
            advice_data["needs"] = {"first": [draw(st.sampled_from(sooner))["id"]]}
        if everything[place + 1 :] and draw(st.integers(0, 5)) == 0:
            advice_data["replaces"] = [draw(st.sampled_from(everything[place + 1 :]))["id"]]


# Answers.


def answers_to(question: Question) -> list[Answer]:
    """Every answer a question accepts."""
    found: list[Answer] = [NOT_SURE] if question.offers_not_sure else []
    found += [DOES_NOT_APPLY] if question.does_not_apply else []
    return found + possible_answers(question) if question.bank == PROFILE else found + list(question.ladder)


@st.composite
def cases(draw: Draw, small: bool = False, settling: bool = True) -> Case:
    """A questionnaire with some of its questions answered."""
    sizes = {"most_banks": 2, "most_questions": 2} if small else {}
    questionnaire = draw(questionnaires(settling=settling, **sizes))
    given = {}
    for question in questionnaire.questions.values():
        choices = answers_to(question)
        answer = draw(st.sampled_from([None, *choices]))
        if answer is not None:
            given[question.id] = answer
    return Case(questionnaire, given, draw(st.sampled_from(list(Depth)[::-1])))


@cache
def shipped() -> Questionnaire:
    return load(SHIPPED).or_refuse()


def shipped_cases() -> st.SearchStrategy[Case]:
    """Random answers to the shipped questionnaire, good ones to bad ones; a seed stands for the whole of them."""
    return st.builds(shipped_case, st.integers(0, 2**32), st.sampled_from(list(Depth)[::-1]))


def shipped_case(seed: int, depth: Depth) -> Case:
    random = Random(seed)
    leaning, unknown = random.choice([0.5, 1.0, 2.0, 4.0]), random.choice([0.0, 0.05, 0.2])
    return Case(shipped(), dict(_lean(random, leaning, unknown)), depth)


def _lean(random: Random, leaning: float, unknown: float) -> Iterator[tuple[str, Answer]]:
    facts_unknown = iter([random.random() < unknown for _ in range(3)])
    for question in shipped().questions.values():
        if question.bank == PROFILE:
            if not next(facts_unknown, False):
                yield question.id, random.choice(possible_answers(question))
        elif random.random() >= unknown and question.scored:
            level = int(len(question.ladder) * random.random() ** leaning)
            yield question.id, question.ladder[level]
        elif question.scored and random.random() < 0.8:
            yield (
                question.id,
                random.choice(
                    [a for a in answers_to(question) if a in (NOT_SURE, DOES_NOT_APPLY)] or [question.ladder[0]]
                ),
            )


any_cases = st.one_of(cases(), shipped_cases())
