"""The schema for editors takes every file we ship, and refuses what loading refuses; every key has its sentence."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from assessment.authoring.keys import KEYS
from assessment.authoring.schema import schemas

SCHEMAS = schemas()
FOLDERS = [
    Path("questions/it-health"),
    Path("templates/authoring/new"),
    *(path for path in sorted(Path("tests/banks/valid").iterdir())),
]


class Core(yaml.SafeLoader):
    """YAML as editors read it: the core schema of YAML 1.2, where `yes` and dates are text."""

    yaml_implicit_resolvers = {}


Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
Core.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]*$"), list("-+0123456789"))


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    kinds = {f"{kind}.yaml": kind for kind in ("questionnaire", "sources", "guidance")}
    for path in sorted(folder.glob("**/*.yaml")):
        name = path.relative_to(folder).as_posix()
        yield kinds.get(name) or {"banks": "bank", "scenarios": "scenario"}[path.parent.name], path


def wrong(kind: str, path: Path) -> list[str]:
    data = yaml.load(path.read_text(encoding="utf-8"), Core)
    validator = Draft202012Validator(SCHEMAS[kind])
    return [f"{path}: {'.'.join(map(str, error.path))}: {error.message[:200]}" for error in validator.iter_errors(data)]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_each_schema_is_one(kind: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])


@pytest.mark.parametrize("folder", FOLDERS, ids=[path.name for path in FOLDERS])
def test_every_file_we_ship_is_as_the_schema_says(folder: Path) -> None:
    assert [line for kind, path in files(folder) for line in wrong(kind, path)] == []


def test_broken_files_are_refused_where_loading_refuses_them() -> None:
    folder = Path("tests/banks/invalid/schema")
    expected = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    found = [line for kind, path in files(folder) for line in wrong(kind, path)]
    assert len(found) == len(expected)


@pytest.mark.parametrize("key", ["wieght: 1", "weight: 11", "tier: deep", "when: {}", "assumed: 5", "points: 5"])
def test_what_an_author_mistypes_is_seen(key: str, tmp_path: Path) -> None:
    text = Path("templates/authoring/new/banks/second-topic.yaml").read_text(encoding="utf-8")
    bank = tmp_path / "b.yaml"
    name = key.partition(":")[0]
    asked = re.sub(rf"(?m)^    {name}: .*\n", "", text)
    bank.write_text(
        asked.replace("    short: A look once a year\n", f"    short: A look\n    {key}\n"), encoding="utf-8"
    )
    assert wrong("bank", bank)


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema that has keys."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield schema["properties"]
        for part in schema.values():
            yield from objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from objects(part)


def test_every_key_says_what_it_means_and_no_sentence_is_left_over() -> None:
    said = {}
    for properties in objects(SCHEMAS):
        for key, value in properties.items():
            assert value.get("description", "").endswith("."), f"“{key}” needs a sentence in authoring/keys.py"
            said[value["description"]] = key
    assert {sentence for keys in KEYS.values() for sentence in keys.values()} - set(said) == set()
