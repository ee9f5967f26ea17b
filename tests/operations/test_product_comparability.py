"""Comparability over released evidence: who asks says the sides, the study file the margin."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role, is_blind
from exotrial.store.home import disconnect, open_home
from tests.operations.compared import AMOUNTS, begin_compared
from tests.operations.released import review, send, send_all
from tests.product.batch_files import BATCH, nta
from tests.trial import Trial

NEBULISED = "before and after nebulisation"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Trial, list[dict[str, Any]]]]:
    yield begin_compared(tmp_path_factory.mktemp("compared"))
    disconnect()


@pytest.fixture
def compared(begun: tuple[Trial, list[dict[str, Any]]]) -> tuple[Trial, list[dict[str, Any]]]:
    """The trial that all tests share, connected again: a test between may have had a home of its own."""
    open_home(begun[0].opened.home)
    return begun


def refused(trial: Trial, name: str, role: Role = Role.PHARMACIST, **told: Any) -> str:
    with pytest.raises(Refusal) as caught:
        trial.do(name, role, **told)
    return caught.value.code.code


def test_the_accepted_files_of_released_batches_are_offered(compared: Any) -> None:
    trial, files = compared
    listed = trial.do("list_comparable", Role.PHARMACIST)
    assert {one.evidence for one in listed.files} >= {one["evidence"] for one in files}
    assert {one.code for one in listed.files} == {BATCH}
    assert (listed.planned, listed.stored) == ((NEBULISED,), ("particle concentration",))


def test_pairs_within_the_margin_are_comparable_with_the_power_before_and_after(compared: Any) -> None:
    trial, files = compared
    found = trial.do("show_comparability", Role.PHARMACIST, comparison=NEBULISED, files=files)
    assert (found.holds, found.reference) == (True, "before")
    (one,) = found.attributes
    # A second derivation by scipy: the 90 % interval of the mean log ratio of the amounts that the files were made of.
    logs = np.log(np.array(AMOUNTS["after"]) / np.array(AMOUNTS["before"]))
    interval = stats.ttest_1samp(logs, 0.0).confidence_interval(0.9)
    expected = np.exp([logs.mean(), interval.low, interval.high])
    assert [one.ratio, one.lower, one.upper] == pytest.approx(expected.tolist(), rel=1e-6)
    assert one.n == (3,)
    assert one.planned_power is not None
    assert one.power is not None
    assert {figure.id for figure in found.figures} == {"ratios", "sizes-1"}
    assert [each.group for each in found.distances] == ["after"]


def test_two_samples_that_do_not_differ_are_not_shown_comparable(compared: Any) -> None:
    """One vial in each state: nothing differs, and nothing is shown."""
    trial, files = compared
    found = trial.do("show_comparability", Role.PHARMACIST, comparison=NEBULISED, files=[files[0], files[3]])
    assert not found.holds
    assert found.attributes[0].outcome == "not tested"
    assert any("CMF-005" in doubt for doubt in found.findings)


def test_what_is_not_planned_is_not_comparable(compared: Any) -> None:
    trial, files = compared
    found = trial.do("show_comparability", Role.PHARMACIST, comparison="batch to batch", files=files)
    assert not found.holds
    assert any("CMF-002" in doubt for doubt in found.findings)


def test_without_files_it_tells_what_is_planned(compared: Any) -> None:
    trial, _ = compared
    found = trial.do("show_comparability", Role.PHARMACIST)
    assert (found.comparison, found.holds, found.attributes) == (NEBULISED, False, ())


def test_a_file_given_twice_or_of_no_batch_is_refused(compared: Any) -> None:
    trial, files = compared
    told: dict[str, Any] = {"comparison": NEBULISED}
    assert refused(trial, "show_comparability", **told, files=[files[0], files[0]]) == "CPR-004"
    assert refused(trial, "show_comparability", **told, files=[files[0] | {"evidence": 999}]) == "EVD-004"
    assert refused(trial, "show_comparability", **told, files=[files[0] | {"code": "CORD-8"}]) == "KIT-002"
    assert refused(trial, "list_comparable", product="other") == "CMP-012"


def test_the_report_is_the_same_bytes_each_time(compared: Any) -> None:
    trial, files = compared
    told = {"comparison": NEBULISED, "files": files, "file": "results.json"}
    first, second = (trial.do("show_comparability_report", Role.PHARMACIST, **told) for _ in range(2))
    assert first == second
    results = json.loads(base64.b64decode(first.content))["results"]
    assert {one["method"] for one in results} >= {"tost_paired", "bootstrap over videos"}


def test_a_storage_time_of_one_batch_is_not_supported(compared: Any) -> None:
    trial, _ = compared
    found = trial.do("show_stability", Role.PHARMACIST, attribute="particle concentration")
    assert (found.batches, found.last_tested_days, found.claimed_days) == (1, 7.0, 7.0)
    assert found.holds is False
    against = [one.criterion for one in found.reasons if one.holds is not True]
    assert "there are three batches (ICH Q1E, Q5C)" in against
    assert any("CMF-021" in doubt for doubt in found.findings)
    assert [figure.id for figure in found.figures] == ["stability"]
    told = trial.do(
        "show_stability_report", Role.PHARMACIST, attribute="particle concentration", file="results.json"
    )
    assert json.loads(base64.b64decode(told.content))["results"][0]["method"] == "ich_q1e"
    assert refused(trial, "show_stability", attribute="median diameter") == "CPR-005"


def test_a_batch_in_quarantine_and_a_file_set_aside_show_nothing(tmp_path: Path) -> None:
    from tests.operations.released import begin_held, register, release

    trial = begin_held(tmp_path)
    sent = send(trial, "nta.csv", nta())
    one = {"code": BATCH, "evidence": sent.evidence, "group": "before", "sample": "vial 1"}
    assert refused(trial, "show_comparability", files=[one]) == "CPR-001"
    register(trial, "SALINE", "none")
    trial.do("release_batch", Role.PHARMACIST, code="SALINE", reason="certificate 7")
    assert refused(trial, "show_comparability", files=[one | {"code": "SALINE"}]) == "CPR-003"
    review(trial, sent.evidence, decision="set aside", reason="of another batch")
    send_all(trial, nta=nta(captured="17/06/2020"))
    release(trial)
    assert refused(trial, "show_comparability", files=[one]) == "CPR-002"
    listed = trial.do("list_comparable", Role.PHARMACIST)
    assert sent.evidence not in {each.evidence for each in listed.files}
    disconnect()


@pytest.mark.parametrize("role", [role for role in Role if is_blind(role)])
def test_the_blind_may_not_ask(compared: Any, role: Role) -> None:
    trial, files = compared
    for name, told in (
        ("list_comparable", {}),
        ("show_comparability", {"files": files}),
        ("show_comparability_report", {"files": files}),
        ("show_stability", {"attribute": "particle concentration"}),
        ("show_stability_report", {"attribute": "particle concentration"}),
    ):
        if role in trial.people:
            assert refused(trial, name, role, **told).startswith("OPR-")
