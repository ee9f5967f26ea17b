"""The CONSORT text says what manifest and study file hold, and names what they do not."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from importlib.resources import files

import pytest

from exotrial.allocation.manifest import ListStratum, Manifest
from exotrial.allocation.sequence.method import find_sequence_methods
from exotrial.allocation.statement import ItemText, derive_statement, write_statement
from exotrial.core.errors import Refusal
from exotrial.study.definition.study import Study
from exotrial.study.file import read_study
from tests.allocation.test_draw import ALL_METHODS
from tests.conftest import PROJECT

MANIFEST = Manifest(
    study="irct20201202049568n3",
    study_version=1,
    arms=("exosomes", "control"),
    ratio=(1, 1),
    strata=(
        ListStratum(id="phase_1/a", length=6, name="Phase one, A", stage="phase_1", stratum="a"),
        ListStratum(id="phase_1/b", length=6, name="Phase one, B", stage="phase_1", stratum="b"),
    ),
    method="permuted blocks",
    parameters={"block_sizes": (2, 4), "completion": "fit"},
)


@pytest.fixture(scope="module")
def irct() -> Study:
    return read_study(PROJECT / "studies" / "irct20201202049568n3")[0]


def items(manifest: Manifest, study: Study) -> dict[str, ItemText]:
    return {item.number: item for item in derive_statement(manifest, study=study)}


def test_the_items_are_those_of_consort_2025(irct: Study) -> None:
    text = files("exotrial.report.consort").joinpath("consort_2025.csv").read_text(encoding="utf-8")
    topics = {row["item"]: row["topic"] for row in csv.DictReader(io.StringIO(text))}
    found = items(MANIFEST, irct)
    assert list(found) == ["17a", "17b", "18", "19", "20a", "20b"]
    assert {number: item.topic for number, item in found.items()} == {
        number: topics[number] for number in found
    }


def test_the_restriction_is_told_with_ratio_blocks_and_strata(irct: Study) -> None:
    told = items(MANIFEST, irct)["17b"]
    assert told.text == (
        "Participants were allocated to Intervention group and Control group in the ratio 1:1. Permuted blocks of "
        "sizes drawn at random from 2 and 4 were used, and only sizes that let the list end with a whole block were "
        "drawn. Each of these has a list of its own: Phase one, A (6) and Phase one, B (6). Strata were formed by "
        "respiratory support."
    )
    assert told.lacks == ("why the study file names blocks of 2, 4 and 8 and the manifest 2 and 4",)


def test_what_the_record_does_not_say_is_lacking_and_not_made_up(irct: Study) -> None:
    told = items(MANIFEST, irct)
    assert MANIFEST.digest() in told["17a"].text
    assert told["17a"].lacks == ("who made the sequence",)
    assert "who enrolled participants" in told["19"].lacks
    assert "Participants chose among the envelopes" in told["19"].text
    assert told["20b"].lacks == ("how blinding was done, and how alike treatments were",)
    assert "[Not recorded: who made the sequence.]" in write_statement(tuple(told.values()))


def test_what_the_record_says_is_told(irct: Study) -> None:
    assert irct.randomisation is not None
    plan = irct.randomisation.model_copy(
        update={
            "generated_by": "An outside statistician.",
            "enrolled_by": "the ward",
            "assigned_by": "the pharmacy",
            "assignment_order": "sequence",
        }
    )
    told = items(replace(MANIFEST, generation=3), irct.model_copy(update={"randomisation": plan}))
    assert "The sequence was made by: An outside statistician." in told["17a"].sentences
    assert "manifest number 3 of the study: 2 before it were given up." in told["17a"].text
    assert told["19"].text == (
        "Participants were enrolled by: the ward. They were assigned by: the pharmacy. "
        "Allocations were taken in the order of the sequence."
    )
    assert told["19"].lacks == ("whether those who enrolled and assigned had access to the sequence",)


def test_a_study_that_says_nothing_gets_no_words_on_it(irct: Study) -> None:
    told = items(MANIFEST, irct.model_copy(update={"randomisation": None, "blinding": None}))
    for number in ("18", "19", "20a", "20b"):
        assert told[number].sentences == ()
        assert told[number].lacks


def test_open_label_lacks_no_method_of_blinding() -> None:
    study, _ = read_study(PROJECT / "studies" / "mexcovid")
    told = items(MANIFEST, study)
    assert told["20a"].text == "The study was labelled open label."
    assert (told["20a"].lacks, told["20b"].lacks) == ((), ())


@pytest.mark.parametrize("name", sorted(find_sequence_methods()))
def test_every_method_describes_itself_in_a_sentence(irct: Study, name: str) -> None:
    manifest = replace(MANIFEST, method=name, parameters=ALL_METHODS[name])
    sentence = items(manifest, irct)["17b"].sentences[1]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert not sentence.endswith("..")


def test_a_method_that_is_not_installed_has_no_text(irct: Study) -> None:
    with pytest.raises(Refusal, match="SEQ-012"):
        derive_statement(replace(MANIFEST, method="coin"), study=irct)


@pytest.mark.parametrize(
    ("completion", "sentence"),
    [
        ("fit", "Permuted blocks of 2 were used."),
        ("truncate", "Permuted blocks of 2 were used, and the last block is cut where the list ends."),
    ],
)
def test_blocks_of_one_size_are_not_called_random(irct: Study, completion: str, sentence: str) -> None:
    manifest = replace(
        MANIFEST, parameters={"block_sizes": (2,), "completion": completion}, strata=MANIFEST.strata[:1]
    )
    told = items(manifest, irct)["17b"]
    assert told.sentences[1] == sentence
    assert told.sentences[2] == "There was one list, of 6 participants."
