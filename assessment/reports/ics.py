"""Writes the dates of a plan as a calendar file (RFC 5545) that any calendar takes in.

Written here although `icalendar` is well kept: with what it needs it costs each web worker 10 MB and 0.14 s, for three
rules on lines. It reads every file back in the tests. Dates are all-day events, since few calendars show tasks (VTODO).
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from assessment.reports.report import HorizonView, Report
from assessment.reports.words import SELF_REPORTED

LONGEST_LINE = 75
"""How many octets a line may have before it is folded, without its end."""

SPECIAL = re.compile(r"[\\;,]")


def as_calendar(report: Report, address: str, stamp: datetime) -> bytes:
    """The last day of each horizon with its steps, and the day to look again; `address` is that of the report."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//IT health self-assessment//Plan//EN", "METHOD:PUBLISH"]
    for part, on, title, says in _dates(report):
        text = f"{says}\n\nYour report: {address}\n\n{SELF_REPORTED}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uuid5(NAMESPACE_URL, f'{address}#{part}')}",
            f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(f'{report.title}: {title}')}",
            f"DESCRIPTION:{escaped(text)}",
            f"URL:{address}",
            "CLASS:PRIVATE",  # it holds the link to the report, and calendars are shared
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return b"".join(folded(line) for line in [*lines, "END:VCALENDAR"])


def _dates(report: Report) -> Iterator[tuple[str, date, str, str]]:
    """(what, on which day, title, text) for each event."""
    stages = report.roadmap.stages if report.roadmap else ()
    for stage, horizon in zip(stages, report.plan, strict=True):
        count = len(horizon.actions)
        title = f"{count} step{'s' if count > 1 else ''} to have done ({stage.title.lower()})"
        yield stage.id, stage.until, title, "\n".join(_steps(horizon))
    if report.look_again:
        yield "again", report.look_again.on, "take it again", report.look_again.says


def _steps(horizon: HorizonView) -> Iterator[str]:
    for action in horizon.actions:
        after = f" After {' and '.join(action.first).lower()}." if action.first else ""
        yield f"{action.number}. {action.do} ({action.who}, {action.effort}){after}"


def escaped(text: str) -> str:
    """A text as a value: lines as `\\n`, no other control characters, and nothing that could end the value."""
    lines = ("".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cs")) for line in text.splitlines())
    return "\\n".join(SPECIAL.sub(r"\\\g<0>", line) for line in lines)


def folded(line: str) -> bytes:
    """A line in UTF-8, cut into lines of at most 75 octets, never within a character."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > LONGEST_LINE:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
