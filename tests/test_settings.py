"""Settings: every wrong value names its variable and says what is allowed."""

from pathlib import Path

import pytest

from assessment.settings import SETTINGS, BadSetting, read_settings, secret_key


def test_without_any_variable_the_defaults_hold() -> None:
    settings = read_settings({})
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.database.startswith("sqlite:///")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BASE_URL", "check.example.com"),
        ("BASE_URL", "https://example.com/deep/path"),
        ("BASE_URL", "javascript:alert(1)"),
        ("WORKERS", "0"),
        ("WORKERS", "many"),
        ("WORKERS", "٣"),
        ("CURRENCY", "DOGE"),
        ("TENANT", "Northgate IT"),
        ("TENANT", "../etc"),
        ("TENANT_LINK", "javascript:alert(1)"),
        ("TENANT_NAME", "two\nlines"),
        ("QUESTIONS", "/no/such/folder"),
        ("DEVELOPMENT", "maybe"),
        ("DAYS_OPEN", "-1"),
    ],
)
def test_a_wrong_value_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"ASSESSMENT_{variable}"):
        read_settings({f"ASSESSMENT_{variable}": value})


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from a file\n")
    settings = read_settings({"ASSESSMENT_SECRET_KEY_FILE": str(file)})
    assert secret_key(settings) == "from a file"
    with pytest.raises(BadSetting, match="SECRET_KEY_FILE"):
        read_settings({"ASSESSMENT_SECRET_KEY_FILE": str(tmp_path / "missing")})


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    settings = read_settings({"ASSESSMENT_INSTANCE": str(tmp_path / "new")})
    made = secret_key(settings)
    assert len(made) >= 64
    assert secret_key(settings) == made
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_an_operator_s_own_questionnaire_is_laid_over_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "it-health"
    own.mkdir()
    (own / "questionnaire.yaml").write_text("id: it-health")
    assert read_settings({"ASSESSMENT_QUESTIONS": str(tmp_path)}).question_folder("it-health") == own
    with pytest.raises(BadSetting, match="QUESTIONNAIRE"):
        read_settings({}).question_folder("nothing-here")


def test_the_readme_documents_every_setting() -> None:
    readme = Path("README.md").read_text(encoding="utf-8")
    assert [setting.variable for setting in SETTINGS if f"`{setting.variable}`" not in readme] == []
