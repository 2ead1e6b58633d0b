"""Ways to break exactly one thing in a sound questionnaire, each named by the code that must be reported for it."""

from collections.abc import Callable
from typing import Any

from tests.engine.sound import Data, Dice, ladder

Breaker = Callable[[Data, Dice], None]

CLASH = {"all": [{"profile.new": "o0"}, {"not": {"profile.new": "o0"}}]}
"""What holds for nobody, once there is `profile.new`."""


def scored(data: Data) -> list[Data]:
    return [question for bank in data["banks"] for question in bank["questions"] if "kind" not in question]


def weighing(data: Data) -> Data:
    return next(bank for bank in data["banks"] if bank.get("weight"))


def rule(data: Data, when: Any, **more: Any) -> None:
    """One more rule across banks."""
    new = {"id": "new", "code": "NEW", "severity": "info", "finding": "New.", "when": when, **more}
    data["rules"] = [*data.get("rules", []), new]


def advise(data: Data, name: str = "new", **more: Any) -> None:
    """One more recommendation in the first bank."""
    bank = data["banks"][0]
    new = {
        "id": f"{bank['id']}.{name}",
        "code": f"R-{name}",
        "do": "Do it.",
        "why": "So.",
        "effort": {},
        "horizon": "now",
    }
    bank["recommendations"] = [*bank.get("recommendations", []), {**new, "who": "owner", "impact": 50, **more}]


def fact(data: Data, **more: Any) -> None:
    """One more fact about the firm."""
    options = [{"id": "o0", "says": "No"}, {"id": "o1", "says": "Yes"}]
    new = {"id": "profile.new", "short": "New", "ask": "New?", "options": options, "assumed": ["o0"], **more}
    data["profile"] = [*data.get("profile", []), new]


def question(data: Data, **more: Any) -> Data:
    """One more question, at the end of the first bank that weighs, and what to do about it."""
    bank = weighing(data)
    options = [{"id": "l0", "says": "No", "points": 0}, {"id": "l1", "says": "Yes", "points": 100}]
    new = {"id": f"{bank['id']}.new", "short": "New", "ask": "New?", "weight": 1, "tier": "quick", "options": options}
    bank["questions"] = [*bank["questions"], {**new, **more}]
    advise(data, "for-new", raises={f"{bank['id']}.new": "l1"})
    return bank["questions"][-1]  # type: ignore[no-any-return]


def low(asked: Data) -> Data:
    return {asked["id"]: asked["options"][0]["id"]}


def duplicate_id(data: Data, dice: Dice) -> None:
    bank = dice.choice(data["banks"])
    bank["questions"] = [*bank["questions"], dice.choice(bank["questions"])]


def reserved_id(data: Data, dice: Dice) -> None:
    question(data)["options"][1]["id"] = dice.choice(["not-sure", "does-not-apply"])


def no_options(data: Data, dice: Dice) -> None:
    question(data)["options"] = []


def unknown_question(data: Data, dice: Dice) -> None:
    rule(data, {"bank-0.nowhere": "l0"})


def unknown_option(data: Data, dice: Dice) -> None:
    rule(data, {dice.choice(scored(data))["id"]: "nothing"})


def unknown_bank(data: Data, dice: Dice) -> None:
    rule(data, low(scored(data)[0]), caps={"banks": {"nowhere": 50}})


def unknown_band(data: Data, dice: Dice) -> None:
    rule(data, low(scored(data)[0]), caps={"band": "nowhere"})


def unknown_rule(data: Data, dice: Dice) -> None:
    rule(data, {"finding": "nowhere"})


def unknown_recommendation(data: Data, dice: Dice) -> None:
    rule(data, low(scored(data)[0]), recommends=["bank-0.nothing"])


def unknown_fact(data: Data, dice: Dice) -> None:
    rule(data, {"fact": "nobody"})


def unknown_source(data: Data, dice: Dice) -> None:
    rule(data, low(scored(data)[0]), source="nobody")


def duplicate_code(data: Data, dice: Dice) -> None:
    rule(data, low(scored(data)[0]))
    advise(data, when=low(scored(data)[0]), code="NEW")


def unfit_comparison(data: Data, dice: Dice) -> None:
    rule(data, {dice.choice(scored(data))["id"]: {"includes": ["l0"]}})


def idle_comparison(data: Data, dice: Dice) -> None:
    asked = dice.choice(scored(data))
    rule(data, {asked["id"]: dice.choice([{"at_least": ladder(asked)[0]}, {"at_most": ladder(asked)[-1]}])})


def when_beyond_profile(data: Data, dice: Dice) -> None:
    question(data)["when"] = low(scored(data)[0])


def finding_out_of_place(data: Data, dice: Dice) -> None:
    rule(data, {"finding": "any-critical"})
    bank = dice.choice(data["banks"])
    bank["rules"] = [*bank.get("rules", []), {**data["rules"].pop(), "id": f"{bank['id']}.new"}]


def settled_by(data: Data, dice: Dice) -> None:
    late = question(data)
    scored(data)[0]["settled"] = {"when": low(late), "as": "l0"}


def settles_to(data: Data, dice: Dice) -> None:
    gate = scored(data)[0]
    question(data)["settled"] = {"when": low(gate), "as": "l1"}


def scale(data: Data, dice: Dice) -> None:
    options = dice.choice(scored(data))["options"]
    dice.choice([lambda: options[0].update(points=10), lambda: options[-1].update(points=90)])()


def no_weight(data: Data, dice: Dice) -> None:
    del dice.choice(scored(data))["weight"]


def assumed(data: Data, dice: Dice) -> None:
    fact(data, assumed=dice.choice([[], ["nothing"]]))


def cap_not_downward(data: Data, dice: Dice) -> None:
    asked, band = dice.choice(scored(data)), {"band": data["bands"][0]["id"]}
    upward = dice.choice([{asked["id"]: {"at_least": ladder(asked)[1]}}, {"not": low(asked)}])
    if dice.chance():
        rule(data, upward, caps=dice.choice([{"overall": 50}, band]))
    else:
        rule(data, upward)
        rule(data, {"finding": "new"}, id="newer", code="NEWER", caps=band)


def idle_rule(data: Data, dice: Dice) -> None:
    rule(data, low(scored(data)[0]))
    del data["rules"][-1]["finding"]


def idle_recommendation(data: Data, dice: Dice) -> None:
    advise(data)


def raises(data: Data, dice: Dice) -> None:
    asked = dice.choice(scored(data))
    advise(data, raises={asked["id"]: ladder(asked)[0]})


def no_advice(data: Data, dice: Dice) -> None:
    question(data)
    data["banks"][0]["recommendations"].pop()


def cycle(data: Data, dice: Dice) -> None:
    name = data["banks"][0]["id"]
    for one, other in (("one", "other"), ("other", "one")):
        advise(data, one, when=low(scored(data)[0]), needs={"first": [{"do": f"{name}.{other}"}]})


def later_prerequisite(data: Data, dice: Dice) -> None:
    name = data["banks"][0]["id"]
    advise(data, "late", when=low(scored(data)[0]), horizon="365")
    advise(data, "soon", when=low(scored(data)[0]), needs={"first": [{"do": f"{name}.late"}]})


def bands(data: Data, dice: Dice) -> None:
    dice.choice([lambda: data["bands"][0].update(at_least=10), lambda: data["bands"].reverse()])()


def signs(data: Data, dice: Dice) -> None:
    shown = scored(data)[0]["id"]
    reading = {"at_least": dice.choice([0, 1]), "title": "So", "says": "So."}
    limits = {} if reading["at_least"] == 0 else {shown: "l0"}
    data["signs"] = {"questions": [shown], "names": {shown: "A sign"}, "at_most": limits, "readings": [reading]}


def unread_figure(data: Data, dice: Dice) -> None:
    source = {
        "id": "read",
        "figure": "One.",
        "publisher": "Us",
        "title": "One",
        "year": 2026,
        "link": "https://x.example",
    }
    data["figures"] = [{**source, "status": "unread", "checked": "2026-01-01"}]
    rule(data, low(scored(data)[0]), source="read")


def too_many_firms(data: Data, dice: Dice) -> None:
    """Two facts of seven choices, each of which is looked at."""
    for name in ("profile.new", "profile.newer"):
        fact(data, id=name, kind="multiple", options=[{"id": f"o{n}", "says": "So"} for n in range(7)])
    either = [{name: {"includes": [f"o{n}"]}} for name in ("profile.new", "profile.newer") for n in range(7)]
    rule(data, {"all": [low(scored(data)[0]), {"any": either}]}, caps={"overall": 50})


def cap_elsewhere(data: Data, dice: Dice) -> None:
    fact(data)
    rule(data, {"profile.new": "o1"}, caps={"banks": {dice.choice(data["banks"])["id"]: 50}})


def unreachable_question(data: Data, dice: Dice) -> None:
    fact(data)
    question(data)["when"] = CLASH


def dead_rule(data: Data, dice: Dice) -> None:
    asked = dice.choice(scored(data))
    rule(data, {"all": [{asked["id"]: ladder(asked)[0]}, {asked["id"]: ladder(asked)[-1]}]})


def dead_recommendation(data: Data, dice: Dice) -> None:
    fact(data)
    advise(data, when=CLASH)


def idle_cap(data: Data, dice: Dice) -> None:
    asked = low(question(data))
    rule(data, asked, caps={"overall": 20})
    rule(data, asked, caps={"overall": 10}, id="lower", code="LOWER")


def cap_beyond_standard(data: Data, dice: Dice) -> None:
    rule(data, low(question(data, tier="full")), caps={"overall": 50})


def deeper_gate(data: Data, dice: Dice) -> None:
    gate = question(data, tier=dice.choice(["standard", "full"]))
    bank = weighing(data)
    bank["questions"].append(
        {**gate, "id": f"{bank['id']}.newer", "tier": "quick", "settled": {"when": low(gate), "as": "l0"}}
    )
    advise(data, "for-newer", raises={f"{bank['id']}.newer": "l1"})


def target_not_better(data: Data, dice: Dice) -> None:
    asked = question(data)
    advise(data, raises={asked["id"]: "l1"}, when={asked["id"]: "l1"})
    rule(data, {asked["id"]: "l1"}, recommends=[data["banks"][0]["recommendations"][-1]["id"]])


def advice_for_the_best(data: Data, dice: Dice) -> None:
    asked = question(data)
    advise(data, when={asked["id"]: "l1"})


BREAKERS: tuple[Breaker, ...] = (
    duplicate_id, reserved_id, no_options, unknown_question, unknown_option, unknown_bank, unknown_band, unknown_rule,
    unknown_recommendation, unknown_fact, unknown_source, duplicate_code, unfit_comparison, idle_comparison,
    when_beyond_profile, finding_out_of_place, settled_by, settles_to, scale, no_weight, assumed, cap_not_downward,
    idle_rule, idle_recommendation, raises, no_advice, cycle, later_prerequisite, bands, signs, unread_figure,
    too_many_firms, cap_elsewhere, unreachable_question, dead_rule, dead_recommendation, idle_cap,
    cap_beyond_standard, deeper_gate, target_not_better, advice_for_the_best,
)  # fmt: skip
