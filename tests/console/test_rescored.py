"""What staff see where an assessment was scored again by another version: both, each with the way to the other."""

import json
import re

import pytest
from flask import Flask

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Outcome
from assessment.reports.comparison.rescored import rescore
from assessment.storage import questionnaires, rescoring
from assessment.storage.assessments import answers_of
from tests.console.conftest import BROWN, Send, Worker, site_of
from tests.storage.conftest import changed


@pytest.fixture
def both(app: Flask, send: Send) -> tuple[str, str]:
    """Jane Brown's assessment, and the same scored by a version in which one answer is worth less."""
    old, site = send(contact=BROWN), site_of(app)
    later = lowered(site.questionnaire)
    with site.database.writing() as session:
        found = rescoring.by_reference(session, old)
        assert found is not None
        assert found.outcome is not None
        pin, answers = (later.id, questionnaires.publish(session, later, site.now())), answers_of(session, found)
        again = rescore(Outcome.model_validate_json(found.outcome), site.questionnaire, later, answers)
        return old, rescoring.keep(session, found, pin, again.now, again.given, site.now()).reference


def lowered(questionnaire: Questionnaire) -> Questionnaire:
    """The next version, in which the banks weigh otherwise."""
    banks = json.loads(questionnaire.canonical_json)["banks"]
    banks[0]["weight"] = 1
    return changed(questionnaire, version="2027.1", banks=banks)


def test_each_timeline_tells_of_the_other_and_leads_there(kim: Worker, both: tuple[str, str]) -> None:
    old, new = both
    then, now = (kim.open(f"/check/assessments/{reference}") for reference in both)
    assert re.search(r"Scored again by version 2027\.1: \d+ of 100 then, \d+ of 100 by that version\. <a", then.text)
    assert f'<a href="/console/check/assessments/{new}">See what it comes to</a>' in then.text
    assert re.search(r"Made from the same answers, scored again by version 2027\.1 \(\d+ of 100 by version", now.text)
    assert f'<a href="/console/check/assessments/{old}">See the original</a>' in now.text
    assert "Brown &amp; Co" in now.text
    assert " Begun" not in now.text


def test_both_can_be_compared_and_only_one_is_listed_and_counted(kim: Worker, both: tuple[str, str]) -> None:
    old, new = both
    listed = kim.open("/check/assessments").text
    assert f"/assessments/{old}" in listed
    assert f"/assessments/{new}" not in listed
    assert "the same answers, scored by another version" in kim.open(f"/check/assessments/{old}").text
    assert "2027.1" in kim.open(f"/check/compare/{old}/{new}").text
    assert "0 assessments sent in" in kim.open("/check/settings/questionnaire").text


def test_an_export_has_one_row_that_says_so(kim: Worker, both: tuple[str, str]) -> None:
    old, new = both
    token = kim.token("/check/export")
    lines = kim.send("/check/export.json", expect=200, token=token).text
    (row,) = json.loads(lines)
    assert row["reference"] == old
    assert [(one["reference"], one["version"]) for one in row["rescored"]] == [(new, "2027.1")]
    assert "2027.1: " in kim.send("/check/export.csv", expect=200, token=token).text


def test_erasing_the_old_one_takes_the_new_one_along(kim: Worker, both: tuple[str, str]) -> None:
    path = f"/check/assessments/{both[0]}/erase"
    assert "the other" not in kim.open(path).text, "the new one is no other assessment of hers"
    kim.send(path, {"what": "assessment"}, 303, token=kim.token(path))
    assert [kim.get(f"/check/assessments/{one}").status_code for one in both] == [404, 404]
