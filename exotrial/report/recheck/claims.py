"""The claims file: what a paper prints, where it prints it, and the data from which it should follow.

A person writes it by hand for any paper. One `[[claims]]` entry is one figure or statement:

    [[claims]]
    id = "crp-p"
    kind = "p_value"
    prints = "p=0.151"                    # exactly as printed
    words = "no significant difference"   # a few words around it, optional
    section = "Results"
    line = 213                            # in the source text
    source = "paper"                      # an id of [[sources]]
    design = "paired"                     # or "independent"
    method = "unpaired t test"            # what the paper says it used
    from.before = { table = "table2", row = "CRP", column = "Before" }
    from.after = { table = "table2", row = "CRP", column = "After" }
    given.step = "0.1"

`exotrial.report.recheck.kinds` says which `from` and `given` names each kind takes.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.core.provenance import SourceFile, compute_source
from exotrial.study.definition.base import Part, Text, as_tuples
from exotrial.study.toml_lines import Path as Path_
from exotrial.study.toml_lines import compute_lines, find_line

NO_FILE = ErrorCode(
    "RCK-001",
    "There is no claims file at the path given.",
    "give a study folder that holds published/claims.toml, or name the file with --claims.",
)
NOT_TOML = ErrorCode(
    "RCK-002",
    "The claims file is not TOML in UTF-8.",
    "mend the syntax at the place named; text goes in double quotes, lists in square brackets.",
)
MISSING_KEY = ErrorCode(
    "RCK-003",
    "A claim lacks a key without which it cannot be checked.",
    "add the key; the documentation of the claims file says what it holds.",
)
UNKNOWN_KEY = ErrorCode(
    "RCK-004",
    "A claim has a key that claims of its kind do not have.",
    "correct the spelling or remove the key.",
)
WRONG_VALUE = ErrorCode(
    "RCK-005", "A value of the claims file is of the wrong kind.", "write the value as the message shows."
)
REPEATED_ID = ErrorCode("RCK-006", "Two claims have one id.", "give each claim an id of its own.")
UNKNOWN_SOURCE = ErrorCode(
    "RCK-007",
    "A claim names a source that the claims file does not list.",
    "add a [[sources]] entry with this id, or correct the id.",
)

Literal_ = str | int


class Source(Part):
    """A document that is quoted: `file` is its name as kept beside the project, `title` says what it is."""

    id: Text
    title: Text
    file: str = ""


class Selection(Part):
    """Where figures come from: cells of a table, figures written here, another claim, or nowhere.

    Cells are chosen by `table` (a file of the data folder, without .csv) and any of `row`, `column` and
    `participants`. `values` are figures as printed elsewhere in the source, at `line` and `place`.
    `claim` is what another claim prints. `missing` says in words what would be needed and is not printed.
    """

    table: Text | None = None
    row: Text | None = None
    column: Text | None = None
    participants: tuple[Literal_, ...] | None = Field(default=None, min_length=1)
    values: tuple[Literal_, ...] | None = Field(default=None, min_length=1)
    claim: Text | None = None
    missing: Text | None = None
    line: int | None = Field(default=None, ge=1)
    source: Text | None = None
    place: str = ""

    @model_validator(mode="after")
    def _one_form(self) -> Selection:
        forms = [self.table, self.values, self.claim, self.missing]
        if sum(form is not None for form in forms) != 1:
            raise ValueError("a selection has exactly one of table, values, claim or missing")
        if self.table is None and (self.row, self.column, self.participants) != (None, None, None):
            raise ValueError("row, column and participants choose cells of a table; name the table")
        return self


class Claim(Part):
    """One figure or statement of the source, as printed, and what it should follow from."""

    id: Text
    kind: Text
    prints: Text
    words: str = ""
    section: str = ""
    line: int = Field(ge=1)
    source: Text
    design: Literal["paired", "independent"] | None = None
    method: str = ""
    from_: dict[str, Selection] = Field(default_factory=dict, alias="from")
    given: dict[str, str | int | bool] = Field(default_factory=dict)


class ClaimsFile(Part):
    """All claims of one paper."""

    title: Text
    sources: tuple[Source, ...] = Field(min_length=1)
    claims: tuple[Claim, ...] = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class ClaimsDocument:
    """A claims file that was read: its claims, its digest, the name that refusals call it, and its lines."""

    file: ClaimsFile
    source: SourceFile
    name: str
    lines: dict[Path_, int]

    def place(self, claim: Claim, *steps: str) -> Place:
        """Where a claim, or a key of it, stands in the file."""
        position = next(i for i, known in enumerate(self.file.claims) if known.id == claim.id)
        line = find_line(self.lines, ("claims", position, *steps))
        return Place(file=self.name, line=line, path=".".join(("claims", claim.id, *steps)))


def read_claims(path: Path) -> ClaimsDocument:
    """Read a claims file; refuses with RCK-001 or RCK-002, or with all of RCK-003 to RCK-007 it earns together."""
    if not path.is_file():
        raise NO_FILE.refuse(f"there is no claims file at '{path}'", value=path)
    return parse_claims(path.read_bytes(), name=str(path))


def parse_claims(data: bytes, *, name: str) -> ClaimsDocument:
    """The claims in the bytes of a claims file; `name` is what refusals call the file."""
    try:
        text = data.decode("utf-8")
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise NOT_TOML.refuse(
            f"byte {error.start + 1} is not UTF-8", place=Place(file=name, line=line), value=error.start + 1
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise NOT_TOML.refuse(str(error), place=Place(file=name), value=str(error)) from None
    lines = compute_lines(text)

    def place(path: Sequence[str | int]) -> Place:
        return Place(file=name, line=find_line(lines, tuple(path)), path=_named_path(path, document))

    try:
        parsed = ClaimsFile.model_validate(as_tuples(document))
    except ValidationError as error:
        details = error.errors(include_url=False)
        # A list of which every entry is wrong is reported as empty as well; the entries say it better.
        told = [d for d in details if not (d["type"] == "too_short" and _holds_another(d, details))]
        raise Refusals([_explain(detail, place) for detail in told]) from None
    problems = _check_references(parsed, place)
    if problems:
        raise Refusals(problems)
    source = compute_source(data, name=Path(name).name)
    return ClaimsDocument(file=parsed, source=source, name=name, lines=lines)


def nearest(word: str, known: Sequence[str]) -> str:
    """The way out for a misspelt name: the nearest known one, or the list of all."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(known) or 'none'}."


def _holds_another(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    loc = detail["loc"]
    return any(len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in details)


def _named_path(path: Sequence[str | int], document: dict[str, Any]) -> str:
    """A dotted path in which a claim is named by its id, and by its position from 1 where it has none."""
    steps = [str(step + 1) if isinstance(step, int) else step for step in path]
    if len(path) > 1 and isinstance(path[1], int):
        entry = document[str(path[0])][path[1]]
        if isinstance(entry, dict) and "id" in entry:
            steps[1] = str(entry["id"])
    return ".".join(steps)


def _explain(detail: ErrorDetails, place: Any) -> Refusal:
    loc = detail["loc"]
    value = detail["input"]
    if detail["type"] == "missing":
        return MISSING_KEY.refuse(f"the key {loc[-1]!r} is missing", place=place(loc), value=loc[-1])
    if detail["type"] == "extra_forbidden":
        part: type[Part] = ClaimsFile
        if "from" in loc[:-1]:
            part = Selection
        elif len(loc) > 1:
            part = Claim if loc[0] == "claims" else Source
        known = [field.alias or key for key, field in part.model_fields.items()]
        return UNKNOWN_KEY.refuse(
            f"no key {loc[-1]!r} is known here",
            place=place(loc),
            value=loc[-1],
            remedy=nearest(str(loc[-1]), known),
        )
    shown = repr(value) if isinstance(value, str | int | float | bool) else type(value).__name__
    message = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return WRONG_VALUE.refuse(f"{shown}: expected {message}", place=place(loc), value=shown)


def _check_references(parsed: ClaimsFile, place: Any) -> list[Refusal]:
    problems = []
    sources = [source.id for source in parsed.sources]
    ids = [claim.id for claim in parsed.claims]
    for position, claim in enumerate(parsed.claims):
        if claim.id in ids[:position]:
            problems.append(
                REPEATED_ID.refuse(
                    f"claim {claim.id!r} is given twice", place=place(("claims", position)), value=claim.id
                )
            )
        named = [(claim.source, ("claims", position, "source"))]
        for key, selection in claim.from_.items():
            where = ("claims", position, "from", key)
            if selection.source is not None:
                named.append((selection.source, where))  # type: ignore[arg-type]
            if selection.claim is not None and selection.claim not in ids:
                problems.append(
                    WRONG_VALUE.refuse(
                        f"there is no claim {selection.claim!r}",
                        place=place(where),
                        value=selection.claim,
                        remedy=nearest(selection.claim, ids),
                    )
                )
        problems.extend(
            UNKNOWN_SOURCE.refuse(
                f"source {source!r} is not listed",
                place=place(where),
                value=source,
                remedy=nearest(source, sources),
            )
            for source, where in named
            if source not in sources
        )
    return problems
