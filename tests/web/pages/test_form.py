"""The form page without scripts: typing, saving, completing, conflicts, queries, rows, signing, second entry, print."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from exotrial.operations.access import Role
from exotrial.store.models import Query, Record, Signature
from tests.operations.recorded import demographics, event, put_consented, save
from tests.operations.test_double_entry import begin, second
from tests.trial import PASSWORD, Trial
from tests.web.pages.visitor import Visitor, key_for, words_of

DM = "F.DEMOGRAPHICS"
FIRST = {"v:IG.DM/DM.SEX": "F", "v:IG.DM/DM.AGE": "54", "v:IG.DM/DM.HEIGHT": "160", "v:IG.DM/DM.WEIGHT": "70"}


def address(visitor: Visitor, form: str = DM, *, at: str = "", tail: str = "", n: int = 1) -> str:
    return visitor.study(f"/p/{visitor.ref('P-1')}/form/{form}{tail}?at={at}&n={n}")


def fields_of(text: str) -> dict[str, str]:
    """What the page would send if nothing were typed: hidden fields and what stands in the others."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", text):
        told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in told and (told.get("type") != "radio" or " checked" in tag):
            found[html.unescape(told["name"])] = html.unescape(told.get("value", ""))
    return {name: value for name, value in found.items() if name[:2] in ("v:", "m:", "re", "ve", "ro")}


def typed(visitor: Visitor, do: str = "save", *, form: str = DM, at: str = "", **more: Any) -> Any:
    """Open the form, type and send it with one of its buttons."""
    here = address(visitor, form, at=at)
    return visitor.post(here, fields_of(visitor.get(here).text) | {"do": do} | more.pop("fields", {}) | more)


@pytest.fixture
def coordinator(trial: Trial) -> Visitor:
    put_consented(trial)
    return Visitor(trial, Role.COORDINATOR)


def test_a_form_is_drawn_from_the_study_file(coordinator: Visitor) -> None:
    shown = coordinator.get(address(coordinator))
    said = words_of(shown)
    assert shown.status_code == 200
    assert all(
        word in said for word in ("Demographics", "Age at consent", "Expected 18 to 65", "Female", "kg")
    )
    assert "P-1" not in str(shown.url)


def test_without_scripts_a_draft_is_saved_and_shown_again(coordinator: Visitor) -> None:
    answer = typed(coordinator, fields={"v:IG.DM/DM.AGE": "54"})
    assert answer.status_code == 303
    again = coordinator.get(answer.headers["location"])
    assert "Saved." in words_of(again)
    assert 'value="54"' in again.text
    assert Record.objects.get().status == "draft"


def test_a_slip_stands_beside_its_field_and_the_rest_is_saved(coordinator: Visitor) -> None:
    answer = typed(coordinator, fields=FIRST | {"v:IG.DM/DM.AGE": "fifty"})
    assert answer.status_code == 422
    assert 'value="fifty"' in answer.text
    assert "ENT-003" in answer.text
    assert "Everything else is saved." in words_of(answer)
    assert Record.objects.get().values["IG.DM"] == {"DM.SEX": "F", "DM.HEIGHT": "160", "DM.WEIGHT": "70"}


def test_a_form_that_cannot_be_complete_is_kept_as_a_draft(coordinator: Visitor) -> None:
    answer = typed(coordinator, "complete", fields={"v:IG.DM/DM.AGE": "54"})
    assert answer.status_code == 422
    assert "ENT-011" in answer.text
    assert Record.objects.get().values == {"IG.DM": {"DM.AGE": "54"}}
    assert typed(coordinator, "complete", fields=FIRST).status_code == 303
    assert Record.objects.get().status == "complete"


def test_a_changed_answer_of_a_complete_form_needs_a_reason_and_stays_typed(coordinator: Visitor) -> None:
    save(coordinator.trial)
    refused = typed(coordinator, fields={"v:IG.DM/DM.AGE": "55"})
    assert refused.status_code == 400
    assert "OPR-012" in refused.text
    assert 'value="55"' in refused.text
    assert typed(coordinator, fields={"v:IG.DM/DM.AGE": "55"}, reason="misread").status_code == 303
    assert Record.objects.get().values == demographics(AGE="55")


def test_a_missing_answer_has_a_reason_and_never_both(coordinator: Visitor) -> None:
    both = FIRST | {"m:IG.DM/DM.HEIGHT": "not done"}
    refused = typed(coordinator, "complete", fields=both)
    assert "FPG-001" in refused.text
    answer = typed(coordinator, "complete", fields=both | {"v:IG.DM/DM.HEIGHT": ""})
    assert answer.status_code == 303
    assert Record.objects.get().values["IG.DM"]["DM.HEIGHT"] == {"missing": "not done"}


def test_a_date_is_typed_as_one_likes_and_kept_in_one_way(coordinator: Visitor) -> None:
    told = typed(coordinator, form="F.VISIT.DAY_5", at="day_10", fields={"v:IG.VISIT/SV.DATE": "10 Mar 21"})
    assert told.status_code == 303
    assert 'value="2021-03-10"' in coordinator.get(told.headers["location"]).text


def test_a_scripts_save_tells_what_was_kept_and_what_was_not(coordinator: Visitor) -> None:
    here = address(coordinator)
    sent = FIRST | {"revision": "0", "version": "1", "v:IG.DM/DM.AGE": "x", "v:IG.DM/DM.WEIGHT": "20"}
    told = coordinator.post(here, sent, script=True).json()
    assert (told["revision"], told["status"]) == (1, "draft")
    assert [one["key"] for one in told["aside"]] == ["IG.DM/DM.AGE"]
    assert [one["key"] for one in told["queries"]] == ["IG.DM/DM.WEIGHT"]
    assert told["fields"]["IG.DM/DM.HEIGHT"]["text"] == "160"
    change = sent | {"revision": "1", "v:IG.DM/DM.AGE": "54", "v:IG.DM/DM.WEIGHT": "71"}
    told = coordinator.post(here, change, script=True).json()
    assert [(one["key"], one["code"]) for one in told["aside"]] == [("IG.DM/DM.WEIGHT", "OPR-012")]
    assert Record.objects.get().values["IG.DM"]["DM.AGE"] == "54"
    told = coordinator.post(here, change | {"revision": "2", "reason": "slip"}, script=True).json()
    assert (told["aside"], told["queries"]) == ([], [])


def test_two_editors_are_shown_side_by_side_and_nothing_is_lost(coordinator: Visitor) -> None:
    save(coordinator.trial, complete=False)
    here = address(coordinator)
    mine = fields_of(coordinator.get(here).text) | {"v:IG.DM/DM.AGE": "53", "v:IG.DM/DM.WEIGHT": "71"}
    theirs = demographics(AGE="55", HEIGHT="161")
    save(coordinator.trial, theirs, Role.INVESTIGATOR, revision=1, reason="misread", complete=False)
    shown = coordinator.post(here, mine | {"do": "save", "reason": "scale"})
    assert shown.status_code == 409
    said = words_of(shown)
    assert "investigator saved this form while you had it open" in said
    assert "only they changed it: taken over" in said
    assert "only you changed it: kept" in said
    fields = fields_of(shown.text)
    assert (fields["v:IG.DM/DM.HEIGHT"], fields["v:IG.DM/DM.WEIGHT"], fields["revision"]) == (
        "161",
        "71",
        "2",
    )
    assert "c:IG.DM/DM.AGE" in shown.text
    undecided = fields | {"open:IG.DM/DM.AGE": '"53"', "do": "save", "reason": "in haste"}
    refused = coordinator.post(here, undecided)
    assert "FPG-002" in refused.text
    assert 'value="53"' in refused.text
    assert Record.objects.get().values["IG.DM"]["DM.AGE"] == "55"
    fields["revision"] = fields_of(refused.text)["revision"]
    chosen = fields | {"c:IG.DM/DM.AGE": '"53"', "do": "save", "reason": "source says 53"}
    assert coordinator.post(here, chosen).status_code == 303
    kept = Record.objects.get().values["IG.DM"]
    assert (kept["DM.AGE"], kept["DM.HEIGHT"], kept["DM.WEIGHT"]) == ("53", "161", "71")


def test_rows_are_added_and_struck_out_with_a_reason(coordinator: Visitor) -> None:
    here = address(coordinator, "F.AE")
    page = coordinator.get(here).text
    (row,) = set(re.findall(r'name="row:IG.AE" value="([0-9a-f]{8})"', page))
    fever = {f"v:IG.AE/{row}/{name}": value for name, value in event("x").items() if name != "row"}
    answer = coordinator.post(here, fields_of(page) | fever | {"do": "add:IG.AE", "row:IG.AE": row})
    assert "add=IG.AE" in answer.headers["location"]
    more = coordinator.get(answer.headers["location"].partition("#")[0]).text
    assert len(set(re.findall(r'name="row:IG.AE" value="([0-9a-f]{8})"', more))) == 2
    struck = fever | {f"v:IG.AE/{row}/STRUCK": "typed twice", "row:IG.AE": row, "revision": "1", "do": "save"}
    assert coordinator.post(here, struck).status_code == 303
    assert Record.objects.get().values["IG.AE"][0]["STRUCK"] == "typed twice"


def test_a_query_is_answered_in_its_place_and_what_was_typed_is_saved_with_it(coordinator: Visitor) -> None:
    save(coordinator.trial, demographics(WEIGHT="20", HEIGHT=None), complete=False)
    number = Query.objects.get().pk
    answer = typed(
        coordinator, f"answer:{number}", fields={f"q:{number}": "It is so.", "v:IG.DM/DM.HEIGHT": "160"}
    )
    assert answer.status_code == 303
    assert Query.objects.get().messages[-1]["text"] == "It is so."
    assert Record.objects.get().values["IG.DM"]["DM.HEIGHT"] == "160"
    monitor = Visitor(coordinator.trial, Role.MONITOR)
    asked = monitor.post(address(monitor), {"do": "ask:IG.DM/DM.AGE", "q:IG.DM/DM.AGE": "Is it so?"})
    assert asked.status_code == 303
    assert (
        monitor.post(address(monitor), {"do": f"close:{number}", f"q:{number}": "Fine."}).status_code == 303
    )
    assert sorted(Query.objects.values_list("status", flat=True)) == ["closed", "open"]


def test_who_may_not_record_reads_and_sends_nothing(coordinator: Visitor) -> None:
    save(coordinator.trial)
    monitor = Visitor(coordinator.trial, Role.MONITOR)
    page = monitor.get(address(monitor))
    assert page.status_code == 200
    assert "Female" in words_of(page)
    assert 'name="v:' not in page.text
    assert monitor.post(address(monitor), {"do": "save", "v:IG.DM/DM.AGE": "1"}).status_code == 303
    assert Record.objects.get().values == demographics()


def test_a_form_is_signed_with_the_password_typed_again(coordinator: Visitor) -> None:
    save(coordinator.trial)
    investigator = Visitor(coordinator.trial, Role.INVESTIGATOR)
    here = address(investigator)
    told = {
        "do": "sign",
        "revision": "1",
        "meaning": "review",
        "username": "investigator",
        "password": "wrong",
    }
    refused = investigator.post(here, told)
    assert (refused.status_code, "AUT-001" in refused.text) == (403, True)
    assert investigator.post(here, told | {"password": PASSWORD}).status_code == 303
    assert Signature.objects.get().meaning == "review"
    assert "Investigator" in words_of(investigator.get(here))


def test_the_history_of_an_answer_says_who_and_why(coordinator: Visitor) -> None:
    save(coordinator.trial)
    save(coordinator.trial, demographics(AGE="55"), revision=1, reason="misread")
    here = address(coordinator, tail="/history") + "&key=IG.DM/DM.AGE"
    said = words_of(coordinator.get(here))
    assert "54 55 misread" in said
    told = coordinator.client.get(here, headers={"X-Requested-With": "exotrial"}).json()
    assert [(one["was"], one["became"], one["why"]) for one in told["changes"]][1] == ("54", "55", "misread")


def test_a_blank_form_is_printed_without_a_participant(coordinator: Visitor) -> None:
    page = coordinator.get(coordinator.study("/blank/F.AE"))
    assert page.status_code == 200
    assert "What happened" in words_of(page)
    assert "<input" not in page.text.partition("<main")[2]


def test_the_second_entry_is_keyed_blind_compared_and_settled(trial: Trial) -> None:
    begin(trial)
    coordinator = Visitor(trial, Role.COORDINATOR)
    assert "keyed a second time" in words_of(coordinator.get(address(coordinator)))
    here = address(coordinator, tail="/second")
    page = coordinator.get(here)
    assert 'name="v:IG.DM/DM.AGE"' in page.text
    assert "DM.HEIGHT" not in page.text
    assert 'value="54"' not in page.text
    refused = coordinator.post(here, {"v:IG.DM/DM.AGE": "45", "v:IG.DM/DM.WEIGHT": "70"})
    assert "RCD-021" in refused.text
    assert 'value="45"' in refused.text
    second(trial, AGE="45", WEIGHT="70")
    shown = coordinator.get(here)
    assert "54" in words_of(shown)
    assert "45" in words_of(shown)
    told = {"key": "IG.DM/DM.AGE", "choose": "second"}
    refused = coordinator.post(here, told | {"do": "settle", "reason": ""})
    assert "OPR-007" in refused.text
    assert coordinator.post(here, told | {"do": "settle", "reason": "source"}).status_code == 303
    assert Record.objects.get().values["IG.DM"]["DM.AGE"] == "45"


@pytest.mark.parametrize("at", ["?at=nowhere", "?at=&n=0", "?n=x", "?n=99999999"])
def test_an_address_that_is_no_form_is_told_in_words(coordinator: Visitor, at: str) -> None:
    page = coordinator.get(coordinator.study(f"/p/{coordinator.ref('P-1')}/form/{DM}{at}"))
    assert page.status_code in (200, 422)
    assert coordinator.get(coordinator.study(f"/p/{coordinator.ref('P-9')}/form/{DM}")).status_code == 404
    assert coordinator.get(coordinator.study(f"/p/P-1/form/{DM}")).status_code == 404


def test_what_was_typed_is_carried_past_a_session_that_ended(coordinator: Visitor) -> None:
    here, token = address(coordinator), coordinator.csrf()
    coordinator.client.cookies.set("exotrial_session", "exs_ended", domain="localhost.local")
    asked = coordinator.post(here, FIRST | {"do": "save", "revision": "0"}, csrf=token)
    assert asked.status_code == 401
    assert 'name="carried:v:IG.DM/DM.AGE">54<' in asked.text
    told = coordinator.post(here, FIRST, script=True, csrf=token)
    assert (told.status_code, told.json()["errors"][0]["code"]) == (401, "AUT-004")
    assert key_for(coordinator.trial, Role.COORDINATOR)
