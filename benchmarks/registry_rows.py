"""Made-up rows of a WHO ICTRP export with the dirt that real exports carry, and the truth that they were made from.

    python -m benchmarks.registry_rows FILE.csv [--rows 7000] [--seed 7]

No trial, person or text in them is real; the same arguments give the same bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Annotated

import typer

COLUMNS = (
    *("TrialID", "Last Refreshed on", "Public title", "Scientific title", "Acronym", "Primary sponsor"),
    *("Date registration", "Date registration3", "Export date", "Source Register", "web address"),
    *("Recruitment Status", "other records", "Inclusion agemin", "Inclusion agemax", "Inclusion gender"),
    *("Date enrollement", "Target size", "Study type", "Study design", "Phase", "Countries"),
    *("Contact Firstname", "Contact Lastname", "Contact Address", "Contact Email", "Contact Tel"),
    *("Contact Affiliation", "Inclusion Criteria", "Exclusion Criteria", "Condition", "Intervention"),
    *("Primary outcome", "results date posted", "results date completed", "results url link"),
    *("Retrospective flag", "Bridging flag truefalse", "Bridged type", "results yes no"),
)
EXPORTED = date(2024, 6, 20)
_REGISTERS = {
    "ClinicalTrials.gov": 45,
    "ChiCTR": 25,
    "IRCT": 12,
    "ISRCTN": 8,
    "EU Clinical Trials Register": 10,
}
"""Registers, each with its share of the rows in percent."""
_DAY_FIRST = ("ISRCTN", "EU Clinical Trials Register")
"""Registers whose dates are written day first, and were turned round by a spreadsheet where it could."""
_OUTCOMES = (
    ("Mortality", "28 days after randomisation", "hospital record"),
    ("C-reactive protein", "Baseline, day 7 and day 14", "immunoturbidimetry"),
    ("PaO2/FiO2", "days 1, 3, 7 and 28", "arterial blood gas"),
    ("Length of stay in hospital", "until discharge", "hospital record"),
    ("Forced vital capacity", "3 months after the intervention", "spirometry"),
    ("Adverse events", "within 60 days", "questionnaire"),
)
_MASKING = (
    ("Not blinded", "None (Open Label)"),
    ("Double blinded", "Double (Participant, Outcomes Assessor)"),
    ("Triple blinded", "Triple (Participant, Care Provider, Outcomes Assessor)"),
)
_PHASES = (
    "1",
    "2",
    "3",
    "N/A",
    "2020-02-01 00:00:00",
    "2020-03-02 00:00:00",
    "Phase 2",
    "Phase 1/Phase 2",
    "0",
)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a row was made from. `size` None where the row gives none that can be read."""

    identifier: str
    registered: date
    start: date
    size: int | None


def make_export(rows: int, *, seed: int) -> tuple[bytes, list[Truth]]:
    """An export of so many rows as CSV, and the truth of each row that is whole; one row in a thousand is torn."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    truths = []
    for number, (cells, truth) in enumerate(_rows(rows, Random(seed))):
        if number % 1000 == 499:
            writer.writerow(list(cells.values())[: len(COLUMNS) // 2])
            continue
        writer.writerow([cells[name] for name in COLUMNS])
        truths.append(truth)
    return out.getvalue().encode("utf-8"), truths


def _rows(count: int, random: Random) -> Iterator[tuple[dict[str, str], Truth]]:
    for number in range(count):
        register = random.choices(list(_REGISTERS), list(_REGISTERS.values()))[0]
        registered = date(2020, 1, 1) + timedelta(days=random.randrange(1500))
        start = registered + timedelta(days=random.randrange(-120, 180))
        yield _row(register, number, registered, start, random)


def _row(
    register: str, number: int, registered: date, start: date, random: Random
) -> tuple[dict[str, str], Truth]:
    identifier = _identifier(register, number, registered)
    size = random.randrange(8, 400)
    printed_size, sum_of_arms = _size(register, size, random)
    outcomes = random.sample(_OUTCOMES, random.randrange(1, 4))
    irct = register == "IRCT"
    masking = random.choice(_MASKING)
    lost = " Oxygen saturation = 93 %." if random.random() < 0.1 else ""
    title = f"Synthetic trial {number} of vesicles" + (" with Î² blockers" if random.random() < 0.05 else "")
    cells = dict.fromkeys(COLUMNS, "")
    cells |= {
        "TrialID": identifier,
        "Last Refreshed on": "2024-06-17 00:00:00",
        "Public title": title,
        "Scientific title": f"{title}: a made-up randomised trial",
        "Primary sponsor": f"University {number % 97}",
        "Date registration": _cell(register, registered),
        "Date registration3": f"{registered:%Y%m%d}",
        "Export date": f"{EXPORTED.month}/{EXPORTED.day}/{EXPORTED.year} 9:30:29 AM",
        "Source Register": register,
        "web address": f"https://example.org/{identifier}",
        "Recruitment Status": random.choice(("Recruiting", "Not Recruiting")),
        "Inclusion agemin": "18 Years" if not irct else "18 years",
        "Inclusion agemax": random.choice(("75 Years", "no limit", "")),
        "Inclusion gender": random.choice(("All", "Both", "Female")),
        "Date enrollement": _start(register, start, random),
        "Target size": printed_size,
        "Study type": "Interventional",
        "Study design": _design(irct, masking),
        "Phase": random.choice(_PHASES),
        "Countries": "Nowhere",
        "Contact Firstname": "Made",
        "Contact Lastname": "Up",
        "Contact Email": "nobody@example.org",
        "Contact Affiliation": f"University {number % 97}",
        "Inclusion Criteria": f"Inclusion criteria: Age from 18 to 75 years<br>Pneumonia on CT.{lost}<br>Consent",
        "Exclusion Criteria": "Exclusion criteria: Pregnancy<br>Sepsis<br>Another trial in the last 3 months",
        "Condition": "Pneumonia",
        "Intervention": "Intervention 1: nebulised vesicles. Intervention 2: saline.",
        "Primary outcome": _outcomes(irct, outcomes),
        "Retrospective flag": "Yes" if registered <= start else "No",
        "Bridging flag truefalse": "False",
    }
    return cells, Truth(identifier=identifier, registered=registered, start=start, size=sum_of_arms)


def _identifier(register: str, number: int, registered: date) -> str:
    if register == "ClinicalTrials.gov":
        return f"NCT{90_000_000 + number}"
    if register == "ChiCTR":
        return f"ChiCTR{registered:%y}00{100_000 + number}"
    if register == "IRCT":
        return f"IRCT{registered:%Y%m%d}{900_000 + number}N1"
    if register == "ISRCTN":
        return f"ISRCTN{90_000_000 + number}"
    return f"EUCTR{registered.year}-{900_000 + number}-12-XX"


def _start(register: str, start: date, random: Random) -> str:
    """The five formats of the column, as each register's rows print it."""
    if register == "ClinicalTrials.gov":
        return (
            f"{start:%B} {start.day}, {start.year}" if random.random() < 0.8 else f"{start:%B} {start.year}"
        )
    return _cell(register, start)


def _cell(register: str, day: date) -> str:
    """A date cell. A spreadsheet reads `5/12/2020` month first, and leaves `26/12/2020` as text."""
    if register not in _DAY_FIRST:
        return f"{day} 00:00:00"
    return f"{day:%d/%m/%Y}" if day.day > 12 else f"{day:%Y-%d-%m} 00:00:00"


def _size(register: str, size: int, random: Random) -> tuple[str, int | None]:
    if register == "ChiCTR":
        half = size // 2
        return f"Vesicle group:{half};Control group:{half};", 2 * half
    if random.random() < 0.03:
        return "about thirty in each group", None
    return str(size), size


def _design(irct: bool, masking: tuple[str, str]) -> str:
    if irct:
        return (
            f"Randomization: Randomized, Blinding: {masking[0]}, Placebo: Used, Assignment: Parallel, "
            "Purpose: Treatment, Randomization description: permuted blocks of 4 by a list"
        )
    return (
        "Allocation: Randomized. Intervention model: Parallel Assignment. Primary purpose: Treatment. "
        f"Masking: {masking[1]}."
    )


def _outcomes(irct: bool, outcomes: list[tuple[str, str, str]]) -> str:
    if irct:
        return "".join(f"{n}. Timepoint: {t}. Method of measurement: {m}.;" for n, t, m in outcomes)
    return ";".join(name for name, _, _ in outcomes)


def main(
    file: Path,
    rows: Annotated[int, typer.Option(help="Rows to make.")] = 7000,
    seed: Annotated[int, typer.Option(help="Seed of the random generator.")] = 7,
) -> None:
    """Write a made-up export."""
    file.write_bytes(make_export(rows, seed=seed)[0])


if __name__ == "__main__":
    typer.run(main)
