"""Writes the folder of a synthetic study: a study file and captured data of as many participants as asked.

    python -m benchmarks.synthetic OUT --participants 1000 --seed 7 [--single-arm] [--open-label]

Nobody is behind the data: title and id of the study say so, and so does every report of it. The same arguments
give the same bytes. Blocks of four at each site make the arms (ICH E9, 2.3.2).
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import jinja2
import numpy as np

from exotrial.datasets.captured import COLUMNS

TEMPLATE = Path(__file__).with_name("synthetic_study.toml.jinja")
FIRST_DAY = date(2021, 1, 4)
TWO_ARMS = ("vesicles", "saline")
ARM_NAMES = {"vesicles": "Nebulised vesicles", "saline": "Nebulised saline"}

SEVERITIES = ("mild", "common", "severe")
EVENT_TERMS = ("cough", "headache", "nausea", "rash", "fever", "dizziness", "bronchospasm")
ILLNESSES = ("none", "hypertension", "diabetes", "fatty liver", "asthma")
RELEASE_TESTS = (
    ("identity", "Western blot", "CD63 and TSG101 found"),
    ("number", "nanoparticle tracking analysis", "at least 1e8 particles/mL"),
    ("purity", "particles per microgram of protein", "at least 1e9"),
    ("sterility", "Ph. Eur. 2.6.1", "no growth"),
    ("endotoxin", "Ph. Eur. 2.6.14", "at most 0.5 EU/mL"),
    ("mycoplasma", "Ph. Eur. 2.6.7", "not detected"),
)


@dataclass(frozen=True)
class Kind:
    """How a measure is drawn: its value before is normal or log-normal, then it moves by a share of itself."""

    paramcd: str
    unit: str
    centre: float
    spread: float
    low: float
    high: float
    decimals: int
    change: float
    """What is left of the value after treatment without the product, on average."""
    benefit: float
    """What the product multiplies that by."""
    skewed: bool = False


KINDS = (
    Kind("CRP", "mg/L", 28, 0.9, 0.2, 400, 1, 0.35, 0.8, skewed=True),
    Kind("WBC", "10*9/L", 6.2, 1.6, 1.5, 25, 2, 1.02, 1),
    Kind("LYM", "10*9/L", 1.3, 0.4, 0.2, 6, 2, 1.15, 1.05),
    Kind("DDIMER", "mg/L", 0.8, 0.6, 0.05, 30, 2, 0.7, 0.95, skewed=True),
    Kind("IL6", "pg/mL", 15, 0.8, 0.5, 900, 1, 0.5, 0.85, skewed=True),
    Kind("RESP", "/min", 21, 2.5, 10, 45, 0, 0.93, 0.98),
    Kind("OXYSAT", "%", 94, 2.2, 78, 100, 0, 1.02, 1.005),
    Kind("TEMP", "degC", 37.4, 0.6, 35.2, 41, 1, 0.985, 1),
)
MISSING = 0.03
"""The share of values that were not captured."""

Row = tuple[object, ...]


@dataclass(frozen=True)
class Person:
    """A participant and the dates from which the tables follow; `arm` is empty for the screened only."""

    usubjid: str
    site: str
    arm: str
    severity: int
    screened: date
    dosed: date | None = None
    discharged: date | None = None
    died: date | None = None
    withdrew: date | None = None


def write_study(
    folder: Path,
    *,
    participants: int,
    seed: int,
    arms: Sequence[str] = TWO_ARMS,
    blinded: bool = True,
    screened_only: int = 0,
) -> Path:
    """Write study.toml and data/*.csv below a folder, and return the folder.

    `participants` are enrolled; `screened_only` come on top, without arm and without dose. With one arm the
    study is open label whatever `blinded` says. `seed` decides everything that is drawn.
    """
    random = np.random.default_rng(seed)
    sites = [f"site_{number:02d}" for number in range(1, 2 + min(29, participants // 25))]
    people = _draw_people(random, sites, participants=participants, screened_only=screened_only, arms=arms)
    tables: dict[str, Iterable[Row]] = {
        "participants": _participants(random, people),
        "characteristics": _characteristics(random, people),
        "measurements": _measurements(random, people),
        "events": _events(random, people),
        "adverse_events": _adverse_events(random, people),
    }
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(_study_file(people, sites=sites, arms=arms, blinded=blinded), "utf-8")
    for name, rows in tables.items():
        with (data / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS[name])
            writer.writerows(rows)
    return folder


def _study_file(people: Sequence[Person], *, sites: Sequence[str], arms: Sequence[str], blinded: bool) -> str:
    enrolled = [person for person in people if person.arm]
    parts = [
        {
            "id": arm,
            "name": ARM_NAMES[arm],
            "kind": "experimental" if arm == "vesicles" else "placebo comparator",
            "size": sum(person.arm == arm for person in enrolled),
            "intervention": f"nebulised_{arm}",
        }
        for arm in arms
    ]
    template = jinja2.Template(TEMPLATE.read_text("utf-8"), undefined=jinja2.StrictUndefined)
    design = "two-arm" if len(arms) == 2 else "single-arm"
    rendered: str = template.render(
        design=design,
        participants=len(enrolled),
        sites=sites,
        arms=parts,
        blinded=blinded,
        release_tests=RELEASE_TESTS,
    )
    return rendered


def _draw_people(
    random: np.random.Generator,
    sites: Sequence[str],
    *,
    participants: int,
    screened_only: int,
    arms: Sequence[str],
) -> list[Person]:
    """Participants in the order in which they come; each site fills its own blocks."""
    total = participants + screened_only
    left_out = set(random.choice(total, size=screened_only, replace=False).tolist())
    blocks: dict[str, list[str]] = {site: [] for site in sites}
    people = []
    for number in range(total):
        site = sites[int(random.integers(len(sites)))]
        screened = FIRST_DAY + timedelta(days=number * 330 // total)
        name = f"SYNTHETIC-{site[-2:]}-{number + 1:05d}"
        severity = int(random.choice(3, p=(0.3, 0.5, 0.2)))
        if number in left_out:
            people.append(Person(name, site, "", severity, screened))
            continue
        if not blocks[site]:
            blocks[site] = [str(arm) for arm in random.permutation(list(arms) * (4 // len(arms)))]
        arm = blocks[site].pop()
        people.append(_draw_course(random, Person(name, site, arm, severity, screened)))
    return people


def _draw_course(random: np.random.Generator, person: Person) -> Person:
    """Doses, and how it ended: discharge for nearly all, sometimes withdrawal or death."""
    dosed = person.screened + timedelta(days=int(random.integers(1, 4)))
    stay = 9 + 4 * person.severity + int(random.poisson(3)) - 2 * (person.arm == "vesicles")
    ends = dosed + timedelta(days=stay)
    fate = random.random()
    dies = fate < 0.02 + 0.06 * (person.severity == 2)
    withdraws = not dies and fate > 0.95
    return Person(
        person.usubjid,
        person.site,
        person.arm,
        person.severity,
        person.screened,
        dosed=dosed,
        discharged=None if dies or withdraws else ends,
        died=ends if dies else None,
        withdrew=dosed + timedelta(days=int(random.integers(1, 8))) if withdraws else None,
    )


def _participants(random: np.random.Generator, people: Iterable[Person]) -> Iterator[Row]:
    for person in people:
        age = int(np.clip(round(random.normal(54, 14)), 18, 80))
        yield person.usubjid, person.site, person.arm, "F" if random.random() < 0.46 else "M", age


def _characteristics(random: np.random.Generator, people: Iterable[Person]) -> Iterator[Row]:
    for person in people:
        yield person.usubjid, "severity", SEVERITIES[person.severity], "generator"
        yield person.usubjid, "underlying disease", ILLNESSES[int(random.integers(5))], "generator"
        yield person.usubjid, "cough", "yes" if random.random() < 0.7 else "no", "generator"
        if not person.arm:
            yield person.usubjid, "exclusion reason", "did not meet the criteria", "generator"
        if person.withdrew is not None:
            yield person.usubjid, "withdrawal reason", "wished to stop", "generator"


def _measurements(random: np.random.Generator, people: Iterable[Person]) -> Iterator[Row]:
    """Values before the first dose and on day 15, two measures on days 4 and 8 also, and the durations."""
    for person in people:
        if person.dosed is None:
            continue
        last = person.dosed + timedelta(days=14)
        present = person.withdrew is None and (person.died is None or person.died > last)
        for kind in KINDS:
            first = kind.centre * np.exp(random.normal(0, kind.spread)) if kind.skewed else None
            before = first if first is not None else random.normal(kind.centre, kind.spread)
            left = kind.change * (kind.benefit if person.arm == "vesicles" else 1.0)
            after = before * left * float(np.exp(random.normal(0, 0.25 if kind.skewed else 0.02)))
            yield _value(random, person, kind, person.dosed, "BEFORE", before)
            if present:
                yield _value(random, person, kind, last, "AFTER", after)
            if kind.paramcd in ("CRP", "OXYSAT"):
                for share, later in ((0.7, 3), (0.4, 7)):
                    between = before * share + after * (1 - share)
                    yield _value(random, person, kind, person.dosed + timedelta(days=later), "", between)
        for visit, day, chance in (("BEFORE", person.dosed, 0.4), ("AFTER", last, 0.1)):
            if visit == "BEFORE" or present:
                answer = int(random.random() < chance)
                yield person.usubjid, "DYSPNOEA", day, visit, answer, "", "", "generator"
        if person.discharged is not None:
            nights = (person.discharged - person.screened).days
            yield person.usubjid, "LOSNIGHT", "", "", nights, "d", "", "generator"
            if random.random() < 0.8:
                absorbed = max(3, nights - int(random.integers(0, 5)))
                yield person.usubjid, "CTABSORB", "", "", absorbed, "d", "", "generator"


def _value(
    random: np.random.Generator, person: Person, kind: Kind, day: date, visit: str, number: float
) -> Row:
    """A row of measurements.csv; now and then the value is missing, with its reason."""
    if random.random() < MISSING:
        return person.usubjid, kind.paramcd, day, visit, "", "", "not done", "generator"
    value = min(max(float(number), kind.low), kind.high)
    return person.usubjid, kind.paramcd, day, visit, f"{value:.{kind.decimals}f}", kind.unit, "", "generator"


def _events(random: np.random.Generator, people: Iterable[Person]) -> Iterator[Row]:
    for person in people:
        yield person.usubjid, "screened", person.screened, "generator"
        if person.dosed is None:
            continue
        onset = person.screened - timedelta(days=int(random.integers(3, 9)))
        dated: list[tuple[str, date | None]] = [
            ("consent", person.screened),
            ("onset", onset),
            ("diagnosis", person.screened - timedelta(days=int(random.integers(0, 3)))),
            ("admission", person.screened),
            ("randomised", person.dosed),
            ("first dose", person.dosed),
            ("last dose", min(person.dosed + timedelta(days=4), person.withdrew or date.max)),
            ("ct", person.screened),
            ("ct", person.dosed + timedelta(days=7) if person.withdrew is None else None),
            ("recovery", person.discharged - timedelta(days=2) if person.discharged else None),
            ("discharge", person.discharged),
            ("withdrawal", person.withdrew),
            ("death", person.died),
        ]
        yield from ((person.usubjid, event, day, "generator") for event, day in dated if day is not None)


def _adverse_events(random: np.random.Generator, people: Iterable[Person]) -> Iterator[Row]:
    for person in people:
        if person.dosed is None:
            continue
        for _ in range(int(random.poisson(0.5))):
            begins = person.dosed + timedelta(days=int(random.integers(0, 10)))
            ends = begins + timedelta(days=int(random.integers(0, 6)))
            grade = int(random.choice((1, 2, 3), p=(0.65, 0.28, 0.07)))
            term = EVENT_TERMS[int(random.integers(len(EVENT_TERMS)))]
            related = "RELATED" if random.random() < 0.3 else "NOT RELATED"
            serious = "Y" if grade == 3 and random.random() < 0.5 else "N"
            yield person.usubjid, term, grade, serious, related, begins, ends, "generator"


def main() -> None:
    """Write the folder that the command line asks for."""
    parser = argparse.ArgumentParser(description="Write the folder of a synthetic study.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--participants", type=int, default=72)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--single-arm", action="store_true")
    parser.add_argument("--open-label", action="store_true")
    asked = parser.parse_args()
    written = write_study(
        asked.out,
        participants=asked.participants,
        seed=asked.seed,
        arms=TWO_ARMS[:1] if asked.single_arm else TWO_ARMS,
        blinded=not asked.open_label,
        screened_only=asked.participants // 10,
    )
    print(written)


if __name__ == "__main__":
    main()
