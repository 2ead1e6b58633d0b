"""What the pages on faults, attacks and requirements name is there: every test, every file; and no secret is."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PAGES = [Path("docs") / name for name in ("attacks.md", "asvs.md", "faults.md")] + [
    Path("SECURITY.md"),
    Path("benchmarks/README.md"),
]


@cache
def functions_in(path: Path) -> set[str]:
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name for node in found if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_test_and_file_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(
        r"`((?:tests|assessment|benchmarks|deploy|docs|scripts|requirements|templates)/[\w./-]*)(?:::(\w+))?`", text
    )
    assert named
    for path, test in named:
        assert Path(path).exists(), f"{page} names {path}"
        assert not test or test in functions_in(Path(path)), f"{page} names {path}::{test}"


@pytest.mark.parametrize(("page", "letter", "last"), [("attacks", "B", 13), ("attacks", "S", 32), ("faults", "R", 36)])
def test_no_row_is_left_out(page: str, letter: str, last: int) -> None:
    text = Path(f"docs/{page}.md").read_text(encoding="utf-8")
    rows = re.findall(rf"^\| ({letter}\d\d) \|", text, re.MULTILINE)
    assert rows == [f"{letter}{number:02}" for number in range(1, last + 1)]


def test_importing_everything_asks_no_network() -> None:
    script = (
        "import socket, pkgutil, importlib, assessment\n"
        "def no(*a, **k): raise SystemExit('asked the network')\n"
        "socket.socket.connect = socket.getaddrinfo = no\n"
        "for one in pkgutil.walk_packages(assessment.__path__, 'assessment.'):\n"
        "    if 'migrations' not in one.name and '__main__' not in one.name: importlib.import_module(one.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


SECRETS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{100}",
    "a key of a cloud": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b",
    "a token of a forge": r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bglpat-[A-Za-z0-9_-]{20}\b",
    "a token of a messenger or payer": r"\bxox[abprs]-[0-9A-Za-z-]{20,}|\bsk_live_[0-9A-Za-z]{20,}",
    "a secret of a webhook": r"\bwhsec_[A-Za-z0-9+/]{40,}={0,2}",
    "a password in an address": r"\b(?:postgresql|smtp|https?)(?:\+\w+)?://\w+:(?!secret|password|…|\{|\*)[^\s@/\"'`<{]{8,}@",
}


SHOWN = (
    "whsec_TTGyrwtlCdUUmfLsr300NJVAjGAzLcKT3M1DTHIr+5I=",
    "whsec_294uTQaK8XPqqH1o5Ia+Kl/YqE3tOKEvPydv5jPTsRQ=",
    "whsec_fTbTHxqsTpRhqo4M0KJof0/BOCMJpUYoAy990o0KWCg=",
)
"""What the documents print as an example, and no instance has."""


def test_nothing_tracked_looks_like_a_secret() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        path = Path(name)
        if path.is_file() and path.suffix not in (".png", ".pdf", ".xlsx", ".otf"):
            text = path.read_text(encoding="utf-8", errors="replace")
            for what, looks in SECRETS.items():
                assert set(re.findall(looks, text)) <= set(SHOWN), f"{name} holds {what}"
