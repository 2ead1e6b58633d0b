"""Every script of the benchmarks says what it is for, and the page on them names each; what they print is a table."""

import importlib
import json
import re
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import table
from benchmarks.growth import exponent
from benchmarks.table import Row
from benchmarks.timing import Runs

PAGE = Path("benchmarks/README.md").read_text(encoding="utf-8")
SCRIPTS = sorted(
    path.stem for path in Path("benchmarks").glob("*.py") if 'if __name__ == "__main__":' in path.read_text("utf-8")
)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_what_it_is_for_and_the_page_names_it(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = importlib.import_module(f"benchmarks.{name}")
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        script.main()
    assert ended.value.code == 0
    assert script.__doc__.split("\n")[0][:40] in " ".join(capsys.readouterr().out.split())
    assert (f"python -m benchmarks.{name}" if name != "__main__" else "make bench") in PAGE


def rows_of(text: str) -> list[str]:
    """The first cells of a table, but for how many assessments the large instance had on that day."""
    return [
        re.sub(r"[\d,]*\d+ assessments", "n assessments", cell) for cell in re.findall(r"^\| (.*?) +\|", text, re.M)
    ]


def test_the_last_run_has_every_row_that_is_measured_and_no_other() -> None:
    last_run = PAGE.partition("## Last run")[2].partition("\n## ")[0]
    assert rows_of(last_run) == ["what", *rows_of("\n".join(f"| {row.what} |" for row in bench.ROWS))]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Rows that note when they are measured, in place of those that take long."""
    asked: list[str] = []

    def noting(what: str, *found: Runs) -> Row:
        def measure(folder: Path) -> table.Measured:
            asked.append(what)
            return (found[0], found[1]) if len(found) > 1 else found[0]

        return Row(what, "ms", measure, 3)

    rows = [noting("slow beside its floor", Runs.of(8, 16, 8), Runs.of(2, 4, 2)), noting("a PDF", Runs.of(1, 2, 3, 4))]
    monkeypatch.setattr(bench, "ROWS", rows)
    return asked


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    with pytest.raises(SystemExit) as ended:
        bench.main()
    return int(ended.value.code or 0)


def test_only_rows_that_are_asked_for_are_measured(measured: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "pdf", "report") == 0
    assert measured == ["a PDF"]
    assert run(monkeypatch, "nothing like it") == 2
    assert measured == ["a PDF"]


def test_a_budget_is_of_the_ratio_where_there_is_a_peer_and_one_that_is_missed_ends_with_1(
    measured: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch) == 1
    assert [[cell.strip() for cell in line.split("|")[1:-1]] for line in capsys.readouterr().out.splitlines()[4:]] == [
        ["slow beside its floor", "8.00 ms", "", "2.00 ms", "4.00×", "≤ 3×", "MISSED"],
        ["a PDF", "2.50 ms", "1.75 – 3.25", "", "", "≤ 3 ms", "kept"],
    ]


def test_a_program_is_told_the_same(
    measured: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "--json")
    slow, pdf = json.loads(capsys.readouterr().out)["rows"]
    assert (slow["ratio"], slow["peer"], slow["kept"]) == (4, 2, False)
    assert (pdf["figure"], pdf["low"], pdf["high"], pdf["runs"], pdf["ratio"]) == (2.5, 1.75, 3.25, 4, None)


def test_an_exponent_is_that_of_the_growth() -> None:
    sizes = (10, 100, 1000)
    for power in (0, 1, 2):
        assert exponent(sizes, [3.0 * size**power for size in sizes]) == pytest.approx(power)
