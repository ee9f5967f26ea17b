"""A form sent twice: by a double click, from two threads at once, or by the back button after it was saved."""

from __future__ import annotations

import re
import threading

import httpx
from django.db import connections

from exotrial.operations.access import Role
from exotrial.store.models import Deviation, Participant
from exotrial.web.pages import _twice
from tests.operations.allocation_steps import put_enrolled
from tests.operations.life_steps import definition, eligible_answers
from tests.trial import SITE, Trial
from tests.web.pages.visitor import Visitor

DEVIATION = {"happened_on": "2021-03-10", "category": "consent", "importance": "minor", "text": "Late copy."}


def screening(trial: Trial) -> dict[str, str]:
    words = {True: "yes", False: "no"}
    answers = {
        f"answer:{item}": words[value] if isinstance(value, bool) else str(value)
        for item, value in eligible_answers(definition(trial)).items()
    }
    return answers | {"site": SITE, "born": "1980", "send": "yes"}


def test_a_double_click_screens_one_person(trial: Trial) -> None:
    visitor = Visitor(trial, Role.COORDINATOR)
    token, told = visitor.csrf(), screening(trial)
    first, second = (visitor.post(visitor.study("/screen"), told, csrf=token) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert Participant.objects.count() == 1
    visitor.post(visitor.study("/screen"), told)  # from a page opened anew it is somebody else
    assert Participant.objects.count() == 2


def test_two_at_once_wait_for_each_other(trial: Trial) -> None:
    put_enrolled(trial, "P-1", stratum="a")
    visitor = Visitor(trial, Role.COORDINATOR)
    path, token = visitor.study(f"/p/{visitor.ref('P-1')}/deviation"), visitor.csrf()
    answers: list[httpx.Response] = []

    def send() -> None:
        answers.append(visitor.post(path, DEVIATION, csrf=token))
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [one.status_code for one in answers] == [303] * 4
    assert Deviation.objects.count() == 1


def test_after_going_back_what_is_changed_is_sent_and_what_is_not_is_not(trial: Trial) -> None:
    put_enrolled(trial, "P-1", stratum="a")
    visitor = Visitor(trial, Role.COORDINATOR)
    path, token = visitor.study(f"/p/{visitor.ref('P-1')}/deviation"), visitor.csrf()
    for text in ("Late copy.", "Late copy.", "Later still."):
        assert visitor.post(path, DEVIATION | {"text": text}, csrf=token).status_code == 303
    assert [one.text for one in Deviation.objects.order_by("pk")] == ["Late copy.", "Later still."]


def test_what_was_refused_may_be_sent_again_and_another_person_is_another(trial: Trial) -> None:
    put_enrolled(trial, "P-1", stratum="a")
    visitor, other = Visitor(trial, Role.COORDINATOR), Visitor(trial, Role.INVESTIGATOR)
    path, token = visitor.study(f"/p/{visitor.ref('P-1')}/deviation"), visitor.csrf()
    wrong = DEVIATION | {"happened_on": "2031-03-10"}
    seen = [visitor.post(path, wrong, csrf=token) for _ in range(2)]
    assert [one.status_code for one in seen] == [422, 422]
    assert re.search(r"[A-Z]{3}-\d{3}", seen[1].text)
    visitor.post(path, DEVIATION, csrf=token)
    other.client.cookies.set(
        "exotrial_csrf", visitor.client.cookies["exotrial_csrf"], domain="localhost.local"
    )
    other.post(path, DEVIATION, csrf=token)
    assert Deviation.objects.count() == 2


def test_what_is_remembered_is_bounded(trial: Trial) -> None:
    put_enrolled(trial, "P-1", stratum="a")
    visitor = Visitor(trial, Role.COORDINATOR)
    path = visitor.study(f"/p/{visitor.ref('P-1')}/deviation")
    kept = _twice._kept
    kept.update({number.to_bytes(32, "big"): _twice._Sent() for number in range(_twice.MOST_KEPT)})
    visitor.post(path, DEVIATION)
    assert len(kept) == _twice.MOST_KEPT
    kept.clear()
