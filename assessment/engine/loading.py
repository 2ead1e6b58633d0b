"""Questionnaire folders of YAML to a Questionnaire, or to every problem at once with file, line and column.

This is the only module that knows the file format: which files there are, how ids are written in full, how caps are
keyed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from assessment.engine.conditions import KINDS, NotACondition, parse
from assessment.engine.documents import Document, PlacedPath, read_yaml
from assessment.engine.problems import Problem, Refused, Source
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import PROFILE, Depth, Id, Model, Percent, Ref, Text

# The shape of a folder: questionnaire.yaml names its banks; sources, guidance and scenarios stand beside it.


@dataclass(frozen=True, slots=True)
class Loaded:
    """A questionnaire, or the problems that kept it from being built, and where each part stands."""

    questionnaire: Questionnaire | None
    problems: tuple[Problem, ...]
    places: Mapping[str, Source] = field(default_factory=dict)

    def or_refuse(self) -> Questionnaire:
        """The questionnaire, or Refused with every problem."""
        if self.questionnaire is None:
            raise Refused(self.problems)
        return self.questionnaire


def load(folder: Path) -> Loaded:
    """Read a questionnaire folder. Problems name files relative to the folder's parent."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.glob("**/*.yaml"))}
    if "questionnaire.yaml" not in files:
        at = Source(str(folder))
        return Loaded(None, (Problem("no-questionnaire", "there is no questionnaire.yaml in this folder", "", at),))
    documents = {name: read_yaml(path.read_bytes(), str(path)) for name, path in files.items() if _part(name)}
    return assemble(documents)


def _part(name: str) -> bool:
    return name in ("questionnaire.yaml", "sources.yaml", "guidance.yaml") or name.startswith("banks/")


class Expected(Model):
    """What a scenario must come to; what is left out is not looked at."""

    overall: Percent | None = None
    band: Id | None = None
    banks: Mapping[Id, Percent] = Field(default_factory=dict)
    criticals: tuple[Ref, ...] | None = None
    signs: int | None = None
    first: tuple[Ref, ...] | None = None
    measures: Mapping[Id, Text] = Field(default_factory=dict)


class Case(Model):
    """One scenario file: a firm, its answers, and what they must come to."""

    code: str | None = None
    name: Text
    story: Text | None = None
    depth: Depth = Depth.FULL
    answers: Mapping[str, Any]
    expect: Expected = Expected()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario, named after its file, and where each of its parts stands."""

    id: str
    case: Case
    at: Callable[[PlacedPath], Source]

    @property
    def depth(self) -> Depth:
        return self.case.depth

    @property
    def answers(self) -> Mapping[str, Any]:
        """As they stand in the file."""
        return self.case.answers


def load_scenarios(folder: Path) -> tuple[tuple[Scenario, ...], tuple[Problem, ...]]:
    """The scenarios beside a questionnaire, and what is wrong with their files."""
    scenarios, problems = [], []
    for path in sorted((folder / "scenarios").glob("*.yaml")):
        document = read_yaml(path.read_bytes(), str(path))
        problems += document.problems
        if document.problems:
            continue
        try:
            scenarios.append(Scenario(path.stem, Case.model_validate(document.value), document.place))
        except ValidationError as error:
            problems += [_schema_problem(dict(item), document.place) for item in error.errors()]
    return tuple(scenarios), tuple(sorted(problems, key=lambda problem: problem.source))


def assemble(documents: Mapping[str, Document]) -> Loaded:
    """Build a questionnaire from its documents, keyed questionnaire.yaml, sources.yaml and banks/<bank>.yaml."""
    problems = [problem for document in documents.values() for problem in document.problems]
    head = documents["questionnaire.yaml"]
    if problems or not isinstance(head.value, dict):
        return Loaded(None, tuple(problems) or (Problem("shape", "a mapping is expected", "", Source(head.file)),))
    data, where, problems = _join(head, documents)
    places = dict(_places(data, where))
    if not problems:
        _check_conditions(data, (), where, problems)
        _qualify(data)
    if problems:
        return Loaded(None, tuple(sorted(problems, key=lambda problem: problem.source)), places)
    try:
        return Loaded(Questionnaire.model_validate(data), (), places)
    except ValidationError as error:
        found = [_schema_problem(dict(item), where) for item in error.errors()]
        return Loaded(None, tuple(sorted(found, key=lambda problem: problem.source)), places)


class _Where:
    """Finds the place of a path in the joined data by handing it to the document that part came from."""

    def __init__(self, head: Document) -> None:
        self.parts: dict[PlacedPath, Document] = {(): head}

    def __call__(self, path: PlacedPath) -> Source:
        cut = len(path)
        while path[:cut] not in self.parts:
            cut -= 1
        return self.parts[path[:cut]].place(path[cut:])


def _join(head: Document, documents: Mapping[str, Document]) -> tuple[dict[str, Any], _Where, list[Problem]]:
    """Put the banks and figures into the questionnaire's own data."""
    data, where, problems = dict(head.value), _Where(head), []
    banks: list[dict[str, Any]] = []
    for place, entry in enumerate(data.get("banks") or []):
        name = entry.get("bank") if isinstance(entry, dict) else entry
        document = documents.get(f"banks/{name}.yaml")
        if not isinstance(entry, dict) or document is None or not isinstance(document.value, dict):
            hint = "each entry is {bank: id, weight: n}, with its file at banks/<id>.yaml"
            problems.append(Problem("no-bank", f"there is no bank “{name}”", hint, where(("banks", place))))
            continue
        where.parts["banks", len(banks)] = document
        banks.append({**document.value, "weight": entry.get("weight", "0")})
    data["banks"] = banks
    for part, name in (("figures", "sources.yaml"), ("guidance", "guidance.yaml")):
        if document := documents.get(name):
            where.parts[part,] = document
            data[part] = document.value
    return data, where, problems


def _qualify(data: dict[str, Any]) -> None:
    """Write every id and reference in full: `tested-restore` in the bank `backups` becomes `backups.tested-restore`."""
    for question in _dicts(data.get("profile")):
        _qualify_item(question, PROFILE)
    for bank in _dicts(data["banks"]):
        for part in ("questions", "rules", "recommendations"):
            for item in _dicts(bank.get(part)):
                _qualify_item(item, str(bank.get("id")))
                if part == "rules":
                    _qualify_caps(item, str(bank.get("id")))
    for rule in _dicts(data.get("rules")):
        _qualify_caps(rule, "")


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _in_full(ref: Any, bank: str) -> Any:
    return f"{bank}.{ref}" if isinstance(ref, str) and ref and "." not in ref else ref


def _qualify_item(item: dict[str, Any], bank: str) -> None:
    item["id"] = _in_full(item.get("id"), bank)
    for key in ("recommends", "replaces"):
        if isinstance(item.get(key), list):
            item[key] = [_in_full(ref, bank) for ref in item[key]]
    if isinstance(item.get("raises"), dict):
        item["raises"] = {_in_full(ref, bank): option for ref, option in item["raises"].items()}
    needs = item.get("needs")
    if isinstance(needs, dict):
        for key in ("first", "better_after"):
            if isinstance(needs.get(key), list):
                needs[key] = [_qualify_need(ref, bank) for ref in needs[key]]
    for holder in (item, *_holders(item)):
        if "when" in holder:
            holder["when"] = _qualify_condition(holder["when"], bank)


def _holders(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in ("settled", "does_not_apply"):
        if isinstance(item.get(key), dict):
            yield item[key]
    yield from _dicts(item.get("overrides"))
    if isinstance(item.get("needs"), dict):
        yield from _dicts(item["needs"].get("first"))


def _qualify_need(ref: Any, bank: str) -> Any:
    if isinstance(ref, dict):
        return {**ref, "do": _in_full(ref.get("do"), bank)}
    return _in_full(ref, bank)


def _qualify_condition(value: Any, bank: str) -> Any:
    if isinstance(value, list):
        return [_qualify_condition(item, bank) for item in value]
    if not isinstance(value, dict):
        return value
    out: dict[str, Any] = {}
    for key, operand in value.items():
        if key in ("all", "any", "not"):
            out[key] = _qualify_condition(operand, bank)
        else:
            out[key if key in KINDS else _in_full(key, bank)] = operand
    return out


def _qualify_caps(rule: dict[str, Any], bank: str) -> None:
    """`caps: {bank: 60, overall: 40, band: gaps}` in a bank; across banks the banks are named."""
    caps = rule.get("caps")
    if isinstance(caps, dict) and "banks" not in caps:
        named = {bank if key == "bank" else key: most for key, most in caps.items() if key not in ("overall", "band")}
        rule["caps"] = {key: caps[key] for key in ("overall", "band") if key in caps} | {"banks": named}


def _check_conditions(value: Any, path: PlacedPath, where: _Where, problems: list[Problem]) -> None:
    """Read every `when` on its own, so that what is wrong inside one is reported at its own line."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "when":
                try:
                    parse(inner)
                except NotACondition as error:
                    at = where((*path, key, *error.path))
                    problems.append(Problem("condition", str(error), "", at))
            else:
                _check_conditions(inner, (*path, key), where, problems)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            _check_conditions(inner, (*path, place), where, problems)


def _schema_problem(error: dict[str, Any], where: Callable[[PlacedPath], Source]) -> Problem:
    path = tuple(error["loc"])
    if path[:1] == ("measures",):
        path = (*path[:2], *path[3:])  # what stands between is the kind
    name = ".".join(str(part) for part in path[-2:]) or "the file"
    last = path[-1] if path else ""
    message = {
        "missing": f"“{last}” is missing",
        "extra_forbidden": f"“{last}” is no key here",
        "union_tag_not_found": "“kind” is missing",
        "union_tag_invalid": f"there is no such kind: use one of {error.get('ctx', {}).get('expected_tags')}",
    }.get(error["type"], f"{name}: {error['msg']}")
    return Problem("schema", message, "see the bank file in the README", where(path))


def _places(data: Mapping[str, Any], where: _Where) -> Iterator[tuple[str, Source]]:
    """Where each id stands, so that later checks can point at the text."""
    for key in ("profile", "rules", "facts", "bands", "measures"):
        for place, item in enumerate(_dicts(data.get(key))):
            prefix = f"{PROFILE}." if key == "profile" else ""
            yield f"{key}:{prefix}{item.get('id')}", where((key, place))
            for part in ("levels", "rules") if key == "measures" else ():
                for inner_place, inner in enumerate(_dicts(item.get(part))):
                    yield f"{key}:{item.get('id')}.{inner.get('id')}", where((key, place, part, inner_place))
    for bank_place, bank in enumerate(_dicts(data.get("banks"))):
        yield f"banks:{bank.get('id')}", where(("banks", bank_place))
        for part in ("questions", "rules", "recommendations"):
            for place, item in enumerate(_dicts(bank.get(part))):
                yield (
                    f"{part}:{_in_full(item.get('id'), str(bank.get('id')))}",
                    where(("banks", bank_place, part, place)),
                )
    yield "", where(())
    for key in ("signs", "profile", "bands", "guidance"):
        yield key, where((key,))
    for place, item in enumerate(_dicts(data.get("figures"))):
        yield f"figures:{item.get('id')}", where(("figures", place))
