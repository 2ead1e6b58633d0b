"""Plain values as the YAML a person would write: bare words where they are safe, long texts folded, short maps in line.

Comments stand between keys, which no YAML library writes; what is written here is read back equal (held by a test).
"""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WIDTH = 116
PLAIN = re.compile(
    r"[A-Za-z][^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff:#,\[\]{}&*!|>%@`\"\\]*[^\s:#,\[\]{}&*!|>%@`\"\\]|[A-Za-z]"
)
TELLTALE = frozenset({"yes", "no", "true", "false", "null", "on", "off", "y", "n"})
ODD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def scalar(value: str) -> str:
    """One text in one line: bare where every reader of YAML takes it for text, or for the whole number it is."""
    if re.fullmatch(r"0|[1-9]\d{0,5}(\.\d+)?|0\.\d+", value, re.ASCII):
        return value
    if PLAIN.fullmatch(value) and value.lower() not in TELLTALE:
        return value
    return ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def text_of(value: str) -> str:
    """A text in one line, and in quotation marks where it would be read as a number."""
    return json.dumps(value) if re.fullmatch(r"[\d.]+", value) else scalar(value)


def entry(key: str, value: Any, indent: int) -> Iterator[str]:
    """The lines of one key; texts that do not fit in a line are folded."""
    pad = " " * indent
    if isinstance(value, Mapping):
        yield f"{pad}{key}: {flow(value)}"
    elif isinstance(value, str):
        line = f"{pad}{key}: {scalar(value)}"
        if len(line) <= WIDTH or "  " in value or ODD.search(value):
            yield line
        else:
            yield f"{pad}{key}: >-"
            yield from textwrap.wrap(
                value, WIDTH, break_long_words=False, break_on_hyphens=False,
                initial_indent=f"{pad}  ", subsequent_indent=f"{pad}  ",
            )  # fmt: skip
    else:
        yield f"{pad}{key}:"
        yield from (f"{pad}  - {item(one)}" for one in value)


def item(value: Any) -> str:
    """One item of a list, in one line."""
    return flow(value) if isinstance(value, Mapping) else scalar(value)


def flow(value: Mapping[str, Any]) -> str:
    """A short mapping in one line."""
    return "{" + ", ".join(f"{key}: {item(one)}" for key, one in value.items()) + "}"


def listed(values: Mapping[str, Any], comments: Sequence[str], indent: int) -> Iterator[str]:
    """A mapping as an item of a list, under its comments."""
    pad = " " * indent
    yield from (f"{pad}# {comment}" for comment in comments)
    lines = [line for key, value in values.items() for line in entry(key, value, indent + 2)]
    yield f"{pad}- {lines[0].lstrip()}"
    yield from lines[1:]
