"""Reading a study file: every error at once, each with its line, its path, its value and a way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.study.file import parse_study, read_study
from tests.conftest import PROJECT
from tests.study.clean import CLEAN, as_study, clean_document

BAD = PROJECT / "tests" / "files" / "bad"
TEXT = CLEAN.read_text(encoding="utf-8")


def line_of(words: str, text: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def refusals_of(data: bytes) -> tuple[Refusal, ...]:
    try:
        parse_study(data, name="study.toml")
    except Refusals as several:
        return several.refusals
    except Refusal as one:
        return (one,)
    return ()


def refused(old: str, new: str) -> tuple[Refusal, ...]:
    """What the clean study is refused for, with its first `old` made `new`."""
    assert old in TEXT
    return refusals_of(TEXT.replace(old, new, 1).encode())


def test_the_clean_study_reads_from_its_file_and_from_its_folder(tmp_path: Path) -> None:
    study, source = read_study(CLEAN)
    assert (study.id, source.size) == ("clean-study", len(CLEAN.read_bytes()))
    (tmp_path / "study.toml").write_bytes(CLEAN.read_bytes())
    assert read_study(tmp_path)[0] == study


@pytest.mark.parametrize(
    ("old", "new", "code", "path", "says"),
    [
        # a key that does not exist, at the top, in a table, in an inline table within an array
        ('acronym = "', 'acronmy = "', "STF-004", "acronmy", "did you mean 'acronym'?"),
        ("level = 0.05\nsides", "levle = 0.05\nsides", "STF-004", "analyses.primary.levle", "'level'"),
        ("at_most = 65", "at_mots = 65", "STF-004", "population.criteria.age.rule.at_mots", "'at_most'"),
        (
            "measured_by =",
            "mesured_by =",
            "STF-004",
            "interventions.nebulised_vesicles.dose.mesured_by",
            "'measured_by'",
        ),
        # values that are not allowed
        ('phase = "2a"\nint', 'phase = "2A"\nint', "STF-006", "design.phase", "did you mean '2a'?"),
        ("schema_version = 1", "schema_version = 2", "STF-006", "schema_version", "choose one of 1"),
        # ages of which no form could be made
        ("age_max = 65", "age_max = 121", "STF-007", "population.age_max", "less than or equal to 120"),
        # quantities
        (
            'volume = "5 mL"',
            'volume = "5 mg"',
            "STF-007",
            "interventions.nebulised_vesicles.volume",
            "not a unit of volume",
        ),
        (
            'volume = "5 mL"',
            'volume = "5 mLL"',
            "STF-007",
            "interventions.nebulised_vesicles.volume",
            "'mLL' is not a known unit",
        ),
        (
            'volume = "5 mL"',
            "volume = 5",
            "STF-007",
            "interventions.nebulised_vesicles.volume",
            "has no unit",
        ),
        (
            '"4.0e8 particles/mL"',
            '"7.66e + 0.8 particles/mL"',
            "STF-007",
            "interventions.nebulised_vesicles.dose.concentrations[1]",
            "write 7.66e8 if that is meant",
        ),
        (
            '"4500 mg/L"',
            '"110000 g"',
            "STF-007",
            "products.vesicles_product.process[1].ingredients[1].concentration",
            "not a unit of mass concentration",
        ),
        (
            'force = "110000 g"',
            'force = "110 kg"',
            "STF-007",
            "products.vesicles_product.process[2].force",
            "relative centrifugal force",
        ),
        # kinds of value
        ("age_min = 18", 'age_min = "18"', "STF-007", "population.age_min", "'18' should be a whole number"),
        ("age_min = 18", "age_min = 18.5", "STF-007", "population.age_min", "18.5 should be a whole number"),
        (
            "equals = true",
            "equals = [1]",
            "STF-007",
            "population.criteria.pregnancy.rule.equals",
            "a list should be text or",
        ),
        (
            "at_least = 18",
            'at_least = "x"',
            "STF-007",
            "population.criteria.age.rule.at_least",
            "'x' should be a number",
        ),
        ("low = 0\n", "low = nan\n", "STF-007", "outcomes.pf_ratio.low", "nan should be a finite number"),
        (
            "registered = 2024-02-01",
            'registered = "2024-02-01"',
            "STF-007",
            "registrations[1].registered",
            "should be a date",
        ),
        ("[sharing]", "[[sharing]]", "STF-007", "sharing", "a list should be a table"),
        (
            'id = "day_28"',
            'id = "Day 28"',
            "STF-007",
            "encounters.Day 28.id",
            "lower-case letters, digits and underscores",
        ),
        ('id = "clean-study"', 'id = "Clean"', "STF-007", "id", "lower-case letters, digits and hyphens"),
        (
            "window_before = 2",
            "window_before = -2",
            "STF-007",
            "encounters.day_28.window_before",
            "greater than or equal to 0",
        ),
        (
            "block_sizes = [4]",
            "block_sizes = [0]",
            "STF-007",
            "randomisation.block_sizes[1]",
            "greater than or equal to 1",
        ),
        (
            "equals = true",
            "equals = true, at_least = 3",
            "STF-007",
            "population.criteria.pregnancy.rule",
            "only one of the three",
        ),
        # references
        (
            'epoch = "follow_up"',
            'epoch = "folow_up"',
            "STF-008",
            "encounters.day_28.epoch",
            "known are screening, treatment, follow_up",
        ),
        ('id = "malignancy"', 'id = "age"', "STF-008", "population.criteria.age.id", "given to two criteria"),
        (
            'id = "noninvasive"',
            'id = "invasive"',
            "STF-008",
            "randomisation.strata.invasive.id",
            "given to two strata",
        ),
        (
            'path = "design.planned_size"',
            'path = "design.planed_size"',
            "STF-008",
            "evidence[1].path",
            "leads nowhere",
        ),
        ('arm = "vesicles"', 'arm = "vesicle"', "STF-008", "stages.first.arms", "'vesicle' is not the id"),
    ],
)
def test_one_slip_is_one_refusal_at_its_line_and_path(
    old: str, new: str, code: str, path: str, says: str
) -> None:
    (refusal,) = refused(old, new)
    assert refusal.code.code == code
    assert refusal.place.path == path
    assert says in str(refusal)
    assert refusal.place.file == "study.toml"
    found_at = TEXT[: TEXT.index(old)].count("\n") + 1
    assert refusal.place.line == found_at


def test_a_missing_key_is_told_at_the_line_of_the_table_that_lacks_it() -> None:
    (refusal,) = refused('time_origin = "first dose"\n', "")
    assert (refusal.code.code, refusal.place.path) == ("STF-005", "design.time_origin")
    assert refusal.place.line == line_of("[design]", TEXT)


def test_an_id_that_others_refer_to_breaks_every_reference_and_all_are_told() -> None:
    found = refused('id = "day_28"', 'id = "day_29"')
    assert {refusal.code.code for refusal in found} == {"STF-008"}
    assert [refusal.place.path for refusal in found] == [
        "activities.blood_gas.encounters",
        "outcomes.pf_ratio.encounters",
        "outcomes.crp.encounters",
        "outcomes.respiratory_rate.encounters",
    ]


def test_all_errors_of_a_file_are_told_together_in_file_order() -> None:
    found = refusals_of((BAD / "many.toml").read_bytes())
    assert [(refusal.code.code, refusal.place.path, refusal.place.line) for refusal in found] == [
        ("STF-005", "version", None),
        ("STF-006", "schema_version", 2),
        ("STF-007", "id", 3),
        ("STF-004", "versoin", 4),
        ("STF-006", "design.phase", 7),
        ("STF-007", "arms.one.size", 15),
        ("STF-007", "outcomes.oxygen.horizon", 21),
    ]


@pytest.mark.parametrize(
    ("name", "code", "line", "says"),
    [
        ("latin1.toml", "STF-002", 3, "(0xe9) is not UTF-8"),
        ("truncated.toml", "STF-003", 4, "the end of the file"),
    ],
)
def test_a_file_that_is_no_toml_or_no_utf8_is_refused_at_its_line(
    name: str, code: str, line: int, says: str
) -> None:
    (refusal,) = refusals_of((BAD / name).read_bytes())
    assert (refusal.code.code, refusal.place.line) == (code, line)
    assert says in str(refusal)


def test_an_empty_file_is_told_every_key_without_which_a_study_means_nothing() -> None:
    found = refusals_of((BAD / "empty.toml").read_bytes())
    assert {refusal.code.code for refusal in found} == {"STF-005"}
    assert [refusal.place.path for refusal in found] == [
        "arms", "design", "id", "outcomes", "population", "schema_version", "title", "version",
    ]  # fmt: skip


def test_a_file_cut_off_anywhere_is_refused_or_read_and_never_crashes() -> None:
    data = TEXT.encode()
    outcomes_begin = data.index(b"[[outcomes]]")
    for end in range(0, len(data), 97):
        refused_for = refusals_of(data[:end])
        assert refused_for or end > outcomes_begin  # until then something that a study needs is missing


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    plain = parse_study(TEXT.encode(), name="x")
    assert parse_study(b"\xef\xbb\xbf" + TEXT.encode(), name="x") == plain
    assert parse_study(TEXT.replace("\n", "\r\n").encode(), name="x") == plain


def test_a_path_that_holds_no_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="STF-001: there is no study file at") as caught:
        read_study(tmp_path)
    assert caught.value.value == str(tmp_path / "study.toml") or caught.value.value == str(tmp_path)


def _paths(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    return [(*at, step) for step, _ in steps] + [
        path for step, below in steps for path in _paths(below, (*at, step))
    ]


PATHS = _paths(clean_document())
STRANGE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text("aé-_. 5", max_size=8),
    st.lists(st.integers(), max_size=2), st.just({"odd": 1}), st.sampled_from(["5 mL", "1e8", "day_7", ""]),
)  # fmt: skip


def _write(document: dict[str, Any]) -> bytes:
    """A document as TOML, every part of it inline."""
    return "\n".join(f"{json.dumps(key)} = {_inline(value)}" for key, value in document.items()).encode()


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool | float) else str(value)


@settings(max_examples=120, deadline=None)
@given(path=st.sampled_from(PATHS), fate=st.sampled_from(["delete", "rename", "replace"]), value=STRANGE)
def test_no_change_of_a_file_crashes_its_reading(
    path: tuple[str | int, ...], fate: str, value: object
) -> None:
    document = clean_document()
    here: Any = document
    for step in path[:-1]:
        here = here[step]
    if fate == "delete":
        del here[path[-1]]
    elif fate == "rename" and isinstance(here, dict):
        here[f"{path[-1]}x"] = here.pop(path[-1])
    elif value is not None:
        here[path[-1]] = value
    for refusal in refusals_of(_write(document)):
        assert refusal.code.code.startswith("STF-")
        assert refusal.problem
        assert refusal.remedy


def test_a_document_written_inline_reads_as_the_file_does() -> None:
    assert parse_study(_write(clean_document()), name="x") == read_study(CLEAN)[0]


def test_a_study_is_frozen_all_the_way_down() -> None:
    study = as_study(clean_document())
    assert hash(study.outcomes[0].encounters) is not None
    field = "title"
    with pytest.raises(ValueError, match="frozen"):
        setattr(study, field, "Another")
