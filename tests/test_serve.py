"""`assessment serve` as an operator runs it: a fresh folder, a real server, two workers, a clean stop."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

TOKEN = "T" * 43


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("ASSESSMENT_", "HOST", "PORT"))
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "assessment", "serve", "--port", str(port)],
        env={
            **environment,
            "ASSESSMENT_INSTANCE": str(tmp_path / "instance"),
            "HOME": str(tmp_path),
            **getattr(request, "param", {}),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process, port
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        assert stream
        stream.close()


def fetch(port: int, path: str, within: float = 30) -> tuple[int, bytes]:
    """Ask until the server listens."""
    deadline = time.monotonic() + within
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=within)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "the server does not listen"
        finally:
            connection.close()


def test_serving_a_fresh_folder_prints_the_address_and_answers(
    server: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, port = server
    assert process.stdout
    assert process.stdout.readline().strip() == f"The check is at http://127.0.0.1:{port}/q/check"
    status, page = fetch(port, "/q/check")
    assert status == 200
    assert b"IT health check" in page
    assert (tmp_path / "instance" / "assessment.db").is_file()
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o777 == 0o600
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("server", [{"ASSESSMENT_LOG_FORMAT": "json"}], indirect=True)
def test_as_json_the_server_says_nothing_but_lines_and_no_link_is_in_them(
    server: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, port = server
    assert fetch(port, "/readyz") == (200, b"ready\n")
    assert fetch(port, f"/t/{TOKEN}")[0] == 404
    assert fetch(port, f"/t/{TOKEN}/{'x' * 2048}")[0] == 414
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert out == ""
    assert {line["level"] for line in map(json.loads, err.splitlines())} == {"info", "warning"}
    for secret in (TOKEN, "127.0.0.1:5", "invitation/"):
        assert secret not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["instance"], "it keeps nothing anywhere else"
    assert "/t/<token>" in err


def test_a_wrong_setting_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assessment", "serve"],
        env={**os.environ, "ASSESSMENT_WORKERS": "none", "ASSESSMENT_INSTANCE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "ASSESSMENT_WORKERS" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_cannot_be_made_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = subprocess.run(
        [sys.executable, "-m", "assessment", "serve"],
        env={**os.environ, "ASSESSMENT_INSTANCE": str(tmp_path / "file" / "instance")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
