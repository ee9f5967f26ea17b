"""`exotrial release`: the verdict offline on files, on bad files, and against a certificate."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from exotrial.cli.app import main
from exotrial.product.analysis_certificate import AnalysisCertificate, CertifiedFile, write_certificate_text
from exotrial.product.release import decide_release, derive_results, digest_decision, digest_specification
from tests.product.batch_files import BATCH, PRODUCT, nta, read, specification, study_source, whole_files


def write_files(folder: Path, **given: bytes) -> list[str]:
    """The study file and the files of the laboratory in a folder, as arguments."""
    (folder / "study.toml").write_text(study_source(), encoding="utf-8")
    for name, data in whole_files(**given).items():
        (folder / name).write_bytes(data)
    return [str(folder / "study.toml"), *(str(folder / name) for name in whole_files(**given))]


def certificate() -> AnalysisCertificate:
    held, evidence = specification(), [read(data, name) for name, data in whole_files().items()]
    verdict = decide_release(held, evidence, batch=BATCH)
    return AnalysisCertificate(
        study="made-up",
        title="Made up",
        study_version=1,
        study_sha256="0" * 64,
        product=PRODUCT,
        product_name=held.name,
        batch=BATCH,
        expires_on=date(2021, 6, 30),
        specification_sha256=digest_specification(held),
        verdict_sha256=digest_decision(held, evidence, verdict, batch=BATCH),
        results=derive_results(held, evidence, batch=BATCH),
        reasons=verdict.reasons,
        files=tuple(
            CertifiedFile(
                name=one.file.name,
                sha256=one.file.sha256,
                size=one.file.size,
                reader="any",
                instrument="",
                sample=BATCH,
                measured_on=one.measured_on,
                stated_on=one.stated_on,
                reviewed_by="Rita Reviewer",
            )
            for one in evidence
        ),
        answers=(),
        set_aside=(),
        findings=("RLF-001: made up.",),
        signed_by="Paula Pharmacist",
        signed_at="2021-03-10T08:00:00+00:00",
        meaning="release",
        reason="all tests hold",
    )


def test_the_verdict_is_printed_with_every_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = write_files(tmp_path)
    assert main(["release", "check", *files, "--batch", BATCH, "--strict"]) == 0
    told = capsys.readouterr().out
    assert "be released? Yes." in told
    assert certificate().verdict_sha256 in told
    files = write_files(tmp_path, nta=nta(warned=True))
    assert main(["release", "check", *files, "--batch", BATCH]) == 0
    assert main(["release", "check", *files, "--batch", BATCH, "--strict"]) == 1
    assert "Moderate vibration" in capsys.readouterr().out
    assert main(["release", "check", *files, "--batch", BATCH, "--json"]) == 0


def test_a_certificate_is_held_to_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = write_files(tmp_path)
    signed = tmp_path / "certificate.json"
    signed.write_text(write_certificate_text(certificate()), encoding="utf-8")
    assert main(["release", "check", *files, "--certificate", str(signed)]) == 0
    assert f"The certificate of {BATCH} has this verdict." in capsys.readouterr().out
    assert main(["release", "check", *files[:-1], "--certificate", str(signed)]) == 2
    assert "REL-006" in capsys.readouterr().err
    pdf = tmp_path / "certificate.pdf"
    assert main(["release", "certificate", str(signed), "--out", str(pdf)]) == 0
    assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no JSON", "it is not JSON"),
        ("{}", "format"),
        ('{"format": "exotrial certificate of analysis 1"}', "field required"),
    ],
)
def test_what_is_no_certificate_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    file = tmp_path / "certificate.json"
    file.write_text(text)
    assert main(["release", "certificate", str(file), "--out", str(tmp_path / "x.pdf")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("COA-001")
    assert says in told
    extended = write_certificate_text(certificate()).replace('"study":', '"more": 1, "study":', 1)
    file.write_text(extended)
    assert main(["release", "certificate", str(file), "--out", str(tmp_path / "x.pdf")]) == 2


def test_what_cannot_be_asked_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = write_files(tmp_path)
    assert main(["release", "check", *files]) == 2
    assert main(["release", "check", *files, "--batch", BATCH, "--measured-on", "x.csv=2021-01-01"]) == 2
    assert "REL-005" in capsys.readouterr().err
    assert main(["release", "check", *files, files[-1], "--batch", BATCH]) == 2
    assert "REL-004" in capsys.readouterr().err
    assert main(["release", "check", *files, "--batch", BATCH, "--product", "other"]) == 2
    assert "REL-002" in capsys.readouterr().err
