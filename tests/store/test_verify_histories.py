"""Whatever people do through exotrial, in any order, the trail and the data hold; and a redaction holds too."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Change
from exotrial.store.verify import verify_trail
from tests.operations.life_steps import enrol
from tests.operations.recorded import demographics, save
from tests.trial import ENGINES, SITE, Trial, begin_trial

ages = st.integers(18, 90).map(str)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("enrol")),
        st.tuples(st.just("save"), ages, st.booleans()),
        st.tuples(st.just("redact")),
        st.tuples(st.just("site"), st.sampled_from(["a", "b"])),
        st.tuples(st.just("close"), st.sampled_from(["a", "b"]), st.sampled_from(["suspended", "closed"])),
        st.tuples(st.just("person"), st.sampled_from(["eve", "mallory"])),
        st.tuples(st.just("active"), st.sampled_from(["eve", "mallory"]), st.booleans()),
        st.tuples(st.just("state"), st.sampled_from(["suspend_study", "resume_study", "lock_study"])),
        st.tuples(st.just("read")),
    ),
    max_size=12,
)


class Players:
    """Does one step after another; a refusal is a step too."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.codes: list[str] = []
        self.revision: dict[str, int] = {}

    def do(self, step: tuple[Any, ...]) -> None:
        with suppress(Refusal, Refusals):
            getattr(self, f"do_{step[0]}")(*step[1:])

    def do_enrol(self) -> None:
        self.codes.append(enrol(self.trial, level="none"))

    def do_save(self, age: str, reason: bool) -> None:
        code = self.codes[-1] if self.codes else "P-1"
        told: dict[str, Any] = {"reason": "read again"} if reason else {}
        if code in self.revision:
            told["revision"] = self.revision[code]
        self.revision[code] = save(self.trial, demographics(AGE=age), participant=code, **told).revision

    def do_redact(self) -> None:
        code = self.codes[-1] if self.codes else "P-1"
        self.trial.do(
            "redact_value",
            Role.ADMINISTRATOR,
            participant=code,
            form="F.DEMOGRAPHICS",
            key="IG.DM/DM.AGE",
            reason="typed into the wrong box",
        )
        self.revision[code] += 1

    def do_site(self, code: str) -> None:
        self.trial.do("open_site", Role.SPONSOR, code=code, name=f"Hospital {code}")

    def do_close(self, code: str, status: str) -> None:
        self.trial.do("change_site", Role.SPONSOR, site=code, status=status, reason="so it was decided")

    def do_person(self, name: str) -> None:
        self.trial.add_person(name, Role.COORDINATOR, SITE)

    def do_active(self, name: str, active: bool) -> None:
        self.trial.do("set_account_active", Role.ADMINISTRATOR, username=name, active=active, reason="x y z")

    def do_state(self, name: str) -> None:
        self.trial.do(name, Role.SPONSOR, reason="so it was decided")

    def do_read(self) -> None:
        self.trial.do("export_trail", Role.AUDITOR)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(steps=steps)
def test_after_any_sequence_of_operations_the_check_holds(engine: str, steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        trial = begin_trial(Path(folder), engine)
        try:
            players = Players(trial)
            for step in steps:
                players.do(step)
            assert verify_trail(trial.opened).problems == ()
        finally:
            disconnect()


def test_a_redaction_leaves_tombstones_that_hold(tmp_path: Path) -> None:
    for engine in ENGINES:
        trial = begin_trial(tmp_path / engine, engine)
        code = enrol(trial, level="none")
        save(trial, participant=code)
        save(trial, demographics(AGE="55"), participant=code, revision=1, reason="read again")
        trial.do(
            "redact_value",
            Role.ADMINISTRATOR,
            participant=code,
            form="F.DEMOGRAPHICS",
            key="IG.DM/DM.AGE",
            reason="typed into the wrong box",
        )
        assert Change.objects.filter(redacted=True).exists()
        checked = verify_trail(trial.opened)
        assert checked.problems == ()
        assert checked.redacted == Change.objects.filter(redacted=True).count()
        disconnect()
