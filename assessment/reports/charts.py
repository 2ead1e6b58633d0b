"""Draws the pictures of reports as inline SVG text; `app.css` gives the classes their colours, light and dark.

Widths are percentages and heights are em, so that letters keep their size on a phone and on a desk.
"""

from collections.abc import Iterator
from html import escape

from assessment.reports.comparison.comparison import BankMove, Side
from assessment.reports.report import ActionView, BandView, BankView, HorizonView, Report, ScoreView

SHAPES = (
    "M0-6.5 7 6H-7Z",
    "M0-7.5 7.5 0 0 7.5-7.5 0Z",
    "M-6-6H6V6H-6Z",
    "M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0Z",
    "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0ZM-4.2.2-2.6-1.4-.9.3 2.6-3.2 4.2-1.6-.9 3.5Z",
)
"""One shape a band, worst first, so that no band is told by colour alone. A page may `<use>` them by `#band-1` …"""

PLOT_TOP, PLOT_HEIGHT, GUTTER = 1.2, 13.0, 21.0


def score_scale(score: ScoreView, named: str = "Your score") -> str:
    """The scale from 0 to 100 with its bands; above it the score as a mark on the bar of its range."""
    parts = [_symbols(), *_scale_labels(score)]
    if score.ranged:
        parts.append(_whisker("2.9em", score.low, score.high))
    if score.provisional:
        parts.append(_pointer("pointer open", score.score))
    parts.append(_pointer("pointer", score.low if score.provisional else score.score))
    parts += [_segment(index, score.bands) for index in range(len(score.bands))]
    parts.append(_tick(100))
    bands = ", ".join(f"{band.name} {band.at_least} to {band.until}" for band in score.bands)
    title = f"{named}: {score.headline}{' ' if score.provisional else '. '}Band: {score.band_name}."
    ranged = f"The range goes from {score.low} to {score.high}. " if score.ranged else ""
    return picture("score-picture", "scale", "9.7em", title, f"{ranged}The bands: {bands}.", parts)


def bank_bar(bank: BankView) -> str:
    """One bank as a bar from 0 to 100, with its range where answers are open."""
    parts = [
        '<rect class="track" y=".2em" width="100%" height=".7em"/>',
        f'<rect class="fill" y=".2em" width="{bank.score}%" height=".7em"/>',
    ]
    said = f"{bank.title}: {bank.score} of 100"
    if bank.low != bank.high:
        parts.append(_whisker(".55em", bank.low, bank.high))
        said += f", between {bank.low} and {bank.high}"
    return picture(f"bank-{bank.id}", "bar", "1.1em", said, "", parts)


def two_scores(before: Side, after: Side) -> str:
    """Both scores on one scale, each on a line of its own, the later one below. Empty without any score."""
    shown = [(side, side.score) for side in (before, after) if side.score is not None]
    if not shown:
        return ""
    parts, said = [_symbols()], []
    for (side, score), top in zip(shown, (0.0, 2.9), strict=False):
        day = f"{side.on.day} {side.on:%B %Y}"
        parts += _scored(score, day, top, "pointer open" if side is before else "pointer")
        between = f", between {score.low} and {score.high}" if score.ranged else ""
        said.append(f"{day}: {score.score}{between}, {score.band_name}.")
    bands = shown[-1][1].bands
    parts.append(f'<svg class="below" y="{2.9 * len(shown) - 3.2:.3g}em" overflow="visible">')
    parts += [*(_segment(index, bands) for index in range(len(bands))), _tick(100), "</svg>"]
    return picture("two-scores", "scale pair", "12.4em", "The scores", " ".join(said), parts)


def _scored(score: ScoreView, day: str, top: float, kind: str) -> Iterator[str]:
    """A score as a mark with its day above it, on the bar of its range."""
    if score.ranged:
        yield _whisker(f"{top + 2.1:.3g}em", score.low, score.high)
    at, anchor = score.score, "start" if score.score < 50 else "end"
    mark = "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0Z"
    yield f'<svg x="{at}%" y="{top + 2.1:.3g}em" overflow="visible"><path class="{kind}" d="{mark}"/></svg>'
    dx = "-.4em" if anchor == "start" else ".4em"
    says = f"<tspan>{score.score}</tspan>, {day}" if anchor == "start" else f"{day}: <tspan>{score.score}</tspan>"
    yield f'<text class="label" x="{at}%" dx="{dx}" y="{top + 1.2:.3g}em" text-anchor="{anchor}">{says}</text>'


def bank_pair(bank: BankMove) -> str:
    """One bank then and now as two bars from 0 to 100, the earlier one thin above the later one."""
    pair = [(bank.before, "fill was", "0", ".35em"), (bank.after, "fill", ".5em", ".7em")]
    parts = ['<rect class="track" y=".5em" width="100%" height=".7em"/>']
    parts += [f'<rect class="{k}" y="{y}" width="{b.score}%" height="{h}"/>' for b, k, y, h in pair if b]
    then, now = (f"{one.score} of 100" if one else "no score" for one in (bank.before, bank.after))
    return picture(f"pair-{bank.id}", "bar", "1.3em", f"{bank.title}: then {then}, now {now}", "", parts)


def running_score(report: Report) -> str:
    """How the score climbs when the plan is followed: a stepped line, one column a horizon. Empty without a score."""
    score = report.score
    if score is None or all(action.after is None for action in report.actions):
        return ""
    parts = list(_band_lines(score.bands))
    wide = (100 - GUTTER) / len(report.plan)
    for index, horizon in enumerate(report.plan):
        parts += _column(horizon, GUTTER + index * wide, wide)
    parts.append(_steps(score.score, report.plan))
    parts.append(text("from", GUTTER + 1, _height(score.score) + 1.3, str(score.score), "start"))
    said = " ".join(f"{horizon.title}: {horizon.score_after}." for horizon in report.plan)
    return picture(
        "plan-picture", "climb", "18em", "Your score as you follow the plan", f"Now: {score.score}. {said}", parts
    )


def picture(name: str, kind: str, height: str, title: str, says: str, parts: list[str]) -> str:
    """A picture around its parts, with a title and a description for those who cannot see it."""
    described = f'<desc id="{name}-desc">{escape(says)}</desc>' if says else ""
    labels = f"{name}-title {name}-desc" if says else f"{name}-title"
    return (
        f'<svg class="chart {kind}" role="img" aria-labelledby="{labels}" width="100%" height="{height}">'
        f'<title id="{name}-title">{escape(title)}</title>{described}{"".join(parts)}</svg>'
    )


def text(kind: str, x: float, y: float, says: str, anchor: str = "middle") -> str:
    """A line of words at a place."""
    return f'<text class="{kind}" x="{x:g}%" y="{y:.3g}em" text-anchor="{anchor}">{escape(says)}</text>'


def _level(index: int, bands: tuple[BandView, ...]) -> int:
    """Which of the five shapes and colours a band has, worst first, however many bands there are."""
    return 1 + round(index * (len(SHAPES) - 1) / max(1, len(bands) - 1))


def _symbols() -> str:
    drawn = (
        f'<symbol id="band-{level}" viewBox="-8 -8 16 16"><path fill-rule="evenodd" d="{shape}"/></symbol>'
        for level, shape in enumerate(SHAPES, 1)
    )
    return f"<defs>{''.join(drawn)}</defs>"


def _scale_labels(score: ScoreView) -> Iterator[str]:
    """The number above its mark, with the range on the side where there is room."""
    if score.provisional:
        yield from _provisional_labels(score)
    elif score.ranged and score.score < 55:
        yield _label(score.score, "start", f"<tspan>{score.score}</tspan>, from {score.low} to {score.high}")
    elif score.ranged:
        yield _label(score.score, "end", f"from {score.low} to {score.high}: <tspan>{score.score}</tspan>")
    else:
        yield _label(score.score, "middle", f"<tspan>{score.score}</tspan>")


def _provisional_labels(score: ScoreView) -> Iterator[str]:
    low, high = f"<tspan>{score.low}</tspan> if …", f"<tspan>{score.score}</tspan>"
    if score.score - score.low >= 24:
        yield _label(score.low, "start", low)
        yield _label(score.score, "middle", high)
    elif score.low >= 20 and score.score - score.low >= 4:
        yield _label(score.low, "end", low, 0.1)
        yield _label(score.score, "start", high, -0.2)
    else:
        yield _label(score.low, "start", f"{low}, else {high}")


def _label(at: int, anchor: str, says: str, shift: float | None = None) -> str:
    """Words above the scale; near its ends they turn inwards."""
    if not 3 <= at <= 97:
        anchor, shift = ("start" if at < 50 else "end"), 0.0
    elif shift is None:
        shift = {"start": -0.6, "end": 0.6}.get(anchor, 0.0)
    return f'<text class="label" x="{at}%" dx="{shift:g}em" y="1.2em" text-anchor="{anchor}">{says}</text>'


def _whisker(y: str, low: int, high: int) -> str:
    caps = "".join(f'<svg x="{end}%" y="{y}" overflow="visible"><path d="M0-6V6"/></svg>' for end in (low, high))
    return f'<g class="whisker"><line x1="{low}%" x2="{high}%" y1="{y}" y2="{y}"/>{caps}</g>'


def _pointer(kind: str, at: int) -> str:
    """A small triangle that points down at a score, its tip just above the range."""
    return f'<svg x="{at}%" y="2.6em" overflow="visible"><path class="{kind}" d="M0 0-5-9H5Z"/></svg>'


def _segment(index: int, bands: tuple[BandView, ...]) -> str:
    band = bands[index]
    end = bands[index + 1].at_least if index + 1 < len(bands) else 100
    middle, level = (band.at_least + end) / 2, _level(index, bands)
    row = "name lower" if index % 2 else "name"
    now = " now" if band.current else ""
    anchor, x = ("end", 100.0) if end == 100 else ("middle", middle)
    return (
        f'<g class="band-{level}{now}"><rect class="segment" x="{band.at_least}%" y="3.4em" '
        f'width="{end - band.at_least}%" height="1.7em"/>'
        f'<svg class="shape" x="{middle:g}%" y="4.25em" overflow="visible">'
        f'<use href="#band-{level}" x="-7" y="-7" width="14" height="14"/></svg>{_tick(band.at_least)}'
        f"{text(row, x, 7.9, band.name, anchor)}</g>"
    )


def _tick(at: int) -> str:
    anchor = {0: "start", 100: "end"}.get(at, "middle")
    return text("tick", at, 6.4, str(at), anchor)


def _height(value: float) -> float:
    """Where a score stands in the plan's picture, in em from the top."""
    return PLOT_TOP + (100 - value) * PLOT_HEIGHT / 100


def _band_lines(bands: tuple[BandView, ...]) -> Iterator[str]:
    for index, band in enumerate(bands):
        end = bands[index + 1].at_least if index + 1 < len(bands) else 100
        y = f"{_height(band.at_least):.3g}em"
        yield f'<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        yield text("name", 0, _height((band.at_least + end) / 2) + 0.35, band.name, "start")


def _column(horizon: HorizonView, left: float, wide: float) -> list[str]:
    """A horizon's name below its column, in two lines, and the score it ends on."""
    first, _, rest = horizon.title.partition(" ")
    bottom = PLOT_TOP + PLOT_HEIGHT
    return [
        f'<line class="column" x1="{left:g}%" x2="{left:g}%" y1="{PLOT_TOP}em" y2="{bottom}em"/>',
        text("when", left + wide / 2, bottom + 1.5, first),
        text("when", left + wide / 2, bottom + 2.8, rest),
        text("reached", left + wide - 1, _height(horizon.score_after) - 0.5, str(horizon.score_after), "end"),
    ]


def _steps(start: int, plan: tuple[HorizonView, ...]) -> str:
    path = f"M0 {100 - start}"
    for column, horizon in enumerate(plan):
        for x, action in _placed(column, horizon):
            path += f"H{x}V{100 - action.after}" if action.after is not None else ""
        path += f"H{(column + 1) * 100}"
    return (
        f'<svg x="{GUTTER:g}%" y="{PLOT_TOP}em" width="{100 - GUTTER:g}%" height="{PLOT_HEIGHT}em" '
        f'viewBox="0 0 {len(plan) * 100} 100" preserveAspectRatio="none" overflow="visible">'
        f'<path class="line" vector-effect="non-scaling-stroke" d="{path}"/></svg>'
    )


def _placed(column: int, horizon: HorizonView) -> Iterator[tuple[int, ActionView]]:
    for index, action in enumerate(horizon.actions):
        yield column * 100 + round((index + 0.5) * 100 / len(horizon.actions)), action
