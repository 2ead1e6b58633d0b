"""Draws small sound questionnaires from a seed, as plain data: `check` finds nothing wrong with any of them.

A seed is all hypothesis draws: drawing each part of a questionnaire by itself took twenty times as long as scoring it.
What a failing one needs is found by `reducing.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from random import Random
from typing import Any

from assessment.engine.checks import check
from assessment.engine.loading import Loaded
from assessment.engine.questionnaire import Questionnaire

Data = dict[str, Any]
Leaf = Callable[[], Data]

HORIZONS = ["now", "30", "90", "365"]
STARTS = (0, 30, 50, 70, 85)
PER_PERSON = ["owner_per_person", "it_per_person"]
TIERS = ["quick", "quick", "standard", "full"]


@dataclass(frozen=True)
class Size:
    """At most so many banks, questions in each, and facts about a firm."""

    banks: int = 3
    questions: int = 3
    facts: int = 2


USUAL = Size()


class Dice(Random):
    """Chance, from a seed."""

    def chance(self, share: float = 0.5) -> bool:
        return self.random() < share

    def some(self, of: list[Any], least: int, most: int) -> list[Any]:
        """A few different ones, in any order."""
        return self.sample(of, min(len(of), self.randint(least, most)))


def sound(seed: int, size: Size = USUAL) -> Questionnaire:
    """The questionnaire of a seed; one in which actions wait for each other is drawn again."""
    for attempt in count():
        built = Questionnaire.model_validate(Drawing(Dice(f"{seed}/{attempt}"), size).whole())
        problems = check(Loaded(built, ()))
        if not any(problem.code == "cycle" for problem in problems):
            assert problems == (), (seed, problems)
            return built
    raise AssertionError


class Drawing:
    """One questionnaire while it is drawn: what stands already may be referred to."""

    def __init__(self, dice: Dice, size: Size) -> None:
        self.dice, self.size = dice, size
        self.profile = [self.fact(n) for n in range(dice.randint(0, size.facts))]
        self.questions: list[Data] = []
        self.named: list[Data] = []
        self.asks_critical = dice.chance()
        if self.profile and dice.chance():
            self.named = [{"id": "named", "says": "it is so", "when": self.of_firm()}]

    def whole(self) -> Data:
        dice = self.dice
        banks = [self.bank(f"bank-{n}", n) for n in range(dice.randint(1, self.size.banks))]
        for bank in banks:
            bank["rules"] = [self.bank_rule(bank, n) for n in range(dice.randint(0, 2))]
            bank["recommendations"] = self.advice_of(bank)
        self.link(banks)
        return {
            "id": "small",
            "version": "1",
            "title": "Small",
            "about": "For tests.",
            "good_enough": 85,
            "minutes": {"quick": 1, "standard": 2, "full": 3},
            "profile": self.profile,
            "facts": self.named,
            "banks": banks,
            "bands": [
                {"id": f"band-{at}", "name": f"From {at}", "at_least": at, "verdict": "So it is."} for at in STARTS
            ],
            "rules": self.rules_across(),
            **({"signs": self.signs()} if dice.chance(0.3) else {}),
        }

    # Conditions.

    def fact(self, n: int) -> Data:
        dice, kind = self.dice, self.dice.choice(["single", "single", "multiple", "number"])
        data: Data = {"id": f"profile.fact-{n}", "short": "A fact", "ask": "Is it so?", "kind": kind, "not_sure": 0}
        if kind == "number":
            limits = {"at_least": dice.randint(0, 1), "at_most": dice.randint(3, 4)}
            return {**data, **limits, "assumed": [str(dice.randint(1, 3))]}
        options: list[Data] = [{"id": f"o{place}", "says": "This"} for place in range(dice.randint(2, 3))]
        if kind == "multiple":
            options.append({"id": "none", "says": "None", "exclusive": True})
        elif n == 0:
            options = [{**option, "people": 2 * place + 1} for place, option in enumerate(options)]
        return {**data, "options": options, "assumed": [dice.choice(options)["id"]]}

    def of_firm(self) -> Data:
        """A condition over facts about the firm."""
        return self.joined(self.firm_comparison, 3)

    def firm_comparison(self) -> Data:
        if self.named and self.dice.chance(0.3):
            return {"fact": "named"}
        question = self.dice.choice(self.profile)
        name = question["id"]
        if question["kind"] == "number":
            return {name: {self.dice.choice(["at_most", "at_least", "is"]): str(self.dice.randint(1, 3))}}
        if question["kind"] == "multiple":
            return {name: {"includes": self.dice.some(ladder(question)[:-1], 1, 3)}}
        return self.any_comparison(question)

    def any_comparison(self, question: Data) -> Data:
        """Some options pass and some fail."""
        name, ids, dice = question["id"], ladder(question), self.dice
        match dice.randrange(4):
            case 0:
                return {name: {"at_most": dice.choice(ids[:-1])}}
            case 1:
                return {name: {"at_least": dice.choice(ids[1:])}}
            case 2:
                return {name: dice.choice(ids)}
        return {name: dice.some(ids, 1, len(ids) - 1)}

    def low_comparison(self, question: Data) -> Data:
        """Only answers at the bottom of the ladder pass."""
        name, ids = question["id"], ladder(question)
        n = self.dice.randint(1, len(ids) - 1)
        ways: list[Data] = [{name: {"at_most": ids[n - 1]}}, {name: ids[:n]}, {name: ids[0]}]
        return self.dice.choice(ways[: 3 if n == 1 else 2])

    def joined(self, leaf: Leaf, most: int) -> Data:
        """One comparison, or some joined by all, any and not."""
        if most <= 1 or self.dice.chance(0.4):
            return leaf()
        how = self.dice.choice(["not", "all", "any"])
        if how == "not":
            return {"not": self.joined(leaf, most - 1)}
        parts = self.dice.randint(1, 2)
        return {how: [self.joined(leaf, most // parts) for _ in range(parts)]}

    def or_of_firm(self, leaf: Leaf) -> Data:
        return self.firm_comparison() if self.profile and self.dice.chance(0.4) else leaf()

    def low(self) -> Data:
        """Downward closed: where it holds, it holds for every worse answer too."""
        leaf = lambda: self.low_comparison(self.dice.choice(self.questions))  # noqa: E731
        how = self.dice.choice(["", "all", "any"])
        return {how: [self.or_of_firm(leaf) for _ in range(self.dice.randint(1, 2))]} if how else leaf()

    def whatever(self) -> Data:
        leaf = lambda: self.any_comparison(self.dice.choice(self.questions))  # noqa: E731
        return self.joined(partial(self.or_of_firm, leaf), 4)

    # Banks.

    def bank(self, name: str, n: int) -> Data:
        own = []
        for place in range(self.dice.randint(1, self.size.questions)):
            own.append(self.question(f"{name}.q{place}"))
            self.questions.append(own[-1])
        if self.dice.chance(0.15):
            own.append(self.unscored(f"{name}.aside"))
        return {
            "id": name, "title": "A bank", "about": "Of it.", "questions": own,
            "weight": self.dice.randint(0 if n else 1, 4),
        }  # fmt: skip

    def question(self, name: str) -> Data:
        dice = self.dice
        points = [0, *sorted(dice.randint(0, 100) for _ in range(dice.randint(0, 2))), 100]
        data: Data = {
            "id": name,
            "short": "A question",
            "ask": "How is it?",
            "weight": dice.randint(1, 4),
            "tier": dice.choice(TIERS),
            "options": [{"id": f"l{level}", "says": "So", "points": n} for level, n in enumerate(points)],
        }
        if dice.chance():
            data["not_sure"] = dice.randint(0, 60)
        if self.profile and dice.chance():
            data["when"] = self.of_firm()
        if self.questions and dice.chance():
            gates = [self.low_comparison(gate) for gate in dice.some(self.questions, 1, 1 + dice.chance(0.2))]
            data["settled"] = {"when": gates[0] if len(gates) == 1 else {"any": gates}, "as": "l0"}
        if dice.chance(0.25):
            data["does_not_apply"] = {"says": "Not for us."}
            if self.profile and dice.chance():
                data["does_not_apply"]["when"] = self.of_firm()
        return data

    def unscored(self, name: str) -> Data:
        """A question that is asked and told, and counts for nothing."""
        kind = self.dice.choice(["text", "number", "multiple"])
        data = {"id": name, "short": "An aside", "ask": "What of it?", "kind": kind, "tier": self.dice.choice(TIERS)}
        return {**data, "options": [{"id": o, "says": "So"} for o in ("o0", "o1")]} if kind == "multiple" else data

    # What follows.

    def bank_rule(self, bank: Data, n: int) -> Data:
        dice = self.dice
        rule: Data = {
            "id": f"{bank['id']}.rule-{n}",
            "code": f"{bank['id']}-K{n}",
            "severity": dice.choice(["critical", "high", "info"]),
            "finding": "It is so.",
        }
        if dice.chance(0.4):
            any_way = {**rule, "when": self.whatever()}
            return any_way | {"severity": "high"} if self.asks_critical else any_way
        own = [question for question in bank["questions"] if question in self.questions]
        caps: Data = {"banks": {bank["id"]: dice.randint(0, 90)}}
        if dice.chance():
            caps["overall"] = dice.randint(0, 90)
        parts = [self.low_comparison(dice.choice(own))]
        if dice.chance():
            parts.append(self.low())
        return {**rule, "when": {"all": parts}, "caps": caps}

    def rules_across(self) -> list[Data]:
        dice = self.dice
        finding = {"finding": "So it is."}
        rules: list[Data] = []
        if dice.chance():
            rules.append({"when": self.low(), "severity": "high", "caps": {"overall": dice.randint(0, 90)}, **finding})
        if dice.chance():
            rules.append({"when": self.low(), "severity": "high", "caps": {"band": "band-30"}, **finding})
        if dice.chance(0.2):
            rules.append({"when": self.whatever(), "severity": "info", "contradiction": "Both?"})
        if dice.chance(0.2):
            rules.append(
                {"when": self.whatever(), "severity": "high", "story": {"title": "Once", "says": "So it went."}}
            )
        if self.asks_critical:
            critical = {"finding": "any-critical"}
            when = {dice.choice(["any", "all"]): [critical, self.low()]} if dice.chance(0.3) else critical
            rules.append({"when": when, "severity": "info", "caps": {"band": "band-50"}, **finding})
        if dice.chance():
            when = {"not_sure_share": {"at_least": dice.choice([20, 30, 50])}}
            rules.append({"when": when, "severity": "info", "caps": {"band": "band-70"}, **finding})
        return [{"id": f"across-{n}", "code": f"A{n}", **rule} for n, rule in enumerate(rules)]

    def signs(self) -> Data:
        shown = self.dice.some(self.questions, 1, 3)
        names = [question["id"] for question in shown]
        readings: list[Data] = [
            {"at_least": 2, "title": "Two", "says": "So."},
            {"at_least": 0, "title": "All", "says": "So."},
        ]
        if self.profile and self.dice.chance():
            readings[0]["when"] = self.of_firm()
        return {
            "questions": names,
            "names": dict.fromkeys(names, "A sign"),
            "at_most": {q["id"]: self.dice.choice(ladder(q)[:-1]) for q in shown},
            "readings": readings,
        }

    def advice_of(self, bank: Data) -> list[Data]:
        """One that raises each question of the bank to its top, and perhaps more that raise some, or look at some."""
        own = [question for question in bank["questions"] if question in self.questions]
        found = [self.advice(bank, f"raise-{n}", {q["id"]: ladder(q)[-1]}) for n, q in enumerate(own)]
        for n in range(self.dice.randint(0, 2)):
            some = self.dice.some(self.questions, 0, 2)
            raises = {q["id"]: self.dice.choice(ladder(q)[1:]) for q in some}
            found.append(self.advice(bank, f"more-{n}", raises))
            if not raises or self.dice.chance():
                found[-1]["when"] = self.whatever()
        return found

    def advice(self, bank: Data, name: str, raises: Data) -> Data:
        dice = self.dice
        data: Data = {
            "id": f"{bank['id']}.{name}",
            "code": f"R-{bank['id']}-{name}",
            "do": "Do it.",
            "why": "Because.",
            "raises": raises,
            "effort": {
                dice.choice(["owner", "it"]): dice.randint(0, 9),
                dice.choice(PER_PERSON): dice.choice([0, 0.25]),
            },
            "cost": dice.choice(["none", "low", "high"]),
            "horizon": dice.choice(HORIZONS),
            "who": "owner",
            "impact": dice.randint(0, 100),
        }
        if dice.chance(0.2):
            more = {"horizon": dice.choice(HORIZONS)} if dice.chance() else {"impact": dice.randint(0, 100)}
            data["overrides"] = [{"when": self.whatever(), **more}]
        return data

    def link(self, banks: list[Data]) -> None:
        """Rules name recommendations; recommendations need, and replace, one before or after them."""
        dice, everything = self.dice, [advice for bank in banks for advice in bank["recommendations"]]
        for bank in banks:
            for rule in bank["rules"]:
                rule["recommends"] = [one["id"] for one in dice.some(everything, 0, 2)]
        for place, one in enumerate(everything):
            sooner = [a for a in everything[:place] if HORIZONS.index(a["horizon"]) <= HORIZONS.index(one["horizon"])]
            if sooner and dice.chance(0.25):
                first = {"do": dice.choice(sooner)["id"]}
                one["needs"] = {"first": [{**first, "when": self.whatever()} if dice.chance(0.3) else first]}
            if everything[place + 1 :] and dice.chance(0.15):
                one["replaces"] = [dice.choice(everything[place + 1 :])["id"]]


def ladder(question: Data) -> list[str]:
    return [option["id"] for option in question["options"]]
