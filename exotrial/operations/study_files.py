"""What a study file says, shown: errors at their lines, doubts, the schedule, the forms (ICH M11; ICH E6(R3) 4.3.5).

The same view of a version that is in force and of a text that is not loaded yet; nothing here is kept.
"""

from __future__ import annotations

import hashlib

from exotrial.core.errors import Place, Refusal, Refusals
from exotrial.core.findings import Finding
from exotrial.operations._act import NO_VERSION, Act
from exotrial.operations._operation import Answer, Ask, StudyText, view
from exotrial.operations.access import Permission
from exotrial.operations.amendments import ShownDifference, compare_amendment, shown
from exotrial.operations.installation import STUDY_EXISTS, is_taken
from exotrial.operations.sites import OTHER_STUDY, SAME_VERSION
from exotrial.outcomes.in_study import ask as ask_measure
from exotrial.outcomes.in_study import find_measures_of
from exotrial.store.models import StudyVersion
from exotrial.study.checks.check import check_study
from exotrial.study.definition import Study
from exotrial.study.file import parse_study
from exotrial.study.forms import derive_forms
from exotrial.study.items import Form
from exotrial.study.schedule import derive_grid
from exotrial.study.toml_lines import compute_lines, find_line


class ShownProblem(Answer):
    """Why the text cannot be loaded. `line` counts from 1, None where it is about the whole text."""

    code: str
    line: int | None
    path: str
    problem: str
    remedy: str


class ShownFinding(Answer):
    """A doubt of `exotrial check`; `quotes` are what the sources print."""

    id: str
    severity: str
    says: str
    why: str
    settle: str
    quotes: tuple[str, ...]
    standards: tuple[str, ...]


class ShownEncounter(Answer):
    """`window_before` and `window_after` are whole days."""

    id: str
    name: str
    day: int
    window_before: int
    window_after: int


class ShownActivity(Answer):
    """One row of the schedule: an activity or outcome, and the ids of the encounters at which it is due."""

    name: str
    kind: str
    encounters: tuple[str, ...]


class ShownFormOutline(Answer):
    """A form: how much it asks and, where it belongs to encounters, at which (ids)."""

    oid: str
    label: str
    encounters: tuple[str, ...]
    items: int


class ShownStudyFile(Answer):
    """What derives from a study file."""

    id: str
    label: str
    title: str
    digest: str
    origin: str
    findings: tuple[ShownFinding, ...]
    encounters: tuple[ShownEncounter, ...]
    schedule: tuple[ShownActivity, ...]
    forms: tuple[ShownFormOutline, ...]


class PreviewedStudy(Answer):
    """`file` is None where `problems` keep the text from being read at all.

    `differences` are those from the version in force; `doubts` are what the amendment must explain.
    """

    problems: tuple[ShownProblem, ...]
    file: ShownStudyFile | None
    differences: tuple[ShownDifference, ...]
    doubts: tuple[str, ...]


class PreviewStudy(Ask):
    """The text of a study file that is not loaded."""

    source: StudyText


class ShowStudyFile(Ask):
    """A version's number, the newest where it is left out."""

    version: int | None = None


class KeptStudyFile(Answer):
    """A version with its text, word for word."""

    version: int
    source: str
    file: ShownStudyFile


@view(permission=Permission.READ_STUDY)
def show_study_file(act: Act, ask: ShowStudyFile) -> KeptStudyFile:
    """A version of the study file: its text, its doubts, its schedule and its forms."""
    number = act.the_study.version if ask.version is None else ask.version
    row = StudyVersion.objects.filter(study=act.the_study, number=number).first()
    if row is None:
        raise NO_VERSION.refuse(f"{act.the_study.slug} has no version {number}", value=number)
    study, forms = act.definition(number), tuple(act.forms(number).values())
    return KeptStudyFile(version=number, source=row.source, file=_shown_file(study, forms, row.digest))


@view(permission=Permission.MANAGE_STUDY)
def preview_study_version(act: Act, ask: PreviewStudy) -> PreviewedStudy:
    """What a text would be as the study's next version, before it is loaded; nothing is kept."""
    try:
        study, file = _read(ask.source)
        if study.id != act.the_study.slug:
            raise OTHER_STUDY.refuse(
                f"the file is of {study.id!r} and the study is {act.the_study.slug!r}", place=Place(path="id")
            )
        if file.digest == act.the_study.version_digest:
            raise SAME_VERSION.refuse(f"the file is version {act.the_study.version}, word for word")
    except (Refusal, Refusals) as refused:
        return _not_loadable(refused, ask.source)
    try:
        differences, doubts = compare_amendment(act, study)
    except Refusal as refused:
        return _not_loadable(refused, ask.source, file)
    return PreviewedStudy(problems=(), file=file, differences=shown(differences), doubts=doubts)


@view(permission=Permission.MANAGE_ACCOUNTS, scope="installation")
def preview_study(act: Act, ask: PreviewStudy) -> PreviewedStudy:
    """What a text would be as a study that is begun here, before it is begun; nothing is kept."""
    try:
        study, file = _read(ask.source)
        if is_taken(study.id):
            raise STUDY_EXISTS.refuse(f"the name {study.id!r} is taken", place=Place(path="id"))
    except (Refusal, Refusals) as refused:
        return _not_loadable(refused, ask.source)
    return PreviewedStudy(problems=(), file=file, differences=(), doubts=())


def _read(source: str) -> tuple[Study, ShownStudyFile]:
    study = parse_study(source.encode(), name="study.toml")
    asks = {name: ask_measure(measure) for name, measure in find_measures_of(study, text=source).items()}
    digest = hashlib.sha256(source.encode()).hexdigest()
    return study, _shown_file(study, derive_forms(study, asks), digest)


def _not_loadable(
    refused: Refusal | Refusals, source: str, file: ShownStudyFile | None = None
) -> PreviewedStudy:
    several = refused.refusals if isinstance(refused, Refusals) else (refused,)
    lines = compute_lines(source) if any(one.place.path and one.place.line is None for one in several) else {}
    return PreviewedStudy(
        problems=tuple(
            ShownProblem(
                code=one.code.code,
                line=one.place.line or find_line(lines, (one.place.path,)),
                path=one.place.path,
                problem=one.problem,
                remedy=one.remedy,
            )
            for one in several
        ),
        file=file,
        differences=(),
        doubts=(),
    )


def _shown_file(study: Study, forms: tuple[Form, ...], digest: str) -> ShownStudyFile:
    grid = derive_grid(study) if study.encounters else None
    return ShownStudyFile(
        id=study.id,
        label=study.version,
        title=study.title,
        digest=digest,
        origin=study.design.time_origin,
        findings=tuple(_shown_finding(finding) for finding in check_study(study)),
        encounters=tuple(
            ShownEncounter(
                id=one.id,
                name=one.name,
                day=one.day,
                window_before=one.window_before,
                window_after=one.window_after,
            )
            for one in (grid.encounters if grid else ())
        ),
        schedule=tuple(
            ShownActivity(name=row.name, kind=row.kind, encounters=tuple(sorted(row.encounters)))
            for row in (grid.rows if grid else ())
        ),
        forms=tuple(
            ShownFormOutline(
                oid=form.oid,
                label=form.label,
                encounters=tuple(form.encounters),
                items=sum(len(group.items) for group in form.groups),
            )
            for form in forms
        ),
    )


def _shown_finding(finding: Finding) -> ShownFinding:
    return ShownFinding(
        id=finding.id,
        severity=finding.severity.value,
        says=finding.says,
        why=finding.why,
        settle=finding.settle,
        quotes=tuple(str(quote) for quote in finding.quotes),
        standards=finding.standards,
    )
