"""Plotly figures as plain dicts; a colour is the name of a token of the style sheet, so that it follows dark mode.

Names stand above their bars and cells, so that a figure is as readable on a phone as on a desk.
"""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

Figure = dict[str, Any]

BAR, LINE, SPACE, HEAD = 20, 19, 14, 66
"""How high a bar or cell is, a line of its name, what is left free below, and the heads of columns, in CSS pixels."""

WIDTH, LINES = 42, 2
"""How many letters of a name fit beside each other on a phone, and over how many lines it may go."""

SOFT = tuple(f"--soft-{level}" for level in range(1, 6))
"""A colour for each band, worst first, that text can be read on."""

BANDS = tuple(f"--band-{level}" for level in range(1, 6))


def plain(text: str) -> str:
    """A text that Plotly shows as it is: it would take some of it for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def folded(text: str) -> list[str]:
    """A name over as many lines as it may have."""
    return wrap(text, WIDTH, max_lines=LINES, placeholder=" …")


def wrapped(text: str) -> list[str]:
    """A text over as many lines as it takes."""
    return wrap(text, WIDTH)


def bars(names: Sequence[str], values: Sequence[int], said: Sequence[str], colours: Sequence[str] = ()) -> Figure:
    """One bar for each name, the first on top, with what is said of it above."""
    heads = [[*folded(name), one] for name, one in zip(names, said, strict=True)]
    heads = [[f"{head[0]}: {one}"] if len(head) == 2 else head for head, one in zip(heads, said, strict=True)]
    row = _row(heads)
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": list(range(len(names))),
        "width": BAR / row,
        "marker": {"color": list(colours) or "--accent"},
    }
    layout = {
        "height": row * len(names),
        "xaxis": {"visible": False, "range": [0, max([*values, 1])], "fixedrange": True},
        "yaxis": _rows(heads),
        "annotations": _names(heads),
    }
    return figure([bar], layout)


def heat(
    names: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[int | None]], tops: list[int]
) -> Figure:
    """A row of cells for each name, shaded by the band each number is in; `tops` is where each band begins."""
    heads = [folded(name)[:1] for name in names]
    row = _row(heads)
    levels = [[None if cell is None else _shade(cell, tops) for cell in row] for row in cells]
    grid = {
        "type": "heatmap",
        "z": levels,
        "y": list(range(len(names))),
        "x": list(range(len(columns))),
        "text": [["–" if cell is None else str(cell) for cell in row] for row in cells],
        "texttemplate": "%{text}",
        "textfont": {"color": "--ink"},
        "colorscale": [[(n + end) / len(SOFT), colour] for n, colour in enumerate(SOFT) for end in (0, 1)],
        "zmin": 0.5,
        "zmax": len(SOFT) + 0.5,
        "showscale": False,
        "xgap": 2,
        "ygap": row - BAR,
    }
    places = list(range(len(columns)))
    xaxis = {"side": "top", "tickvals": places, "ticktext": [_broken(one) for one in columns], "ticks": "", **still()}
    layout = {
        "height": row * len(names) + HEAD,
        "margin": {"l": 0, "r": 0, "t": HEAD, "b": 0},
        "xaxis": {**xaxis, "range": [-0.5, len(columns) - 0.5]},
        "yaxis": _rows(heads),
        "annotations": _names(heads, -0.5),
    }
    return figure([grid], layout)


def weeks(days: Sequence[str], completed: Sequence[int], leads: Sequence[int], scores: Sequence[int | None]) -> Figure:
    """Week by week: how many were completed and left details above, the average score below."""
    line: Figure = {"type": "scatter", "mode": "lines+markers", "x": list(days)}
    traces: list[Figure] = [
        {"type": "bar", "x": list(days), "y": list(completed), "name": "Sent in", "marker": {"color": "--accent"}},
        {
            **line,
            "y": list(leads),
            "name": "Left details",
            "line": {"color": "--band-2"},
            "marker": {"symbol": "square"},
        },
        {**line, "y": list(scores), "yaxis": "y2", "name": "Average score", "line": {"color": "--ink"}},
    ]
    count = {"rangemode": "tozero", "nticks": 5, "tickformat": ",d", "gridcolor": "--line", "automargin": True}
    layout = {
        "height": 420,
        "margin": {"l": 0, "r": 8, "t": 48, "b": 0},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        "xaxis": {
            "type": "date",
            "tickformat": "%-d %b\n%Y",
            "nticks": 6,
            "anchor": "y2",
            **still(),
            "automargin": True,
        },
        "yaxis": {**count, "domain": [0.46, 1], **still()},
        "yaxis2": {**count, "domain": [0, 0.36], "range": [0, 100], "tickvals": [0, 50, 100], **still()},
        "bargap": 0.25,
    }
    return figure(traces, layout)


def figure(traces: list[dict[str, Any]], layout: dict[str, Any]) -> Figure:
    """A figure as all of them look."""
    font = {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif", "size": 14}
    common = {
        "paper_bgcolor": "--paper",
        "plot_bgcolor": "--paper",
        "font": {**font, "color": "--ink"},
        "margin": {"l": 0, "r": 0, "t": 4, "b": 0},
        "showlegend": False,
        "hovermode": False,
        "dragmode": False,
        "autosize": True,
    }
    return {"data": traces, "layout": {**common, **layout}}


def _row(heads: Sequence[Sequence[str]]) -> int:
    """How high a row is whose name is as long as the longest."""
    return BAR + SPACE + LINE * max(map(len, heads), default=1)


def still() -> dict[str, Any]:
    """An axis without lines that stays where it is."""
    return {"fixedrange": True, "zeroline": False, "showline": False, "showgrid": False}


def _rows(heads: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The rows from top to bottom, moved down so far that the first name is whole."""
    row = _row(heads)
    down = (row - BAR - 2 * SPACE + 8) / 2 / row
    return {"visible": False, "range": [len(heads) - 0.5 - down, -0.5 - down], "fixedrange": True}


def _names(heads: Sequence[Sequence[str]], left: float = 0) -> list[dict[str, Any]]:
    """Each name above its row."""
    at = {"x": left, "xanchor": "left", "yanchor": "bottom", "yshift": BAR // 2, "align": "left"}
    return [
        {**at, "xshift": -3, "y": place, "showarrow": False, "text": "<br>".join(map(plain, head))}
        for place, head in enumerate(heads)
    ]


def _broken(name: str) -> str:
    """A short name over several lines, for the head of a narrow column."""
    return "<br>".join(plain(word) for word in name.replace(" to ", "–").split(" ", 2))


def _shade(score: int, tops: Sequence[int]) -> int:
    """Which of the five shades a score has, by where each band begins, worst first."""
    return level(sum(score >= at_least for at_least in tops[1:]), len(tops))


def level(place: int, of: int) -> int:
    """Which of the five colours the band at this place has, 1 the worst."""
    return 1 + round(place * (len(SOFT) - 1) / max(1, of - 1))
