"""A batch by its pages: files sent and reviewed, the verdict shown, the release signed, the certificate fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Batch
from tests.operations.released import hold_to_tests, register, review, send_all
from tests.product.batch_files import BATCH, nta, results
from tests.trial import PASSWORD, begin_trial
from tests.web.pages.visitor import Visitor, words_of


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    """The pharmacist, of a trial whose batch CORD-7 is held to tests."""
    trial = begin_trial(tmp_path, "sqlite")
    hold_to_tests(trial)
    register(trial, last="2131-06-30")
    return Visitor(trial, Role.PHARMACIST)


def test_a_batch_is_released_by_its_pages(visitor: Visitor) -> None:
    page = visitor.study(f"/product/batch/{visitor.ref(BATCH)}")
    assert f'href="{page}"' in visitor.get(visitor.study("/product")).text
    assert "no file shows D50" in words_of(visitor.get(page))

    def send(name: str, data: bytes) -> int:
        answer = visitor.client.post(
            page,
            files={"file": (name, data)},
            data={"csrfmiddlewaretoken": visitor.csrf(), "step": "send", "measured_on": ""},
            headers={"Origin": "https://localhost"},
        )
        return answer.status_code

    assert send("notes.txt", b"no export") == 422
    assert send("r2.toml", results(sample="CORD-8")) == 303
    shown = words_of(visitor.get(page))
    assert "r2.toml" in shown
    assert "of sample 'CORD-8'" in shown.replace("’", "'").replace("&#39;", "'")
    proof = {"username": "pharmacist", "password": PASSWORD}
    own = {"step": "review", "evidence": "1", "decision": "accept", "reason": ""} | proof
    assert "EVD-005" in visitor.post(page, own).text
    review(visitor.trial, 1, decision="set aside", reason="of another batch")
    send_all(visitor.trial, nta=nta(warned=True))
    told = {"step": "release", "reason": "all tests hold"} | proof
    refused = visitor.post(page, told)
    assert (refused.status_code, "Moderate vibration" in refused.text) == (422, True)
    assert PASSWORD not in refused.text
    for warning in range(1, 6):
        answer = {"step": "answer", "evidence": "2", "warning": str(warning), "reason": "the pump was off"}
        assert visitor.post(page, answer | proof).status_code == 303
    assert visitor.post(page, told).status_code == 303
    assert Batch.objects.get().status == "released"
    pdf, file = visitor.get(f"{page}/certificate"), visitor.get(f"{page}/certificate-file")
    assert pdf.content.startswith(b"%PDF")
    assert file.json()["batch"] == BATCH
    assert visitor.get(f"{page}/file/1").content == results(sample="CORD-8")
    disconnect()


def test_a_batch_page_is_nowhere_for_the_blind(visitor: Visitor) -> None:
    blind = Visitor(visitor.trial, Role.COORDINATOR)
    page = visitor.study(f"/product/batch/{visitor.ref(BATCH)}")
    for path in (page, f"{page}/certificate", f"{page}/certificate-file", f"{page}/file/1"):
        answer = blind.get(path)
        assert answer.status_code in (403, 404)
        assert BATCH not in answer.text
    assert visitor.get(visitor.study("/product/batch/none")).status_code == 404
    disconnect()
