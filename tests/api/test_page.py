"""docs/api.md stays true: each request printed there is sent and answered as it says; its tables are the code's."""

import json
import re
from pathlib import Path
from typing import Any

from flask import Flask

from assessment.settings import SETTINGS
from assessment.storage.tokens import Scope
from assessment.web.api.operations import OPERATIONS, ROOT
from tests.api.conftest import Holder
from tests.api.test_api import lead_of
from tests.console.conftest import BROWN, Send, site_of
from tests.web.conftest import Clock

PAGE = Path("docs/api.md").read_text(encoding="utf-8")
ASKED = re.compile(r"```http\n(GET|DELETE) (\S+)\n```\n+(?:```json\n(.*?)```|Answer: (\d{3}))", re.DOTALL)
FIRST, SECOND, LEAD = "5f0c9b1e7a3d4826", "9b0e51d7c2a84f36", "c41d7be06f92a835"
VERSION, AFTER = "2026.11.2", "20261122T090500000000-2"


def test_every_request_on_the_page_is_answered_as_it_says(app: Flask, send: Send, holder: Holder, clock: Clock) -> None:
    first = send(contact=BROWN, source={"utm_source": "newsletter"})
    clock.passes(minutes=5)
    second, program = send("c8-architecture-firm"), holder()
    real = {FIRST: first, SECOND: second, LEAD: lead_of(app, first)}
    real |= {VERSION: site_of(app).version, AFTER: program.get("/assessments?limit=1")["after"]}
    tried = ASKED.findall(PAGE)
    for method, path, printed, status in tried:
        answer = program.ask(_with(path, real), method, root="")
        told = _with(answer.text, {there: here for here, there in real.items()})
        if printed:
            assert json.loads(told) == json.loads(printed), f"{method} {path} answers:\n{_pretty(told)}"
        else:
            assert answer.status_code == int(status), f"{method} {path}"
    assert len(tried) >= 5


def _with(text: str, names: dict[str, str]) -> str:
    for one, other in names.items():
        text = text.replace(one, other)
    return text


def _pretty(text: str) -> Any:
    return json.dumps(json.loads(text), ensure_ascii=False, indent=2)


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(GET|DELETE) ([^`]+)` \| `([^`]+)` \|", PAGE, re.MULTILINE)
    assert rows == [(one.method, re.sub(r"<(\w+)>", r"{\1}", one.path), one.scope) for one in _in_order(rows)]
    assert len(rows) == len(OPERATIONS)
    assert re.findall(r"^\| `([a-z:]+)` \|", PAGE, re.MULTILINE) == list(Scope)
    assert f"`{ROOT}/openapi.json`" in PAGE
    usual = next(one.default for one in SETTINGS if one.name == "api_per_hour")
    assert f"{int(usual):,} times an hour" in PAGE


def _in_order(rows: list[tuple[str, str, str]]) -> Any:
    known = {(one.method, re.sub(r"<(\w+)>", r"{\1}", one.path)): one for one in OPERATIONS}
    return [known[method, path] for method, path, _ in rows]
