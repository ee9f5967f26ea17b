"""`exotrial dose` and `exotrial nebulise`: what is drawn for a participant, and where it goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from exotrial.cli.terminal import Row, print_rows
from exotrial.core.errors import ErrorCode, Place
from exotrial.core.quantities import read_quantity
from exotrial.product.dose import (
    BAD_DEVICE,
    Person,
    PlannedDose,
    Vial,
    compute_dose,
    compute_needed_concentration,
)
from exotrial.study.definition import Study
from exotrial.study.definition.dosing import Dose
from exotrial.study.definition.intervention import Intervention
from exotrial.study.file import read_study

NO_INTERVENTION = ErrorCode(
    "DSE-003",
    "The study has no such intervention with a dose, or several and none is named.",
    "name one with --intervention.",
)
UNKNOWN_WORD = ErrorCode("DSE-004", "An option takes one of a few words.", "use one of the words named.")

_SAID = {True: "holds", False: "fails", None: "not known"}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("dose")(show_dose)
    app.command("nebulise")(show_budget)


def show_dose(
    study: Annotated[Path, typer.Argument(help="A study file, or the folder that holds study.toml.")],
    intervention: Annotated[str, typer.Option(help="The intervention's id, where several have a dose.")] = "",
    weight: Annotated[float | None, typer.Option(help="Actual body weight in kg.")] = None,
    height: Annotated[float | None, typer.Option(help="Height in cm.")] = None,
    sex: Annotated[str, typer.Option(help="F or M.")] = "",
    basis: Annotated[
        str,
        typer.Option(help="actual or predicted: where the study file does not say which weight is meant."),
    ] = "",
    concentration: Annotated[
        str,
        typer.Option(help='As released, such as "3.5e9 particles/mL"; without it, what is needed is told.'),
    ] = "",
    uncertainty: Annotated[
        float | None, typer.Option(help="Relative standard uncertainty of the concentration, such as 0.08.")
    ] = None,
    vial: Annotated[float | None, typer.Option(help="mL that can be drawn from the vial.")] = None,
    volume: Annotated[
        float | None, typer.Option(help="mL of one administration in all; else that of the study file.")
    ] = None,
    graduation: Annotated[float | None, typer.Option(help="Graduation of the syringe in mL.")] = None,
) -> None:
    """Plan one administration: the volume to draw and the diluent, or why the dose cannot be made and what would help.

    Nothing is assumed in silence: a weight basis that the study file leaves open has to be named.
    """
    definition, _ = read_study(study)
    chosen = _intervention(definition, intervention)
    rule = _rule(chosen, basis)
    person = Person(weight_kg=weight, height_cm=height, sex=_sex(sex))
    whole = volume if volume is not None else _volume(chosen)
    if not concentration:
        needed = compute_needed_concentration(rule, person, volume_ml=whole, schedule=chosen.schedule)
        _tell(needed.steps)
        if needed.concentration is None:
            typer.echo(f"The dose cannot be told. It needs: {'; '.join(needed.possible_if)}.")
            raise typer.Exit(1)
        typer.echo(f"Needed: {needed.concentration:.4g} particles/mL or more.")
        return
    if vial is None or graduation is None:
        raise BAD_DEVICE.refuse(
            "the vial's volume or the graduation is missing",
            place=Place(path="--vial" if vial is None else "--graduation"),
            remedy="give both, in mL: --vial 1.0 --graduation 0.1.",
        )
    given = read_quantity(concentration, dimension="particle concentration")
    bottle = Vial(
        concentration=float(given.to("particles/mL").value), relative_uncertainty=uncertainty, volume_ml=vial
    )
    planned = compute_dose(
        rule, person, bottle, volume_ml=whole, graduation_ml=graduation, schedule=chosen.schedule
    )
    _show(planned)
    if planned.preparation is None:
        raise typer.Exit(1)


def _show(planned: PlannedDose) -> None:
    _tell(planned.steps)
    rows: list[Row] = [
        {"condition": reason.criterion, "verdict": _SAID[reason.holds], "why": reason.why}
        for reason in planned.verdict.reasons
    ]
    print_rows(rows)
    typer.echo("")
    made = planned.preparation
    if made is None:
        typer.echo("The dose cannot be made.")
        for way in planned.possible_if:
            typer.echo(f"It would be possible with {way}.")
        return
    interval = "" if made.low is None else f" ({made.low:.3g} to {made.high:.3g})"
    typer.echo(
        f"Draw {made.draw_ml:g} mL, add {made.diluent_ml:g} mL of diluent: {made.total_ml:g} mL with "
        f"{made.particles:.4g} particles{interval}."
    )


def show_budget(
    concentration: Annotated[str, typer.Argument(help='Of the fill, such as "7.66e8 particles/mL".')],
    fill: Annotated[float, typer.Option(help="mL filled in.")],
    output: Annotated[float, typer.Option(help="mL a minute, by the maker or a test.")],
    minutes: Annotated[float, typer.Option(help="Minutes of nebulisation.")],
    mmad: Annotated[float, typer.Option(help="Mass median aerodynamic diameter in um.")],
    gsd: Annotated[float, typer.Option(help="Geometric standard deviation of the spray.")],
    inhaled: Annotated[float, typer.Option(help="Share of what is emitted that is breathed in.")],
    survival: Annotated[float, typer.Option(help="Share of vesicles that pass intact: comparability data.")],
    residual: Annotated[float, typer.Option(help="mL that stay in the device.")] = 0.0,
) -> None:
    """Follow the particles of one fill: emitted, intact, inhaled, and where they deposit, each step with its source."""
    from exotrial.product.nebuliser import Nebuliser, compute_budget, compute_droplet

    given = read_quantity(concentration, dimension="particle concentration")
    per_ml = float(given.to("particles/mL").value)
    device = Nebuliser(
        fill_ml=fill,
        residual_ml=residual,
        output_ml_min=output,
        minutes=minutes,
        mmad_um=mmad,
        gsd=gsd,
        inhaled_share=inhaled,
        survival=survival,
    )
    budget = compute_budget(device, concentration=per_ml)
    drop = compute_droplet(mmad, concentration=per_ml)
    hinds = "Hinds 1999, eq. 11.1 to 11.4, on ICRP 66"
    rows: list[Row] = [
        {"step": "filled", "particles": f"{budget.filled:.3g}", "by": f"{fill:g} mL"},
        {"step": "emitted", "particles": f"{budget.emitted:.3g}", "by": f"{budget.emitted_ml:.3g} mL"},
        {"step": "intact", "particles": f"{budget.intact:.3g}", "by": f"survival {survival:g}, as given"},
        {"step": "inhaled", "particles": f"{budget.inhaled:.3g}", "by": f"share {inhaled:g}, as given"},
        {"step": "head", "particles": f"{budget.head:.3g}", "by": hinds},
        {"step": "tracheobronchial", "particles": f"{budget.tracheobronchial:.3g}", "by": hinds},
        {"step": "alveolar", "particles": f"{budget.alveolar:.3g}", "by": hinds},
    ]
    print_rows(rows)
    typer.echo("")
    if not budget.emptied:
        typer.echo(
            f"The device is not empty after {minutes:g} minutes: {budget.emitted_ml:.3g} of {fill - residual:.3g} mL. "
            f"It takes {budget.minutes_needed:.3g} minutes."
        )
    typer.echo(
        f"Fine particle fraction (below 5 um): {budget.fine:.1%} of the spray's mass (Ph. Eur. 2.9.44)."
    )
    typer.echo(
        f"A droplet of {mmad:g} um holds {drop.mean:.3g} particles on average; {1 - drop.at_least_one:.1%} hold none."
    )


def _intervention(study: Study, name: str) -> Intervention:
    dosed = [one for one in study.interventions if one.dose is not None]
    fitting = [one for one in dosed if not name or one.id == name]
    if len(fitting) != 1:
        there = ", ".join(one.id for one in dosed) or "none"
        raise NO_INTERVENTION.refuse(
            f"{name!r} is none of them" if name and not fitting else "one has to be named",
            value=name,
            remedy=f"name one with --intervention: {there}.",
        )
    return fitting[0]


def _rule(chosen: Intervention, basis: str) -> Dose:
    assert chosen.dose is not None
    if not basis:
        return chosen.dose
    if basis not in ("actual", "predicted"):
        raise UNKNOWN_WORD.refuse(
            f"{basis!r} is no weight basis", value=basis, remedy="write actual or predicted."
        )
    stated = chosen.dose.weight_basis
    if stated in ("actual", "predicted", "ideal") and stated != basis:
        raise UNKNOWN_WORD.refuse(
            f"the study file says {stated} and the command {basis}",
            value=basis,
            remedy="leave --basis out, or amend the study file.",
        )
    typer.echo(f"Assumed, since the study file does not say it: {basis} body weight.")
    return chosen.dose.model_copy(update={"weight_basis": basis})


def _sex(word: str) -> Literal["F", "M"] | None:
    if word not in ("", "F", "M"):
        raise UNKNOWN_WORD.refuse(f"{word!r} is no sex here", value=word, remedy="write F or M.")
    return "F" if word == "F" else "M" if word == "M" else None


def _volume(chosen: Intervention) -> float:
    if chosen.volume is None:
        raise BAD_DEVICE.refuse(
            f"{chosen.id} has no volume in the study file",
            place=Place(path=f"interventions.{chosen.id}.volume"),
            remedy="give it with --volume in mL.",
        )
    return float(chosen.volume.to("mL").value)


def _tell(steps: tuple[str, ...]) -> None:
    for step in steps:
        typer.echo(f"  {step}")
    typer.echo("")
