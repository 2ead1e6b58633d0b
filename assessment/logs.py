"""How the log speaks: for a person, or with ASSESSMENT_LOG_FORMAT=json for a machine; secrets are crossed out."""

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being answered in this thread; empty outside of one."""

OURS = "assessment"
MORE = "more"
"""What a record may carry besides its sentence, as fields of their own: `log.info(…, extra={MORE: {…}})`."""

SECRETS = (
    (re.compile(r"[\w-]{43,}"), "(crossed out)"),  # a link, a session, a signing secret, the key
    (re.compile(r"[^\s\"'<>()=,;:]+@[^\s\"'<>()=,;:]+"), "(an address)"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){3,7}"), "(a network)"),
)


def discreet(text: str) -> str:
    """The text without what nobody may read in a log: links, e-mail addresses, visitors' networks."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def said(record: logging.LogRecord) -> str:
    """What a record says, on one line whatever was put into it."""
    return discreet("".join(letter if letter >= " " else " " for letter in record.getMessage()))


def at(record: logging.LogRecord) -> str:
    """When something was said, in UTC, to the millisecond."""
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Plain(logging.Formatter):
    """For a person: when, how serious, what, and the request's id where there was one."""

    def format(self, record: logging.LogRecord) -> str:
        asked = f" [{REQUEST.get()}]" if REQUEST.get() else ""
        trace = "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip() if record.exc_info else ""
        return f"{at(record)} {record.levelname.lower()}{asked} {said(record)}{discreet(trace)}"


class Lines(logging.Formatter):
    """For a machine: one object on one line, whatever was in it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"at": at(record), "level": record.levelname.lower(), "from": record.name}
        line["says"] = said(record)
        if REQUEST.get():
            line["request"] = REQUEST.get()
        if record.exc_info:
            line["trace"] = discreet("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(line | getattr(record, MORE, {}))


class Speaker(logging.Handler):
    """Writes to the error stream of this moment, so that a command's results stay apart from what it logs."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{self.format(record)}\n")


FORMATS: dict[str, type[logging.Formatter]] = {"plain": Plain, "json": Lines}


def install(kind: str) -> None:
    """Let this process log in one of the FORMATS: what we say about our work, and what libraries warn of."""
    speaker, root = Speaker(), logging.getLogger()
    speaker.setFormatter(FORMATS[kind]())
    for earlier in [one for one in root.handlers if isinstance(one, Speaker)]:
        root.removeHandler(earlier)
    root.addHandler(speaker)
    logging.getLogger(OURS).setLevel(logging.INFO if kind == "json" else logging.WARNING)
