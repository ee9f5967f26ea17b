"""A list from outside: frozen by its file, sealed and given out, and checked from the export."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from exotrial.allocation.certificate import Certificate, read_certificate
from exotrial.allocation.export import Export, read_export
from exotrial.allocation.verify import verify_export
from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import MATRIX, Role
from exotrial.store.models import Act, AllocationList, Change, Study
from exotrial.store.verify import verify_trail
from tests.operations.allocation_steps import RANDOMNESS, put_enrolled
from tests.operations.allocation_steps import seal as seal_drawn
from tests.operations.test_allocation_attacks import by_hand
from tests.trial import PASSWORD, Trial

STATISTICIAN = Role.UNBLINDED_STATISTICIAN
ARMS = {"a": ["exosomes", "control", "control", "exosomes"], "b": ["control", "exosomes"]}
MADE_BY = "a list office made up for tests"


def write_file(*, kits: bool = True, arms: dict[str, list[str]] = ARMS) -> str:
    rows = ["stratum,slot,arm,kit" if kits else "stratum,slot,arm"]
    for stratum, row in arms.items():
        for slot, arm in enumerate(row, start=1):
            rows.append(f"phase_1/{stratum},{slot},{arm}" + (f",X-{stratum}{slot:02d}" if kits else ""))
    return "\r\n".join([*rows, ""])


def import_list(trial: Trial, file: str, **more: Any) -> Any:
    ask = {"stage": "phase_1", "file": file, "made_by": MADE_BY} | more
    return trial.do("import_list", STATISTICIAN, **ask)


def seal(trial: Trial, file: str) -> Certificate:
    number = import_list(trial, file).number
    trial.do(
        "contribute_randomness", Role.MONITOR, number=number, randomness=RANDOMNESS, who="an ethics office"
    )
    sealed = trial.do("seal_list", STATISTICIAN, number=number)
    return read_certificate(json.dumps(sealed.certificate).encode(), name="published")


def randomise(trial: Trial, code: str, *, stratum: str) -> Any:
    put_enrolled(trial, code, stratum=stratum)
    return trial.do("randomise", participant=code)


def export(trial: Trial, number: int = 1) -> Export:
    Study.objects.filter(slug=trial.study).update(status="locked", locked_at=trial.now)
    trial.do("unblind_study", Role.SPONSOR, username="sponsor", password=PASSWORD, reason="data are locked")
    told = trial.do("export_allocation", Role.AUDITOR, number=number).export
    return read_export(json.dumps(told).encode(), name="export")


@pytest.mark.parametrize("kits", [True, False])
def test_an_imported_list_is_given_in_its_order_and_verifies_offline(trial: Trial, kits: bool) -> None:
    file = write_file(kits=kits)
    certificate = seal(trial, file)
    assert certificate.source == "imported"
    given = [randomise(trial, f"P{at}", stratum=stratum) for at, stratum in enumerate("abaaba")]
    if kits:
        assert [one.kit for one in given] == ["X-a01", "X-b01", "X-a02", "X-a03", "X-b02", "X-a04"]
    assert {one.arm for one in given} == {""}
    named = {one.where for one in verify_trail(trial.opened).problems}
    assert not {where for where in named if not where.startswith(("participant ", "consent "))}  # put by hand
    told = export(trial)
    assert told.imported == file
    assert told.manifest.parameters == {
        "sha256": hashlib.sha256(file.encode()).hexdigest(),
        "made_by": MADE_BY,
    }
    assert [one.arm for one in told.allocations] == [
        ARMS["a"][0],
        ARMS["b"][0],
        ARMS["a"][1],
        ARMS["a"][2],
        ARMS["b"][1],
        ARMS["a"][3],
    ]
    verified = verify_export(told, certificate=certificate)
    assert verified.holds, verified.problems


@pytest.mark.parametrize("at", range(2))
def test_an_edited_imported_file_is_named(trial: Trial, at: int) -> None:
    """Two arms exchanged, or nothing but a line end: the digest of the manifest tells."""
    file = write_file()
    certificate = seal(trial, file)
    randomise(trial, "P1", stratum="a")
    edited = (
        write_file(arms=ARMS | {"a": ["control", "exosomes", *ARMS["a"][2:]]}),
        file.replace("\r\n", "\n"),
    )[at]
    found = verify_export(replace(export(trial), imported=edited), certificate=certificate).problems
    says = {problem.where: problem.says for problem in found}
    assert hashlib.sha256(edited.encode()).hexdigest() in says["imported list"]
    if at == 0:
        wanted = "the imported file gives control, and the envelope shown holds exosomes"
        assert says["phase_1/a slot 1"] == wanted
    else:
        assert set(says) == {"imported list"}


def test_a_missing_imported_file_and_one_too_many_are_named(trial: Trial) -> None:
    certificate = seal(trial, write_file())
    told = export(trial)
    assert not verify_export(replace(told, imported=""), certificate=certificate).holds
    drawn = replace(told, manifest=replace(told.manifest, method="simple", parameters={}))
    problems = verify_export(drawn, certificate=certificate).problems
    assert any("not of a list from outside" in problem.says for problem in problems)
    assert any(problem.where == "source" for problem in problems)


def test_a_malformed_list_is_refused_row_by_row_and_nothing_of_it_is_kept(trial: Trial) -> None:
    rows = write_file().split("\r\n")
    rows[2] = "phase_1/a,2,contrl,X-a02"
    rows[5] = "phase_1/b,0,exosomes,X-b01"
    with pytest.raises(Refusals) as refused:
        import_list(trial, "\r\n".join(rows))
    assert [(one.code.code, one.place.line) for one in refused.value.refusals] == [
        ("SEQ-032", 3),
        ("SEQ-032", 6),
    ]
    kept = Act.objects.get(operation="import_list", outcome="refused")
    assert kept.code == "SEQ-032"
    assert "contrl" not in kept.told
    assert not AllocationList.objects.exists()


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("", "OPR-002"),
        ("﻿stratum,slot,arm\nphase_1/a,1,exosomes\n", "SEQ-030"),
        ("stratum;slot;arm\n", "SEQ-030"),
        ("stratum,slot,arm\n", "SEQ-030"),
        ("stratum,slot\nphase_1/a,1\n", "SEQ-031"),
        (write_file().replace("phase_1/b", "phase_2/b"), "SEQ-032"),
        (write_file().replace("a,4,", "a,5,"), "SEQ-033"),
        (write_file(arms={"a": ARMS["a"]}), "SEQ-033"),
        (write_file().replace("X-a02", "X-a01"), "SEQ-034"),
        (write_file().replace("X-a02", "X" * 41), "SEQ-032"),
    ],
)
def test_a_list_that_does_not_fit_the_study_is_refused(trial: Trial, file: str, code: str) -> None:
    with pytest.raises((Refusal, Refusals), match=code):
        import_list(trial, file)


def test_a_kit_of_40_characters_still_fits(trial: Trial) -> None:
    seal(trial, write_file().replace("X-a01", "X" * 40))
    assert randomise(trial, "P1", stratum="a").kit == "X" * 40


@pytest.mark.requirement(10)
@pytest.mark.parametrize("role", [role for role in Role if MATRIX[role].blind])
def test_no_blind_role_imports_a_list(trial: Trial, role: Role) -> None:
    with pytest.raises(Refusal, match=r"OPR-00[34]"):
        trial.do("import_list", role, stage="phase_1", file=write_file(), made_by=MADE_BY)


@pytest.mark.requirement(10, 11)
def test_the_imported_file_is_nowhere_in_clear(trial: Trial) -> None:
    seal(trial, write_file())
    row = AllocationList.objects.get()
    assert all("X-a01" not in str(value) for value in row.flat().values())
    assert not Change.objects.filter(new__contains="X-a01").exists()
    assert not Change.objects.filter(new__contains="phase_1/a,1").exists()


def test_an_imported_list_follows_the_same_steps_as_any(trial: Trial) -> None:
    number = import_list(trial, write_file()).number
    with pytest.raises(Refusal, match="LST-003"):
        trial.do("seal_list", STATISTICIAN, number=number)
    with pytest.raises(Refusal, match="LST-001"):
        import_list(trial, write_file())
    with pytest.raises(Refusal, match="LST-021"):
        trial.do("freeze_list", STATISTICIAN, stage="phase_2", method="imported")
    trial.do("give_up_list", STATISTICIAN, number=number, reason="another list was meant")
    assert seal(trial, write_file()).generation == 2


def test_who_imported_a_list_is_not_its_second_party(trial: Trial) -> None:
    """No one may hold both roles at once; here the act is put under the other's name by hand."""
    number = import_list(trial, write_file()).number
    with by_hand():
        Act.objects.filter(operation="import_list").update(who=trial.people[Role.MONITOR])
    with pytest.raises(Refusal, match="LST-004"):
        trial.do("contribute_randomness", Role.MONITOR, number=number, randomness=RANDOMNESS, who="the same")


def test_a_kit_of_another_list_is_refused(trial: Trial) -> None:
    seal(trial, write_file())
    other = write_file().replace("phase_1", "phase_2")
    with pytest.raises(Refusal, match=r"LST-022.*line 2.*X-a01"):
        import_list(trial, other, stage="phase_2")
    import_list(trial, other.replace("X-", "Y-"), stage="phase_2")


def test_the_annex_of_an_imported_list_tells_what_cannot_be_known(trial: Trial) -> None:
    seal(trial, write_file())
    annex = trial.do("show_annex", STATISTICIAN, number=1)
    first = annex.strata[0]
    assert first.guessed is None
    assert first.certain is None
    # By hand, for exosomes, control, control, exosomes: coin, certain guess, coin, certain guess.
    assert first.drawn_guessed == pytest.approx(3 / 4)
    assert first.drawn_largest_imbalance == 1
    assert "not known" in first.how
    texts = {item.item: item for item in annex.consort}
    assert MADE_BY in texts["17a"].text
    assert any("restricted" in lack for lack in texts["17b"].lacks)


def test_a_drawn_list_says_that_it_was_drawn(trial: Trial) -> None:
    assert seal_drawn(trial).certificate["source"] == "drawn"
