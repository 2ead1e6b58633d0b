"""The house, held by tests: sizes of functions, modules and templates, one room for each thing, docs that stay true."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta

from assessment.cli import COMMANDS
from assessment.engine.answers import PARSERS
from assessment.engine.questions import Kind
from assessment.web.forms import FIELDS

PACKAGE = Path("assessment")
TEMPLATES = Path("templates")
TEXTS = {".py", ".md", ".yaml", ".toml", ".txt", ".html", ".sh", ".typ", ".css", ".js", ".json"}
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "versions" not in p.parts and "_shipped" not in p.parts)


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[int(share * (len(values) - 1))]


def functions() -> list[tuple[int, str]]:
    return [
        ((node.end_lineno or 0) - node.lineno + 1, f"{path}:{node.lineno} {node.name}")
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_no_function_is_over_50_lines_and_nine_in_ten_are_under_29() -> None:
    sizes = functions()
    assert [name for size, name in sizes if size > 50] == []
    assert percentile([size for size, _ in sizes], 0.9) <= 28


def test_no_module_is_over_400_lines() -> None:
    lines = {str(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {name: size for name, size in lines.items() if size > 400} == {}
    if len(lines) >= 50:
        assert percentile(list(lines.values()), 0.9) <= 250


def test_templates_fit_on_a_screen() -> None:
    sizes = [path.read_text(encoding="utf-8").count("\n") for path in TEMPLATES.rglob("*.html")]
    assert percentile(sizes, 0.9) <= 100


def test_views_are_short() -> None:
    views = [
        (node.end_lineno or 0) - node.lineno + 1
        for path in (PACKAGE / "web").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and any("blueprint." in ast.unparse(d) for d in node.decorator_list)
    ]
    assert percentile(views, 0.5) <= 15


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_every_module_opens_by_saying_why_it_exists(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.split("\n")[0].endswith(".")


def test_imports_stand_at_the_top_but_where_a_platform_lacks_them_or_hardly_a_start_needs_them() -> None:
    inside = [
        f"{path}:{inner.lineno}"
        for path in MODULES
        if "cli" not in path.parts and path.name not in ("serving.py", "migrating.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_every_kind_of_question_has_a_parser_a_field_and_a_partial_and_no_other_has() -> None:
    kinds = set(Kind)
    assert set(PARSERS) == set(FIELDS) == kinds
    assert {path.stem for path in (TEMPLATES / "questions").glob("*.html")} == kinds


def test_every_template_compiles_and_uses_only_what_it_is_given() -> None:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    includes: dict[str, set[str]] = {}
    for path in TEMPLATES.rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        for included in re.findall(r'{%-? *include "([^"]+)"', source):
            includes.setdefault(included, set()).update(re.findall(r"{%-? *set (\w+)", source))
    for name in environment.list_templates(extensions=["html"]):
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        environment.get_template(name)
        imported = {
            part.split(" as ")[-1].strip()
            for names in re.findall(r"{%-? *from [^%]* import ([^%]*?)-?%}", source)
            for part in names.replace("with context", "").split(",")
        }
        own = imported | set(re.findall(r"{%-? *set (\w+)", source)) | includes.get(name, set())
        assert meta.find_undeclared_variables(environment.parse(source)) - own <= {"page"}, name
        for used in imported:
            assert len(re.findall(rf"\b{used}\b", source)) > 1, f"{name} imports {used} and does not use it"


def test_no_script_of_ours_touches_cookies_or_storage() -> None:
    for path in (PACKAGE / "web" / "static").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        if path.name == "embed.js":  # runs on the website around ours, which may keep the visitor's place
            text = text.replace("sessionStorage", "")
        assert not re.search(r"document\.cookie|localStorage|sessionStorage|indexedDB", text), path


def test_no_style_depends_on_the_height_of_the_window() -> None:
    css = (PACKAGE / "web" / "static" / "app.css").read_text(encoding="utf-8")
    assert not re.search(r"\d(?:vh|svh|dvh|lvh)\b|(?:block-size|height):\s*100%", css)


def test_the_readme_names_every_command() -> None:
    readme = Path("README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"assessment {name}" not in readme] == []


def test_requirements_are_pinned_with_hashes_and_name_no_index() -> None:
    for name in ("serve.txt", "test.txt"):
        text = Path("requirements", name).read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
        assert len(pins) > 15
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text
        assert "--index" not in text


def test_nothing_tracked_speaks_of_the_machine_it_was_written_on() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=False).stdout.split("\0")
    for name in filter(None, tracked):
        path = Path(name)
        if path.is_file() and path.suffix in TEXTS:
            assert str(Path.cwd()) not in path.read_text(encoding="utf-8"), name
