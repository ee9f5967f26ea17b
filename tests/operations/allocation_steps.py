"""Short ways to a sealed list and to enrolled participants, for tests."""

from __future__ import annotations

from typing import Any

from exotrial.operations.access import Role
from exotrial.store.models import Consent, Participant, Site, Study
from tests.trial import SITE, Trial

BLOCKS: dict[str, Any] = {"block_sizes": [2, 4], "completion": "fit"}
RANDOMNESS = "dice of the ethics office: 3 1 6 6 2 5 4 4 1"


def seal(trial: Trial, *, stage: str = "phase_1", **more: Any) -> Any:
    """A sealed list for a stage; gives the answer of `seal_list`."""
    frozen = trial.do(
        "freeze_list", Role.UNBLINDED_STATISTICIAN, stage=stage, **({"parameters": BLOCKS} | more)
    )
    trial.do(
        "contribute_randomness",
        Role.MONITOR,
        number=frozen.number,
        randomness=RANDOMNESS,
        who="an ethics office made up for tests",
    )
    return trial.do("seal_list", Role.UNBLINDED_STATISTICIAN, number=frozen.number)


def put_enrolled(trial: Trial, code: str, *, stratum: str = "a", stage: str = "phase_1") -> Participant:
    """A participant who consented and stands enrolled, put there without the steps that lead to it."""
    study = Study.objects.get(slug=trial.study)
    participant = Participant.objects.create(
        study=study,
        site=Site.objects.get(study=study, code=SITE),
        code=code,
        status="enrolled",
        version=1,
        stratum=stratum,
        stage=stage,
        screened_at=trial.now,
        enrolled_at=trial.now,
    )
    Consent.objects.create(
        participant=participant, kind="given", signed_at=trial.now, recorded_at=trial.now, language="fa"
    )
    return participant
