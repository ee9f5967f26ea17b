"""`exotrial randomisation`: the methods that are installed, and what a study's lists would give away."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from exotrial.allocation.envelope_choice import FreeChoice
from exotrial.cli.study import StudyPath
from exotrial.cli.terminal import Row, print_json, print_rows

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


OTHER_WAYS = (
    (
        "minimisation",
        "Minimisation with a random element: the arm is decided when the participant is randomised",
        "p (fraction): chance of the preferred arm; measure (word): range or variance; weight_stratum, weight_site "
        "(whole numbers): weight of the study file's strata and of the sites, one of them or both",
        "Pocock SJ, Simon R. Biometrics 1975;31:103-115.",
    ),
    (
        "imported",
        "A list that was made elsewhere, as CSV: bring it with import_list",
        "columns of the file: stratum, slot and arm; block and kit may follow",
        "",
    ),
)
"""Ways to an arm that draw no sequence from a seed: name, title, parameters and source."""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(help="Randomisation: methods, and how far a list can be foreseen.")
    group.command("methods")(show_methods)
    group.command("assess")(show_assessment)
    group.command("certificate")(print_certificate)
    app.add_typer(group, name="randomisation")


def print_certificate(
    certificate: Annotated[Path, typer.Argument(help="A certificate, as `show_certificate` gives it.")],
    out: Annotated[Path, typer.Option("--out", help="The PDF to write.")],
) -> None:
    """Print the certificate of a sealed list on one page, to publish before the first participant."""
    from exotrial.allocation.certificate import read_certificate  # here: not every command needs it
    from exotrial.core.provenance import read_source
    from exotrial.report.allocation_certificate import render_certificate

    data, _ = read_source(certificate)
    out.write_bytes(render_certificate(read_certificate(data, name=str(certificate))))
    typer.echo(f"written: {out}")


def show_methods(as_json: Json = False) -> None:
    """List the installed methods of making a list, with their parameters and citation."""
    from exotrial.allocation.sequence.method import find_sequence_methods  # here: not every command needs it

    rows: list[Row] = [
        {
            "name": method.name,
            "title": method.title,
            "parameters": "; ".join(f"{rule.name} ({rule.kind}): {rule.says}" for rule in method.parameters),
            "source": method.source,
        }
        for method in find_sequence_methods().values()
    ]
    rows += [
        {"name": name, "title": title, "parameters": parameters, "source": source}
        for name, title, parameters, source in OTHER_WAYS
    ]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows)


def show_assessment(
    study: StudyPath,
    seed: Annotated[int, typer.Option("--seed", help="Seed of figures that must be simulated.")] = 1,
    eta: Annotated[
        float, typer.Option("--eta", help="Selection bias, in standard deviations of the outcome.")
    ] = 0.5,
    as_json: Json = False,
) -> None:
    """Print how far each list of a study, as recorded, could be foreseen; no list is made.

    For those who may know block sizes only: the figures tell them.
    """
    from exotrial.allocation.assessment import assess_randomisation  # here: needs numpy and scipy
    from exotrial.study.file import read_study

    definition, _ = read_study(study)
    assessment = assess_randomisation(definition, seed=seed, eta=eta)
    if as_json:
        typer.echo(json.dumps(asdict(assessment), indent=2, ensure_ascii=False, allow_nan=False))
        return
    rows: list[Row] = []
    for one in assessment.lists:
        row: dict[str, str | float | None] = {"list": one.list, "length": one.length, "reading": one.reading}
        figures = one.predictability
        row |= {
            "guessed right": _share(figures.convergence.value) if figures else None,
            "certain": _share(figures.certain.value) if figures else None,
            "certain, block known": _share(figures.certain_informed.value) if figures else None,
            "largest imbalance": figures.largest_imbalance.value if figures else None,
            "expected at end": round(figures.final_imbalance.value, 2) if figures else None,
            "type I error": _share(one.type_one_error.error.value) if one.type_one_error else None,
        }
        rows.append(row)
    print_rows(rows)
    typer.echo("")
    for note in dict.fromkeys(f"{one.list}: {one.note}." for one in assessment.lists if one.note):
        typer.echo(note)
    for one in assessment.lists:
        for reason in one.cannot:
            typer.echo(f"{one.list}, {one.reading}: cannot be made. {reason}.")
        if one.predictability is not None and one.predictability.how != "Exact.":
            typer.echo(f"{one.list}, {one.reading}: {one.predictability.how}")
        if one.type_one_error is not None and one.type_one_error.error.standard_error is not None:
            error = one.type_one_error
            typer.echo(
                f"{one.list}, {one.reading}: type I error: {error.how} "
                f"Standard error {_share(error.error.standard_error or 0.0)}."
            )
    typer.echo(
        "Guessed right: by who guesses the arm that is behind. Certain: known before it is made, to who knows the\n"
        "method and the past. Type I error: of a two-sided t test of level 0.05, without any effect, where who\n"
        f"enrols guesses so and picks participants {eta:g} standard deviations better or worse."
    )
    for one in assessment.lists:
        if one.predictability is not None and one.predictability.certain_informed.value >= 0.5:
            typer.echo(
                f"\n{one.list}, {one.reading}: whoever saw the past knows "
                f"{_share(one.predictability.certain_informed.value)} of all allocations before they are made."
            )
    for name, choice in assessment.free_choice:
        typer.echo(f"\n{_tell_choice(name, choice)}")


def _tell_choice(name: str, choice: FreeChoice) -> str:
    bound = choice.bound
    later = sum(chance for apart, chance in choice.after_taken if apart > bound)
    return (
        f"{name}: participants choose any envelope.\n"
        f"Opened in order, the arms of whole blocks never differ by more than {bound}. Chosen freely, the blocks\n"
        f"count for nothing: the difference passes {bound} on the way with probability "
        f"{_share(choice.beyond_bound)}, its largest\n"
        f"value is {choice.expected_largest:.1f} on average, and after {choice.taken} of {choice.envelopes} "
        f"envelopes it is beyond {bound} with probability {_share(later)}.\n"
        "Exact, if every envelope left is as likely to be taken."
    )


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
