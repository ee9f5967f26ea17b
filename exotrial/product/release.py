"""The release of a batch: a verdict from the specification and the evidence alone (EU GMP Annex 16; ICH Q7 11.4).

No clock, no setting and no order of files enters it: the same files give the same verdict on every machine, and
`digest_decision` is the same text of 64 letters.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding, Severity
from exotrial.core.verdict import Reason, Verdict
from exotrial.product.evidence import Evidence, find_calibrations, vial_of
from exotrial.product.release_limits import judge_result, say_limit, say_result
from exotrial.product.release_reasons import (
    WarningAnswer,
    files_of,
    judge_file,
    judge_readable,
    judge_samples,
    judge_test,
    results_of,
    title_of,
)
from exotrial.study.definition import Study
from exotrial.study.definition.release import ReleaseTest

NO_PRODUCT = ErrorCode(
    "REL-002", "The study has no such product.", "use the id of a product of the study file."
)
NO_SPECIFICATION = ErrorCode(
    "REL-003",
    "The study file has no release specification for the product.",
    "give its release tests an id, what they measure and a limit; docs/how-to/release-a-batch.md has an example.",
)
SAME_FILE = ErrorCode(
    "REL-004", "A file is given twice.", "give each file once; a second measurement is another file."
)


@dataclass(frozen=True, kw_only=True)
class Specification:
    """What a batch of one product is held to."""

    product: str
    name: str
    tests: tuple[ReleaseTest, ...]


@dataclass(frozen=True, kw_only=True)
class ReleaseResult:
    """One result of one vial beside its limit, as a certificate prints it. `holds` None: it cannot be told."""

    test: str
    name: str
    method: str
    limit: str
    vial: str
    result: str
    holds: bool | None
    file: str
    file_sha256: str
    line: int | None


def has_specification(study: Study) -> bool:
    """Whether any product of the study is held to tests."""
    return any(test.id is not None for product in study.products for test in product.release_tests or ())


def find_specification(study: Study, product: str) -> Specification:
    """The specification of a product. Refuses REL-002 and REL-003."""
    found = next((one for one in study.products if one.id == product), None)
    if found is None:
        raise NO_PRODUCT.refuse(f"there is no product {product!r}", value=product)
    tests = found.release_tests or ()
    if not any(test.id is not None for test in tests):
        raise NO_SPECIFICATION.refuse(f"no release test of {product} has a limit", value=product)
    return Specification(product=found.id, name=found.name, tests=tests)


def decide_release(
    specification: Specification,
    evidence: Sequence[Evidence],
    *,
    batch: str,
    answers: Sequence[WarningAnswer] = (),
) -> Verdict:
    """Whether a batch may be released, with every reason for and against, each with file, digest and line.

    Against: a file that cannot be read or is of another sample; a result missing, twice, out of its limit or not to be
    compared; too few vials or videos; no dilution; no calibration, one that failed or is too old; a warning of the
    instrument without a deviation that the specification allows; an error that the reader found. Refuses REL-004.
    """
    files = _in_order(evidence)
    reasons = [*judge_readable(files), *judge_samples(files, batch)]
    used: dict[str, list[ReleaseTest]] = {}
    for test in specification.tests:
        if test.id is None:
            reasons.append(Reason(title_of(test), None, "the specification gives no limit to hold it to"))
            continue
        reasons += judge_test(test, files, batch=batch)
        for one in files_of(test, files, batch=batch):
            used.setdefault(one.file.sha256, []).append(test)
    for one in files:
        if one.file.sha256 in used:
            reasons += judge_file(one, used[one.file.sha256], answers=answers)
    question = f"May batch {batch} of {specification.name} be released?"
    return Verdict(question, tuple(reasons))


def derive_results(
    specification: Specification, evidence: Sequence[Evidence], *, batch: str
) -> tuple[ReleaseResult, ...]:
    """Every result that counts beside its limit, in the order of the specification. Refuses REL-004."""
    files = _in_order(evidence)
    return tuple(
        ReleaseResult(
            test=test.id or "",
            name=test.name,
            method=test.method or "",
            limit=say_limit(test),
            vial=vial_of(shown.sample, batch=batch) or "",
            result=say_result(shown),
            holds=judge_result(test, shown)[0],
            file=one.file.name,
            file_sha256=one.file.sha256,
            line=shown.place.line,
        )
        for test in specification.tests
        if test.id is not None
        for one, shown in results_of(test, files, batch=batch)
    )


def check_evidence(
    specification: Specification, evidence: Sequence[Evidence], *, batch: str
) -> list[Finding]:
    """What does not bear on the verdict and is still to be seen (RLF): files that no test asks for, readers' doubts."""
    files = _in_order(evidence)
    used = {
        one.file.sha256
        for test in specification.tests
        if test.id is not None
        for one in files_of(test, files, batch=batch)
    }
    used |= {one.file.sha256 for one, _ in find_calibrations(files)}
    unused = [one for one in files if one.reading is not None and one.file.sha256 not in used]
    found = [
        Finding(
            rule="RLF-001",
            subject=one.file.sha256[:12],
            severity=Severity.WARNING,
            kind="evidence",
            says=f"{one.label} is of no test of the specification.",
            why="A result that nobody asked for may be one that nobody wanted to see.",
            settle="Say in the record why it was measured, or add the test to the specification.",
        )
        for one in unused
    ]
    found += [
        Finding(
            rule="RLF-002",
            subject=f"{one.file.sha256[:12]}/{doubt.id}",
            severity=Severity.WARNING,
            kind="evidence",
            says=f"{one.label}: {doubt.says}",
            why=doubt.why,
            settle=doubt.settle,
        )
        for one in files
        if one.reading is not None
        for doubt in one.reading.findings
        if doubt.severity is Severity.WARNING
    ]
    return found


def digest_specification(specification: Specification) -> str:
    """SHA-256 of the specification as canonical JSON."""
    tests = [test.model_dump(mode="json") for test in specification.tests]
    return _digest({"product": specification.product, "tests": tests})


def digest_decision(
    specification: Specification,
    evidence: Sequence[Evidence],
    verdict: Verdict,
    *,
    batch: str,
    answers: Sequence[WarningAnswer] = (),
) -> str:
    """SHA-256 over specification, batch, files, deviations and every reason: what is signed, and what another machine
    must come to."""
    return _digest(
        {
            "specification": digest_specification(specification),
            "batch": batch,
            "files": [
                [one.file.sha256, one.stated_on.isoformat() if one.stated_on else None]
                for one in _in_order(evidence)
            ],
            "answers": sorted(json.dumps(asdict(one), sort_keys=True) for one in answers),
            "question": verdict.question,
            "reasons": [asdict(reason) for reason in verdict.reasons],
        }
    )


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _in_order(evidence: Iterable[Evidence]) -> list[Evidence]:
    files = sorted(evidence, key=lambda one: one.file.sha256)
    twice = [digest for digest, times in Counter(one.file.sha256 for one in files).items() if times > 1]
    if twice:
        names = ", ".join(one.file.name for one in files if one.file.sha256 == twice[0])
        raise SAME_FILE.refuse(f"{names} are the same bytes", value=twice[0])
    return files
