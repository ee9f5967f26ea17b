"""The dose in the product chapter: what the rule comes to, what contradicts it, and the budget of a nebuliser.

TIDieR item 8 (Hoffmann TC, et al. BMJ 2014;348:g1687): the amount, with all that somebody else needs to give the same.
"""

from __future__ import annotations

from exotrial.core.quantities import format_quantity
from exotrial.product.dose_statements import (
    Fill,
    NeededDose,
    compute_fills,
    compute_stated_dose,
    derive_nebuliser,
)
from exotrial.product.nebuliser import Budget, Nebuliser, compute_budget
from exotrial.report.document import (
    AnalysisResult,
    Block,
    Bullets,
    Column,
    Paragraph,
    Subheading,
    Table,
)
from exotrial.report.figures.dose_statements import draw_deposition, draw_fills, draw_needed
from exotrial.report.format import format_power
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import sentence
from exotrial.study.definition.intervention import Intervention

_HINDS = "Hinds WC. Aerosol Technology, 2nd ed. 1999, eq. 11.1 to 11.4"


def build_dose_blocks(given: ReportInput) -> tuple[list[Block], tuple[AnalysisResult, ...]]:
    """The doses of what is investigated; nothing where no intervention has one."""
    blocks: list[Block] = []
    results: list[AnalysisResult] = []
    for one in given.study.interventions:
        if one.role == "investigational" and one.dose is not None:
            made, found = _of_intervention(given, one)
            blocks += made
            results += found
    return blocks, tuple(results)


def _of_intervention(given: ReportInput, one: Intervention) -> tuple[list[Block], list[AnalysisResult]]:
    assert one.dose is not None
    stated = compute_stated_dose(one)
    volume = None if one.volume is None else float(one.volume.to("mL").value)
    sources = tuple(file.sha256 for file in given.files[:1])
    blocks: list[Block] = [Subheading("The dose"), Paragraph(_rule(one))]
    results: list[AnalysisResult] = []
    if stated.needed:
        blocks.append(_needed_table(one, stated.needed, assumed=stated.assumed))
        results += [_needed_result(one, each, sources) for each in stated.needed]
        if volume is not None and stated.needed[0].weight_kg is not None:
            blocks.append(
                draw_needed(stated.needed, id=f"dose-{one.id}", volume_ml=volume, assumed=stated.assumed)
            )
    else:
        blocks.append(Paragraph("How many particles a participant receives cannot be computed from this."))
    if stated.missing:
        blocks += [Paragraph("To compute the dose, the study file lacks:"), Bullets(stated.missing)]
    fills = compute_fills(one) if volume is not None else ()
    if len(fills) > 1 and volume is not None:
        blocks += [Paragraph(_fills(fills, volume)), draw_fills(fills, id=f"dose-{one.id}", volume_ml=volume)]
        results += [_fill_result(one, each, sources) for each in fills]
    doubts = [each for each in given.findings if _is_of_dose(each.rule, each.subject, one)]
    if doubts:
        blocks += [
            Paragraph("What the check of the study file says of the dose:"),
            Bullets(tuple(f"{each.rule}: {sentence(each.says)} {sentence(each.why)}" for each in doubts)),
        ]
    if one.route == "inhalation":
        made, found = _nebulised(one, fills, sources)
        blocks += made
        results += found
    return blocks, results


def _rule(one: Intervention) -> str:
    assert one.dose is not None
    dose = one.dose
    told = "not stated" if dose.amount is None else format_quantity(dose.amount)
    if dose.amount is not None and dose.amount.unit.endswith("/kg"):
        basis = dose.weight_basis if dose.weight_basis not in (None, "not stated") else None
        told += f", by {basis} body weight" if basis else "; which body weight is meant is not stated"
    per = "for what (administration, day or course) is not stated" if dose.per == "not stated" else ""
    parts = [f"{one.name}: {told}" if per else f"{one.name}: {told}, for one {dose.per}"]
    parts += [per] if per else []
    if one.volume is not None:
        vehicle = f" of {one.vehicle}" if one.vehicle else ""
        parts.append(f"in {format_quantity(one.volume)}{vehicle}")
    return sentence("; ".join(parts))


def _needed_table(one: Intervention, needed: tuple[NeededDose, ...], *, assumed: str) -> Table:
    notes = (
        (f"{sentence(assumed)} was taken; the study file does not say which is meant.",) if assumed else ()
    )
    return Table(
        id=f"dose_{one.id}",
        title="What the dose comes to",
        columns=(
            Column(key="who", head="Who"),
            Column(key="particles", head="Particles each time", align="right"),
            Column(key="concentration", head="Needed, particles/mL", align="right"),
        ),
        rows=tuple(
            (
                each.who,
                format_power(each.particles),
                format_power(each.concentration),
            )
            for each in needed
        ),
        notes=tuple(note.replace(". was", " was") for note in notes),
    )


def _fills(fills: tuple[Fill, ...], volume: float) -> str:
    most = max(fills, key=lambda each: each.particles)
    least = min(fills, key=lambda each: each.particles)
    told = (
        f"At the concentrations printed, {volume:g} mL hold {format_power(least.particles)} to "
        f"{format_power(most.particles)} particles: {most.particles / least.particles:.3g} times as many for one dose."
    )
    if most.per_cell is not None and least.per_cell is not None:
        told += (
            f" For a man of 170 cm (predicted weight by the ARDS Network) one cell then stands for "
            f"{least.per_cell:.3g} to {most.per_cell:.3g} particles."
        )
    return told


def _nebulised(
    one: Intervention, fills: tuple[Fill, ...], sources: tuple[str, ...]
) -> tuple[list[Block], list[AnalysisResult]]:
    device = derive_nebuliser(one)
    blocks: list[Block] = [Subheading("The nebuliser’s budget")]
    results: list[AnalysisResult] = []
    schedule = one.schedule
    if one.volume is not None and schedule is not None and schedule.duration_each is not None:
        minutes = float(schedule.duration_each.to("min").value)
        rate = float(one.volume.to("mL").value) / minutes
        blocks.append(
            Paragraph(
                f"To empty {format_quantity(one.volume)} in {minutes:g} minutes, the device must put out "
                f"{rate:.3g} mL a minute."
            )
        )
    if isinstance(device, Nebuliser):
        concentrations = [each.concentration for each in fills]
        if not concentrations:
            blocks.append(Paragraph("No concentration is printed, so that no particle can be followed."))
        for number, concentration in enumerate(concentrations, 1):
            budget = compute_budget(device, concentration=concentration)
            blocks.append(_budget_table(one, budget, device, concentration, number))
            results += _budget_results(one, budget, number, sources)
    else:
        blocks += [
            Paragraph("How much reaches the lung cannot be told; nowhere is stated:"),
            Bullets(tuple(device)),
            draw_deposition(id=f"dose-{one.id}"),
        ]
    return blocks, results


def _budget_table(
    one: Intervention, budget: Budget, device: Nebuliser, concentration: float, number: int
) -> Table:
    emptied = (
        "emptied to its residual"
        if budget.emptied
        else f"not empty: {budget.minutes_needed:.3g} minutes needed"
    )
    rows = (
        ("filled", budget.filled, f"{device.fill_ml:g} mL of {format_power(concentration)} particles/mL"),
        ("emitted", budget.emitted, f"{budget.emitted_ml:.3g} mL in {device.minutes:g} minutes; {emptied}"),
        ("intact", budget.intact, f"survival {device.survival:.0%}, as stated"),
        ("inhaled", budget.inhaled, f"share {device.inhaled_share:.0%}, as stated"),
        ("head", budget.head, _HINDS),
        ("tracheobronchial", budget.tracheobronchial, _HINDS),
        ("alveolar", budget.alveolar, _HINDS),
    )
    return Table(
        id=f"nebuliser_{one.id}_{number}",
        title=f"Particles of one fill of {format_power(concentration)} particles/mL",
        columns=(
            Column(key="step", head="Step"),
            Column(key="particles", head="Particles", align="right"),
            Column(key="share", head="Of the fill", align="right"),
            Column(key="by", head="By"),
        ),
        rows=tuple(
            (step, format_power(particles), f"{particles / budget.filled:.1%}", by)
            for step, particles, by in rows
        ),
        notes=(
            f"Fine particle fraction (below 5 µm, Ph. Eur. 2.9.44): {budget.fine:.1%} of the spray’s mass, "
            f"mass median {device.mmad_um:g} µm, geometric standard deviation {device.gsd:g}. The fits are for nose "
            "breathing; through a mouthpiece less stays in the head.",
        ),
    )


def _needed_result(one: Intervention, each: NeededDose, sources: tuple[str, ...]) -> AnalysisResult:
    return AnalysisResult(
        id=f"dose/{one.id}/{each.who}",
        analysis="dose",
        population=each.who,
        n=(),
        variable="particles of one administration",
        statistic="computed from the dose rule",
        method="product.dose.compute_needed_concentration",
        value=each.particles,
        printed=format_power(each.particles) or "",
        unit="particles",
        sources=sources,
    )


def _fill_result(one: Intervention, each: Fill, sources: tuple[str, ...]) -> AnalysisResult:
    return AnalysisResult(
        id=f"dose/{one.id}/fill/{each.concentration:.3g}",
        analysis="dose",
        population="one fill",
        n=(),
        variable="particles in the whole volume",
        statistic=f"at {each.concentration:.3g} particles/mL",
        method="product.dose_statements.compute_fills",
        value=each.particles,
        printed=format_power(each.particles) or "",
        unit="particles",
        sources=sources,
    )


def _budget_results(
    one: Intervention, budget: Budget, number: int, sources: tuple[str, ...]
) -> list[AnalysisResult]:
    return [
        AnalysisResult(
            id=f"nebuliser/{one.id}/{number}/{name}",
            analysis="nebuliser budget",
            population="one fill",
            n=(),
            variable=f"particles {name}",
            statistic="computed from the device as stated",
            method="product.nebuliser.compute_budget",
            value=value,
            printed=format_power(value) or "",
            unit="particles",
            citation=_HINDS,
            sources=sources,
        )
        for name, value in (
            ("filled", budget.filled),
            ("emitted", budget.emitted),
            ("inhaled", budget.inhaled),
            ("alveolar", budget.alveolar),
        )
    ]


def _is_of_dose(rule: str, subject: str, one: Intervention) -> bool:
    """Whether a finding of the study file's check is about the dose of this intervention."""
    return rule.startswith(("DOS-", "ARM-00")) and subject.startswith(f"interventions.{one.id}.dose")
