"""The laws of the house, checked: layers, no Django below the store, no clock, no chance, files of one idea."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exotrial.core.catalogue import find_objects
from exotrial.core.errors import ErrorCode
from exotrial.outcomes.measure import find_measures
from exotrial.statistics.methods import find_methods
from tests.conftest import PROJECT

PACKAGE = PROJECT / "exotrial"
NOT_SCIENCE = {"store", "operations", "qualification", "web", "cli"}  # from `store` upwards
LONGEST = 400

GENERATED = PACKAGE / "store" / "migrations" / "0001_initial.py"  # Django wrote it

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != GENERATED)
SCIENCE = [
    path for path in MODULES if path.relative_to(PACKAGE).parts[0] not in NOT_SCIENCE | {"__main__.py"}
]


def name_of(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def importable(paths: list[Path]) -> list[str]:
    return [name_of(path) for path in paths if path.name != "__main__.py"]


def calls_in(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every call in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def run_python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
    )


def test_data_flows_one_way() -> None:
    ended = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


BLOCK_DJANGO = """
import importlib, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "django":
            raise ImportError(f"{name} is blocked here")

sys.meta_path.insert(0, Blocker())
try:
    import django
except ImportError:
    pass
else:
    sys.exit("the blocker does not block")
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_everything_below_the_store_imports_without_django() -> None:
    ended = run_python(BLOCK_DJANGO, *importable(SCIENCE))
    assert ended.returncode == 0, ended.stderr


# An effect counts when a module of ours causes it while it is imported, not when a library that it imports
# does: the frames are walked outwards, and an import of something else ends the walk.
WATCH = """
import importlib, json, os, sys

effects = []
EVENTS = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.putenv", "os.unsetenv", "subprocess.Popen",
          "os.system", "socket.connect", "socket.bind", "socket.getaddrinfo", "sqlite3.connect", "urllib.Request"}

def writes(event, arguments):
    if event != "open":
        return event in EVENTS
    mode, flags = arguments[1], arguments[2]
    return any(letter in (mode or "") for letter in "wax+") or bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))

def culprit():
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("exotrial"):
            return f"{name} line {frame.f_lineno}"
        if name.startswith("importlib._bootstrap"):
            return None
        frame = frame.f_back
    return None

def watch(event, arguments):
    if writes(event, arguments):
        where = culprit()
        if where:
            effects.append(f"{where}: {event} {arguments!r}")

sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
json.dump(effects, sys.stderr)
"""


def test_every_module_imports_without_side_effects() -> None:
    ended = run_python(WATCH, *importable(MODULES))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""
    assert json.loads(ended.stderr) == []


def test_the_watch_for_side_effects_sees_one(tmp_path: Path) -> None:
    (tmp_path / "exotrial_rude.py").write_text(f"open({str(tmp_path / 'left')!r}, 'w').close()\n")
    ended = run_python(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{WATCH}", "exotrial_rude")
    assert "exotrial_rude line 1: open" in ended.stderr


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_short_or_says_in_its_first_lines_why_it_is_long(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > LONGEST:
        first = "\n".join(lines[:12])
        assert "Long because" in first, (
            f"{len(lines)} lines: split it by idea, or open with 'Long because ...'"
        )


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_and_its_public_functions_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    silent = [
        node.name for node in functions if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert ast.get_docstring(tree), "the module has no docstring"
    assert silent == []


CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
CHANCE = {
    "rand",
    "randn",
    "randint",
    "random",
    "normal",
    "uniform",
    "choice",
    "shuffle",
    "permutation",
    "seed",
}


def tells_the_time(call: str) -> bool:
    owner, _, function = call.rpartition(".")
    return function in CLOCKS and owner.rpartition(".")[2] in {"datetime", "date", "time", "dt"}


def draws_from_global_state(call: str) -> bool:
    owner, _, function = call.rpartition(".")
    return function in CHANCE and owner in {"random", "np.random", "numpy.random"}


@pytest.mark.parametrize("path", SCIENCE, ids=name_of)
def test_the_science_reads_no_clock_and_draws_from_no_global_state(path: Path) -> None:
    found = [
        f"line {line}: {call}"
        for line, call in calls_in(path)
        if tells_the_time(call) or draws_from_global_state(call)
    ]
    assert found == [], "give `now` and a seeded generator as arguments"


@pytest.mark.parametrize(
    "call", ["datetime.now", "datetime.datetime.now", "date.today", "time.time", "datetime.utcnow"]
)
def test_a_look_at_the_clock_is_recognised(call: str) -> None:
    assert tells_the_time(call)


@pytest.mark.parametrize("call", ["rng.normal", "generator.choice", "encounter.time", "self.today"])
def test_what_only_sounds_like_a_clock_or_chance_is_let_be(call: str) -> None:
    assert not tells_the_time(call)
    assert not draws_from_global_state(call)


def test_no_two_error_codes_measures_or_methods_share_a_name() -> None:
    # find_objects refuses with CAT-001 where two do; entry points of plug-ins included.
    assert find_objects("exotrial", ErrorCode, name=lambda error: error.code)
    find_measures()
    find_methods()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_refusal_is_built_by_its_error_code(path: Path) -> None:
    if path == PACKAGE / "core" / "errors.py":
        return
    direct = [line for line, call in calls_in(path) if call.rpartition(".")[2] == "Refusal"]
    assert direct == [], "raise CODE.refuse(...), so that the code is declared and documented"


def test_an_error_code_is_three_letters_three_digits_and_two_sentences() -> None:
    for code, error in find_objects("exotrial", ErrorCode, name=lambda error: error.code).items():
        letters, _, digits = code.partition("-")
        assert letters.isalpha(), code
        assert letters.isupper(), code
        assert len(letters) == 3, code
        assert len(digits) == 3, code
        assert digits.isdigit(), code
        assert error.meaning.endswith("."), code
        assert error.remedy.endswith("."), code


def test_an_error_code_is_a_constant_of_its_module() -> None:
    # A code made inside a function would not be found, and so not documented.
    hidden = [
        f"{name_of(path)} line {node.lineno}"
        for path in MODULES
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "ErrorCode"
    ]
    assert hidden == []
