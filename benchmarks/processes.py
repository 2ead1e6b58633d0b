"""What a whole process takes: time to the first page, and memory after some work."""

import subprocess
import sys
from itertools import count
from pathlib import Path

from benchmarks.timing import Runs, milliseconds

FIRST_PAGE = """
import sys
from assessment.collector import loading
with loading():
    from assessment.settings import read_settings
    from assessment.web import create_app
    from assessment.web.serving import with_console
    browser = with_console(create_app(read_settings({"ASSESSMENT_INSTANCE": sys.argv[1]}))).test_client()
assert browser.get("/q/check").status_code == 200
"""

WORK = """
import sys
from pathlib import Path
from assessment.collector import loading
with loading():
    from benchmarks.pages import client, finished
    browser = client(Path(sys.argv[1]))
for _ in range(4):
    check = finished(browser)
    report = browser.post(check.replace("/check", "/submit")).location
    browser.get(report)
    if int(sys.argv[2]):
        browser.get(report + "/report.pdf")
(peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(peak.split()[1])
"""


def cold_start(folder: Path) -> Runs:
    """Milliseconds from starting Python to the first page of a fresh instance."""
    fresh = count()

    def start() -> None:
        subprocess.run([sys.executable, "-c", FIRST_PAGE, str(folder / f"cold{next(fresh)}")], check=True)

    return milliseconds(start, 5)


def memory(folder: Path, pdfs: int) -> Runs:
    """Megabytes at the most, in one process that serves four whole assessments with reports, and PDFs or none.

    The database was made by another process, as it is for the workers of a server.
    """
    subprocess.run([sys.executable, "-c", FIRST_PAGE, str(folder / "memory" / "instance")], check=True)
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(folder / "memory"), str(pdfs)], check=True, capture_output=True, text=True
    )
    return Runs.of(int(done.stdout) / 1024)
