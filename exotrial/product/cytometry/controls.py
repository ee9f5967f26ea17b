"""The controls of a flow cytometry of vesicles, as MIFlowCyt-EV lists them, judged from their FCS files.

Welsh et al., J Extracell Vesicles 2020;9:1713526, items 3.1 to 3.8. Rates of two runs are compared by the exact
conditional test of two Poisson counts (Przyborowski and Wilenski, Biometrika 1940;31:313-23), and swarms are looked
for in a series of dilutions, in which counts fall with the dilution and brightness stays (van der Pol et al., J Thromb
Haemost 2012;10:919-30). The limits are the laboratory's: the framework names none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import AssayFile, Reading
from exotrial.product.cytometry.events import Events
from exotrial.product.toml_text import Table, read_toml
from exotrial.statistics.proportion_exact import clopper_pearson_limits

NO_SAMPLE = ErrorCode(
    "FCT-001",
    "A set of controls has no sample, or none of its events is positive.",
    'name the FCS file of the sample in a run with role = "sample".',
)
SAME_FILE = ErrorCode(
    "FCT-002",
    "One FCS file stands for two runs of a set of controls.",
    "give each run the file that was acquired for it.",
)
BAD_NUMBER = ErrorCode(
    "FCT-003",
    "A dilution, an amount or a limit of a set of controls is out of range.",
    "a dilution is 1 or more, an amount above 0, and a limit between 0 and 1.",
)


class Role(StrEnum):
    """What a run is a control of, with the item of MIFlowCyt-EV."""

    SAMPLE = "sample"
    BUFFER = "buffer"
    REAGENTS = "buffer with reagents"
    UNSTAINED = "unstained"
    ISOTYPE = "isotype"
    SINGLE = "single stained"
    PROCEDURE = "procedure"
    DETERGENT = "detergent"


ITEMS: Mapping[Role, str] = {
    Role.BUFFER: "3.1",
    Role.REAGENTS: "3.2",
    Role.UNSTAINED: "3.3",
    Role.ISOTYPE: "3.4",
    Role.SINGLE: "3.5",
    Role.PROCEDURE: "3.6",
    Role.DETERGENT: "3.8",
}
_BACKGROUND = (Role.BUFFER, Role.REAGENTS, Role.UNSTAINED, Role.ISOTYPE, Role.PROCEDURE)
_OF_THE_SAMPLE = (Role.UNSTAINED, Role.ISOTYPE, Role.DETERGENT)
"""These hold vesicles, so that they are compared at the sample's own dilution."""


class Unit(StrEnum):
    """By what runs are made comparable."""

    MICROLITRE = "uL"
    SECOND = "s"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One acquisition: `amount` is the volume or the time of it, `dilution` 1 where nothing was diluted."""

    role: Role
    file: str
    amount: float
    dilution: float
    place: Place


@dataclass(frozen=True, kw_only=True)
class ControlSet:
    """What a laboratory wrote. The first run of the sample is the one that is reported; the others are its series.

    `background` and `detergent` are the largest shares of the sample's rate that a control may have, `linear` how far
    a dilution may be off, as a share.
    """

    channel: str
    positive_from: float
    unit: Unit
    background: float
    detergent: float
    linear: float
    runs: tuple[Run, ...]
    place: Place

    @property
    def sample(self) -> Run:
        return next(run for run in self.runs if run.role is Role.SAMPLE)


@dataclass(frozen=True, kw_only=True)
class CountedRun:
    """A run with its events, those of them that are positive, and the median signal of the positive (None for none).

    `instrument` is None where the file has no events and says nothing more.
    """

    run: Run
    events: int
    positive: int
    median: float | None
    sha256: str
    instrument: str | None

    @property
    def rate(self) -> float:
        """Positive events for each unit of amount, as measured."""
        return self.positive / self.run.amount


def read_controls(file: AssayFile) -> ControlSet:
    """The set of runs of a TOML file (TML-001 to TML-003, FCT-001, FCT-003)."""
    table = read_toml(file)
    limits = ("background_at_most", "left_after_detergent_at_most", "linear_within")
    table.check_keys(("channel", "positive_from", "amount_unit", *limits, "runs"))
    runs = tuple(_read_run(each) for each in table.tables("runs"))
    if not any(run.role is Role.SAMPLE for run in runs):
        raise NO_SAMPLE.refuse("no run is of the sample", place=table.at("runs"))
    background, detergent, linear = (_between(table, key) for key in limits)
    return ControlSet(
        channel=table.text("channel"),
        positive_from=table.number("positive_from"),
        unit=table.choice("amount_unit", tuple(Unit)),
        background=background,
        detergent=detergent,
        linear=linear,
        runs=runs,
        place=file.at(),
    )


def _read_run(table: Table) -> Run:
    table.check_keys(("role", "file", "amount", "dilution"))
    amount, dilution = table.number("amount"), table.number("dilution")
    if amount <= 0:
        raise BAD_NUMBER.refuse(f"'amount' is {amount:g}", place=table.at("amount"), value=amount)
    if dilution < 1:
        raise BAD_NUMBER.refuse(f"'dilution' is {dilution:g}", place=table.at("dilution"), value=dilution)
    return Run(
        role=table.choice("role", tuple(Role)),
        file=table.text("file"),
        amount=amount,
        dilution=dilution,
        place=table.at("file"),
    )


def _between(table: Table, key: str) -> float:
    value = table.number(key)
    if not 0 < value < 1:
        raise BAD_NUMBER.refuse(f"'{key}' is {value:g}", place=table.at(key), value=value)
    return value


def count_run(run: Run, reading: Reading, controls: ControlSet) -> CountedRun:
    """Count a run's events from its FCS file (FLO-001)."""
    events = reading.content
    if not isinstance(events, Events):
        raise TypeError("the reading is not of a cytometer")
    signal = events.column(controls.channel)
    bright = signal[signal >= controls.positive_from]
    return CountedRun(
        run=run,
        events=len(events),
        positive=int(bright.size),
        median=float(np.median(bright)) if bright.size else None,
        sha256=reading.file.sha256,
        instrument=reading.instrument,
    )


def compute_rate_ratio(
    count: int, amount: float, against: int, against_amount: float, *, level: float = 0.95
) -> tuple[float, float, float]:
    """The rate of `count` over that of `against` (above 0), with its exact central interval.

    Given the sum, the first count is binomial (Przyborowski and Wilenski 1940), so that its Clopper and Pearson limits
    p are those of the ratio, p / (1 - p) times the amounts' ratio.
    """
    tail = (1 - level) / 2
    low, high = clopper_pearson_limits(count, count + against, lower_tail=tail, upper_tail=tail)
    scale = against_amount / amount
    return count / against * scale, low / (1 - low) * scale, high / (1 - high) * scale


def check_controls(controls: ControlSet, counted: Sequence[CountedRun]) -> list[Finding]:
    """What the controls lack or show (FCF-020 to FCF-027), by MIFlowCyt-EV 3.1 to 3.8. Refuses FCT-001, FCT-002."""
    seen: dict[str, CountedRun] = {}
    for one in counted:
        if one.sha256 in seen:
            first = seen[one.sha256].run
            raise SAME_FILE.refuse(
                f"{one.run.file} has the bytes of {first.file}, which stands for {first.role}",
                place=one.run.place,
                value=one.run.file,
            )
        seen[one.sha256] = one
    sample = next(one for one in counted if one.run.role is Role.SAMPLE)
    if not sample.positive:
        raise NO_SAMPLE.refuse(
            f"{sample.run.file} has no event from {controls.positive_from:g} up on {controls.channel}",
            place=sample.run.place,
        )
    here = {one.run.role for one in counted}
    findings = [_missing(role) for role in ITEMS if role not in here]
    for one in counted:
        if one.instrument is not None and one.instrument != sample.instrument:
            findings.append(_other_instrument(one, sample))
        if one.run.role in _OF_THE_SAMPLE and one.run.dilution != sample.run.dilution:
            findings.append(_other_dilution(one, sample))
        elif one.run.role in _BACKGROUND:
            findings += _check_share(one, sample, controls.background, "FCF-021")
        elif one.run.role is Role.DETERGENT:
            findings += _check_share(one, sample, controls.detergent, "FCF-022")
    return findings + _check_series(controls, counted, sample)


def _check_share(one: CountedRun, sample: CountedRun, limit: float, rule: str) -> list[Finding]:
    """A share is shown to be within its limit by the upper end of its interval (one-sided 95 %)."""
    share, _, bound = compute_rate_ratio(
        one.positive, one.run.amount, sample.positive, sample.run.amount, level=0.9
    )
    if bound <= limit:
        return []
    detergent = one.run.role is Role.DETERGENT
    return [
        _finding(
            rule,
            one.run.file,
            f"{one.run.role} has {share:.2%} of the sample's rate of positive events ({one.positive} events), "
            f"with 95 % confidence at most {bound:.2%}; the limit is {limit:.2%}",
            "What a detergent leaves is no vesicle with a membrane."
            if detergent
            else "So much of what is counted as vesicles may be there without them.",
            "a longer run where too few events were counted, or another threshold, dilution or reagent.",
            ITEMS[one.run.role],
        )
    ]


def _check_series(controls: ControlSet, counted: Sequence[CountedRun], sample: CountedRun) -> list[Finding]:
    series = [one for one in counted if one.run.role is Role.SAMPLE]
    findings = []
    dilutions = {one.run.dilution for one in series}
    if len(dilutions) < 3:
        findings.append(
            _finding(
                "FCF-023",
                "dilutions",
                f"the sample was measured at {len(dilutions)} dilution{'s' if len(dilutions) > 1 else ''}",
                "Several vesicles at once are counted as one; only a series of dilutions shows that they are not.",
                "three dilutions or more.",
                "3.7",
            )
        )
    most = 1 + controls.linear
    for one in series:
        if one is sample:
            continue
        ratio, low, high = (
            value * one.run.dilution / sample.run.dilution
            for value in compute_rate_ratio(one.positive, one.run.amount, sample.positive, sample.run.amount)
        )
        if not (1 / most <= low and high <= most):
            findings.append(
                _finding(
                    "FCF-024",
                    one.run.file,
                    f"at dilution {one.run.dilution:g} the undiluted rate is {ratio:.3f} times that at "
                    f"{sample.run.dilution:g} ({low:.3f} to {high:.3f}); it has to lie between {1 / most:.3f} "
                    f"and {most:.3f}",
                    "A rate that does not fall as the sample is diluted is of swarms, of coincidence or of background.",
                    "a longer run where the interval is wide, or a higher dilution of the sample that is reported.",
                    "3.7",
                )
            )
        if one.median is None or sample.median is None or sample.median <= 0:
            continue
        if not 1 / most <= one.median / sample.median <= most:
            findings.append(
                _finding(
                    "FCF-025",
                    one.run.file,
                    f"at dilution {one.run.dilution:g} the median signal is {one.median:g}, at "
                    f"{sample.run.dilution:g} it is {sample.median:g}",
                    "A single vesicle is as bright in any dilution; a swarm of them is not.",
                    "a higher dilution of the sample that is reported.",
                    "3.7",
                )
            )
    return findings


def _missing(role: Role) -> Finding:
    return _finding(
        "FCF-020",
        role.value,
        f"there is no control of the kind: {role}",
        "The report has to say that it was measured, or why it does not apply.",
        "its FCS file, or the reason in the report.",
        ITEMS[role],
        severity=Severity.INFO,
    )


def _other_instrument(one: CountedRun, sample: CountedRun) -> Finding:
    return _finding(
        "FCF-026",
        one.run.file,
        f"it names the cytometer {one.instrument or '(none)'!r}, the sample {sample.instrument or '(none)'!r}",
        "A control of another instrument says nothing of this one.",
        "the control as measured on the cytometer of the sample.",
        ITEMS.get(one.run.role, "3.7"),
    )


def _other_dilution(one: CountedRun, sample: CountedRun) -> Finding:
    return _finding(
        "FCF-027",
        one.run.file,
        f"{one.run.role} was measured at dilution {one.run.dilution:g}, the sample at {sample.run.dilution:g}: "
        "they are not compared",
        "A control that is more dilute seems cleaner than it is.",
        "the control at the dilution of the sample that is reported.",
        ITEMS[one.run.role],
    )


def _finding(
    rule: str,
    subject: str,
    says: str,
    why: str,
    settle: str,
    item: str,
    *,
    severity: Severity = Severity.WARNING,
) -> Finding:
    return Finding(
        rule=rule,
        subject=subject,
        severity=severity,
        kind="plausibility",
        says=says,
        why=why,
        settle=settle,
        standards=(f"MIFlowCyt-EV {item}",),
    )
