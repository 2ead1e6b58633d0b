"""The wheel carries questions, templates and static files, and works without the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)],
        check=True,
        capture_output=True,
    )
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_carries_what_the_app_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "assessment/_shipped/questions/it-health/questionnaire.yaml",
        "assessment/_shipped/questions/it-health/banks/backups.yaml",
        "assessment/_shipped/templates/quiz/question.html",
        "assessment/_shipped/templates/report/report.typ",
        "assessment/_shipped/templates/authoring/new/banks/first-topic.yaml",
        "assessment/web/static/app.css",
        "assessment/storage/migrations/env.py",
        "assessment/storage/migrations/versions/0001_first_tables.py",
    ):
        assert needed in names, needed
    assert not [name for name in names if name.startswith(("tests/", "questions/"))]


def test_an_installed_wheel_reads_a_question_and_a_template_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    script = (
        "from assessment.settings import read_settings\n"
        "from assessment.web import create_app\n"
        "import assessment, sys\n"
        "assert 'site' in assessment.__file__, assessment.__file__\n"
        "app = create_app(read_settings({'ASSESSMENT_INSTANCE': sys.argv[1]}))\n"
        "page = app.test_client().get('/q/check')\n"
        "assert page.status_code == 200\n"
        "questions = app.extensions['site'].questionnaire.questions\n"
        "print(questions['backups.tested-restore'].code)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "instance")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "B5"
