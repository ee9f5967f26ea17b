"""The report of a qualification, for a person who signs it: traceability, checks, environment, signatures.

Nothing of it needs knowledge of the code (ICH E6(R3) 4.3.4(g); EMA 2023 A2.4-A2.6; GAMP IQ and OQ).
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from exotrial.qualification.checks.software import read_dependencies
from exotrial.qualification.requirements import Proof, Requirement, read_requirements
from exotrial.qualification.run import Qualification, Result
from exotrial.report.document import Block, Bullets, Column, Paragraph, Report, Section, Table
from exotrial.report.render.html import render_html
from exotrial.report.render.pdf import render_pdf

ROLES = ("Performed by", "Reviewed by", "Approved by")


@dataclass(frozen=True, kw_only=True)
class Traced:
    """A requirement with the results that prove it. `state`: passed, FAILED, by test, or not covered."""

    requirement: Requirement
    results: tuple[Result, ...]

    @property
    def state(self) -> str:
        if self.results:
            return "passed" if all(result.outcome.passed for result in self.results) else "FAILED"
        return "not covered here"


def trace(qualification: Qualification) -> tuple[Traced, ...]:
    """Every requirement with its results, by number."""
    return tuple(
        Traced(
            requirement=one,
            results=tuple(
                result for result in qualification.results if one.number in result.check.requirements
            ),
        )
        for one in read_requirements()
    )


def build_report(qualification: Qualification, *, host: str = "") -> Report:
    """The report as a document. `host` is the machine's name where it is to be told."""
    traced = trace(qualification)
    sections = (
        Section(id="requirements", title="Requirements and their proof", blocks=_matrix(traced)),
        Section(id="not-covered", title="Not covered here, and why", blocks=_uncovered(traced)),
        Section(
            id="installation",
            title="Checks of the installation",
            blocks=_checks(qualification, "installation"),
        ),
        Section(id="operation", title="Checks of the operations", blocks=_checks(qualification, "operation")),
        Section(id="environment", title="Packages", blocks=_environment()),
        Section(id="sign-off", title="Sign-off", blocks=_sign_off(qualification)),
    )
    ended = qualification.begun_at.strftime("%Y-%m-%d %H:%M UTC")
    return Report(
        id=f"exotrial {version('exotrial')}",
        title="Qualification of an installation of exotrial",
        subtitle="What the installed system was asked to do, what it did, and which requirements that proves",
        dated=ended,
        facts=tuple(environment(qualification, host=host).items()),
        sections=sections,
        notices=(summarise(qualification),),
        made_from="the installed system's own checks; results.json holds every result",
    )


def environment(qualification: Qualification, *, host: str = "") -> dict[str, str]:
    """The label-value lines of what was qualified, on what, and when."""
    machine = f"{platform.platform()}, {platform.machine()}, {os.cpu_count()} processors"
    return {
        "exotrial": version("exotrial"),
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "Machine": f"{host}: {machine}" if host else machine,
        "Installation examined": qualification.examined
        or "none was found: a scratch one was made and examined",
        "Its database": qualification.examined_engine,
        "Operations were run on": f"{qualification.scratch_engine}, in scratch databases that were removed",
        "Begun": qualification.begun_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "Took": f"{qualification.seconds:.0f} s",
    }


def summarise(qualification: Qualification) -> str:
    """The result in one or two sentences."""
    results = qualification.results
    failed = [result for result in results if not result.outcome.passed]
    proven = sum(bool(one.results) for one in trace(qualification))
    said = f"{len(results)} checks were carried out, which bear on {proven} of {len(read_requirements())} requirements."
    if not failed:
        return f"All passed. {said}"
    names = "; ".join(result.check.title for result in failed)
    return f"{len(failed)} FAILED: {names}. {said}"


def render_files(qualification: Qualification, *, host: str = "") -> dict[str, bytes]:
    """The report's files by name: HTML, PDF and results.json."""
    report = build_report(qualification, host=host)
    return {
        "qualification.html": render_html(report),
        "qualification.pdf": render_pdf(report),
        "results.json": render_json(qualification, host=host),
    }


def render_json(qualification: Qualification, *, host: str = "") -> bytes:
    """Every result as JSON, with the requirements and the environment."""
    document = {
        "passed": qualification.passed,
        "environment": dict(environment(qualification, host=host)),
        "packages": [
            {"name": name, "needed": needed, "found": found, "fits": fits}
            for name, needed, found, fits in read_dependencies()
        ],
        "checks": [_as_data(result) for result in qualification.results],
        "requirements": [
            {
                "number": one.requirement.number,
                "requirement": one.requirement.text,
                "source": one.requirement.source,
                "checks": [result.check.name for result in one.results],
                "result": one.state,
                "note": one.requirement.note,
            }
            for one in trace(qualification)
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def _as_data(result: Result) -> Mapping[str, Any]:
    return {
        "check": result.check.name,
        "title": result.check.title,
        "kind": result.check.kind,
        "requirements": list(result.check.requirements),
        "done": result.check.done,
        "expected": result.check.expected,
        "seen": result.outcome.seen,
        "passed": result.outcome.passed,
        "seconds": round(result.seconds, 3),
    }


def _number(result: Result, results: tuple[Result, ...]) -> str:
    """A check's number in this report: I for the installation, O for the operations."""
    same = [one for one in results if one.check.kind == result.check.kind]
    return f"{result.check.kind[0].upper()}{same.index(result) + 1}"


def _matrix(traced: tuple[Traced, ...]) -> tuple[Block, ...]:
    every = _all_results(traced)
    counts = {
        state: sum(one.state == state for one in traced) for state in ("passed", "FAILED", "not covered here")
    }
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    columns = (
        Column(key="number", head="No.", align="right", width=0.05),
        Column(key="requirement", head="Requirement", width=0.43),
        Column(key="source", head="Source", width=0.25),
        Column(key="checks", head="Checks", width=0.11),
        Column(key="result", head="Result", width=0.16),
    )
    rows = tuple(
        (
            str(one.requirement.number),
            one.requirement.text,
            one.requirement.source,
            ", ".join(_number(result, every) for result in one.results),
            one.state,
        )
        for one in traced
    )
    notes = (
        "P11: 21 CFR 11. FDA-Q: FDA questions and answers on electronic systems (October 2024). E6: ICH E6(R3) "
        "(January 2025). EMA: guideline on computerised systems (2023). (m): section number to be checked before "
        "it is cited. I and O: checks of the installation and of the operations, described below.",
    )
    return (
        Paragraph(f"{len(traced)} requirements: {told}."),
        Table(
            id="requirements-table",
            title="From requirement to result",
            columns=columns,
            rows=rows,
            notes=notes,
        ),
    )


def _all_results(traced: tuple[Traced, ...]) -> tuple[Result, ...]:
    found = {result.check.name: result for one in traced for result in one.results}
    return tuple(sorted(found.values(), key=lambda r: (r.check.kind, r.check.requirements, r.check.name)))


def _uncovered(traced: tuple[Traced, ...]) -> tuple[Block, ...]:
    columns = (
        Column(key="number", head="No.", align="right", width=0.05),
        Column(key="requirement", head="Requirement", width=0.45),
        Column(key="why", head="Why, and where instead", width=0.5),
    )
    rows = [one for one in traced if not one.results]
    limits = [one for one in traced if one.results and one.requirement.note]
    left = Table(
        id="not-covered-table",
        title=f"{len(rows)} requirements that no check of this system proves",
        columns=columns,
        rows=tuple((str(r.requirement.number), r.requirement.text, _why(r.requirement)) for r in rows),
    )
    partly = Bullets(tuple(f"{one.requirement.number}: {one.requirement.note}" for one in limits))
    return (left, Paragraph("What the checks of other requirements leave to others:"), partly)


def _why(requirement: Requirement) -> str:
    if requirement.note:
        return requirement.note
    return "A check should prove it and is not installed." if requirement.proof is Proof.CHECK else ""


def _checks(qualification: Qualification, kind: str) -> tuple[Block, ...]:
    columns = (
        Column(key="done", head="What was done", width=0.3),
        Column(key="expected", head="What was expected", width=0.27),
        Column(key="seen", head="What was seen", width=0.34),
        Column(key="result", head="Result", width=0.09),
    )
    every = qualification.results
    mine = [result for result in every if result.check.kind == kind]
    rows: list[tuple[str | None, ...]] = []
    for result in mine:
        numbers = ", ".join(str(number) for number in result.check.requirements)
        head = f"{_number(result, every)}  {result.check.title} (requirement {numbers})"
        rows.append((head, None, None, None))
        rows.append(
            (
                result.check.done,
                result.check.expected,
                result.outcome.seen,
                "passed" if result.outcome.passed else "FAILED",
            )
        )
    where = (
        "These looked at the installation and changed nothing."
        if kind == "installation"
        else "Each of these ran the installed operations in a scratch installation of its own, with a made-up study "
        "and made-up people. The codes are those of refusals; the command exotrial errors explains each."
    )
    passed = sum(result.outcome.passed for result in mine)
    table = Table(
        id=f"{kind}-checks",
        title=f"{passed} of {len(mine)} passed",
        columns=columns,
        rows=tuple(rows),
        stub_rows=frozenset(range(0, len(rows), 2)),
    )
    return (Paragraph(where), table)


def _environment() -> tuple[Block, ...]:
    columns = (
        Column(key="package", head="Package", width=0.4),
        Column(key="needed", head="Needed", width=0.3),
        Column(key="found", head="Installed", width=0.3),
    )
    rows = tuple(
        (name, needed or "any", found or "MISSING") for name, needed, found, _ in read_dependencies()
    )
    return (Table(id="packages", title="Packages that exotrial builds on", columns=columns, rows=rows),)


def _sign_off(qualification: Qualification) -> tuple[Block, ...]:
    decision = Table(
        id="decision",
        title="Decision",
        columns=(
            Column(key="released", head="Released for use (yes or no)", width=0.35),
            Column(key="remarks", head="Remarks, and what is to be done about what failed", width=0.65),
        ),
        rows=((None, None),),
        row_height_mm=24,
        notes=(summarise(qualification),),
    )
    columns = tuple(
        Column(key=head.lower() or "part", head=head, width=width)
        for head, width in (("", 0.16), ("Name", 0.26), ("Role", 0.2), ("Date", 0.14), ("Signature", 0.24))
    )
    signatures = Table(
        id="signatures",
        title="Signatures",
        columns=columns,
        rows=tuple((role, None, None, None, None) for role in ROLES),
        row_height_mm=16,
    )
    return (decision, signatures)
