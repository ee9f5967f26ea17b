"""Whatever people save, in whatever order, the trail replayed is the row, at every revision."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations._replay import replay_record
from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Query, Record
from exotrial.store.models.base import flatten
from tests.operations.recorded import event, put_consented, save
from tests.trial import ENGINES, begin_trial

WORDS = st.sampled_from(["Fever", "Rash", "Cough", "Seen by Dr Who"])
ROW = st.fixed_dictionaries(
    {"row": st.sampled_from("abc")},
    optional={
        "AE.TERM": WORDS,
        "AE.START": st.sampled_from(["2021", "2021-03-05", "2021-03-09"]),
        "AE.END": st.sampled_from(["2021-03-01", "2021-03-09"]),
        "AE.TOXGR": st.sampled_from(["1", "2", {"missing": "unknown"}]),
        "STRUCK": st.just("entered by mistake"),
    },
)
SAVE = st.tuples(
    st.lists(ROW, max_size=3, unique_by=lambda row: str(row["row"])),
    st.integers(min_value=0, max_value=2),
    st.booleans(),
    st.sampled_from([Role.COORDINATOR, Role.INVESTIGATOR]),
)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(saves=st.lists(SAVE, min_size=1, max_size=6))
def test_the_trail_replayed_is_the_row(engine: str, saves: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        trial = begin_trial(Path(folder), engine)
        put_consented(trial)
        history: dict[int, dict[str, Any]] = {}
        for rows, lag, reason, role in saves:
            seen = max((max(history, default=0)) - lag, 0)
            given_rows = [event(**row) if "AE.TERM" not in row else row for row in rows]  # whole and in part
            try:
                saved = save(
                    trial,
                    {"IG.AE": given_rows},
                    role,
                    form="F.AE",
                    complete=False,
                    revision=seen,
                    reason="source" if reason else "",
                )
            except (Refusal, Refusals):
                pass  # a stale edit, a row left out, a change without a reason: nothing of it is saved
            else:
                history[saved.revision] = flatten(Record.objects.get().values)
            record = Record.objects.first()
            assert (record is None) == (not history)
            if record is not None:
                assert flatten(record.values) == history[record.revision]
        for revision, values in history.items():
            assert replay_record(Record.objects.get(), revision=revision).values == values
        for query in Query.objects.filter(status="open"):
            asked = Query.objects.filter(key=query.key, rule=query.rule, status="open")
            assert asked.count() == 1
        disconnect()
