"""Masking and randomisation, in the words of IRCT's rows and of ClinicalTrials.gov."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.registries.design_text import split_design
from exotrial.registries.masking_text import read_masking
from exotrial.registries.randomisation_text import read_randomisation
from tests.conftest import shared

DESIGN = (
    "Randomization: Randomized, Blinding: Double blinded, Placebo: Used, Assignment: Parallel, Purpose: Treatment, "
    "Randomization description: Block randomization with 4, 6 and 8 block sizes, drawn with Stata version 15 software. "
    "Codes are kept in sealed envelopes, Blinding description: The patients and the statistician are blinded."
)
FOUR = ("participant", "care provider", "investigator", "outcome assessor")


def test_a_design_is_parted_at_its_labels() -> None:
    parts = split_design(DESIGN)
    assert parts["placebo"] == "Used"
    assert parts["purpose"] == "Treatment"
    assert parts["blinding description"] == "The patients and the statistician are blinded"
    assert split_design(
        "Intervention model: Single Group Assignment. Primary purpose: Treatment. Masking: None."
    ) == {
        "intervention model": "Single Group Assignment",
        "primary purpose": "Treatment",
        "masking": "None",
    }
    assert split_design("Parallel") == {}


@pytest.mark.parametrize(
    ("text", "label", "roles"),
    [
        (DESIGN, "double blind", ("participant", "data analyst")),
        (
            "Masking: Quadruple (Participant, Care Provider, Investigator, Outcomes Assessor)",
            "quadruple blind",
            FOUR,
        ),
        ("Masking: None (Open Label)", "open label", ()),
        ("Not blinded", "open label", ()),
        ("Single Blind (Outcomes Assessor)", "single blind", ("outcome assessor",)),
        ("TRIPLE", "triple blind", ()),
        ("Open (masking not used)", "open label", ()),
        (
            "Controlled: yes Open: no Single blind: no Double blind: yes Parallel group: yes",
            "double blind",
            (),
        ),
        (
            "Groups that have been masked\n\n- Participant\n- Care provider\n- Investigator\n- Outcome assessor",
            None,
            FOUR,
        ),
        (
            "The participant, his / her caregiver, trial researcher, and outcome assessor did not know it.",
            None,
            FOUR,
        ),
        ("N/A", None, ()),
        ("", None, ()),
        ("Double blind, then open label", None, ()),
    ],
)
def test_label_and_roles_are_read(text: str, label: str | None, roles: tuple[str, ...]) -> None:
    assert read_masking(text) == (label, roles)


@pytest.mark.parametrize(
    "text",
    [
        "The patient, treating physician, and the physician who follow-up are blinded.",  # who is the third?
        "The patient is blinded. The whole team knows the groups.",
        "Only the pharmacist knows; the patient is blinded.",
        "The patients are aware of their group.",
    ],
)
def test_half_a_list_of_roles_is_no_list(text: str) -> None:
    assert read_masking(text).roles == ()


@pytest.mark.parametrize(
    ("text", "method", "sizes"),
    [
        (DESIGN, "permuted blocks", (4, 6, 8)),
        ("Stratified Block method. The blocks used are of sizes 2, 4, and 8", "stratified permuted blocks", (2, 4, 8)),
        ("block randomization and block size if 4", "permuted blocks", (4,)),
        ("permuted block randomization (5 blocks and 3 patients in each block).", "permuted blocks", (3,)),
        ("The randomized block allocation method. The block size was six.", "permuted blocks", (6,)),
        ("six blocks consisting of AABB, ABAB, ABBA, BBAA, BABA, and BAAB", "permuted blocks", (4,)),
        ("assigned to four blocks", "permuted blocks", ()),  # a number of blocks
        ("Simple.", "simple", ()),
        ("simple randomization with a random digit table", "simple", ()),
        ("simple or limited randomization", None, ()),
        ("Simple block randomisation with blocks of four", None, (4,)),  # two methods
        ("random permuted blocks of varying sizes (2, 4, 6)", "permuted blocks", (2, 4, 6)),
        ("blocks of 4 to 8", "permuted blocks", ()),  # which of them?
        ("blocks of 4-6 patients", "permuted blocks", ()),
        ("block sizes 1 and 4", "permuted blocks", ()),  # a block of one is none
        ("6 blocks of 4", "permuted blocks", (4,)),
        ("Minimization by age", "minimisation", ()),
        ("Randomization method is cluster randomization.", "other", ()),
        ("Patients were randomly divided.", None, ()),
        ("", None, ()),
    ],
)  # fmt: skip
def test_method_and_block_sizes_are_read(text: str, method: str | None, sizes: tuple[int, ...]) -> None:
    read = read_randomisation(text)
    assert (read.method, read.block_sizes) == (method, sizes)


def test_envelopes_strata_and_tool_keep_the_words() -> None:
    read = read_randomisation(DESIGN)
    assert read.envelopes == ("Codes are kept in sealed envelopes",)
    assert read.generated_with == "Stata version 15"
    assert read_randomisation("Blocks of 4, stratified by age and site using R software").strata == (
        "age",
        "site",
    )


def test_strata_that_are_defined_keep_their_definition() -> None:
    read = read_randomisation(
        "Blocks. Patients who need oxygen are classified in group A and patients who do not are placed in group B."
    )
    assert read.strata == ("A: patients who need oxygen", "B: patients who do not")


@given(st.text(max_size=120))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    read_masking(text)
    assert all(2 <= size <= 100 for size in read_randomisation(text).block_sizes)


@pytest.mark.shared
def test_sixty_irct_rows_are_read() -> None:
    rows = json.loads(shared("data", "ictrp", "ictrp_irct_60_2020-07-07.json").read_text(encoding="utf-8"))
    labels = [read_masking(row["Study design"]).label for row in rows]
    printed = [split_design(row["Study design"])["blinding"].lower() for row in rows]
    assert [label == "open label" for label in labels] == [words == "not blinded" for words in printed]
    assert [label.split()[0] for label in labels if label != "open label" and label] == [
        words.split()[0] for words in printed if words != "not blinded"
    ]
    sizes = [
        read.block_sizes for row in rows if (read := read_randomisation(row["Study design"])).block_sizes
    ]
    assert sizes == [(3,), (3,), (5,), (6,), (4,), (4, 6, 8), (4,), (4, 6, 8), (4, 6, 8)]
