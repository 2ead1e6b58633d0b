"""YAML text to plain dicts, lists and strings, each with its place in the file.

Every plain scalar is text until the schema says otherwise, so `No` stays "No"; aliases, tags, duplicate keys, oversize
and over-deep files are refused before anything is built.
"""

import re
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

    def place(self, path: PlacedPath) -> Source:
        """Where a value stands, or the nearest thing around it that has a place."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Source(self.file))


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str | bytes, file: str) -> Document:
    """Read one YAML text into plain dicts, lists and strings with positions; problems are collected, not raised."""
    document = Document(file)
    try:
        if len(text) > MAX_BYTES:
            raise _Unwelcome("too-large", f"the file is over {MAX_BYTES // 1024} KiB")
        _screen(_decoded(text), document)
        node = yaml.compose(_decoded(text), Loader=_Loader)
        if node is None:
            raise _Unwelcome("empty", "the file is empty")
        document.value = _plain(node, (), document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Source(file, *_at(mark)) if mark else Source(file)
        document.problems.append(Problem("not-yaml", error.problem or "this does not read as YAML", "", at))
    except _Unwelcome as error:
        document.problems.append(Problem(error.code, str(error), "", Source(file, error.line, error.column)))
    if document.problems:
        document.value = None
    return document


class _Unwelcome(Exception):
    """A file we do not read any further, and where it stopped being welcome."""

    def __init__(self, code: str, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.line = line
        self.column = column


_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _decoded(text: str | bytes) -> str:
    """The text without a byte order mark and without the characters YAML forbids."""
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode()
            raise _Unwelcome("not-utf-8", f"the file is not UTF-8 text ({error.reason})", *_end_of(before)) from None
    text = text.removeprefix("\ufeff")
    if found := _CONTROL.search(text):
        raise _Unwelcome("control-character", _forbidden(found[0]), *_end_of(text[: found.start()]))
    return text


def _at(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _end_of(text: str) -> tuple[int, int]:
    """Line and column of whatever follows a text."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return len(lines), len(lines[-1]) + 1


def _forbidden(character: str) -> str:
    return f"the character U+{ord(character):04X} cannot stand in a text"


def _screen(text: str, document: Document) -> None:
    """Look at the events before the composer builds or recurses into anything: depth, number, aliases, tags."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_Loader):
        at = _at(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            raise _Unwelcome("alias", "aliases are not allowed here", *at)
        if isinstance(event, yaml.NodeEvent):
            nodes += 1
            if nodes > MAX_NODES:
                raise _Unwelcome("too-many", f"the file holds more than {MAX_NODES} values", *at)
            tag = getattr(event, "tag", None)
            if tag is not None:
                message = f"the tag {tag} is not allowed here"
                document.problems.append(Problem("tag", message, "write plain values", Source(document.file, *at)))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _Unwelcome("too-deep", f"values are nested more than {MAX_DEPTH} deep", *at)


def _plain(node: yaml.Node, path: PlacedPath, document: Document) -> Any:
    at = Source(document.file, *_at(node.start_mark))
    document.places[path] = at
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, place), document) for place, item in enumerate(node.value)]
    return _text(node, at, document)


def _text(node: yaml.Node, at: Source, document: Document) -> str:
    """A scalar as it is written; an escape may bring in what could not have stood there itself."""
    if found := _CONTROL.search(node.value):
        document.problems.append(Problem("control-character", _forbidden(found[0]), "", at))
    return str(node.value)


def _mapping(node: yaml.MappingNode, path: PlacedPath, document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        at = Source(document.file, *_at(key_node.start_mark))
        if not isinstance(key_node, yaml.ScalarNode):
            document.problems.append(Problem("key", "a key must be plain text", "", at))
            continue
        key = _text(key_node, at, document)
        if key in values:
            document.problems.append(
                Problem("duplicate-key", f"“{key}” stands here a second time", "keep one of them", at)
            )
            continue
        values[key] = _plain(value_node, (*path, key), document)
        document.places.setdefault((*path, key), at)
    return values
