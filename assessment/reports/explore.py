"""One report to look into: areas with their ranges, where the points went, and the score along the plan.

Each chart has a sentence and a table of the same numbers; figures are plain dicts that Plotly draws.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from assessment.engine.result import Loss
from assessment.reports.dashboard.cohort import Chart
from assessment.reports.dashboard.figures import BANDS, Figure, bars, figure, level, plain, still, wrapped
from assessment.reports.quoting import Quoting
from assessment.reports.report import BankView, Report, ScoreView
from assessment.reports.words import points, with_stop

SHOWN = 15
"""How many answers that cost points have a bar of their own; the others share one."""

LIVELY = {
    "hovermode": "closest",
    "hoverlabel": {"bgcolor": "--wash", "bordercolor": "--edge", "font": {"color": "--ink"}, "align": "left"},
}


def charts(report: Report, quoting: Quoting) -> tuple[Chart, ...]:
    """Every chart of one report that has a score."""
    assert report.score is not None
    losses = _losses(tuple(waterfall(quoting)), report.score)
    return (_areas(report, report.score), losses, *_climb(report, report.score))


def _areas(report: Report, score: ScoreView) -> Chart:
    """The areas the score is made of."""
    areas = [bank for bank in report.banks if bank.weighs]
    names, ranged = [area.title for area in areas], any(area.low != area.high for area in areas)
    told = [f"{area.score}{_between(area)}" for area in areas]
    drawn = bars(names, [area.score for area in areas], told, [_colour(area, score) for area in areas])
    (bar,) = drawn["data"]
    bar |= _hover([f"{area.title}: {said}. {area.held}" for area, said in zip(areas, told, strict=True)])
    drawn["layout"]["shapes"] = [
        {"type": "line", "x0": area.low, "x1": area.high, "y0": place, "y1": place, "line": {"color": "--ink"}}
        for place, area in enumerate(areas)
        if area.low != area.high
    ]
    says = "Each bar is the score of one area, from 0 to 100."
    return Chart(
        id="areas",
        title="Where you stand",
        says=f"{says} The thin line is how far your open answers could still move it." if ranged else says,
        columns=("Area", "Score", "Lowest", "Highest") if ranged else ("Area", "Score"),
        rows=tuple(
            (area.title, *map(str, (area.score, area.low, area.high) if ranged else (area.score,))) for area in areas
        ),
        figure=_on_the_scale(drawn),
    )


def _between(area: BankView) -> str:
    return f" ({area.low}–{area.high})" if area.low != area.high else ""


def _colour(area: BankView, score: ScoreView) -> str:
    """The colour of the band an area would be in."""
    place = sum(area.score >= band.at_least for band in score.bands[1:])
    return BANDS[level(place, len(score.bands)) - 1]


@dataclass(frozen=True, slots=True)
class Fall:
    """One step down from 100: what cost these points, what was answered, and how many are left after it."""

    about: str
    says: str
    points: int
    left: int


def waterfall(quoting: Quoting) -> Iterator[Fall]:
    """From 100 down to the score: the dearest answers, the others together, then the rules that hold it back."""
    answers = [loss for loss in quoting.outcome.losses if loss.kind == "answer"]
    rules = [loss for loss in quoting.outcome.losses if loss.kind != "answer"]
    answers.sort(key=lambda loss: -loss.points_exact)
    shown = [loss for loss in answers[:SHOWN] if loss.points]
    rest, left = answers[len(shown) :], 100
    falls = [(*_answer(quoting, loss), loss.points) for loss in shown]
    if rest:
        count = "1 smaller one" if len(rest) == 1 else f"The rest: {len(rest)} smaller ones"
        falls.append((count, "", sum(loss.points for loss in rest)))
    falls += [(*_rule(quoting, loss), loss.points) for loss in sorted(rules, key=lambda loss: -loss.points_exact)]
    for about, says, cost in falls:
        left -= cost
        yield Fall(about, says, cost, left)


def _answer(quoting: Quoting, loss: Loss) -> tuple[str, str]:
    question = loss.question or ""
    return quoting.questionnaire.questions[question].short, f"You said: “{quoting.says(quoting.given[question])}”"


def _rule(quoting: Quoting, loss: Loss) -> tuple[str, str]:
    of = quoting.bank_titles[loss.bank] if loss.bank else "The whole score"
    return f"{of}, held by a rule", quoting.rule_says(loss.rule or "")


def _losses(falls: tuple[Fall, ...], score: ScoreView) -> Chart:
    names = ["All points", *(fall.about for fall in falls), "Your score"]
    told = ["100", *(_cost(fall.points) for fall in falls), str(score.score)]
    colours = ["--edge", *("--band-1" for _ in falls), "--accent"]
    drawn = bars(names, [100, *(fall.points for fall in falls), score.score], told, colours)
    (bar,) = drawn["data"]
    bar["base"] = [0, *(fall.left for fall in falls), 0]
    bar |= _hover(["100 points", *map(_fell, falls), f"Your score: {score.score} of 100"])
    return Chart(
        id="losses",
        title="Where the points went",
        says=f"From 100 points down to your {score.score}: first the answers that cost most, then rules that hold it.",
        columns=("What cost points", "Points", "Left"),
        rows=(
            ("All points", "", "100"),
            *((fall.about, _cost(fall.points), str(fall.left)) for fall in falls),
            ("Your score", "", str(score.score)),
        ),
        figure=_on_the_scale(drawn),
    )


def _cost(cost: int) -> str:
    return f"−{cost}" if cost else "under 1"


def _fell(fall: Fall) -> str:
    says = f" {with_stop(fall.says)}" if fall.says else ""
    return f"{fall.about}: {_cost(fall.points)}.{says} {points(fall.left)} left."


def _climb(report: Report, score: ScoreView) -> Iterator[Chart]:
    """The score after each step that moves an answer; none where no step does."""
    steps = [
        (horizon.title, action) for horizon in report.plan for action in horizon.actions if action.after is not None
    ]
    if not steps:
        return
    said = [
        f"Step {action.number}, {title.lower()}: {action.do} After this: {action.after}." for title, action in steps
    ]
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [0, *(action.number for _, action in steps)],
        "y": [score.score, *(action.after for _, action in steps)],
        "line": {"color": "--accent", "width": 3, "shape": "hv"},
        "marker": {"size": 6},
        **_hover([f"Today: {score.score}.", *said]),
    }
    yield Chart(
        id="plan",
        title="Your score along the plan",
        says=f"From {score.score} today to {steps[-1][1].after}, if every step is done in this order.",
        columns=("What to do", "When", "After this"),
        rows=(
            ("Today", "", str(score.score)),
            *((f"{action.number}. {action.do}", title, str(action.after)) for title, action in steps),
        ),
        figure=figure([line], {**_bands(score), **LIVELY}),
    )


def _bands(score: ScoreView) -> Figure:
    """The height of each band as a line, with its name."""
    at = {"xref": "paper", "x": 1, "xanchor": "right", "yanchor": "bottom", "showarrow": False}
    return {
        "height": 380,
        "margin": {"l": 32, "r": 8, "t": 8, "b": 44},
        "xaxis": {**still(), "title": {"text": "Steps done"}, "rangemode": "tozero", "tickformat": "d"},
        "yaxis": {**still(), "range": [0, 102], "tickvals": [0, 25, 50, 75, 100]},
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": y,
                "y1": y,
                "line": {"color": "--line", "width": 1},
            }
            for y in (band.at_least for band in score.bands)
        ],
        "annotations": [
            {**at, "y": band.at_least, "text": plain(band.name), "font": {"color": "--quiet"}} for band in score.bands
        ],
    }


def _on_the_scale(drawn: Figure) -> Figure:
    """The same from 0 to 100, whatever the longest bar is."""
    layout = drawn["layout"]
    return {**drawn, "layout": {**layout, **LIVELY, "xaxis": {**layout["xaxis"], "range": [0, 100]}}}


def _hover(texts: list[str]) -> Figure:
    return {"hoverinfo": "text", "hovertext": ["<br>".join(map(plain, wrapped(text.strip()))) for text in texts]}
