"""Certificate, export and leaf as files: read back as they were, and refused whatever else they hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exotrial.allocation.certificate import read_certificate, write_certificate
from exotrial.allocation.export import read_export, read_leaf, write_export, write_leaf
from exotrial.allocation.verify import verify_export, verify_leaf
from exotrial.core.errors import Refusal, Refusals
from tests.allocation.sealed_trial import true_export

EXPORT = true_export()
READERS = (read_certificate, read_export, read_leaf)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in paths(one, (*path, key)))]


def test_files_are_read_back_as_they_were() -> None:
    certificate, proof = EXPORT.certificate, EXPORT.unblindings[0].proof
    assert read_certificate(write_certificate(certificate), name="c") == certificate
    assert read_export(write_export(EXPORT), name="e") == EXPORT
    assert read_leaf(write_leaf(proof), name="l") == proof
    assert verify_leaf(proof, certificate=certificate).holds


def test_a_certificate_holds_no_secret_nonce_or_kit() -> None:
    text = write_certificate(EXPORT.certificate).decode()
    assert EXPORT.secret not in text
    assert not any(one.nonce in text or one.kit in text for one in EXPORT.envelopes)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    for read in READERS:
        with pytest.raises((Refusal, Refusals), match=r"VER-00[12]: file"):
            read(data, name="file")


@given(JSON)
def test_arbitrary_json_is_refused(value: object) -> None:
    for read in READERS:
        with pytest.raises((Refusal, Refusals), match=r"VER-00[12]: file"):
            read(json.dumps(value).encode(), name="file")


PLAIN = json.loads(write_export(EXPORT))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(paths(PLAIN)[1:]), JSON)
def test_an_export_with_any_part_replaced_is_refused_or_verified_and_never_crashes(
    path: tuple[Any, ...], value: object
) -> None:
    plain = json.loads(write_export(EXPORT))
    inner = plain
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    try:
        export = read_export(json.dumps(plain).encode(), name="file")
    except (Refusal, Refusals) as refused:
        if "VER-00" not in str(refused):
            raise
    else:
        verify_export(export, certificate=EXPORT.certificate)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":1,"a":2}', b'"\\ud800"', b"1" * 5000, b"NaN", b""])
def test_what_json_readers_stumble_over_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal, match="VER-001"):
        read_export(data, name="file")


def test_a_manifest_too_large_to_be_made_again_is_refused() -> None:
    strata = tuple(replace(one, length=10**9) for one in EXPORT.manifest.strata)
    huge = replace(EXPORT, manifest=replace(EXPORT.manifest, strata=strata))
    with pytest.raises(Refusal, match="VER-002"):
        read_export(write_export(huge), name="file")


def test_a_certificate_of_more_envelopes_than_any_list_is_refused() -> None:
    strata = tuple(replace(one, slots=10**9) for one in EXPORT.certificate.strata)
    with pytest.raises((Refusal, Refusals), match="VER-002"):
        read_certificate(write_certificate(replace(EXPORT.certificate, strata=strata)), name="file")
