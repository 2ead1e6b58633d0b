"""Draws the roadmap: the steps of each horizon by who leads them, what waits for what, and the score at its end."""

from collections.abc import Iterator
from html import escape

from assessment.reports.charts import picture, text
from assessment.reports.report import Report, RoadmapView, StageView, StepMark
from assessment.reports.words import day, runs

A_ROW = 10
A_STEP = 100 / A_ROW
LINE, NOTE, HEAD, KEY = 2.15, 1.15, 3.1, 1.75
"""Heights in em: of a row of steps, of what stands below one, of a horizon's name above them, of a line of the key."""

MARKS = (
    '<circle class="mark owner" r=".95em"/>',
    '<circle class="mark office" r=".95em"/>',
    '<rect class="mark helper" x="-.95em" y="-.95em" width="1.9em" height="1.9em" rx=".3em"/>',
)
"""One shape a party, so that none is told by colour alone."""


def draw(report: Report) -> str:
    """The picture, or nothing where there is no plan."""
    road = report.roadmap
    if road is None:
        return ""
    parts, top = list(_key(road)), KEY * len(_keys(road)) + 0.6
    if report.score:
        parts += _head("Today", "", report.score.score, top)
    top += HEAD - 0.9
    for stage in road.stages:
        parts += _head(stage.title, f", by {stage.until.day} {stage.until:%b %Y}", stage.score_after, top)
        top += HEAD
        for row in _rows(stage):
            parts += [_mark(step, A_STEP * (place + 0.5), top) for place, step in enumerate(row)]
            top += LINE + (NOTE if any(step.after for step in row) else 0)
    return picture("roadmap-picture", "road", f"{top:.4g}em", "Your year at a glance", " ".join(_said(road)), parts)


def _said(road: RoadmapView) -> Iterator[str]:
    for stage in road.stages:
        numbers = ", ".join(runs(step.number for step in stage.steps))
        score = "" if stage.score_after is None else f" Score then: {stage.score_after}."
        yield f"{stage.title}, by {day(stage.until)}: {'step' if len(stage.steps) == 1 else 'steps'} {numbers}.{score}"


def _keys(road: RoadmapView) -> list[tuple[str, str]]:
    """Marks with what they mean; who leads no step has none."""
    leading = sorted({step.party for stage in road.stages for step in stage.steps})
    keys = [(MARKS[place], road.parties[place]) for place in leading]
    first = next((step for stage in road.stages for step in stage.steps if step.after), None)
    said = f"do it after step {first.after[-1]}" if first else ""
    return [*keys, (f'<text y=".35em" text-anchor="middle">↑{first.after[-1]}</text>', said)] if first else keys


def _key(road: RoadmapView) -> Iterator[str]:
    for row, (mark, says) in enumerate(_keys(road)):
        y = 0.9 + KEY * row
        small = mark if mark.startswith("<text") else f'<g transform="scale(.66)">{mark}</g>'
        yield f'<svg x=".7em" y="{y:.4g}em" overflow="visible">{small}</svg>'
        yield f'<text x="1.9em" y="{y + 0.35:.4g}em">{escape(says)}</text>'


def _head(title: str, until: str, score: int | None, top: float) -> Iterator[str]:
    """A horizon's name and last day, with the score at its end on the other side."""
    yield f'<line class="grid" x2="100%" y1="{top:.4g}em" y2="{top:.4g}em"/>'
    yield f'<text class="until" y="{top + 1.5:.4g}em"><tspan>{title}</tspan>{until}</text>'
    if score is not None:
        reached = f"score <tspan>{score}</tspan>"
        yield f'<text class="until" x="100%" y="{top + 1.5:.4g}em" text-anchor="end">{reached}</text>'


def _rows(stage: StageView) -> Iterator[tuple[StepMark, ...]]:
    for start in range(0, len(stage.steps), A_ROW):
        yield stage.steps[start : start + A_ROW]


def _mark(step: StepMark, x: float, y: float) -> str:
    """A step; below it the last of those it waits for."""
    after = text("waits", 0, 1.95, f"↑{step.after[-1]}") if step.after else ""
    return (
        f'<svg x="{x:g}%" y="{y:.4g}em" overflow="visible">{MARKS[step.party]}'
        f"{text('on', 0, 0.35, str(step.number))}{after}</svg>"
    )
