"""`assessment demo`: what it makes up looks like what is sent in, and goes again without a trace."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from assessment.cli import main
from assessment.engine.result import Outcome
from assessment.settings import read_settings
from assessment.storage.browsing import Wanted, page
from assessment.storage.session import Database
from assessment.storage.standing import standing
from assessment.storage.tables import Answer, Assessment, Consent, Delivery, Lead, Table
from assessment.storage.tallies import Tally
from assessment.web import create_app

COUNT = 40


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command on an instance of its own, with the default tenant and another one."""
    monkeypatch.setenv("ASSESSMENT_INSTANCE", str(tmp_path / "instance"))
    create_app(read_settings()).extensions["site"].database.engine.dispose()

    def command(*words: str, status: int = 0) -> Result:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == status, result.output
        return result

    command("tenant", "add", "other", "name=Other")
    return command


@pytest.fixture
def database(tmp_path: Path, run: Any) -> Any:
    found = Database(f"sqlite:///{tmp_path / 'instance' / 'assessment.db'}")
    yield found
    found.engine.dispose()


def count(database: Database, table: type[Table]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_made_up_looks_like_what_is_sent_in(run: Any, database: Database) -> None:
    run("demo", "--assessments", str(COUNT))
    with database.reading() as session:
        found = page(session, 1, Wanted(), size=COUNT)
        assert (len(found.rows), found.count) == (COUNT, COUNT)
        assert COUNT / 6 < sum(row.left_details for row in found.rows) < COUNT / 2
        assert 0 < sum(bool(row.contact) for row in found.rows) <= sum(row.left_details for row in found.rows)
        for sitting in session.scalars(select(Assessment)):
            assert sitting.outcome is not None
            kept = standing(Outcome.model_validate_json(sitting.outcome))
            assert (sitting.score, sitting.band, sitting.staff) == (kept.score, kept.band, kept.staff)
        for lead in session.scalars(select(Lead)):
            assert ".example" in lead.contact
    assert count(database, Answer) > 10 * COUNT
    assert count(database, Delivery) == 0


def test_it_goes_without_a_trace_and_takes_nothing_else_along(run: Any, database: Database) -> None:
    run("demo", "--assessments", "20")
    run("demo", "--assessments", "9", "--tenant", "other")
    assert "Removed 20" in run("demo", "--remove").output
    assert count(database, Assessment) == 9
    assert "Removed 9" in run("demo", "--remove", "--tenant", "other").output
    assert [count(database, table) for table in (Assessment, Answer, Lead, Consent, Tally)] == [0] * 5


def test_the_same_seed_makes_up_the_same_and_is_not_put_in_twice(run: Any, database: Database) -> None:
    run("demo", "--assessments", "12", "--seed", "5")
    with database.reading() as session:
        first = {tuple(row) for row in session.execute(select(Assessment.reference, Assessment.score))}
    refused = run("demo", "--assessments", "3", "--seed", "5", status=1)
    assert "take another --seed, or --remove it first" in refused.output
    run("demo", "--remove")
    run("demo", "--assessments", "12", "--seed", "5")
    with database.reading() as session:
        assert {tuple(row) for row in session.execute(select(Assessment.reference, Assessment.score))} == first
    run("demo", "--assessments", "12", "--seed", "6")
    assert count(database, Assessment) == 24


def test_a_tenant_that_is_not_there_is_named(run: Any) -> None:
    assert "nobody" in run("demo", "--tenant", "nobody", status=1).output
