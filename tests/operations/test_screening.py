"""Screening, consent and enrolment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Role
from exotrial.store.models import Participant, Screening, Site
from exotrial.store.models.audit import Act
from exotrial.store.verify import verify_trail
from tests.operations.life_steps import consent, definition, eligible_answers, enrol, screen
from tests.trial import SITE, STUDIES, Trial


def refused(trial: Trial, code: str, name: str, role: Role = Role.COORDINATOR, /, **data: Any) -> Refusal:
    with pytest.raises(Refusal, match=code) as caught:
        trial.do(name, role, **data)
    assert Act.objects.order_by("-pk")[0].code == code
    return caught.value


def new_version(trial: Trial, number: int = 2, *, approved_on: str = "", old: str = "", new: str = "") -> Any:
    """Load another version of the study file, and let the site approve it where a day is given."""
    source = (STUDIES / trial.study / "study.toml").read_text()
    if old:
        assert old in source
        source = source.replace(old, new)
    source += f"\n# version {number}\n"
    loaded = trial.do("load_study_version", Role.SPONSOR, source=source, reason="amendment")
    if approved_on:
        trial.do(
            "activate_site",
            Role.INVESTIGATOR,
            site=SITE,
            version=number,
            approved_on=approved_on,
            reference="an approval made up for tests",
        )
    return loaded


def test_the_verdict_is_kept_with_every_criterion(trial: Trial) -> None:
    answer = screen(trial)
    assert (answer.participant, answer.status, answer.eligible) == (
        "IMAM_KHOMEINI-0001",
        "in screening",
        True,
    )
    kept = Screening.objects.get()
    criteria = [criterion.id for criterion in definition(trial).population.criteria]
    assert [reason["criterion"] for reason in kept.verdict["reasons"]] == criteria
    assert all(reason["why"] for reason in kept.verdict["reasons"])
    assert kept.answers["age"] == 45


# IRCT20201202049568N3: age from 18 to 65 years; PaO2/FiO2 below 200 mmHg.
@pytest.mark.parametrize(
    ("item", "value", "status"),
    [
        ("age", 18, "in screening"),
        ("age", 17, "screen failure"),
        ("age", 65, "in screening"),
        ("age", 66, "screen failure"),
        ("pf_ratio", 199.9, "in screening"),
        ("pf_ratio", 200, "screen failure"),
    ],
)
def test_a_limit_of_the_protocol_decides_on_both_sides(
    trial: Trial, item: str, value: float, status: str
) -> None:
    assert screen(trial, answers={item: value}).status == status


def test_an_answer_that_is_not_known_is_neither_eligible_nor_a_failure(trial: Trial) -> None:
    answers = eligible_answers(definition(trial))
    del answers["written_informed_consent"]
    answer = trial.do("screen", site=SITE, answers=answers)
    assert (answer.status, answer.eligible) == ("in screening", False)
    consent(trial, answer.participant)
    refused(trial, "LIF-012", "enrol", participant=answer.participant, stratum_level="none")
    again = screen(trial, participant=answer.participant)
    assert (again.participant, again.eligible) == (answer.participant, True)
    assert trial.do("enrol", participant=answer.participant, stratum_level="none").status == "enrolled"
    assert len(trial.do("show_participant", participant=answer.participant).screenings) == 2


def test_who_is_enrolled_is_not_screened_again(trial: Trial) -> None:
    code = enrol(trial, level="none")
    refused(trial, "LIF-001", "screen", site=SITE, participant=code)


def test_codes_follow_each_other_and_one_of_ones_own_is_kept(trial: Trial) -> None:
    assert screen(trial).participant == "IMAM_KHOMEINI-0001"
    assert screen(trial, code="IK-7").participant == "IK-7"
    assert screen(trial).participant == "IMAM_KHOMEINI-0002"
    refused(trial, "LIF-010", "screen", site=SITE, code="IK-7")
    screen(trial, code="IMAM_KHOMEINI-0009")
    assert screen(trial).participant == "IMAM_KHOMEINI-0010"


@pytest.mark.parametrize(
    ("born", "code"),
    [
        ("1971-05-03", "LIF-011"),
        ("03/05/1971", "LIF-011"),
        ("1971-13", "DAY-003"),
        ("71", "DAY-001"),
        ("2021-04", "LIF-002"),
        ("2022", "LIF-002"),
    ],
)
def test_a_birth_that_is_too_exact_or_wrong_is_refused(trial: Trial, born: str, code: str) -> None:
    said = refused(trial, code, "screen", site=SITE, born=born)
    assert "year" in str(said) or code == "DAY-003" or code == "LIF-002"
    assert not Participant.objects.exists()


# Today is 2021-03-10: who was born in 1976 is 44 or 45 then.
@pytest.mark.parametrize(("age", "fits"), [(43, False), (44, True), (45.9, True), (46, False)])
def test_an_age_must_go_with_the_year_of_birth(trial: Trial, age: float, fits: bool) -> None:
    if fits:
        assert screen(trial, born="1976", answers={"age": age}).eligible
    else:
        refused(trial, "LIF-016", "screen", site=SITE, born="1976", answers={"age": age})


def test_an_answer_nobody_asked_is_refused_whole(trial: Trial) -> None:
    refused(trial, "ELI-001", "screen", site=SITE, answers={"agee": 45})
    refused(trial, "ELI-002", "screen", site=SITE, answers={"age": "45"})
    with pytest.raises(Refusals, match="OPR-002"):
        trial.do("screen", site=SITE, answers={"age": float("nan")})
    assert not Participant.objects.exists()


@pytest.mark.requirement(33, 44)
@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_a_site_that_is_not_active_screens_nobody(trial: Trial, status: str) -> None:
    code = screen(trial).participant
    consent(trial, code)
    trial.do("change_site", Role.SPONSOR, site=SITE, status=status, reason="for a test")
    refused(trial, "LIF-004", "screen", site=SITE)
    refused(trial, "LIF-004", "enrol", participant=code, stratum_level="none")


@pytest.mark.requirement(33)
def test_nobody_is_enrolled_without_consent_or_before_eligibility(trial: Trial) -> None:
    code = screen(trial).participant
    refused(trial, "LIF-005", "enrol", participant=code, stratum_level="none")
    failed = screen(trial, answers={"age": 70}).participant
    consent(trial, failed)
    refused(trial, "LIF-001", "enrol", participant=failed, stratum_level="none")
    assert not Participant.objects.exclude(enrolled_at=None).exists()


@pytest.mark.requirement(19, 33)
def test_consent_is_not_from_the_future_nor_before_the_approval(trial: Trial) -> None:
    code = screen(trial).participant
    the_next = trial.now + timedelta(minutes=1)
    told = {"participant": code, "version": "1.0"}
    late = (the_next + timedelta(seconds=1)).isoformat()
    refused(trial, "LIF-002", "record_consent", signed_at=late, **told)
    # The site approved on 2021-03-09, and that day begins in Tehran at 20:30 UTC of the day before.
    refused(trial, "LIF-021", "record_consent", signed_at="2021-03-08T20:29:59+00:00", **told)
    assert consent(trial, code, at=datetime(2021, 3, 8, 20, 30, tzinfo=UTC)).study_version == 1


def test_consent_needs_a_time_zone(trial: Trial) -> None:
    code = screen(trial).participant
    with pytest.raises(Refusals, match="OPR-002"):
        trial.do("record_consent", participant=code, version="1", signed_at="2021-03-10T08:00:00")


def test_consent_is_not_before_birth(trial: Trial) -> None:
    code = trial.do("screen", site=SITE, born="2021-03").participant
    refused(
        trial, "LIF-003", "record_consent", participant=code, version="1", signed_at="2021-02-28T12:00:00Z"
    )


def test_consent_forms_are_those_that_the_study_file_names(trial: Trial) -> None:
    new_version(
        trial,
        approved_on="2021-03-10",
        old="[consent]\nwritten = true",
        new='[consent]\nversions = ["2.0"]\nlanguages = ["Persian"]\nwritten = true',
    )
    code = screen(trial).participant
    told = {"participant": code, "signed_at": trial.now.isoformat()}
    refused(trial, "LIF-020", "record_consent", version="1.0", language="Persian", **told)
    refused(trial, "LIF-020", "record_consent", version="2.0", language="English", **told)
    assert trial.do("record_consent", version="2.0", language="Persian", **told).study_version == 2


@pytest.mark.requirement(45)
def test_an_amendment_asks_for_eligibility_and_consent_anew(trial: Trial) -> None:
    code = screen(trial).participant
    consent(trial, code)
    trial.now += timedelta(days=1)
    new_version(trial, approved_on="2021-03-11")
    refused(trial, "LIF-012", "enrol", participant=code, stratum_level="none")
    screen(trial, participant=code)
    refused(trial, "LIF-006", "enrol", participant=code, stratum_level="none")
    shown = trial.do("show_participant", participant=code)
    assert shown.missing == ("consent by the site's version",)
    assert consent(trial, code).kind == "given again"
    assert trial.do("enrol", participant=code, stratum_level="none").version == 2


def test_a_level_that_no_stratum_covers_is_refused_with_the_strata(trial: Trial) -> None:
    code = screen(trial).participant
    consent(trial, code)
    # The record's strata: A by mechanical ventilation; B nasal cannula or no support. A mask is in neither.
    said = str(refused(trial, "LIF-014", "enrol", participant=code, stratum_level="mask"))
    assert "A has mechanical ventilation" in said
    assert "B has none, nasal cannula" in said
    refused(trial, "LIF-013", "enrol", participant=code, stratum_level="ventilator")
    refused(trial, "LIF-013", "enrol", participant=code)
    answer = trial.do("enrol", participant=code, stratum_level="mechanical ventilation")
    assert (answer.stage, answer.stratum) == ("phase_1", "a")


def test_a_stratum_of_a_stage_takes_no_more_than_planned(trial: Trial) -> None:
    # Phase one: 12 participants, 6 in each stratum.
    for _ in range(6):
        enrol(trial, level="none")
    code = screen(trial).participant
    consent(trial, code)
    refused(trial, "LIF-015", "enrol", participant=code, stratum_level="none")
    for _ in range(6):
        assert Participant.objects.get(code=enrol(trial, level="mechanical ventilation")).stage == "phase_1"
    assert trial.do("enrol", participant=code, stratum_level="none").stage == "phase_2"


@pytest.mark.requirement(60)
def test_a_withdrawal_says_which_data_may_be_used(trial: Trial) -> None:
    code = enrol(trial, level="none")
    told = {"participant": code, "withdrawn_at": trial.now.isoformat(), "data_use": "until withdrawal"}
    answer = trial.do("withdraw_consent", scope="everything", **told)
    assert (answer.status, answer.data_use) == ("withdrawn", "until withdrawal")
    refused(trial, "LIF-023", "withdraw_consent", scope="everything", **told)
    refused(
        trial, "LIF-001", "record_consent", participant=code, version="1.0", signed_at=trial.now.isoformat()
    )
    refused(trial, "LIF-001", "enrol", participant=code, stratum_level="none")


def test_withdrawal_needs_a_consent_that_came_before_it(trial: Trial) -> None:
    code = screen(trial).participant
    told = {"participant": code, "scope": "everything", "data_use": "none"}
    refused(trial, "LIF-005", "withdraw_consent", withdrawn_at=trial.now.isoformat(), **told)
    signed = trial.now
    consent(trial, code, at=signed)
    early = (signed - timedelta(seconds=1)).isoformat()
    refused(trial, "LIF-022", "withdraw_consent", withdrawn_at=early, **told)
    assert trial.do("withdraw_consent", withdrawn_at=signed.isoformat(), **told).status == "withdrawn"


@pytest.mark.requirement(24)
def test_another_sites_coordinator_sees_nobody(trial: Trial) -> None:
    code = enrol(trial, level="none")
    trial.do("open_site", Role.SPONSOR, code="other", name="Another hospital", zone="UTC")
    trial.add_person("olga", Role.COORDINATOR, "other")
    assert trial.do("list_participants", Role.COORDINATOR, by="olga").participants == ()
    assert trial.do("status", Role.COORDINATOR, by="olga").participants["enrolled"] == 0
    for name, more in (
        ("show_participant", {}),
        ("show_identity", {}),
        ("enrol", {"stratum_level": "none"}),
        ("list_doses", {}),
        ("list_deviations", {}),
    ):
        with pytest.raises(Refusal, match="OPR-011") as there:
            trial.do(name, Role.COORDINATOR, by="olga", participant=code, **more)
        with pytest.raises(Refusal, match="OPR-011") as nowhere:
            trial.do(name, Role.COORDINATOR, by="olga", participant="nobody", **more)
        assert str(there.value).replace(code, "nobody") == str(nowhere.value)
    with pytest.raises(Refusal, match="OPR-010"):
        trial.do("screen", Role.COORDINATOR, by="olga", site=SITE)


def test_the_trail_holds_after_all_of_it(trial: Trial) -> None:
    enrol(trial, level="none")
    assert not verify_trail(trial.opened).problems
    assert Site.objects.get().status == "active"
