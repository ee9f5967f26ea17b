"""The files of a made-up batch: a real NanoSight summary with a sample of ours, and results entered by hand."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from exotrial.product.assay import assay_file
from exotrial.product.evidence import Evidence, read_evidence
from exotrial.product.release import Specification, find_specification
from exotrial.study.definition import Study
from exotrial.study.file import parse_study
from tests.trial import IRCT, STUDIES

BATCH = "CORD-7"
PRODUCT = "cord_exosomes"
_REAL = Path(__file__).parents[1] / "files/assays/nanosight/tidyNano_beads2_NTA3.4.003_ExperimentSummary.csv"
TESTS = Path(__file__).with_name("specification.toml")


def study_source(tests: str | None = None) -> str:
    """The IRCT study with a release specification that no source gives: made up for tests."""
    source = (STUDIES / IRCT / "study.toml").read_text(encoding="utf-8")
    before = 'isolation_method = "ultracentrifugation"\nrelease_tests_mentioned = true\n'
    assert before in source
    added = TESTS.read_text(encoding="utf-8") if tests is None else tests
    return source.replace(before, before + added)


@lru_cache(maxsize=8)
def specified_study(tests: str | None = None) -> Study:
    return parse_study(study_source(tests).encode(), name="study.toml")


def specification(tests: str | None = None) -> Specification:
    return find_specification(specified_study(tests), PRODUCT)


def nta(
    *, sample: str = BATCH, warned: bool = False, dilution: str = "1.00e+04", captured: str = "16/06/2020"
) -> bytes:
    """The real summary of beads, called a sample of ours; without `warned` the vibration is taken out of it."""
    text = _REAL.read_bytes().decode("cp1252")
    text = text.replace("100nmbeads", sample).replace("16/06/2020", captured)
    text = text.replace("Operator Name,,", "Operator Name,alice,").replace("1.00e+04", dilution)
    if not warned:
        text = text.replace("Moderate vibration", "No").replace("Minor vibration", "No")
    return text.encode("cp1252")


def results(*, sample: str = BATCH, sterility: str = "no growth", endotoxin: str = "< 0.05 IU/mL") -> bytes:
    """Sterility and endotoxin as the laboratory enters them."""
    return _entered(
        sample,
        ("sterility", f'outcome = "{sterility}"'),
        ("endotoxin", f'value = "{endotoxin}"\nlimit_of_detection = "0.05 IU/mL"'),
    )


def calibration(*, on: str = "2020-01-10", outcome: str = "passed", instrument: str = "NanoSight") -> bytes:
    """The calibration of an instrument with beads."""
    return _entered(instrument, ("calibration", f'outcome = "{outcome}"'), day=on)


def _entered(sample: str, *entries: tuple[str, str], day: str = "2020-06-20") -> bytes:
    told = [f'format = "exotrial results 1"\nsample = "{sample}"\n']
    told += [
        f'[[result]]\ntest = "{test}"\nmethod = "of the laboratory"\ndate = {day}\nanalyst = "alice"\n{result}\n'
        for test, result in entries
    ]
    return "\n".join(told).encode()


@lru_cache(maxsize=64)
def read(data: bytes, name: str) -> Evidence:
    return read_evidence(assay_file(data, name=name))


def whole_evidence(**given: bytes) -> list[Evidence]:
    """Evidence by which the batch is released, but for the files given: `nta`, `results`, `calibration`."""
    return [read(data, name) for name, data in whole_files(**given).items()]


def whole_files(**given: bytes) -> dict[str, bytes]:
    """The same as bytes by name; an empty one is left out."""
    made = {"nta": nta(), "results": results(), "calibration": calibration()} | given
    suffix = {"nta": "csv"}
    return {f"{name}.{suffix.get(name, 'toml')}": data for name, data in made.items() if data}
