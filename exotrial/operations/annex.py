"""The restricted annex of a sealed list: how far it can be foreseen, and the CONSORT text of its own manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from exotrial.allocation.certificate import source_of
from exotrial.allocation.manifest import ListStratum, Manifest
from exotrial.allocation.sequence.draw import find_method
from exotrial.allocation.statement import derive_statement
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.lists import find_list
from exotrial.store.models import AllocationList, Envelope, Site

if TYPE_CHECKING:
    from exotrial.allocation.predictability import Figure

SIMULATED = 300
"""Lists for the figures that cannot be computed exactly: a standard error below 3 % of a share."""


IMPORTED = (
    "Computed of the list itself alone: the method by which a list from outside was made is not known, and so "
    "neither what it gives away on average nor what is certain."
)


class ShowAnnex(Ask):
    """Which list, and the selection bias to reckon with."""

    number: int = Field(ge=1)
    eta: float = Field(
        default=0.5, ge=0, le=5, description="Selection bias, in standard deviations of the outcome."
    )
    seed: int = Field(default=1, ge=0, description="Seed of the figures that must be simulated.")


class Estimate(Answer):
    """A figure; `standard_error` is empty where it is exact."""

    value: float
    standard_error: float | None


class StratumAnnex(Answer):
    """One stratum: what its method gives away on average, and what the list that was drawn gives away.

    Shares are of all allocations: guessed right by who guesses the arm that is behind (Blackwell and Hodges) and by
    who knows the method too (and with minimisation everybody's levels), known for certain beforehand, and known
    for certain by who also knows each block's size. `largest_imbalance` is the largest that can happen, empty where
    nothing bounds it. What cannot be computed is empty, and `how` says why.
    """

    stratum: str
    length: int
    guessed: Estimate | None = None
    guessed_method_known: Estimate | None = None
    certain: Estimate | None = None
    certain_block_known: Estimate | None = None
    largest_imbalance: Estimate | None = None
    expected_largest_imbalance: Estimate | None = None
    type_one_error: Estimate | None = None
    drawn_guessed: float | None = None
    drawn_certain: float | None = None
    drawn_largest_imbalance: float | None = None
    how: str


class ConsortItem(Answer):
    """One item of CONSORT 2025: its text, and what the study file leaves unsaid."""

    item: str
    topic: str
    text: str
    lacks: tuple[str, ...]


class Annex(Answer):
    number: int
    method: str
    strata: tuple[StratumAnnex, ...]
    consort: tuple[ConsortItem, ...]


@view(permission=Permission.MAKE_LIST, access_logged=True)
def show_annex(act: Act, ask: ShowAnnex) -> Annex:
    """How far a sealed list can be foreseen, for the statistician who made it; it tells block sizes."""
    row = find_list(act, ask.number, AllocationList.Status.SEALED, AllocationList.Status.PUBLISHED)
    manifest = arms.manifest_of(act, row, purpose="making a list")
    drawn = _drawn(act, row)
    sites = Site.objects.filter(study=act.study).exclude(status=Site.Status.CLOSED).count()
    return Annex(
        number=row.number,
        method=manifest.method,
        strata=tuple(
            _assess(manifest, stratum, drawn[stratum.id], ask, sites=sites) for stratum in manifest.strata
        ),
        consort=tuple(
            ConsortItem(item=one.number, topic=one.topic, text=" ".join(one.sentences), lacks=one.lacks)
            for one in derive_statement(manifest, study=act.definition(manifest.study_version))
        ),
    )


def _drawn(act: Act, row: AllocationList) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in Envelope.objects.select_related("list").filter(list=row).order_by("stratum", "slot"):
        found.setdefault(one.stratum, []).append(arms.open_leaf(act, one, purpose="making a list").arm)
    return found


def _assess(
    manifest: Manifest, stratum: ListStratum, drawn: list[str], ask: ShowAnnex, *, sites: int
) -> StratumAnnex:
    # Here: scipy takes a second to come, and only this view needs it.
    from exotrial.allocation.predictability import compute_for_list, compute_predictability
    from exotrial.allocation.selection_bias import compute_type_one_error

    source = source_of(manifest)
    if source == "minimised":
        return _assess_minimised(manifest, stratum, ask, sites=sites)
    if source == "imported":
        own = compute_for_list(drawn, arms=manifest.arms, ratio=manifest.ratio)
        return StratumAnnex(
            stratum=stratum.id,
            length=stratum.length,
            drawn_guessed=own.convergence,
            drawn_largest_imbalance=own.largest_imbalance,
            how=IMPORTED,
        )
    law = find_method(manifest.method).law(manifest.ratio, stratum.length, manifest.parameters)
    foreseen = compute_predictability(
        law, ratio=manifest.ratio, length=stratum.length, seed=ask.seed, lists=SIMULATED
    )
    own = compute_for_list(drawn, arms=manifest.arms, ratio=manifest.ratio, law=law)
    error = (
        compute_type_one_error(
            law, ratio=manifest.ratio, length=stratum.length, eta=ask.eta, seed=ask.seed, lists=SIMULATED
        )
        if len(manifest.arms) == 2 and stratum.length >= 3
        else None
    )
    return StratumAnnex(
        stratum=stratum.id,
        length=stratum.length,
        guessed=_estimate(foreseen.convergence),
        guessed_method_known=_estimate(foreseen.best),
        certain=_estimate(foreseen.certain),
        certain_block_known=_estimate(foreseen.certain_informed),
        largest_imbalance=_estimate(foreseen.largest_imbalance),
        expected_largest_imbalance=_estimate(foreseen.expected_largest_imbalance),
        type_one_error=_estimate(error.error) if error else None,
        drawn_guessed=own.convergence,
        drawn_certain=own.certain,
        drawn_largest_imbalance=own.largest_imbalance,
        how=foreseen.how,
    )


def _assess_minimised(
    manifest: Manifest, stratum: ListStratum, ask: ShowAnnex, *, sites: int
) -> StratumAnnex:
    """Nothing bounds the imbalance, and no allocation is certain as p is below 1."""
    from exotrial.allocation.minimised import SITE, read_plan
    from exotrial.allocation.minimised_foresight import compute_minimised_foresight

    plan = read_plan(manifest)
    by_site = {SITE: [1.0] * max(1, sites)} if any(one.name == SITE for one in plan.factors) else {}
    foreseen = compute_minimised_foresight(
        plan, length=stratum.length, seed=ask.seed, shares=by_site, eta=ask.eta, lists=SIMULATED
    )
    return StratumAnnex(
        stratum=stratum.id,
        length=stratum.length,
        guessed=_estimate(foreseen.convergence),
        guessed_method_known=_estimate(foreseen.best),
        certain=Estimate(value=0.0, standard_error=None),
        expected_largest_imbalance=_estimate(foreseen.largest_imbalance),
        type_one_error=_estimate(foreseen.type_one_error) if foreseen.type_one_error else None,
        how=foreseen.how,
    )


def _estimate(figure: Figure) -> Estimate:
    return Estimate(value=figure.value, standard_error=figure.standard_error)
