"""The checklists of the product: their data, the three studies scored, and each rule on both sides."""

from __future__ import annotations

import json

import pytest

from exotrial.product.cell_identity import CellEvidence, Counted
from exotrial.product.checklist import (
    Answer,
    ProductRecord,
    Status,
    answer_checklist,
    compute_score,
    find_checklists,
    read_items,
)
from exotrial.study.definition.intervention import Product
from exotrial.study.file import read_study
from tests.conftest import PROJECT

MET, NOT_MET = Status.MET, Status.NOT_MET
SILENT, NONE = Status.NOT_ON_RECORD, Status.NOT_APPLICABLE


def record_of(study: str, **changes: object) -> ProductRecord:
    definition, _ = read_study(PROJECT / "studies" / study)
    return ProductRecord(study=definition, product=definition.products[0].model_copy(update=changes))


def record_with(**fields: object) -> ProductRecord:
    definition, _ = read_study(PROJECT / "studies" / "mexcovid")
    product = Product.model_validate_json(json.dumps({"id": "made_up", "name": "Vesicles", **fields}))
    return ProductRecord(study=definition, product=product)


def answers_of(name: str, record: ProductRecord) -> dict[str, Answer]:
    return {one.item.number: one.answer for one in answer_checklist(find_checklists()[name], record)}


def test_every_list_is_found_and_each_item_is_asked_once_and_answered_by_a_finder_that_exists() -> None:
    lists = find_checklists()
    assert {name: len(read_items(one)) for name, one in lists.items()} == {
        "ev-metric": 9,  # Van Deun 2017
        "isct-2006": 12,  # Dominici 2006: adherence, 3 positive, 5 negative, 3 lineages
        "miflowcyt-ev": 25,  # Welsh 2020, items 1.1 to 7.1
        "misev2023": 20,
    }
    for one in lists.values():
        items = read_items(one)
        assert len({item.number for item in items}) == len(items)
        assert {item.found_by for item in items if item.found_by} == set(one.finders)
        assert all(item.section and item.asks.endswith("?") for item in items)


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        # Counted by hand from the three sources against the lists.
        (
            "chictr2000030261",
            {"ev-metric": (3, 8), "isct-2006": (3, 12), "miflowcyt-ev": (0, 0), "misev2023": (10, 20)},
        ),
        (
            "mexcovid",
            {"ev-metric": (0, 9), "isct-2006": (0, 12), "miflowcyt-ev": (0, 25), "misev2023": (2, 20)},
        ),
        (
            "irct20201202049568n3",
            {"ev-metric": (0, 8), "isct-2006": (0, 12), "miflowcyt-ev": (0, 25), "misev2023": (4, 20)},
        ),
    ],
)
def test_the_three_studies_are_scored(study: str, expected: dict[str, tuple[int, int]]) -> None:
    record = record_of(study)
    scores = {
        name: compute_score(answer_checklist(checklist, record))
        for name, checklist in find_checklists().items()
    }
    assert {name: (score.met, score.applicable) for name, score in scores.items()} == expected


def test_the_chictr_pilot_item_by_item_of_ev_metric() -> None:
    answers = answers_of("ev-metric", record_of("chictr2000030261"))
    assert {number: answer.status for number, answer in answers.items()} == {
        **dict.fromkeys("168", MET),
        **dict.fromkeys("23479", SILENT),
        "5": NONE,
    }
    assert answers["4"].why == "Spin at high speed: 100000 × g, 1 h; no rotor is given."
    assert answers["9"].missing == "products.cord_exosomes.markers"


def spin(force: str, **fields: object) -> dict[str, object]:
    return {"name": "Spin", "action": "centrifuge", "force": force, "duration": "1 h", **fields}


@pytest.mark.parametrize(
    ("process", "status"),
    [
        ([], SILENT),
        ([spin("1500 g")], SILENT),  # cells are spun down as well: nothing tells of the vesicles
        ([spin("99999 g"), {"name": "Salt out", "action": "precipitate"}], NONE),
        ([spin("100000 g")], SILENT),
        ([spin("100000 g", note="rotor SW 28")], MET),
        ([spin("100000 g", note="rotor SW 28"), spin("110000 g")], SILENT),
    ],
)
def test_an_ultracentrifugation_needs_force_time_and_rotor(
    process: list[dict[str, object]], status: Status
) -> None:
    assert answers_of("ev-metric", record_with(process=process))["4"].status is status


def vesicle(name: str, role: str = "positive", reagent: str | None = None) -> dict[str, object]:
    marker: dict[str, object] = {"name": name, "target": "vesicle", "role": role, "method": "Western blot"}
    return marker if reagent is None else {**marker, "reagent": reagent}


def test_three_enriched_proteins_are_enough_and_two_are_not() -> None:
    two = [vesicle("CD9"), vesicle("CD63")]
    assert answers_of("ev-metric", record_with(markers=two))["8"].status is NOT_MET
    assert answers_of("ev-metric", record_with(markers=[*two, vesicle("Alix")]))["8"].status is MET


def test_a_loading_control_is_no_marker_of_contamination_and_albumin_is() -> None:
    actin, albumin = vesicle("beta-actin", "loading control"), vesicle("Albumin", "negative")
    assert answers_of("ev-metric", record_with(markers=[actin]))["9"].status is SILENT
    for name, number in (("ev-metric", "9"), ("misev2023", "16")):
        assert answers_of(name, record_with(markers=[actin, albumin]))[number].status is MET


@pytest.mark.parametrize(
    ("reagent", "status"),
    [
        (None, SILENT),
        ("ab92726", SILENT),
        ("Abcam, 1:2000", SILENT),
        ("1:2000", SILENT),
        ("ab92726, 1:2000", MET),
    ],
)
def test_an_antibody_needs_a_number_and_a_dilution(reagent: str | None, status: Status) -> None:
    assert (
        answers_of("ev-metric", record_with(markers=[vesicle("CD9", reagent=reagent)]))["6"].status is status
    )


def test_membrane_and_inside_proteins_are_told_apart_whatever_their_spelling() -> None:
    answers = answers_of("misev2023", record_with(markers=[vesicle("TSG-101"), vesicle("CD 9")]))
    assert answers["14"].why.startswith("CD 9")
    assert answers["15"].why.startswith("TSG-101")
    # CD90 is of the cells: CD9 is not found in its name.
    assert answers_of("misev2023", record_with(markers=[vesicle("CD90")]))["14"].status is SILENT


def test_serum_that_is_not_named_is_silent_and_serum_free_is_not_applicable() -> None:
    def asked(**fields: object) -> Status:
        step = {"name": "Culture", "action": "culture", **fields}
        return answers_of("misev2023", record_with(process=[step]))["6"].status

    assert asked() is SILENT
    assert asked(medium="serum-free DMEM") is NONE
    assert asked(serum=True) is SILENT
    assert asked(serum=True, serum_ev_depleted=False) is NOT_MET
    assert asked(serum=True, serum_ev_depleted=True) is MET


def test_storage_needs_temperature_and_time() -> None:
    cold = {"temperature": "4 degC"}
    assert answers_of("misev2023", record_with(storage=cold))["8"].status is SILENT
    assert answers_of("misev2023", record_with(storage={**cold, "at_most": "7 d"}))["8"].status is MET
    assert answers_of("misev2023", record_with(storage={"stability_data": False}))["9"].status is NOT_MET


def test_a_share_of_cells_answers_only_with_its_count() -> None:
    # 192 of 200 is 96 %, and its lower bound lies below 95 % (Clopper and Pearson).
    record = record_of("chictr2000030261")
    counts = {"CD105": Counted(positive=9900, total=10000), "CD73": Counted(positive=192, total=200)}
    cells = CellEvidence(adherent=True, markers=counts, told={"CD90": 0.99}, lineages={"osteogenic": False})
    answers = answers_of("isct-2006", ProductRecord(study=record.study, product=record.product, cells=cells))
    assert [answers[number].status for number in ("1", "2a", "2b", "2c", "4a")] == [
        MET,
        MET,
        NOT_MET,
        SILENT,
        NOT_MET,
    ]


def test_a_marker_named_with_the_other_role_is_not_met() -> None:
    marker = {"name": "CD34", "target": "cell", "role": "positive", "method": "flow cytometry"}
    assert answers_of("isct-2006", record_with(markers=[marker]))["3b"].status is NOT_MET


def test_flow_cytometry_of_cells_does_not_make_the_vesicle_list_apply() -> None:
    cells = {"name": "CD90", "target": "cell", "role": "positive", "method": "flow cytometry"}
    blot = vesicle("CD9")
    assert answers_of("miflowcyt-ev", record_with(markers=[cells]))["3.1"].status is SILENT
    assert answers_of("miflowcyt-ev", record_with(markers=[cells, blot]))["3.1"].status is NONE
    flow = {**blot, "method": "flow cytometry"}
    assert answers_of("miflowcyt-ev", record_with(markers=[flow]))["3.1"].why.startswith(
        "The study file has no place"
    )
