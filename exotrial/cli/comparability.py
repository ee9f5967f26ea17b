"""`exotrial compare-product`: whether a product stayed what it was, before and after, between batches or sites."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exotrial.cli.decision import print_findings, print_verdict, read_file, write_report
from exotrial.cli.terminal import Row, console_for, print_rows
from exotrial.core.errors import ErrorCode
from exotrial.core.provenance import SourceFile, compute_source

if TYPE_CHECKING:
    from exotrial.product.comparability_evidence import SampleEvidence
    from exotrial.product.comparability_tables import Member
    from exotrial.product.compare_product import ProductComparison
    from exotrial.study.definition.comparability import Comparability

# Each command imports what it needs: other commands must not wait for statistics and figures to load.

NOT_IN_GROUPS = ErrorCode(
    "CMP-016",
    "The files given and the files of the table of groups are not the same.",
    "give each file one line in the table of groups, by its name, and give every file that the table names.",
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("compare-product")(show_comparison)


def show_comparison(
    study: Annotated[Path, typer.Argument(help="A study file, or the folder that holds study.toml.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Exports of the instrument, one or more.")
    ] = None,
    groups: Annotated[
        Path | None,
        typer.Option(
            "--groups", help="CSV: file, group, sample; where needed reader, mapping, warning_judged."
        ),
    ] = None,
    values: Annotated[
        Path | None, typer.Option("--values", help="CSV: attribute, group, sample, value, unit.")
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option("--summary", help="CSV of printed means: attribute, group, mean, sd, n, unit."),
    ] = None,
    product: Annotated[str, typer.Option("--product", help="The product, where the study has several.")] = "",
    comparison: Annotated[
        str, typer.Option("--comparison", help='Such as "before and after nebulisation".')
    ] = "",
    reference: Annotated[
        str,
        typer.Option("--reference", help="The group that others are compared with; by default the first."),
    ] = "",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Decides which videos the bootstrap draws.")] = 1,
    resamples: Annotated[int, typer.Option("--resamples", help="Draws of the bootstrap.")] = 2000,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for report, figures (PNG, SVG), CSV and JSON.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 unless comparable is shown.")] = False,
    as_json: Json = False,
) -> None:
    """Test whether a product is comparable before and after a device, between batches or sites, or after storage.

    The study file holds the margins. Attributes are tested for equivalence, sample by sample; distributions are
    compared with a bootstrap over videos. No significant difference is never taken for comparable. Without files or
    tables it tells the power planned and the samples needed, and doubts of plan and claim.
    """
    from exotrial.product.comparability_tables import read_members, read_summaries, read_values
    from exotrial.product.compare_product import compare_product, find_plans, find_product
    from exotrial.study.file import read_study

    definition, source = read_study(study)
    meant = find_product(definition, product)
    name, _ = find_plans(meant, comparison)
    sources = [source]

    def read(path: Path) -> bytes:
        data = read_file(path)
        sources.append(compute_source(data, name=path.name))
        return data

    members = () if groups is None else read_members(read(groups), name=groups.name)
    measured = () if values is None else read_values(read(values), name=values.name)
    summaries = () if summary is None else read_summaries(read(summary), name=summary.name)
    evidence, measured_files = _read_evidence(
        members, _find_files(members, files or [], groups), folder=None if groups is None else groups.parent
    )
    sources += measured_files
    found = compare_product(
        definition,
        product=meant,
        comparison=name,
        evidence=evidence,
        measured=measured,
        summaries=summaries,
        reference=reference,
        seed=seed,
        resamples=resamples,
    )
    if as_json:
        typer.echo(json.dumps(_as_json(found, sources), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        _print_comparison(found)
    if out is not None:
        from exotrial.report.comparability import build_comparability_report

        write_report(build_comparability_report(found, files=sources), sources, out=out, quiet=as_json)
    if strict and not found.verdict:
        raise typer.Exit(1)


def _find_files(members: Sequence[Member], files: Sequence[Path], groups: Path | None) -> dict[str, Path]:
    """The path of each file that the table names: those given, or, where none is, those beside the table."""
    if not files:
        return {} if groups is None else {member.file: groups.parent / member.file for member in members}
    if groups is None:
        raise NOT_IN_GROUPS.refuse("files are given without --groups", value=files[0])
    named = {member.file: member for member in members}
    paths: dict[str, Path] = {}
    for path in files:
        key = str(path) if str(path) in named else path.name
        if key not in named or key in paths:
            twice = "is given twice" if key in paths else f"is not in {groups.name}"
            raise NOT_IN_GROUPS.refuse(f"{path} {twice}", value=path)
        paths[key] = path
    for member in members:
        if member.file not in paths:
            raise NOT_IN_GROUPS.refuse(f"{member.file} is not given", place=member.place, value=member.file)
    return paths


def _read_evidence(
    members: Sequence[Member], paths: dict[str, Path], *, folder: Path | None
) -> tuple[list[SampleEvidence], list[SourceFile]]:
    from exotrial.product.assay import assay_file, find_readers, read_assay
    from exotrial.product.comparability_evidence import measure_reading

    readers = list(find_readers().values()) if members else []
    evidence, sources = [], []
    with _progress(len(members)) as advance:
        for member in members:
            mapping = None
            if member.mapping and folder is not None:
                mapping = assay_file(
                    read_file(folder / member.mapping, place=member.place), name=member.mapping
                )
                sources.append(mapping.source)
            file = assay_file(
                read_file(paths[member.file], place=member.place), name=member.file, mapping=mapping
            )
            reading = read_assay(file, reader=member.reader, readers=readers)
            evidence.append(measure_reading(member, reading))
            sources.append(file.source)
            advance()
    return evidence, sources


@contextmanager
def _progress(count: int) -> Iterator[Any]:
    """A bar on a terminal where there are many files; nothing elsewhere."""
    console = console_for(sys.stderr)
    if console is None or count < 5:
        yield lambda: None
        return
    from rich.progress import Progress

    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("Reading", total=count)
        yield lambda: bar.advance(task)


def _print_comparison(found: ProductComparison) -> None:
    from exotrial.report.format import format_p

    against = f"; reference {found.reference}" if found.reference else ""
    typer.echo(f"{found.product.name}: {found.comparison}{against}\n")
    if not found.comparisons and found.plans:
        print_rows([_plan_row(plan) for plan in found.plans])
        typer.echo("")
    rows = []
    for each in found.comparisons:
        ratio = None if each.equivalence is None else each.equivalence.as_ratio()
        rows.append(
            {
                "attribute": each.plan.name,
                "group": each.test,
                "n": " and ".join(str(n) for n in each.n),
                "ratio": "" if ratio is None else f"{ratio.value:.3f}",
                "interval": "" if ratio is None else f"{ratio.lower:.3f} to {ratio.upper:.3f}",
                "margin": f"{each.plan.margin[0]:g} to {each.plan.margin[1]:g}",
                "p": "" if each.equivalence is None else format_p(each.equivalence.p_value),
                "power planned": "" if each.planned_power is None else f"{each.planned_power:.2f}",
                "power seen": "" if each.power is None else f"{each.power:.2f}",
                "answer": str(each.outcome),
            }
        )
    if rows:
        print_rows(rows)
        typer.echo("")
    for test, distance in found.distances.items():
        w1, ks = distance.w1_nm, distance.ks
        told = "" if w1.lower is None else f" ({w1.lower:.1f} to {w1.upper:.1f})"
        ks_told = "" if ks.lower is None else f" ({ks.lower:.3f} to {ks.upper:.3f})"
        typer.echo(
            f"Size distributions, {test} to {found.reference}: Wasserstein-1 {w1.value:.1f} nm{told}, "
            f"Kolmogorov-Smirnov {ks.value:.3f}{ks_told}"
        )
        if distance.repeat_w1_nm is not None:
            typer.echo(
                f"  two repeats of {found.reference} differ by up to {distance.repeat_w1_nm:.1f} nm (95 % of draws); "
                f"{distance.resamples} draws of whole videos, seed {distance.seed}"
            )
    print_findings(found.findings)
    print_verdict(found.verdict)


def _plan_row(plan: Comparability) -> Row:
    from exotrial.product.comparability import compute_planned_power, compute_planned_size

    power = compute_planned_power(plan)
    return {
        "attribute": plan.name,
        "design": plan.design,
        "margin": f"{plan.margin[0]:g} to {plan.margin[1]:g}",
        "alpha": f"{plan.alpha:g}",
        "samples planned": plan.samples,
        "power planned": "" if power is None else f"{power:.2f}",
        "samples needed": compute_planned_size(plan),
    }


def _as_json(found: ProductComparison, sources: Sequence[SourceFile]) -> dict[str, Any]:
    return {
        "study": found.study.id,
        "product": found.product.id,
        "comparison": found.comparison,
        "reference": found.reference,
        "comparable": found.verdict.holds,
        "reasons": [asdict(reason) for reason in found.verdict.reasons],
        "attributes": [
            {
                "attribute": each.plan.name,
                "group": each.test,
                "n": list(each.n),
                "design": each.plan.design,
                "margin": list(each.plan.margin),
                "alpha": each.plan.alpha,
                "unit": each.unit,
                "outcome": str(each.outcome),
                "why_not": each.why_not,
                "planned_power": each.planned_power,
                "power": each.power,
                "samples_needed": each.samples_needed,
                "ratio": None if each.equivalence is None else _finite(asdict(each.equivalence.as_ratio())),
                "p_value": None if each.equivalence is None else each.equivalence.p_value,
                "p_difference": None if each.equivalence is None else each.equivalence.p_difference,
            }
            for each in found.comparisons
        ],
        "distances": {
            test: {
                "w1_nm": asdict(each.w1_nm),
                "ks": asdict(each.ks),
                "repeat_w1_nm": each.repeat_w1_nm,
                "repeat_ks": each.repeat_ks,
                "videos": list(each.videos),
                "seed": each.seed,
                "resamples": each.resamples,
            }
            for test, each in found.distances.items()
        },
        "findings": [asdict(finding) | {"id": finding.id} for finding in found.findings],
        "files": [asdict(source) for source in sources],
    }


def _finite(numbers: dict[str, float]) -> dict[str, float | None]:
    """JSON has no infinity: a bound beyond all numbers is null."""
    return {name: None if math.isinf(value) else value for name, value in numbers.items()}
