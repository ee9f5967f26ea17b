"""What each file and each test says for or against the release of a batch, reason by reason, with digest and line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from exotrial.core.errors import Refusal
from exotrial.core.findings import Severity
from exotrial.core.quantities import Quantity, format_quantity
from exotrial.core.verdict import Reason
from exotrial.product.assay import AssayKind
from exotrial.product.evidence import (
    CALIBRATED,
    Evidence,
    Shown,
    derive_shown,
    derive_shown_or_none,
    find_calibrations,
    is_calibration,
    undiluted_factor,
    vial_of,
)
from exotrial.product.release_limits import judge_result
from exotrial.study.definition.release import ReleaseTest


@dataclass(frozen=True, kw_only=True)
class WarningAnswer:
    """A reasoned, signed deviation: which warning of which file it answers, why, who signed it and when (ISO, UTC)."""

    file_sha256: str
    line: int | None
    warning: str
    reason: str
    signed_by: str
    signed_at: str


def title_of(test: ReleaseTest) -> str:
    """A test as its reasons are headed."""
    return f"{test.name} [{test.id}]" if test.id else test.name


def judge_readable(files: Sequence[Evidence]) -> list[Reason]:
    """Against every file that no reader could read."""
    return [
        Reason("every file can be read", False, f"{one.label}: {one.problem}")
        for one in files
        if one.reading is None
    ]


def judge_samples(files: Sequence[Evidence], batch: str) -> list[Reason]:
    """Every sample that is named must be of the batch; a calibration's sample is its instrument."""
    found = []
    for one in files:
        if one.reading is None:
            continue
        try:
            shown = [each for each in derive_shown(one) if not is_calibration(each)]
        except Refusal as refused:
            found.append(Reason("every file shows something", False, f"{one.label}: {refused.problem}"))
            continue
        samples: dict[str, Shown | None] = {each.sample: each for each in shown}
        if not samples and not find_calibrations([one]):
            samples = {one.reading.sample: None}
        for sample, each in sorted(samples.items()):
            if vial_of(sample, batch=batch) is None:
                where = one.at(each.place) if each is not None else one.label
                said = f"is of sample {sample!r}" if sample else "names no sample"
                found.append(Reason("every file is of this batch", False, f"{where} {said}"))
    return found


def results_of(test: ReleaseTest, files: Sequence[Evidence], *, batch: str) -> list[tuple[Evidence, Shown]]:
    """What the files show of a test, of this batch."""
    assert test.measures is not None
    return [
        (one, shown)
        for one in files
        if _is_asked_for(test, one)
        for shown in derive_shown_or_none(one)
        if shown.measures.casefold() == test.measures.casefold()
        and vial_of(shown.sample, batch=batch) is not None
    ]


def files_of(test: ReleaseTest, files: Sequence[Evidence], *, batch: str) -> list[Evidence]:
    """The files that a test rests on: of its kind and reader, with a result or a size distribution."""
    return [
        one
        for one in files
        if _is_asked_for(test, one)
        and (
            any(found is one for found, _ in results_of(test, [one], batch=batch))
            or (one.reading is not None and bool(one.reading.distributions))
        )
    ]


def _is_asked_for(test: ReleaseTest, one: Evidence) -> bool:
    reading = one.reading
    return reading is not None and reading.kind.value == test.assay and test.reader in (None, reading.reader)


def judge_test(test: ReleaseTest, files: Sequence[Evidence], *, batch: str) -> list[Reason]:
    """One test with an id: a result of each vial, in its limit, by a calibrated instrument; enough vials, videos."""
    results = results_of(test, files, batch=batch)
    if not results:
        why = f"no file shows {test.measures} of this batch" + (" by " + test.reader if test.reader else "")
        return [
            Reason(title_of(test), not test.required, why if test.required else f"{why}; it is not required")
        ]
    reasons = []
    by_vial: dict[str, list[tuple[Evidence, Shown]]] = {}
    for one, shown in results:
        by_vial.setdefault(vial_of(shown.sample, batch=batch) or "", []).append((one, shown))
    for vial, several in by_vial.items():
        if len(several) > 1:
            places = ", ".join(one.at(shown.place) for one, shown in several)
            of = f" of vial {vial}" if vial else ""
            why = f"{len(several)} results{of} and nobody may choose: {places}"
            reasons.append(Reason(f"{title_of(test)}: one result for one vial", False, why))
    asked = test.sampling.vials
    if len(by_vial) < asked:
        why = f"{len(by_vial)} of {asked} vials are shown"
        reasons.append(Reason(f"{title_of(test)}: sampling", False, why))
    for one, shown in results:
        holds, why = judge_result(test, shown)
        reasons.append(Reason(title_of(test), holds, f"{one.at(shown.place)}: {why}"))
        reasons += _judge_videos(test, one)
        if test.calibrated_within is not None:
            reasons.append(_judge_calibration(test, test.calibrated_within, one, shown, files))
    return list(dict.fromkeys(reasons))


def _judge_videos(test: ReleaseTest, one: Evidence) -> list[Reason]:
    asked = test.sampling.videos
    if asked is None or one.reading is None:
        return []
    counts = [len(distribution.videos) for distribution in one.reading.distributions] or [0]
    why = f"{one.label}: {min(counts)} of {asked} videos"
    return [Reason(f"{title_of(test)}: videos", min(counts) >= asked, why)]


def _judge_calibration(
    test: ReleaseTest, within: Quantity, one: Evidence, shown: Shown, files: Sequence[Evidence]
) -> Reason:
    """The last calibration of the instrument on or before the day of the measurement must have passed, in time."""
    criterion = f"{title_of(test)}: calibration"
    instrument = one.reading.instrument if one.reading is not None else ""
    if not instrument:
        return Reason(criterion, None, f"{one.label} names no instrument")
    if shown.day is None:
        return Reason(criterion, None, f"{one.at(shown.place)}: the day of the measurement is not known")
    known: list[tuple[date, bool, Evidence, Shown]] = [
        (told.day, told.outcome.casefold() == CALIBRATED, file, told)
        for file, told in find_calibrations(files)
        if told.sample.casefold() == instrument.casefold() and told.day is not None and told.day <= shown.day
    ]
    if not known:
        return Reason(
            criterion, False, f"no file shows a calibration of {instrument} on or before {shown.day}"
        )
    last = max(day for day, *_ in known)
    failed = [where for day, passed, *where in known if day == last and not passed]
    file, told = next((file, told) for day, _, file, told in known if day == last)
    where = file.at(told.place)
    if failed:
        return Reason(criterion, False, f"{where}: the calibration of {last} is {told.outcome!r}")
    age = (shown.day - last).days
    holds = age <= within.to("d").value
    why = f"{where}: calibrated on {last}, {age} d before the measurement; allowed {format_quantity(within)}"
    return Reason(criterion, holds, why)


def judge_file(
    one: Evidence, tests: Sequence[ReleaseTest], *, answers: Sequence[WarningAnswer]
) -> list[Reason]:
    """Dilution, warnings and errors of a file that tests rest on."""
    reading = one.reading
    assert reading is not None
    reasons = []
    for distribution in reading.distributions:
        if undiluted_factor(distribution.dilution) is None:
            why = f"{one.at(distribution.place)}: the dilution is not recorded"
            reasons.append(Reason("the dilution is recorded", False, why))
    allowed = all("instrument warning" in test.answerable for test in tests)
    for warning in reading.warnings:
        said = f"{one.at(warning.place)}: {warning.text}"
        given = next(
            (
                answer
                for answer in answers
                if (answer.file_sha256, answer.line, answer.warning)
                == (one.file.sha256, warning.place.line, warning.text)
            ),
            None,
        )
        if given is None:
            reasons.append(Reason("the instrument warned of nothing", False, said))
        elif not allowed or not given.reason.strip():
            why = f"{said}; the specification lets no deviation answer it"
            reasons.append(Reason("the instrument warned of nothing", False, why))
        else:
            why = f"{said}; answered by {given.signed_by} on {given.signed_at}: {given.reason}"
            reasons.append(Reason("a warning is answered by a signed deviation", True, why))
    reasons += [
        Reason("the file does not contradict itself", False, f"{one.label}: {doubt.says}")
        for doubt in reading.findings
        if doubt.severity is Severity.ERROR
    ]
    if reading.kind in (AssayKind.SIZE, AssayKind.TRACKS) and not reading.distributions:
        reasons.append(Reason("the dilution is recorded", None, f"{one.label} holds no size distribution"))
    return reasons
