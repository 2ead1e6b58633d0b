"""The owner's way through, by requests: nothing lost, nothing stored under the wrong question, no cookie anywhere."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from assessment.storage.assessments import report_token
from assessment.storage.tables import Answer, Assessment
from tests.web.conftest import Clock, Visitor, real, token_of


def count(app: Flask, table: type) -> int:
    with app.extensions["site"].database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def stored(app: Flask) -> dict[str, str]:
    with app.extensions["site"].database.reading() as session:
        return {row.question: json.loads(row.value) for row in session.scalars(select(Answer))}


def test_the_first_page_says_who_runs_the_check_and_writes_nothing(visitor: Visitor, app: Flask) -> None:
    page = visitor.get("/q/check")
    assert "Northgate Computers" in page.says()
    assert {b.get("value") for b in page.all("button", name="depth")} == {"quick", "standard", "full"}
    assert count(app, Assessment) == 0


@pytest.mark.parametrize("depth", ["quick", "standard", "full"])
def test_every_depth_can_be_taken_from_the_first_page_to_the_report(visitor: Visitor, depth: str) -> None:
    report = visitor.finish(depth)
    page = visitor.get(report)
    assert page.h1
    assert any(link.endswith("/report.pdf") for link in page.links())


def test_an_answer_is_kept_and_shown_when_going_back(visitor: Visitor) -> None:
    first = visitor.begin()
    second = visitor.post(first, {"answer": "5-9"})
    assert f'href="{first}"' in visitor.get(second).text
    again = visitor.get(first)
    assert next(b.get("value") for b in again.all("button") if b.get("aria-current") == "true") == "5-9"
    assert "Keep this and go on" in again.says()


def test_two_tabs_cannot_store_an_answer_under_the_wrong_question(visitor: Visitor, app: Flask) -> None:
    first = visitor.begin()
    second = visitor.post(first, {"answer": "5-9"})
    visitor.post(second, {"answer": real(visitor.get(second))[0]})
    visitor.post(first, {"answer": "10-19"})
    answers = stored(app)
    assert answers["profile.staff"] == "10-19"
    assert answers[second.rsplit("/", 1)[1]] != "10-19"


def test_the_same_post_twice_changes_nothing(visitor: Visitor, app: Flask) -> None:
    first = visitor.begin()
    once = visitor.post(first, {"answer": "5-9"})
    assert visitor.post(first, {"answer": "5-9"}) == once
    assert stored(app) == {"profile.staff": "5-9"}


def test_an_answer_that_a_later_answer_hides_is_kept_and_comes_back(visitor: Visitor, app: Flask) -> None:
    check = visitor.answer_all(visitor.begin("quick"), lambda page, at: "yes" if "yes" in real(page) else real(page)[1])
    base = check.rsplit("/", 1)[0]
    assert "backups.schedule" in stored(app)
    visitor.post(f"{base}/profile.outside-cloud", {"answer": "no"})
    assert "backups.schedule" not in visitor.get(check).text
    assert "backups.schedule" in stored(app)
    visitor.post(f"{base}/profile.outside-cloud", {"answer": "yes"})
    assert "backups.schedule" in visitor.get(check).text


def test_the_resume_link_leads_to_the_first_open_question(visitor: Visitor) -> None:
    first = visitor.begin()
    second = visitor.post(first, {"answer": "5-9"})
    token = token_of(first)
    assert f"https://check.example.com/t/{token}" in visitor.get(first).text
    assert visitor.client.get(f"/t/{token}").headers["Location"] == second


def test_submitting_twice_leads_to_the_same_report(visitor: Visitor, app: Flask) -> None:
    check = visitor.answer_all(visitor.begin("quick"), lambda page, at: real(page)[0])
    submit = check.replace("/check", "/submit")
    report = visitor.post(submit)
    assert visitor.post(submit) == report
    assert report == f"/r/{report_token(token_of(check))}"


def test_many_submits_at_once_close_the_assessment_once(visitor: Visitor, app: Flask) -> None:
    check = visitor.answer_all(visitor.begin("quick"), lambda page, at: real(page)[0])
    submit = check.replace("/check", "/submit")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: app.test_client().post(submit), range(16)))
    assert {(r.status_code, r.headers["Location"]) for r in found} == {(303, f"/r/{report_token(token_of(check))}")}
    assert count(app, Assessment) == 1


def test_after_submitting_the_write_link_changes_nothing_and_leads_to_the_report(visitor: Visitor, app: Flask) -> None:
    check = visitor.answer_all(visitor.begin("quick"), lambda page, at: real(page)[0])
    report = visitor.post(check.replace("/check", "/submit"))
    before = stored(app)
    question = check.replace("/check", "/profile.staff")
    assert visitor.post(question, {"answer": "100+"}).startswith(report)
    assert stored(app) == before
    page = visitor.get(visitor.client.get(question).headers["Location"])
    assert "can no longer change" in page.says()


def test_nothing_is_scored_without_one_scored_answer(visitor: Visitor) -> None:
    first = visitor.begin()
    check = visitor.post(f"/t/{token_of(first)}/submit")
    assert "nothing to score yet" in visitor.get(check).says()


def test_open_questions_stand_on_the_check_page_and_do_not_block(visitor: Visitor) -> None:
    first = visitor.begin("quick")
    token = token_of(first)
    visitor.post(f"/t/{token}/patching.computer-updates", {"answer": "not-sure"})
    page = visitor.get(f"/t/{token}/check")
    assert "Not answered yet" in page.says()
    assert visitor.get(visitor.post(f"/t/{token}/submit")).h1


def test_answers_that_do_not_fit_together_are_asked_about(visitor: Visitor, app: Flask) -> None:
    first = visitor.begin("full")
    token = token_of(first)
    questionnaire = app.extensions["site"].questionnaire
    tested, schedule = questionnaire.questions["backups.tested-restore"], questionnaire.questions["backups.schedule"]
    visitor.post(f"/t/{token}/{tested.id}", {"answer": tested.ladder[4]})
    visitor.post(f"/t/{token}/{schedule.id}", {"answer": schedule.ladder[1]})
    says = visitor.get(f"/t/{token}/check").says()
    rule = next(r for r in questionnaire.all_rules.values() if r.code == "K20a")
    assert rule.contradiction
    assert rule.contradiction in says


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"answer": ""},
        {"answer": "no-such-option"},
        {"answer": "never"},
        {"other": "5-9"},
        {"answer": "5-9\0"},
        {"answer": "<script>alert(1)</script>"},
        {"answer": "does-not-apply"},
        {"answer": "\ud800".encode("utf-8", "surrogatepass")},
    ],
    ids=str,
)
def test_a_wrong_answer_is_shown_again_with_what_is_wrong(visitor: Visitor, app: Flask, posted: dict) -> None:
    first = visitor.begin()
    page = visitor.refused(first, posted)
    assert page.title.startswith("Error: ")
    assert "Choose one of the answers" in page.says()
    assert "<script>alert" not in page.text
    assert stored(app) == {}


def test_boxes_that_exclude_each_other_are_refused_with_both_still_ticked(visitor: Visitor) -> None:
    token = token_of(visitor.begin())
    page = visitor.refused(f"/t/{token}/profile.sensitive-data", {"answer": ["health", "none"]})
    assert "cannot be chosen together" in page.says()


@pytest.mark.parametrize("path", ["/t/{}", "/t/{}/check", "/t/{}/profile.staff", "/r/{}", "/r/{}/report.pdf"])
@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 300, "%00", "😀", "..%2f..", "' OR 1=1 --"])
def test_a_token_that_opens_nothing_is_a_page_that_says_so(visitor: Visitor, path: str, token: str) -> None:
    assert "nothing at this address" in visitor.get(path.format(token), 404).h1


def test_tokens_are_told_apart_by_kind_and_by_case(visitor: Visitor) -> None:
    report = visitor.finish()
    visitor.get(report.replace("/r/", "/t/"), 404)
    visitor.get(report.swapcase().replace("/R/", "/r/"), 404)


def test_a_write_link_and_a_report_link_expire(visitor: Visitor, clock: Clock) -> None:
    first = visitor.begin()
    report = visitor.finish()
    clock.passes(days=31)
    visitor.get(first, 404)
    visitor.get(report)
    clock.passes(days=60)
    visitor.get(report, 404)


def test_an_unknown_question_is_not_there(visitor: Visitor) -> None:
    token = token_of(visitor.begin())
    visitor.get(f"/t/{token}/backups.no-such-question", 404)
    visitor.refused(f"/t/{token}/backups.no-such-question", {"answer": "x"}, 404)


def test_an_unknown_tenant_is_not_there(visitor: Visitor) -> None:
    visitor.get("/q/nobody", 404)
    visitor.refused("/q/nobody/start", {"depth": "quick"}, 404)


def test_an_unknown_depth_leads_back_to_the_start(visitor: Visitor) -> None:
    assert visitor.post("/q/check/start", {"depth": "bottomless"}) == "/q/check"


def test_a_body_that_is_too_large_is_refused_whole(visitor: Visitor, app: Flask) -> None:
    first = visitor.begin()
    assert "too much" in visitor.refused(first, {"answer": "x" * 70_000}, 413).h1
    many = "&".join(f"a{n}=1" for n in range(20_000))
    visitor.refused(first, many, 413, content_type="application/x-www-form-urlencoded")
    assert stored(app) == {}


def test_another_content_type_is_no_answer(visitor: Visitor) -> None:
    first = visitor.begin()
    visitor.refused(first, b'{"answer": "5-9"}', 422, content_type="application/json")


def test_a_method_that_is_not_offered_gets_a_page(visitor: Visitor) -> None:
    assert visitor.client.delete("/q/check").status_code == 405
    assert visitor.client.post("/q/check").status_code == 405


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=60)), max_size=4), st.sampled_from(["single", "many"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_form_data_at_all_gives_a_5xx(app: Flask, fields: list[tuple[str, str]], kind: str) -> None:
    visitor = Visitor(app.test_client(use_cookies=False))
    token = token_of(visitor.begin())
    question = "profile.staff" if kind == "single" else "profile.sensitive-data"
    data: dict[str, list[str]] = {"answer": [value for _, value in fields]}
    for name, value in fields:
        data.setdefault(name.encode("utf-8", "replace").decode(), []).append(value.encode("utf-8", "replace").decode())
    data["answer"] = [value.encode("utf-8", "replace").decode() for value in data["answer"]]
    assert visitor.client.post(f"/t/{token}/{question}", data=data).status_code in (303, 422)
