"""The concentration of a released batch from its evidence, as a dose is planned by it."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace

import pytest

from exotrial.product.batch_concentration import compute_batch_concentration
from exotrial.product.concentration import compute_concentration
from exotrial.product.evidence import Evidence
from tests.product.batch_files import BATCH, nta, read, specification, whole_evidence


def test_it_is_what_the_release_test_was_held_to() -> None:
    found = compute_batch_concentration(specification(), whole_evidence(), batch=BATCH)
    assert found is not None
    reading = read(nta(), "nta.csv").reading
    assert reading is not None
    by_videos = compute_concentration(reading.distributions[0])
    assert found.value == pytest.approx(by_videos.value)
    assert found.relative_uncertainty == pytest.approx(by_videos.se / by_videos.value)
    assert found.files[0].startswith("nta.csv (SHA-256 ")


def vial(number: int) -> Evidence:
    """The file called a vial of that number, with so many times the particles in every bin of every video."""
    one = read(nta(sample=f"{BATCH} vial {number}"), f"nta{number}.csv")
    assert one.reading is not None
    sizes = one.reading.distributions[0]
    videos = tuple(replace(video, values=video.values * number) for video in sizes.videos)
    return replace(one, reading=replace(one.reading, distributions=(replace(sizes, videos=videos),)))


def test_vials_that_differ_widen_what_is_known() -> None:
    two = [vial(1), vial(2)]
    found = compute_batch_concentration(specification(), two, batch=BATCH)
    one = compute_batch_concentration(specification(), two[:1], batch=BATCH)
    assert found is not None
    assert one is not None
    assert one.relative_uncertainty is not None
    assert found.value == pytest.approx(1.5 * one.value)
    between = statistics.stdev([1, 2]) / 1.5
    assert found.relative_uncertainty == pytest.approx(math.hypot(one.relative_uncertainty, between))


def test_a_batch_whose_evidence_shows_none_has_none() -> None:
    assert compute_batch_concentration(specification(), whole_evidence(nta=b""), batch=BATCH) is None
    assert compute_batch_concentration(specification(), whole_evidence(), batch="CORD-8") is None
