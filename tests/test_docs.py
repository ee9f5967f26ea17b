"""The documentation keeps up: generated pages are current, every code and command appears, every link leads."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from exotrial.cli.app import build_app
from exotrial.cli.catalogues import find_errors
from exotrial.core.errors import Refusal
from exotrial.outcomes.measure import Measure, find_measures
from exotrial.statistics.methods import find_methods
from exotrial.statistics.result import Method
from exotrial.study.file import read_study
from tests.conftest import PROJECT

DOCS = PROJECT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_the_generated_pages_are_current() -> None:
    ended = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
    )
    assert ended.returncode == 0, ended.stderr


def test_every_error_code_is_documented() -> None:
    page = read("reference/errors.md")
    assert [code for code in find_errors() if f"`{code}`" not in page] == []


def test_every_code_that_a_source_file_writes_is_a_declared_one() -> None:
    # A code in a docstring or a message that nobody declares sends the reader to nothing.
    declared = set(find_errors())
    prefixes = {code.split("-")[0] for code in declared}
    written = {
        code
        for path in (PROJECT / "exotrial").rglob("*.py")
        for code in re.findall(r"\b([A-Z]{3}-\d{3})\b", path.read_text(encoding="utf-8"))
        if code.split("-")[0] in prefixes and path.name != "errors.py"
    }
    assert written <= declared


def test_every_command_is_documented() -> None:
    page = read("reference/cli.md")
    group = typer.main.get_command(build_app())
    assert isinstance(group, TyperGroup)
    assert [name for name in group.commands if f"## exotrial {name}\n" not in page] == []


def test_every_installed_measure_and_method_is_documented() -> None:
    measures, methods = read("reference/measures.md"), read("reference/methods.md")
    assert [name for name in find_measures() if f"`{name}`" not in measures] == []
    assert [name for name in find_methods() if f"`{name}`" not in methods] == []


def test_the_file_of_the_how_to_is_a_measure_in_a_dozen_lines() -> None:
    page = read("how-to/add-an-outcome-measure.md")
    (block,) = re.findall(r"^```python\n(.+?)^```", page, flags=re.MULTILINE | re.DOTALL)
    assert len([line for line in block.splitlines() if line.strip()]) <= 12
    module: dict[str, object] = {}
    exec(compile(block, "six_minute_walk.py", "exec"), module)
    (measure,) = [value for value in module.values() if isinstance(value, Measure)]
    assert measure.paramcd == "SIXMWD"
    # Who follows the page has it; a measure of that name and another content would make the page wrong.
    assert find_measures().get(measure.paramcd, measure) == measure


def test_the_file_of_the_how_to_is_a_method_that_computes_and_refuses() -> None:
    page = read("how-to/add-a-statistical-method.md")
    (block,) = re.findall(r"^```python\n(.+?)^```", page, flags=re.MULTILINE | re.DOTALL)
    module: dict[str, object] = {}
    exec(compile(block, "yuen.py", "exec"), module)
    (method,) = [value for value in module.values() if isinstance(value, Method)]
    result = method.compute([1, 2, 3, 4, 9, 11], [2, 3, 5, 7, 19])
    # Without the lowest and the highest value: (2 + 3 + 4 + 9) / 4 less (3 + 5 + 7) / 3.
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(4.5 - 5.0)
    with pytest.raises(Refusal, match="STS-100"):
        method.compute([1, 1, 1, 1, 1], [2, 3, 5, 7, 19])


def test_the_smallest_study_file_of_the_how_to_is_read(tmp_path: Path) -> None:
    smallest, *_ = re.findall(
        r"^```toml\n(schema_version.+?)^```",
        read("how-to/write-a-study-file.md"),
        flags=re.MULTILINE | re.DOTALL,
    )
    (tmp_path / "study.toml").write_text(smallest, encoding="utf-8")
    study, _ = read_study(tmp_path)
    assert study.id == "mine"


def test_every_doubt_about_captured_data_is_documented() -> None:
    source = (PROJECT / "exotrial" / "datasets" / "doubts.py").read_text(encoding="utf-8")
    rules = re.findall(r'rule="(CPD-\d{3})"', source)
    page = read("how-to/report-captured-data.md")
    assert rules
    assert [rule for rule in rules if f"| {rule} |" not in page] == []


def test_every_page_is_in_the_navigation() -> None:
    navigation = (PROJECT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f" {page.relative_to(DOCS).as_posix()}\n" not in navigation] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_a_page_asks_nothing_of_the_network_to_be_shown(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"!\[[^\]]*\]\(https?:", text) == []
    assert re.findall(r"<(?:script|img|link|iframe)\b", text) == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_says_what_why_what_else_and_when_to_look_again(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings == ["What", "Why", "What else", "When to look again"]


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("target", ["demo", "test", "lint", "bench", "docs", "format", "test-pythons"])
def test_the_makefile_has_the_target_and_says_what_it_is_for(target: str) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
    assert re.search(rf"^#   make {target} ", makefile, flags=re.MULTILINE)


def test_the_makefile_tries_every_python_that_the_package_names() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert f"PYTHONS := {' '.join(named)}\n" in makefile
