"""Randomisation and concealment (RND): can the sequence be made, hidden and kept as described?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from exotrial.core.findings import Severity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.checks.contradictions import RANDOMISATION_METHOD, RANDOMISATION_TEXT, told_differently
from exotrial.study.definition import Study

_WITHOUT_PRESSURE = ("none", "no respiratory support", "no support", "nasal cannula", "room air")
"""Kinds of respiratory support that give no positive end-expiratory pressure."""


@cache
def always_ends_at(size: int, blocks: tuple[int, ...]) -> bool:
    """Whether every order of drawing blocks ends exactly at a stratum's size, never inside a block.

    Blocks in order of drawing are any sequence of the sizes; `size` must be reached whatever is drawn.
    """
    if size == 0:
        return True
    return bool(blocks) and all(block <= size and always_ends_at(size - block, blocks) for block in blocks)


@cache
def can_end_at(size: int, blocks: tuple[int, ...]) -> bool:
    """Whether some sequence of whole blocks ends exactly at a stratum's size."""
    return size == 0 or any(block <= size and can_end_at(size - block, blocks) for block in blocks)


@check(
    "RND-001",
    Severity.ERROR,
    "arithmetic",
    standards=("SPIRIT 2025 item 21b",),
    why="A block larger than its stratum is never filled, and the arms need not come out balanced.",
    settle="block sizes no larger than the smallest stratum of the stage they are used in.",
)
def blocks_fit_into_their_strata(study: Study) -> Iterator[Doubt]:
    """No block is larger than the smallest stratum it is used in."""
    if study.randomisation is None:
        return
    blocks = study.randomisation.block_sizes
    for stage in study.stages:
        if stage.stratum_size is not None and blocks and max(blocks) > stage.stratum_size:
            yield Doubt(
                subject=f"stages.{stage.id}.stratum_size",
                says=f"a block of {max(blocks)} does not fit into a stratum of {stage.stratum_size} in {stage.name}",
                paths=("randomisation.block_sizes", f"stages.{stage.id}"),
            )


@check(
    "RND-002",
    Severity.ERROR,
    "arithmetic",
    standards=("SPIRIT 2025 item 21b",),
    why="If the stratum is full inside a block, the arms end unequal and the planned sizes are missed.",
    settle="block sizes of which every sequence ends at the stratum's size, or sizes stated as approximate.",
)
def planned_strata_are_reached_by_whole_blocks(study: Study) -> Iterator[Doubt]:
    """The planned size of a stratum is reached by whole blocks, in whatever order they are drawn."""
    if study.randomisation is None or not study.randomisation.block_sizes:
        return
    blocks = tuple(sorted(study.randomisation.block_sizes))
    for stage in study.stages:
        size = stage.stratum_size
        if size is None or always_ends_at(size, blocks):
            continue
        sizes = ", ".join(map(str, blocks))
        how = "only by some sequences of" if can_end_at(size, blocks) else "by no sequence of"
        yield Doubt(
            subject=f"stages.{stage.id}",
            says=f"{size} in a stratum of {stage.name} can be reached {how} blocks {sizes}",
            paths=("randomisation.block_sizes", f"stages.{stage.id}"),
        )


@check(
    "RND-003",
    Severity.WARNING,
    "record",
    standards=("SPIRIT 2025 item 21b", "ICH E9 2.3.2"),
    why="In a block as small as one turn of every arm, the last allocation is known before it is made.",
    settle="the smallest block at least twice the sum of the ratio, or allocation nobody on site can learn.",
)
def no_block_gives_the_last_allocation_away(study: Study) -> Iterator[Doubt]:
    """The smallest block is larger than one turn of all arms."""
    if study.randomisation is None or not study.randomisation.block_sizes:
        return
    turn = sum(study.randomisation.ratio) or len(study.arms)
    if min(study.randomisation.block_sizes) <= turn:
        yield Doubt(
            subject="randomisation.block_sizes",
            says=f"with a block of {min(study.randomisation.block_sizes)} for {turn} arms, whoever learns the first "
            "allocation of a block knows the next",
        )


@check(
    "RND-004",
    Severity.ERROR,
    "record",
    standards=("SPIRIT 2025 item 21b",),
    why="If block sizes follow the expected enrolment, those who know the plan can foresee allocations.",
    settle="block sizes drawn at random, with the seed kept from the site.",
)
def block_size_is_chosen_at_random(study: Study) -> Iterator[Doubt]:
    """Where several block sizes are used, each is drawn at random."""
    if study.randomisation is not None and study.randomisation.block_choice == "by expected enrolment":
        yield Doubt(
            subject="randomisation.block_choice",
            says="block sizes are chosen by how many participants are expected, not at random",
        )


@check(
    "RND-005",
    Severity.ERROR,
    "cross-field",
    standards=("SPIRIT 2025 items 22 and 23",),
    why="If participants take any envelope they like, the permuted blocks are shuffled and balance is lost; and "
    "an envelope can be put back.",
    settle="numbered envelopes opened in the order of the sequence, by one person, with a log.",
)
def envelopes_are_opened_in_the_order_of_the_sequence(study: Study) -> Iterator[Doubt]:
    """Participants do not choose among the envelopes of a restricted sequence."""
    if study.randomisation is not None and study.randomisation.assignment_order == "chosen by participant":
        yield Doubt(
            subject="randomisation.assignment_order",
            says="a sequence in blocks is made, and participants then choose any envelope",
            paths=("randomisation.assignment_order", "randomisation.method"),
        )


@check(
    "RND-008",
    Severity.ERROR,
    "record",
    standards=("SPIRIT 2025 item 21b",),
    why="An eligible participant who is in no stratum, or in two, cannot be randomised by the plan.",
    settle="definitions of the strata that place every eligible participant in exactly one.",
)
def strata_are_exhaustive_and_exclusive(study: Study) -> Iterator[Doubt]:
    """Every level of the stratification factor is in exactly one stratum."""
    if study.randomisation is None or not study.randomisation.strata:
        return
    placed = [level for stratum in study.randomisation.strata for level in stratum.levels]
    nowhere = [level for level in study.randomisation.factor_levels if level not in placed]
    twice = sorted({level for level in placed if placed.count(level) > 1})
    parts = [f"in no stratum: {', '.join(nowhere)}"] if nowhere else []
    parts += [f"in more than one stratum: {', '.join(twice)}"] if twice else []
    if parts:
        yield Doubt(subject="randomisation.strata", says="; ".join(parts))


@check(
    "RND-009",
    Severity.ERROR,
    "cross-field",
    standards=("SPIRIT 2025 item 14a", "Berlin definition of ARDS (2012)"),
    why="A stratum that no eligible participant can enter stays empty, or those in it were not eligible.",
    settle="the definition of ARDS without positive pressure that is meant, or strata within the Berlin definition.",
)
def strata_are_compatible_with_eligibility(study: Study) -> Iterator[Doubt]:
    """A stratum can hold participants who meet the inclusion criteria."""
    if study.randomisation is None:
        return
    ards = next(
        (
            c
            for c in study.population.criteria
            if c.category == "inclusion" and (c.topic or "").lower() == "ards"
        ),
        None,
    )
    for stratum in study.randomisation.strata:
        without = [level for level in stratum.levels if level.lower() in _WITHOUT_PRESSURE]
        if ards is not None and without:
            yield Doubt(
                subject=f"randomisation.strata.{stratum.id}.levels",
                says=f"{stratum.name} holds participants on {', '.join(without)}, and ARDS by the Berlin definition "
                "needs a positive end-expiratory pressure of at least 5 cmH2O",
                paths=(f"randomisation.strata.{stratum.id}", f"population.criteria.{ards.id}"),
            )


@check(
    "RND-010",
    Severity.WARNING,
    "record",
    standards=("SPIRIT 2025 items 21a and 23", "CONSORT 2025 item 19"),
    why="Whoever made the list must not enrol or assign: knowing what comes next, one chooses who comes next.",
    settle="the three people or parties by role.",
)
def generating_enrolling_and_assigning_are_separate(study: Study) -> Iterator[Doubt]:
    """Who generates the sequence, who enrols and who assigns are named and separate."""
    if study.randomisation is None:
        return
    plan = study.randomisation
    roles = {"generates": plan.generated_by, "enrols": plan.enrolled_by, "assigns": plan.assigned_by}
    unnamed = [role for role, who in roles.items() if who is None]
    named = [who for who in roles.values() if who is not None]
    if unnamed:
        yield Doubt(
            subject="randomisation.generated_by",
            says=f"it is not said who {', who '.join(unnamed)}",
            paths=(
                "randomisation.generated_by",
                "randomisation.envelope_kept_by",
                "randomisation.concealment",
            ),
        )
    if len(set(named)) < len(named):
        yield Doubt(
            subject="randomisation.assigned_by", says="one party generates, enrols or assigns at once"
        )


@check(
    "RND-006",
    Severity.ERROR,
    "cross-field",
    standards=("SPIRIT 2025 item 21b",),
    why="Simple and blocked randomisation are analysed, predicted and checked differently.",
    settle="the one method that was used.",
)
def a_restricted_sequence_is_not_called_completely_random(study: Study) -> Iterator[Doubt]:
    """A restricted sequence is not called completely random."""
    return told_differently(study, RANDOMISATION_METHOD)


@check(
    "RND-012",
    Severity.WARNING,
    "cross-field",
    standards=("TRDS 15",),
    why="Two descriptions of one procedure leave open which was followed.",
    settle="one description.",
)
def summary_and_detail_describe_one_randomisation(study: Study) -> Iterator[Doubt]:
    """Summary and detail describe the same randomisation."""
    return told_differently(study, RANDOMISATION_TEXT)
