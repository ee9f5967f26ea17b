"""The trail as a file, its review, and the record of the review (requirements 9, 10, 18, 61)."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.operations.trail_review import find_outlying
from exotrial.store.models import Act, Signature
from exotrial.store.verify import verify_trail
from tests.operations.life_steps import enrol, pack
from tests.operations.recorded import demographics, save, second_site
from tests.trial import PASSWORD, Trial


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def filled(trial: Trial) -> str:
    code = enrol(trial, level="none")
    save(trial, participant=code)
    return code


def test_the_trail_is_exported_as_csv_and_as_json_lines(trial: Trial) -> None:
    code = filled(trial)
    table = trial.do("export_trail", Role.AUDITOR)
    rows = lines(table.text)
    assert len(rows) == table.lines
    (age,) = [row for row in rows if row["field"] == "values/IG.DM/DM.AGE"]
    assert (age["old"], json.loads(age["new"]), age["participant"]) == ("", "54", code)
    assert (age["who"], age["role"], age["operation"]) == ("coordinator", "coordinator", "save_form")
    text = trial.do("export_trail", Role.AUDITOR, format="jsonl").text
    assert [json.loads(line)["seq"] for line in text.splitlines()][:3] == [int(r["seq"]) for r in rows][:3]


def test_the_export_is_cut_by_participant_person_and_day(trial: Trial) -> None:
    code = filled(trial)
    other = enrol(trial, level="none")
    mine = lines(trial.do("export_trail", Role.AUDITOR, participant=code).text)
    assert {row["participant"] for row in mine} == {code} != {other}
    by = lines(trial.do("export_trail", Role.AUDITOR, who="sponsor").text)
    assert {row["who"] for row in by} == {"sponsor"}
    tomorrow = (trial.now + timedelta(days=1)).date().isoformat()
    assert trial.do("export_trail", Role.AUDITOR, since=tomorrow).lines == 0
    assert trial.do("export_trail", Role.AUDITOR, until=trial.now.date().isoformat()).lines > 0


def test_the_parts_of_a_long_trail_join_without_a_gap(trial: Trial) -> None:
    filled(trial)
    upto = Act.objects.filter(chain__name=trial.study).count()
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        part = trial.do("export_trail", Role.AUDITOR, after=after, limit=1)
        seen += {int(row["seq"]): None for row in lines(part.text)}
        after = part.next if part.next is not None and part.next < upto else None
    assert seen == list(range(1, upto + 1))


def test_each_export_is_itself_an_act(trial: Trial) -> None:
    trial.do("export_trail", Role.MONITOR)
    last = Act.objects.order_by("-pk")[0]
    assert (last.operation, last.who) == ("export_trail", "monitor")


def test_who_has_a_right_at_one_site_sees_no_other(trial: Trial) -> None:
    second_site(trial)
    filled(trial)
    rows = lines(trial.do("export_trail", Role.INVESTIGATOR, by="other_investigator").text)
    assert {row["site"] for row in rows} == {"masih"}
    review = trial.do("review_trail", Role.INVESTIGATOR, by="other_investigator")
    assert {site.name for site in review.sites} == {"masih"}


def test_an_administrator_reads_who_did_what_and_no_value(trial: Trial) -> None:
    filled(trial)
    answer = trial.do("export_trail", Role.ADMINISTRATOR)
    rows = lines(answer.text)
    assert answer.values_withheld
    assert {row["old"] + row["new"] + row["reason"] for row in rows} == {""}
    assert "values/IG.DM/DM.AGE" in {row["field"] for row in rows}


def test_what_a_pharmacist_packed_is_in_no_export(trial: Trial) -> None:
    pack(trial, "K-77")
    for role in (Role.AUDITOR, Role.MONITOR, Role.SPONSOR, Role.INVESTIGATOR, Role.COORDINATOR):
        text = trial.do("export_trail", role).text
        assert "K-77" not in text
        assert not {row["table"] for row in lines(text)} & {"kit", "batch", "allocation", "envelope"}


def test_who_may_not_read_the_trail_is_refused(trial: Trial) -> None:
    for role in (Role.PHARMACIST, Role.OUTCOME_ASSESSOR, Role.CARE_PROVIDER):
        for name in ("export_trail", "review_trail"):
            with pytest.raises(Refusal, match="OPR-003"):
                trial.do(name, role)


def test_a_late_change_after_completion_is_told_and_a_prompt_one_is_not_late(trial: Trial) -> None:
    code = filled(trial)
    trial.now += timedelta(days=13)
    save(trial, demographics(AGE="55"), participant=code, revision=1, reason="read again")
    review = trial.do("review_trail", Role.MONITOR)
    assert review.late_in_all == 0
    (told,) = [one for one in review.after_completion if one.key == "IG.DM/DM.AGE"]
    assert (told.participant, told.who, round(told.days)) == (code, "coordinator", 13)
    trial.now += timedelta(days=2)
    save(trial, demographics(AGE="56"), participant=code, revision=2, reason="read again")
    review = trial.do("review_trail", Role.MONITOR)
    assert [(one.key, round(one.days)) for one in review.late] == [("IG.DM/DM.AGE", 15)]
    (person,) = [one for one in review.people if one.name == "coordinator"]
    assert (person.changed, person.late) == (2, 1)


def test_refused_attempts_and_steps_of_the_clock_are_told(trial: Trial) -> None:
    filled(trial)
    with pytest.raises(Refusal):
        trial.do("open_site", Role.AUDITOR, code="x", name="X")
    trial.now += timedelta(days=1)
    trial.do("export_trail", Role.AUDITOR)
    trial.now -= timedelta(hours=2)
    trial.do("export_trail", Role.AUDITOR)
    trial.now += timedelta(hours=2)
    review = trial.do("review_trail", Role.AUDITOR)
    assert [(one.who, one.code, one.times) for one in review.refused] == [("auditor", "OPR-003", 1)]
    (step,) = review.clock_steps
    assert step.seconds == -7140  # two hours, less the minute between two acts


def test_a_review_is_recorded_and_bound_to_the_trail(trial: Trial) -> None:
    filled(trial)
    proof = {"username": "monitor", "password": PASSWORD}
    with pytest.raises(Refusal, match="OPR-007"):
        trial.do("record_trail_review", Role.MONITOR, up_to=3, **proof)
    with pytest.raises(Refusal, match="AUT-001"):
        trial.do("record_trail_review", Role.MONITOR, up_to=3, reason="x", username="monitor", password="no")
    with pytest.raises(Refusal, match="AUD-003"):
        trial.do("record_trail_review", Role.MONITOR, up_to=3000, reason="nothing to ask about", **proof)
    trial.do("record_trail_review", Role.MONITOR, up_to=3, reason="nothing to ask about", **proof)
    row = Signature.objects.get(subject="trail:3")
    assert row.content_digest == Act.objects.get(chain__name=trial.study, seq=3).digest
    (told,) = trial.do("review_trail", Role.AUDITOR).reviews
    assert (told.up_to, told.by) == (3, "Monitor")
    assert verify_trail(trial.opened).holds


def test_a_rate_far_from_the_others_is_an_outlier() -> None:
    """Iglewicz and Hoaglin (1993): with rates 1, 2, 3, 4 and x the median is 3; for x = 9, MAD 1, z = 4.05."""
    rates = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}
    assert find_outlying({**rates, "e": 9.0}) == {"e"}
    assert find_outlying({**rates, "e": 8.0}) == frozenset()  # z = 3.37
    assert find_outlying(rates) == frozenset()  # too few
    assert find_outlying(dict.fromkeys("abcdef", 2.0)) == frozenset()  # all alike
