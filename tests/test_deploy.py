"""What stands in deploy/ fits the app: settings, commands, ports, hops and files in it are held to the code."""

import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from assessment import __version__
from assessment.cli import COMMANDS
from assessment.settings import SETTINGS, read_settings
from benchmarks.nginx import adapted

DEPLOY = Path("deploy")
FILES = sorted(DEPLOY.iterdir())
COMPOSED = sorted(DEPLOY.glob("compose.*.yaml"))
UNITS = sorted(DEPLOY.glob("*.service"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_and_every_command_named_there_exists(path: Path) -> None:
    words = path.read_text(encoding="utf-8")
    known = {name for setting in SETTINGS for name in (setting.variable, f"{setting.variable}_FILE")}
    assert set(re.findall(r"ASSESSMENT_[A-Z_]+", words)) <= known
    called = re.findall(r"(?:bin/assessment|exec web assessment) (\w+)", words)
    called += re.findall(r'\["assessment", "(\w+)"', words)
    assert set(called) <= set(COMMANDS)


@pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.name)
def test_a_composition_holds_together(path: Path) -> None:
    composed = yaml.safe_load(path.read_text(encoding="utf-8"))
    services, volumes = composed["services"], composed["volumes"]
    for name, service in services.items():
        for wanted in service.get("depends_on", {}):
            assert wanted in services, (name, wanted)
        for mounted in service.get("volumes", []):
            source = mounted.split(":")[0]
            assert source in volumes or (DEPLOY / source).exists(), (name, source)
        for secret in service.get("secrets", []):
            assert secret in composed["secrets"], (name, secret)
        for variable, value in service.get("environment", {}).items():
            if str(value).startswith("/run/secrets/"):
                assert str(value).removeprefix("/run/secrets/") in service["secrets"], (name, variable)
        built = service.get("build")
        assert built is None or (DEPLOY / built["context"] / built["dockerfile"]).is_file()
        if service.get("image") == "assessment":
            check_settings(service["environment"])
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
            assert "ports" not in service, "only the proxy is open to the world"


def check_settings(environment: dict[str, Any]) -> None:
    """What a service sets are values the app takes, and the hops are as many as there are proxies."""
    plain = {name: re.sub(r"\$\{[^}]*\}", "check.example.com", value) for name, value in environment.items()}
    read = read_settings({name: value for name, value in plain.items() if not name.endswith("_FILE")})
    assert read.base_url == "https://check.example.com"
    assert read.proxy_hops == 1


def test_what_the_image_is_made_of_is_there_and_not_held_back() -> None:
    made = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    let_in = Path(".dockerignore").read_text(encoding="utf-8")
    for name in (*re.findall(r"requirements/\w+\.txt", made), *re.findall(r"scripts/\w+\.py", made)):
        assert Path(name).is_file()
        assert f"!{name}" in let_in or f"!{name.split('/')[0]}\n" in let_in
    for needed in ("assessment", "questions", "templates", "pyproject.toml", "README.md"):
        assert f"!{needed}\n" in let_in
    assert made.count("--require-hashes") == made.count("-r requirements/")
    assert made.index("USER assessment") < made.index("CMD")
    assert "/healthz" in made


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_keeps_its_data_where_it_may_write(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "StateDirectory=assessment" in lines
    assert "Environment=ASSESSMENT_INSTANCE=/var/lib/assessment" in lines
    assert {"ProtectSystem=strict", "NoNewPrivileges=yes", "UMask=0077", "User=assessment"} <= set(lines)


def test_no_proxy_logs_an_address_or_adds_to_what_the_app_says_of_frames() -> None:
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    (logged,) = re.findall(r"^log_format .*$", nginx, re.MULTILINE)
    assert not re.search(r"\$(request\b|request_uri|uri|args|remote_addr|http_)", logged)
    assert re.findall(r"access_log \S+ ?(\w*);", nginx) == ["assessment"] * 2
    caddy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert "request>uri delete" in caddy
    for words in (nginx, caddy):
        said = "\n".join(line.split("#")[0] for line in words.splitlines())
        assert not re.search("frame|content-security|x-forwarded-host", said, re.IGNORECASE)


@pytest.mark.skipif(sys.platform == "win32", reason="waitress keeps connections for longer")
def test_proxies_hang_up_before_the_app_does_and_send_no_form_twice() -> None:
    from gunicorn.config import Keepalive

    patience = {"nginx.conf": r"\bkeepalive_timeout (\d+)s;", "Caddyfile": r"\bkeepalive (\d+)s\n"}
    for name, says in patience.items():
        (seconds,) = re.findall(says, (DEPLOY / name).read_text(encoding="utf-8"))
        assert int(seconds) < Keepalive.default, name
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"proxy_next_upstream (.*?);", nginx) == ["error timeout"]


def test_the_example_for_nginx_can_be_run_on_other_ports_by_the_benchmark(tmp_path: Path) -> None:
    there = adapted(tmp_path, 8443, [8001, 8002])
    assert re.findall(r"^ +server (\S+)", there, re.MULTILINE) == ["127.0.0.1:8001", "127.0.0.1:8002"]
    assert re.findall(r"listen (\S+)", there) == [f"unix:{tmp_path}/plain.sock;", "127.0.0.1:8443"]
    assert "/etc/" not in re.sub("#.*", "", there)


def test_the_pins_of_the_postgresql_driver_are_those_it_is_tested_with() -> None:
    tested = Path("requirements/test.txt").read_text(encoding="utf-8")
    pins = Path("requirements/postgres.txt").read_text(encoding="utf-8")
    assert pins in tested
    assert "psycopg-binary==" in pins


def test_the_bill_of_materials_names_every_pin_with_a_hash_and_nothing_else() -> None:
    found = importlib.util.spec_from_file_location("sbom", "scripts/sbom.py")
    assert found
    assert found.loader
    sbom = importlib.util.module_from_spec(found)
    found.loader.exec_module(sbom)
    bill = sbom.bill()
    text = "".join(Path("requirements", name).read_text("utf-8") for name in ("serve.txt", "postgres.txt"))
    assert {f"{one['name']}=={one['version']}" for one in bill["components"]} == set(
        re.findall(r"^[a-z0-9][\w.-]*==[^ ;\\]+", text, re.MULTILINE)
    )
    hashes = [one["content"] for part in bill["components"] for one in part["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:(\w+)", text))
    references = [one["bom-ref"] for one in bill["components"]]
    assert len(references) == len(set(references))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == __version__
