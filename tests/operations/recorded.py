"""Short ways to participants who consented and to their forms, for tests.

`put_consented` stands in for the steps of a participant's life, of which records need only the consent.
"""

from __future__ import annotations

from typing import Any

from exotrial.operations.access import Role
from exotrial.store.models import Consent, Participant, Site, Study
from tests.trial import SITE, Trial

DEMOGRAPHICS: dict[str, Any] = {
    "IG.DM": {"DM.SEX": "F", "DM.AGE": "54", "DM.HEIGHT": "160", "DM.WEIGHT": "70"}
}


def put_consented(
    trial: Trial, code: str = "P-1", *, site: str = SITE, consent: str = "given"
) -> Participant:
    """A participant who consented (or, with consent "", did not), put there without the steps that lead to it."""
    study = Study.objects.get(slug=trial.study)
    participant = Participant.objects.create(
        study=study,
        site=Site.objects.get(study=study, code=site),
        code=code,
        status="enrolled",
        version=1,
        born_on="1966",
        screened_at=trial.now,
        enrolled_at=trial.now,
    )
    if consent:
        put_consent(trial, participant, consent)
    return participant


def put_consent(trial: Trial, participant: Participant, kind: str) -> None:
    """A consent that was given or withdrawn."""
    Consent.objects.create(
        participant=participant, kind=kind, signed_at=trial.now, recorded_at=trial.now, language="fa"
    )


def save(
    trial: Trial, values: dict[str, Any] | None = None, role: Role = Role.COORDINATOR, **more: Any
) -> Any:
    """Save a form of P-1: the demographics, complete and new, unless told otherwise."""
    asked = {
        "participant": "P-1",
        "form": "F.DEMOGRAPHICS",
        "values": DEMOGRAPHICS if values is None else values,
        "complete": True,
        **more,
    }
    return trial.do("save_form", role, **asked)


def demographics(**items: Any) -> dict[str, Any]:
    """The demographics with some answers changed (`AGE="55"`), or left out where None."""
    group = DEMOGRAPHICS["IG.DM"] | {f"DM.{name}": value for name, value in items.items()}
    return {"IG.DM": {name: value for name, value in group.items() if value is not None}}


def event(row: str, term: str = "Fever", **more: Any) -> dict[str, Any]:
    """A row of adverse events."""
    return {
        "row": row,
        "AE.TERM": term,
        "AE.START": "2021-03-09",
        "AE.TOXGR": "1",
        "AE.SER": "N",
        "AE.REL": "NOT",
        **more,
    }


def second_site(trial: Trial) -> str:
    """Another active site, at which nobody of the first has rights."""
    trial.do("open_site", Role.SPONSOR, code="masih", name="Another hospital", zone="Asia/Tehran")
    trial.add_person("other_investigator", Role.INVESTIGATOR, "masih")
    trial.do(
        "activate_site",
        Role.INVESTIGATOR,
        by="other_investigator",
        site="masih",
        version=1,
        approved_on="2021-03-09",
        reference="made up for tests",
    )
    return "masih"
