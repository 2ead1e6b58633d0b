"""How the firms that were checked stand: their scores, their topics by size, and what is urgent and first for most."""

from collections.abc import Callable

from assessment.reports.dashboard import figures
from assessment.reports.dashboard.cohort import Chart, Cohort, number, percent, some
from assessment.reports.dashboard.visitors import figure, said
from assessment.tenancy.counting import Kind

MOST = 10
FEW = 3
"""Below so many assessments an average tells of single firms, and is not shown."""


def scores(cohort: Cohort) -> Chart:
    """How the scores lie, by band."""
    found, bands = cohort.named(Kind.SCORE), cohort.questionnaire.bands
    ends = [*(band.at_least - 1 for band in bands[1:]), 100]
    spans = {band.id: (band.name, f"{band.at_least} to {end}") for band, end in zip(bands, ends, strict=True)}
    spans |= {name: (name, "–") for name in found if name not in spans}
    values, total, mean = [found.get(band, 0) for band in spans], sum(found.values()), cohort.average(Kind.SCORE)
    shares = [percent(n, total) for n in values]
    shades = [figures.BANDS[figures.level(place, len(bands)) - 1] for place in range(len(bands))]
    shades += ["--edge"] * (len(values) - len(shades))
    titles = [name for name, _ in spans.values()]
    return Chart(
        "scores",
        "Scores",
        f"The average score of {some(total, 'check')} is {mean} out of 100." if total else "There are no scores yet.",
        ("Band", "Score", "How many", "Share"),
        tuple((*span, number(n), share) for span, n, share in zip(spans.values(), values, shares, strict=True)),
        figures.bars(titles, values, said(values, shares), shades),
        "Something urgent can hold a firm in a lower band than its score alone would give.",
    )


def banks(cohort: Cohort) -> Chart:
    """The average score of each bank by how many people work at a firm."""
    known, people = cohort.questionnaire.bank_by_id, cohort.people
    counts = cohort.parts(Kind.BANK)
    names = _in_order([name for name, _ in counts], list(known))
    sizes = _in_order([part for _, part in counts], list(people))
    cells = [[cohort.average(Kind.BANK, n, s) if counts.get((n, s), 0) >= FEW else None for s in sizes] for n in names]
    titles = [known[one].title if one in known else one for one in names]
    heads = [people.get(one, one) or "Not said" for one in sizes]
    return Chart(
        "banks",
        "Topics by size of firm",
        _lowest(titles, heads, cells),
        ("Topic", *heads),
        tuple((title, *map(figure, row)) for title, row in zip(titles, cells, strict=True)),
        figures.heat(titles, heads, cells, [band.at_least for band in cohort.questionnaire.bands]) if names else {},
        "Average scores by how many people work there, shaded like the bands above. "
        f"Where fewer than {FEW} were checked, no average is shown (–).",
    )


def _in_order(found: list[str], known: list[str]) -> list[str]:
    return [one for one in known if one in found] + sorted(set(found) - set(known))


def _lowest(titles: list[str], heads: list[str], cells: list[list[int | None]]) -> str:
    shown = [
        (cell, title, head)
        for title, row in zip(titles, cells, strict=True)
        for head, cell in zip(heads, row, strict=True)
        if cell is not None
    ]
    if not shown:
        return "There is too little to compare yet."
    score, title, head = min(shown, key=lambda one: one[0])
    return f"The lowest average is {score} out of 100: “{title}”, in firms that answered “{head}”."


def criticals(cohort: Cohort) -> Chart:
    """What is urgent most often."""
    rules = cohort.questionnaire.all_rules
    title, column = "Commonest critical findings", "Finding"
    return _commonest(
        cohort, Kind.CRITICAL, title, column, lambda one: rules[one].finding or one if one in rules else one
    )


def actions(cohort: Cohort) -> Chart:
    """What people are told to do first most often."""
    advice = cohort.questionnaire.recommendations
    title, column = "Commonest first steps", "Among the first three steps"
    return _commonest(cohort, Kind.ACTION, title, column, lambda one: advice[one].do if one in advice else one)


def _commonest(cohort: Cohort, kind: Kind, title: str, column: str, name: Callable[[str], str]) -> Chart:
    done, every = cohort.count(Kind.COMPLETE), cohort.named(kind)
    found = sorted(every, key=lambda one: (-every[one], one))[:MOST]
    names, values = [name(one) for one in found], [every[one] for one in found]
    shares = [percent(n, done) for n in values]
    return Chart(
        f"{kind}s",
        title,
        f"In {number(values[0])} of {some(done, 'check')}: “{names[0].rstrip('.')}”."
        if found
        else "There are none so far.",
        (column, "How many", "Of all sent in"),
        tuple(zip(names, map(number, values), shares, strict=True)),
        figures.bars(names, values, said(values, shares)) if found else {},
        f"The {MOST} commonest of {len(every)}." if len(every) > MOST else "",
    )
