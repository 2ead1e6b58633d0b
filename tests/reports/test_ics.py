"""The calendar file: what an independent reader finds in it, and that no text whatever can break it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from assessment.reports.ics import LONGEST_LINE, as_calendar, folded
from assessment.reports.report import Report
from tests.reports.conftest import NAMES, ReportOf

ADDRESS = "https://check.example.com/r/" + "a" * 43
STAMP = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
WORST, OPEN = "c5-heating-contractor", "c4-law-firm"


def events(report: Report, address: str = ADDRESS) -> list[Event]:
    calendar = Calendar.from_ical(as_calendar(report, address, STAMP))
    assert calendar.errors == []
    found = list(calendar.walk("VEVENT"))
    assert all(event.errors == [] for event in found)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_day_for_each_horizon_and_one_to_look_again(report_of: ReportOf, name: str) -> None:
    report = report_of(name)
    assert report.roadmap
    assert report.look_again
    days = [stage.until for stage in report.roadmap.stages] + [report.look_again.on]
    found = events(report)
    assert [event.decoded("dtstart") for event in found] == days
    for event in found:
        assert type(event.decoded("dtstart")) is date
        assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(days=1)
        assert event.decoded("dtstamp") == STAMP
        assert event["class"] == "PRIVATE"
        assert event["url"] == ADDRESS
        assert str(event["summary"]).startswith(report.title)
        assert ADDRESS in event["description"]


def test_every_step_stands_on_its_day_with_who_does_it_and_what_comes_before(report_of: ReportOf) -> None:
    report = report_of(WORST)
    for event, horizon in zip(events(report), report.plan, strict=False):
        lines = str(event["description"]).split("\n")
        for action in horizon.actions:
            (line,) = [line for line in lines if line.startswith(f"{action.number}. {action.do} ({action.who}, ")]
            assert all(before.lower() in line for before in action.first)


def test_no_answer_and_no_name_is_in_it(report_of: ReportOf) -> None:
    report = report_of(WORST)
    text = " ".join(str(event["description"]) + str(event["summary"]) for event in events(report))
    assert not [says for group in report.answers for _, says, _ in group.answers if len(says) > 12 and says in text]
    assert report.sponsor.name not in text


def test_the_same_event_has_the_same_name_each_time_and_no_two_share_one(report_of: ReportOf) -> None:
    report = report_of(OPEN)
    names = [str(event["uid"]) for event in events(report)]
    assert names == [str(event["uid"]) for event in events(report)]
    assert len(set(names)) == len(names)
    others = {str(event["uid"]) for event in events(report, ADDRESS + "b")}
    assert not others & set(names)
    assert not [name for name in names if "aaaa" in name]


def test_the_stored_time_is_told_in_utc_whatever_zone_it_has(report_of: ReportOf) -> None:
    report = report_of(OPEN)
    east = STAMP.astimezone(timezone(timedelta(hours=11)))
    assert as_calendar(report, ADDRESS, east) == as_calendar(report, ADDRESS, STAMP)


def test_lines_end_as_the_standard_says_and_none_is_too_long(report_of: ReportOf) -> None:
    made = as_calendar(report_of(WORST), ADDRESS, STAMP)
    assert made.endswith(b"END:VCALENDAR\r\n")
    assert made.count(b"\n") == made.count(b"\r") == made.count(b"\r\n")
    assert max(len(line) for line in made.split(b"\r\n")) == LONGEST_LINE


ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=120)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=ANY_TEXT)
@example(text="a\r\nEND:VEVENT\r\nATTACH:https://evil.example")
@example(text='a\u2028b\x85c\x0bd\ud800\x00e\\n;,:"')
@example(text="👩🏽‍💻" * 40)
def test_any_text_at_all_comes_back_as_it_was_but_for_signs_nobody_sees(report_of: ReportOf, text: str) -> None:
    whole = report_of(OPEN)
    assert whole.roadmap
    horizon = replace(whole.plan[0], actions=(replace(whole.plan[0].actions[0], do=text),))
    roadmap = replace(whole.roadmap, stages=whole.roadmap.stages[:1])
    found = events(replace(whole, title=text, plan=(horizon,), roadmap=roadmap, look_again=None))
    assert len(found) == 1
    assert "attach" not in found[0]
    shown = [one for line in text.splitlines() for one in line.encode(errors="ignore").decode() if one >= " "]
    said = str(found[0]["description"])
    kept = "".join(one for one in shown if not "\x7f" <= one <= "\x9f")
    assert kept in said.replace("\n", "")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=400))
def test_a_folded_line_unfolds_to_itself_and_is_cut_between_characters(line: str) -> None:
    first, *rest = folded(line).removesuffix(b"\r\n").split(b"\r\n")
    assert all(part.startswith(b" ") for part in rest)
    assert all(len(part) <= LONGEST_LINE for part in (first, *rest))
    assert "".join([first.decode(), *(part[1:].decode() for part in rest)]) == line
