"""YAML text to plain dicts, lists and strings, each with its place in the file.

Every plain scalar is text until the schema says otherwise, so `No` stays "No"; aliases, tags, duplicate keys, oversize
and over-deep files are refused before anything is built.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

from assessment.engine.problems import Problem, Source

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000

PlacedPath = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """One YAML file read: its plain values, and where each of them stands."""

    file: str
    value: Any = None
    places: dict[PlacedPath, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def place(self, path: PlacedPath) -> Source:
        """Where a value stands, or the nearest thing around it that has a place."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Source(self.file))


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str | bytes, file: str) -> Document:
    """Read one YAML text into plain dicts, lists and strings with positions; problems are collected, not raised."""
    document = Document(file)
    if len(text) > MAX_BYTES:
        document.problems.append(Problem("too-large", f"the file is over {MAX_BYTES // 1024} KiB", "", Source(file)))
        return document
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        _refuse_depth(text)
        node = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        document.problems.append(Problem("not-utf-8", f"the file is not UTF-8 text ({error.reason})", "", Source(file)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Source(file, mark.line + 1, mark.column + 1) if mark else Source(file)
        document.problems.append(Problem("not-yaml", error.problem or "this does not read as YAML", "", at))
    except yaml.YAMLError as error:
        document.problems.append(Problem("not-yaml", str(error).replace("\n", " "), "", Source(file)))
    except _Unwelcome as error:
        document.problems.append(error.problem(file))
    else:
        if node is None:
            document.problems.append(Problem("empty", "the file is empty", "", Source(file)))
        else:
            document.value = _plain(node, (), document)
    return document


class _Unwelcome(Exception):
    """YAML we do not read: nested too deep, or with an alias."""

    def __init__(self, code: str, message: str, mark: Any) -> None:
        super().__init__(message)
        self.code = code
        self.mark = mark

    def problem(self, file: str) -> Problem:
        return Problem(self.code, str(self), "", Source(file, self.mark.line + 1, self.mark.column + 1))


def _refuse_depth(text: str) -> None:
    """Count nesting on the event stream, before the composer recurses into it; refuse aliases' bombs by size alone."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _Unwelcome("too-deep", f"values are nested more than {MAX_DEPTH} deep", event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            raise _Unwelcome("alias", "aliases are not allowed here", event.start_mark)


def _plain(node: yaml.Node, path: PlacedPath, document: Document) -> Any:
    at = Source(document.file, node.start_mark.line + 1, node.start_mark.column + 1)
    document.places[path] = at
    document.nodes += 1
    if document.nodes == MAX_NODES:
        document.problems.append(Problem("too-many", f"the file holds more than {MAX_NODES} values", "", at))
    if document.nodes >= MAX_NODES:
        return None
    if node.tag.startswith("!") or "python" in node.tag:
        document.problems.append(Problem("tag", f"the tag {node.tag} is not allowed here", "write plain values", at))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, place), document) for place, item in enumerate(node.value)]
    if "\0" in node.value:
        document.problems.append(Problem("nul", "a NUL character cannot stand in a text", "", at))
    return str(node.value)


def _mapping(node: yaml.MappingNode, path: PlacedPath, document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        at = Source(document.file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            document.problems.append(Problem("key", "a key must be plain text", "", at))
            continue
        key = str(key_node.value)
        if key in values:
            document.problems.append(
                Problem("duplicate-key", f"“{key}” stands here a second time", "keep one of them", at)
            )
            continue
        values[key] = _plain(value_node, (*path, key), document)
        document.places.setdefault((*path, key), at)
    return values
