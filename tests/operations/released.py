"""A trial whose study file holds its product to release tests, and short ways to send and review evidence."""

from __future__ import annotations

import base64
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from exotrial.operations.access import Role
from exotrial.store.home import Home, disconnect, open_home
from tests.product.batch_files import BATCH, PRODUCT, study_source, whole_files
from tests.trial import PASSWORD, SITE, Trial, begin_trial

SECOND = "second_pharmacist"


def hold_to_tests(trial: Trial) -> None:
    """Load a version of the study with a specification; a second person comes who handles the product."""
    trial.do("load_study_version", Role.SPONSOR, source=study_source(), reason="release tests")
    trial.add_person(SECOND, Role.PHARMACIST, SITE)


def begin_held(folder: Path) -> Trial:
    """A trial on SQLite whose batch CORD-7 waits in quarantine, held to tests: a copy of one that is made once."""
    made = _made()
    disconnect()
    home = Home(folder=folder / "home", keys_folder=folder / "keys")
    shutil.copytree(made.opened.home.folder, home.folder)
    shutil.copytree(made.opened.home.keys_folder, home.keys_folder)
    return Trial(opened=open_home(home), study=made.study, now=made.now, people=dict(made.people))


@lru_cache(maxsize=1)
def _made() -> Trial:
    trial = begin_trial(Path(tempfile.mkdtemp(prefix="exotrial-held-")), "sqlite")
    hold_to_tests(trial)
    register(trial)
    return trial


def register(trial: Trial, code: str = BATCH, product: str = PRODUCT, *, last: str = "2021-06-30") -> Any:
    return trial.do("register_batch", Role.PHARMACIST, code=code, expires_on=last, product=product)


def send(trial: Trial, name: str, data: bytes, code: str = BATCH, **more: Any) -> Any:
    content = base64.b64encode(data).decode()
    return trial.do("attach_evidence", Role.PHARMACIST, code=code, name=name, content=content, **more)


def send_all(trial: Trial, code: str = BATCH, **given: bytes) -> dict[str, Any]:
    """Send whole evidence, but for the files given, and have it accepted."""
    sent = {name: send(trial, name, data, code) for name, data in whole_files(**given).items()}
    for one in sent.values():
        review(trial, one.evidence, code)
    return sent


def review(trial: Trial, evidence: int, code: str = BATCH, *, decision: str = "accept", **more: Any) -> Any:
    told = {
        "code": code,
        "evidence": evidence,
        "decision": decision,
        "username": SECOND,
        "password": PASSWORD,
    }
    return trial.do("review_evidence", Role.PHARMACIST, by=SECOND, **(told | more))


def release(trial: Trial, code: str = BATCH, **more: Any) -> Any:
    told = {"code": code, "reason": "all tests hold", "username": "pharmacist", "password": PASSWORD}
    return trial.do("release_batch", Role.PHARMACIST, **(told | more))
