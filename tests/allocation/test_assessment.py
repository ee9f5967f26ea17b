"""The annex of a recorded study: the IRCT trial as it was registered, and records that hold no list."""

from __future__ import annotations

from typing import Any

import pytest

from exotrial.allocation.assessment import Assessment, ListAssessment, assess_randomisation
from exotrial.core.errors import Refusal
from exotrial.study.definition.study import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT

pytestmark = pytest.mark.xdist_group("assessment")  # one worker goes through the lists


@pytest.fixture(scope="module")
def irct() -> Study:
    return read_study(PROJECT / "studies" / "irct20201202049568n3")[0]


@pytest.fixture(scope="module")
def annex(irct: Study) -> Assessment:
    return assess_randomisation(irct, seed=1, eta=0.5)


def changed(study: Study, **randomisation: Any) -> Study:
    assert study.randomisation is not None
    plan = study.randomisation.model_copy(update=randomisation)
    return study.model_copy(update={"randomisation": plan})


def one(annex: Assessment, name: str, reading: str) -> ListAssessment:
    (found,) = [entry for entry in annex.lists if (entry.list, entry.reading) == (name, reading)]
    return found


def test_every_stratum_of_every_stage_is_a_list(annex: Assessment) -> None:
    lengths = {entry.list: entry.length for entry in annex.lists}
    assert lengths == {"phase_1/a": 6, "phase_1/b": 6, "phase_2": 60}
    notes = {entry.note for entry in annex.lists if entry.list == "phase_2"}
    assert notes == {"the sizes of its strata are not recorded: taken as one list"}


def test_the_published_blocks_of_two_make_half_of_all_allocations_certain(annex: Assessment) -> None:
    for name in ("phase_1/a", "phase_1/b", "phase_2"):
        figures = one(annex, name, "blocks of 2").predictability
        assert figures is not None
        assert figures.certain.value == pytest.approx(0.5, abs=1e-12)
        assert figures.convergence.value == pytest.approx(0.75, abs=1e-12)


def test_a_block_of_eight_is_said_not_to_fit_into_a_stratum_of_six(annex: Assessment) -> None:
    entry = one(annex, "phase_1/a", "blocks of 2, 4, 8 drawn at random")
    assert entry.cannot == ("SEQ-019: a block of 8 does not fit into a list of 6",)
    assert entry.predictability is None
    assert one(annex, "phase_2", "blocks of 2, 4, 8 drawn at random").cannot == ()


def test_patients_who_choose_envelopes_undo_the_bound_of_the_blocks(annex: Assessment, irct: Study) -> None:
    chosen = dict(annex.free_choice)
    assert chosen["phase_1/a"].bound == 2
    assert chosen["phase_2"].bound == 4
    assert chosen["phase_2"].beyond_bound > 0.8
    in_order = assess_randomisation(changed(irct, assignment_order="sequence"), seed=1, eta=0.5)
    assert in_order.free_choice == ()


def test_two_arms_have_a_type_one_error_and_three_have_none(irct: Study, annex: Assessment) -> None:
    found = one(annex, "phase_2", "blocks of 2").type_one_error
    assert found is not None
    assert found.error.value > 0.4
    three = irct.model_copy(
        update={
            "arms": (*irct.arms, irct.arms[0].model_copy(update={"id": "third"})),
            "stages": (),
            "design": irct.design.model_copy(update={"planned_size": 12}),
        }
    )
    annex = assess_randomisation(
        changed(three, method="simple", ratio=(2, 1, 1), block_sizes=(), strata=()), seed=1, eta=0.5
    )
    (only,) = annex.lists
    assert (only.list, only.reading, only.type_one_error) == ("all", "no restriction", None)


@pytest.mark.parametrize("name", ["mexcovid", "chictr2000030261"])
def test_a_study_without_randomisation_is_refused(name: str) -> None:
    study, _ = read_study(PROJECT / "studies" / name)
    with pytest.raises(Refusal, match="SEQ-050"):
        assess_randomisation(study, seed=1, eta=0.5)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"method": "minimisation"}, "SEQ-051"),
        ({"method": "other"}, "SEQ-051"),
        ({"block_sizes": ()}, "SEQ-052"),
    ],
)
def test_a_record_without_a_list_is_refused(irct: Study, change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal, match=code):
        assess_randomisation(changed(irct, **change), seed=1, eta=0.5)


def test_neither_ratio_nor_sizes_nor_a_planned_size_is_ever_guessed(irct: Study) -> None:
    stages = tuple(stage.model_copy(update={"arms": ()}) for stage in irct.stages)
    with pytest.raises(Refusal, match=r"SEQ-052: stages\.phase_1\.arms"):
        assess_randomisation(irct.model_copy(update={"stages": stages}), seed=1, eta=0.5)
    design = irct.design.model_copy(update={"planned_size": None})
    bare = irct.model_copy(update={"stages": (), "design": design})
    with pytest.raises(Refusal, match=r"SEQ-052: design\.planned_size"):
        assess_randomisation(changed(bare, ratio=(1, 1)), seed=1, eta=0.5)
