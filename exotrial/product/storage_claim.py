"""What a study file says of storage, and what stands behind it: a time is a claim until data bear it (ICH Q5C, Q1E)."""

from __future__ import annotations

from exotrial.core.findings import Finding, Severity
from exotrial.study.definition import Study
from exotrial.study.definition.intervention import Product


def check_storage(study: Study, product: Product) -> list[Finding]:
    """CMF-021: a storage time without data; CMF-022: a storage time without a limit that data could support it by."""
    storage = product.storage
    if storage is None or storage.at_most is None:
        return []
    path = f"products.{product.id}.storage"
    where = "" if storage.temperature is None else f" at {storage.temperature.text}"
    claim = f"{product.name} is stored for up to {storage.at_most.text}{where}"
    findings = []
    if storage.stability_data is not True:
        findings.append(
            _finding(
                "CMF-021",
                path,
                study,
                severity=Severity.ERROR,
                says=f"{claim}, and no data are told that support it",
                why="Vesicles aggregate and are lost on the wall of the vial; the dose falls and nobody sees it.",
                settle="batches measured over that time at that temperature, and then stability_data = true.",
            )
        )
    if not storage.limits:
        findings.append(
            _finding(
                "CMF-022",
                path,
                study,
                severity=Severity.WARNING,
                says=f"{claim}, and no limit is planned that it must keep within",
                why="A limit chosen after the data is chosen by the data.",
                settle="[[products.storage.limits]] in the study file: attribute, and a lower or an upper value.",
            )
        )
    return findings


def _finding(
    rule: str, path: str, study: Study, *, severity: Severity, says: str, why: str, settle: str
) -> Finding:
    return Finding(
        rule=rule,
        subject=path,
        severity=severity,
        kind="comparability",
        says=says,
        why=why,
        settle=settle,
        quotes=study.quotes(path),
        standards=("ICH Q5C", "ICH Q1E"),
    )
