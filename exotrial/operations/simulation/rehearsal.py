"""A whole rehearsal: a scratch installation, its lists and kits, the conduct, the lock, and what is left of it on disk.

Plan and people follow from the seed alone. Secrets do not: the lists are drawn as real ones are, so that arms,
kit numbers and what depends on an arm are others in every run of a randomised study. There is no way to choose them.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.db.models import Sum

from exotrial.allocation.certificate import read_certificate
from exotrial.allocation.export import read_export
from exotrial.allocation.verify import verify_export
from exotrial.core.errors import ErrorCode
from exotrial.operations.access import Role
from exotrial.operations.extract import FOLDER_TAKEN, ExtractedData, write_extracted
from exotrial.operations.simulation.attempts import AFTER_LOCK, AFTER_UNBLINDING
from exotrial.operations.simulation.conduct import Conduct
from exotrial.operations.simulation.crew import Crew, Refused, found, take_up
from exotrial.operations.simulation.making import make_product, trace_doses
from exotrial.operations.simulation.plan import ListPlan, Plan, make_plan
from exotrial.outcomes.in_study import ask, find_measures_of
from exotrial.store.home import Home
from exotrial.store.models import Act
from exotrial.store.verify import verify_trail
from exotrial.study.definition import Study
from exotrial.study.file import parse_study
from exotrial.study.forms import derive_forms

NOT_MARKED = ErrorCode(
    "SIM-004",
    "The study file cannot be marked as synthetic.",
    "put `schema_version = 1` on a line of its own near its top.",
)
DOES_NOT_HOLD = ErrorCode(
    "SIM-005",
    "What was checked at the end of the rehearsal does not hold.",
    "report it as a defect of exotrial, with the command and its seed.",
)

KIT_DAYS = timedelta(days=730)
_SYNTHETIC = re.compile(r"(?m)^synthetic\s*=.*$")
_SCHEMA = re.compile(r"(?m)^schema_version\s*=\s*\d+.*$")


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What a rehearsal did and left. `done` counts operations and views by name, `refused` what was tried on purpose.

    `acts`, `changes` and `chain_refused` are those of the trails: all acts, all fields written, refused acts.
    `verified` are the checks of the allocation exports with the certificates of before the first participant.
    `traced` are the doses that were followed to their donors, and back to who received them.
    """

    study: str
    plan: Plan
    done: Mapping[str, int]
    refused: tuple[Refused, ...]
    acts: int
    changes: int
    chain_refused: int
    arms: Mapping[str, int]
    verified: int
    traced: int
    trail_rows: int
    data: ExtractedData
    blinded: ExtractedData
    """As it was extracted after the lock and before the unblinding."""
    files: tuple[Path, ...]
    password: str
    username: str
    seconds: float


def mark_synthetic(source: str) -> str:
    """The text of a study file that says of itself that its participants are made up. Refuses with SIM-004."""
    if parse_study(source.encode(), name="study.toml").synthetic:
        return source
    if _SYNTHETIC.search(source):
        marked = _SYNTHETIC.sub("synthetic = true", source, count=1)
    else:
        marked = _SCHEMA.sub(lambda found: f"{found[0]}\nsynthetic = true", source, count=1)
    if not parse_study(marked.encode(), name="study.toml").synthetic:
        raise NOT_MARKED.refuse("no line says `schema_version`")
    return marked


def rehearse(
    source: str,
    *,
    home: Home,
    out: Path,
    seed: int,
    participants: int | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Rehearsal:
    """Rehearse the study of a study file in a new installation, and write its data into a folder, new or empty.

    Refuses with SIM-001 to SIM-005, HOM-002, and with whatever an operation refuses.
    """
    begun = time.perf_counter()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FOLDER_TAKEN.refuse(f"'{out}' is not empty", value=out)
    marked = mark_synthetic(source)
    study = parse_study(marked.encode(), name="study.toml")
    measures = find_measures_of(study)
    forms = derive_forms(study, {name: ask(measure) for name, measure in measures.items()})
    plan = make_plan(study, forms, seed=seed, participants=participants)
    crew = found(home, password=secrets.token_urlsafe(15), now=plan.begins_at)
    certificates = begin(crew, marked, study, plan)
    conduct = Conduct(crew, study, {form.oid: form for form in forms}, plan)
    conduct.run(told)
    blinded, data = _close(conduct, randomised=bool(plan.lists))
    verified = _verify_exports(crew, certificates)
    traced = trace_doses(crew)
    trail = verify_trail(crew.opened)
    if not trail.holds:
        raise DOES_NOT_HOLD.refuse(f"the trail: {trail.problems[0]}", value=len(trail.problems))
    files = write_extracted(out, data)
    return Rehearsal(
        study=crew.study,
        plan=plan,
        done=dict(crew.done),
        refused=tuple(crew.refused),
        acts=Act.objects.count(),
        changes=int(Act.objects.aggregate(all=Sum("count"))["all"] or 0),
        chain_refused=Act.objects.filter(outcome="refused").count(),
        arms=_count_arms(data),
        verified=verified,
        traced=traced,
        trail_rows=trail.rows,
        data=data,
        blinded=blinded,
        files=files,
        password=crew.password,
        username=crew.username(Role.COORDINATOR, plan.sites[0]),
        seconds=time.perf_counter() - begun,
    )


def begin(crew: Crew, source: str, study: Study, plan: Plan) -> list[dict[str, Any]]:
    """Begin the study of a plan: its sites, its sealed lists and their kits. The certificates of the lists."""
    names = {site.id: site.name for site in study.sites}
    take_up(
        crew,
        source=source,
        sites=tuple((site, names.get(site, "A site made up"), "UTC") for site in plan.sites),
    )
    certificates = [_make_list(crew, plan, one) for one in plan.lists]
    _pack(crew, study, plan)
    return certificates


def _make_list(crew: Crew, plan: Plan, wanted: ListPlan) -> dict[str, Any]:
    """Freeze, contribute, seal: the certificate as it is published before the first participant."""
    more: dict[str, Any] = {"lengths": dict(wanted.lengths)} if wanted.lengths else {}
    if wanted.block_sizes:
        more["parameters"] = {"block_sizes": list(wanted.block_sizes), "completion": "fit"}
    frozen = crew.do("freeze_list", Role.UNBLINDED_STATISTICIAN, stage=wanted.stage, **more)
    dice = Random(f"{plan.seed}/dice/{wanted.stage}")
    crew.do(
        "contribute_randomness",
        Role.SPONSOR,
        number=frozen.number,
        randomness="dice: " + " ".join(str(dice.randint(1, 6)) for _ in range(60)),
        who="an ethics office made up for the rehearsal",
    )
    sealed = crew.do("seal_list", Role.UNBLINDED_STATISTICIAN, number=frozen.number)
    certificate: dict[str, Any] = sealed.certificate
    return certificate


def _pack(crew: Crew, study: Study, plan: Plan) -> None:
    """A batch for each arm, in quarantine, and every kit: those of the lists, or one for each participant."""
    site = plan.sites[0]
    if plan.lists:
        kits = [(kit.number, kit.arm) for kit in crew.do("show_packing_list", Role.PHARMACIST, site).kits]
    else:
        count = sum(person.eligible for person in plan.people)
        kits = [(f"SYN-{number:04d}", study.arms[0].id) for number in range(1, count + 1)]
    make_product(crew, study, plan, kits, last=(crew.now + KIT_DAYS).date().isoformat())


def _close(conduct: Conduct, *, randomised: bool) -> tuple[ExtractedData, ExtractedData]:
    """Sign, lock, extract while blinded, unblind where there are arms to open, extract again."""
    crew, plan = conduct.crew, conduct.plan
    crew.now += timedelta(days=3)
    for site in plan.sites:
        proof = crew.proof(Role.INVESTIGATOR, site)
        crew.do(
            "sign_study",
            *(Role.INVESTIGATOR, site),
            site=site,
            milestone="before lock",
            meaning="responsibility",
            **proof,
        )
    crew.do("lock_study", Role.SPONSOR, reason="all casebooks are signed and frozen")
    somebody = next(person for person in plan.people if person.eligible)
    conduct.attempt(AFTER_LOCK, somebody)
    crew.now += timedelta(days=1)
    blinded: ExtractedData = crew.do("extract_data", Role.BLINDED_STATISTICIAN)
    if not randomised:
        return blinded, blinded
    crew.do(
        "sign_study",
        Role.BLINDED_STATISTICIAN,
        milestone="after lock",
        meaning="review",
        **crew.proof(Role.BLINDED_STATISTICIAN),
    )
    crew.do(
        "unblind_study",
        Role.SPONSOR,
        reason="the data are locked and the analysis plan is signed",
        **crew.proof(Role.SPONSOR),
    )
    conduct.attempt(AFTER_UNBLINDING, somebody)
    data: ExtractedData = crew.do("extract_data", Role.BLINDED_STATISTICIAN)
    return blinded, data


def _verify_exports(crew: Crew, certificates: Sequence[Mapping[str, Any]]) -> int:
    """Check each published list by its export and the certificate of before. Refuses with SIM-005."""
    checks = 0
    for number, certificate in enumerate(certificates, start=1):
        export = crew.do("export_allocation", Role.AUDITOR, number=number).export
        verification = verify_export(
            read_export(json.dumps(export).encode(), name=f"list {number}"),
            certificate=read_certificate(json.dumps(certificate).encode(), name=f"certificate {number}"),
        )
        if not verification.holds:
            failed = next(check for check in verification.checks if check.held is False)
            raise DOES_NOT_HOLD.refuse(f"list {number}: {failed.name}: {failed.says}", value=number)
        checks += len(verification.checks)
    return checks


def _count_arms(data: ExtractedData) -> dict[str, int]:
    table = data.tables["participants"]
    column = table.columns.index("ARMCD")
    codes = [row[column] for row in table.rows if row[column]]
    return {code: codes.count(code) for code in sorted(set(codes))}
