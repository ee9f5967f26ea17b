"""The protocol document: SPIRIT 2025 in its order, each item filled or marked missing, the same bytes on every run."""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Mapping

import docx
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.core.quantities import read_quantity
from exotrial.report.document import Subheading, Table
from exotrial.report.protocol import find_documents, get_document
from exotrial.report.protocol.items import FILLERS, check_protocol, fill_items, read_items
from exotrial.report.protocol.spirit import build_protocol, find_losses
from exotrial.report.protocol.tidier import ITEMS, build_tidier_tables, find_gaps
from exotrial.report.protocol.words import tell_duration
from exotrial.study.definition import Study
from exotrial.study.definition.intervention import Delivery
from exotrial.study.definition.protocol import Protocol
from exotrial.study.file import read_study
from tests.conftest import PROJECT
from tests.report.full_protocol import full_document, full_study, study_without
from tests.study.clean import as_study

STUDIES = sorted((PROJECT / "studies").glob("*/study.toml"))

# Chan A-W, et al. BMJ 2025;389:e081477, table 1: the numbers of the items, in its order.
NUMBERS = [
    *(
        "1a",
        "1b",
        "2",
        "3a",
        "3b",
        "3c",
        "3d",
        "4",
        "5",
        "6",
        "7a",
        "7b",
        "8",
        "9a",
        "9b",
        "10",
        "11",
        "12",
        "13",
    ),
    *("14a", "14b", "15a", "15b", "15c", "15d", "16", "17", "18", "19", "20", "21a", "21b", "22", "23"),
    *("24a", "24b", "24c", "25a", "25b", "26", "27a", "27b", "27c", "27d", "28a", "28b", "29", "30", "31"),
    *("32a", "32b", "33", "34"),
]

# Hoffmann TC, et al. BMJ 2014;348:g1687: the names of the twelve items, in its order.
TIDIER = (
    "Brief name",
    "Why",
    "What: materials",
    "What: procedures",
    "Who provides",
    "How",
    "Where",
    "When and how much",
    "Tailoring",
    "Modifications",
    "How well: planned",
    "How well: actual",
)

ASKED_BY: Mapping[str, set[str]] = {
    "public_title": {"1b"},
    "secondary_ids": {"1b"},
    "conditions": {"1b"},
    "documents.protocol.dated": {"2"},
    "contacts": {"1b", "3b"},
    "contacts.0": {"1b"},
    "organisations.university.role_statement": {"3c"},
    "registrations.0.registered": {"1b", "4"},
    "sharing": {"1b", "5", "6"},
    "sharing.protocol": {"5"},
    "sharing.analysis_plan": {"5"},
    "sharing.participant_data": {"1b", "6"},
    "sharing.data_dictionary": {"6"},
    "sharing.analytic_code": {"6"},
    "sharing.audience": {"6"},
    "funding": {"1b", "7a"},
    "products.vesicles_product.manufacturer": {"7a"},
    "objectives": {"10"},
    "objectives.harms": {"10"},
    "design.framework": {"12"},
    "design.settings": {"13"},
    "design.planned_size": {"19"},
    "design.discontinuation_criteria": {"15b"},
    "sites": {"1b", "13"},
    "sites.hospital.country": {"1b", "13"},
    "population.criteria": {"1b", "14a"},
    "interventions.nebulised_vesicles.dose": {"15a"},
    "interventions.nebulised_vesicles.route": {"15a"},
    "interventions.nebulised_vesicles.device": {"15a"},
    "interventions.nebulised_vesicles.product": {"15a"},
    "interventions.nebulised_vehicle.schedule": {"15a"},
    "interventions.nebulised_vehicle.delivery.given_by": {"15a"},
    "interventions.usual_care.permitted": {"15d"},
    "interventions.usual_care.prohibited": {"15d"},
    "products.vesicles_product.release_tests": {"15a"},
    "products.vesicles_product.storage": {"15a"},
    "outcomes.pf_ratio.method": {"16"},
    "outcomes.mortality.horizon": {"16"},
    "outcomes.adverse_events.method": {"17"},
    "safety": {"17", "28a", "28b"},
    "safety.terms": set(),
    "safety.grading": {"17"},
    "safety.causality": {"17"},
    "safety.collection_window": {"17"},
    "safety.monitoring_committee": {"28a"},
    "safety.stopping_rules": {"28b"},
    "activities.consent": {"18"},
    "activities.inhale": {"18"},
    "statistical_design": {"19", "28b"},
    "statistical_design.size_rationale": {"19"},
    "statistical_design.interim_analyses": {"28b"},
    "randomisation": {"12", "21a", "21b", "22", "23"},
    "randomisation.ratio": {"12"},
    "randomisation.generated_by": {"21a"},
    "randomisation.generated_with": {"21a"},
    "randomisation.factor": {"21b"},
    "randomisation.strata": {"21b"},
    "randomisation.block_sizes": set(),
    "randomisation.concealment": {"22"},
    "randomisation.enrolled_by": {"23"},
    "randomisation.assigned_by": {"23"},
    "blinding": {"24a"},
    "blinding.masked_roles": {"24a"},
    "blinding.method": {"24b"},
    "blinding.unblinding": {"24c"},
    "blinding.unblinding.trigger": {"24c"},
    "blinding.unblinding.record": {"24c"},
    "analyses": {"16", "27a", "27b", "27c"},
    "analyses.mortality": {"16", "27a"},
    "analyses.adverse_events": {"27a"},
    "analyses.primary.method": {"27a"},
    "analyses.primary.population": {"27b"},
    "analyses.primary.missing_data": {"27c"},
    "ethics": {"1b", "30"},
    "consent": {"32a"},
    "consent.obtained_by": {"32a"},
    "consent.from_whom": {"32a"},
    "consent.process": {"32a"},
    "protocol.contributors": {"3a"},
    "protocol.oversight": {"3d"},
    "protocol.conflicts": {"7b"},
    "protocol.dissemination": {"8"},
    "protocol.background": {"9a"},
    "protocol.comparator_reason": {"9b"},
    "protocol.public_involvement": {"11"},
    "protocol.provider_eligibility": {"14b"},
    "protocol.adherence": {"15c"},
    "protocol.recruitment": {"20"},
    "protocol.sequence_access": {"23"},
    "protocol.data_quality": {"25a"},
    "protocol.retention": {"25b"},
    "protocol.data_management": {"26"},
    "protocol.additional_analyses": {"27d"},
    "protocol.monitoring": {"29"},
    "protocol.amendments": {"31"},
    "protocol.ancillary_consent": {"32b"},
    "protocol.confidentiality": {"33"},
    "protocol.post_trial_care": {"34"},
}
"""What is taken out of the full study, and the items that then miss something."""


def missing_items(study: Study) -> set[str]:
    return {one.item.number for one in fill_items(study) if one.filled.missing}


def text_of(data: bytes, suffix: str) -> str:
    """All words of a document, in order, one space between them."""
    if suffix == ".pdf":
        text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    elif suffix == ".docx":
        text = " ".join(docx.Document(io.BytesIO(data)).element.body.itertext())
    else:
        text = re.sub(
            r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", data.decode("utf-8"), flags=re.DOTALL)
        )
    return " ".join(text.replace("\u200b", "").split())


def headings_of(study: Study) -> list[str]:
    return [
        block.text
        for section in build_protocol(study).sections
        for block in section.blocks
        if isinstance(block, Subheading)
    ]


def test_the_items_are_the_fifty_three_lines_of_the_statement_in_its_order() -> None:
    assert [item.number for item in read_items()] == NUMBERS
    assert len({re.sub(r"\D", "", number) for number in NUMBERS}) == 34
    assert set(FILLERS) == set(NUMBERS)


def test_the_items_that_the_reference_rules_cite_exist() -> None:
    rules = PROJECT.parent / "shared" / "reference" / "lint_rules.json"
    if not rules.exists():
        pytest.skip("the reference rules are not beside this checkout")
    words = re.findall(r"SPIRIT (\d{1,2}[a-d]?)", json.dumps(json.loads(rules.read_text(encoding="utf-8"))))
    assert words
    assert set(words) - {"21"} <= set(NUMBERS)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.parent.name)
def test_every_item_appears_exactly_once_in_its_order(path: object) -> None:
    study, _ = read_study(path)  # type: ignore[arg-type]
    assert [heading.split()[0] for heading in headings_of(study)] == NUMBERS


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.parent.name)
def test_every_item_has_a_text_or_says_what_is_missing_or_that_it_does_not_apply(path: object) -> None:
    study, _ = read_study(path)  # type: ignore[arg-type]
    for one in fill_items(study):
        assert one.filled.blocks or one.filled.missing or one.filled.not_applicable, one.item.number
        assert not (one.filled.not_applicable and one.filled.missing)


def test_a_study_with_everything_filled_misses_nothing_in_any_format() -> None:
    study = full_study()
    assert check_protocol(study) == ()
    assert find_gaps(study) == ()
    for document in find_documents().values():
        text = text_of(document.write(study).data, document.suffix)
        assert "Missing" not in text.replace("27c Missing data", "")
        assert "SPM-" not in text


def test_the_word_file_lists_every_item_as_a_heading_once() -> None:
    opened = docx.Document(io.BytesIO(get_document("spirit-docx").write(full_study()).data))
    told = [(one.text, one.style.name if one.style is not None else "") for one in opened.paragraphs]
    headings = [text for text, style in told if style == "Heading 2"]
    assert [heading.split()[0] for heading in headings] == NUMBERS
    contents = [text for text, style in told if style == "Normal" and text in headings]
    assert contents == headings


def test_the_pdf_opens_with_the_title_and_a_page_of_contents() -> None:
    study = full_study()
    pages = pypdf.PdfReader(io.BytesIO(get_document("spirit-pdf").write(study).data)).pages
    first, second = (" ".join(pages[number].extract_text().split()) for number in (0, 1))
    assert study.title in first
    assert "Trial protocol" in first
    assert "Version 1.0" in first
    assert "2024-01-10" in first
    assert "34 Ancillary and post-trial care" in second


@pytest.mark.parametrize("path", list(ASKED_BY))
def test_taking_a_part_away_makes_exactly_its_items_missing(path: str) -> None:
    assert missing_items(study_without(path)) == ASKED_BY[path]


_APART = sorted(path for path in ASKED_BY if not any(other.startswith(f"{path}.") for other in ASKED_BY))


@given(st.sets(st.sampled_from(_APART), max_size=8))
@settings(max_examples=30, deadline=None)
def test_what_is_missing_of_several_parts_is_what_is_missing_of_each(paths: set[str]) -> None:
    study = study_without(*sorted(paths))
    assert missing_items(study) == set().union(*(ASKED_BY[path] for path in paths))
    assert {finding.subject for finding in check_protocol(study)} == missing_items(study)


def test_a_missing_text_names_the_path_that_answers_it() -> None:
    study = study_without("protocol.monitoring")
    (finding,) = check_protocol(study)
    assert finding.id == "SPM-001:29"
    assert finding.standards == ("SPIRIT 2025 item 29",)
    assert "protocol.monitoring" in finding.says
    for name in ("spirit-html", "spirit-pdf", "spirit-docx"):
        document = get_document(name)
        text = text_of(document.write(study).data, document.suffix)
        assert "Missing: how conduct is monitored, or why not (protocol.monitoring)." in text
        assert "SPM-001" in text


def test_an_item_of_which_a_part_is_missing_is_told_apart_from_a_silent_one() -> None:
    (partly,) = check_protocol(study_without("safety.grading"))
    assert (partly.rule, partly.severity.value) == ("SPM-002", "info")
    (silent,) = check_protocol(study_without("ethics", "secondary_ids"))[1:]
    assert (silent.rule, silent.severity.value) == ("SPM-001", "warning")


def test_a_declaration_that_there_is_none_answers_an_item() -> None:
    document = full_document()
    document["design"]["discontinuation_criteria"] = []
    document["safety"]["stopping_rules"] = []
    assert missing_items(as_study(document)) == set()


def test_a_reason_for_having_no_committee_answers_item_28a() -> None:
    document = full_document()
    del document["safety"]["monitoring_committee"]
    document["safety"]["no_committee_reason"] = "seven participants, each discussed before the next"
    assert missing_items(as_study(document)) == set()


def test_a_title_that_hides_randomisation_is_told() -> None:
    document = full_document()
    document["title"] = "SYNTHETIC: nebulised vesicles against vehicle"
    assert missing_items(as_study(document)) == {"1a"}


def test_block_sizes_are_kept_out_of_the_document_and_named_as_a_loss() -> None:
    # SPIRIT 2025 item 21b: who enrols must not be able to foresee an assignment.
    plain, other = full_document(), full_document()
    other["randomisation"] |= {"block_sizes": [2, 6], "block_choice": "by expected enrolment"}
    for name in ("spirit-html", "spirit-docx", "tidier-html"):
        write = get_document(name).write
        assert write(as_study(plain)).data == write(as_study(other)).data
    (loss,) = (one for one in find_losses(as_study(other)) if one.item == "randomisation.block_sizes")
    assert loss.prints == "2 and 6"


@pytest.mark.parametrize("name", list(find_documents()))
def test_a_document_has_the_same_bytes_on_every_run(name: str) -> None:
    study = full_study()
    write = get_document(name).write
    assert write(study).data == write(study).data


def test_the_documents_that_are_installed() -> None:
    assert list(find_documents()) == [
        f"{kind}-{form}" for kind in ("spirit", "tidier") for form in ("docx", "html", "pdf")
    ]
    assert all(one.suffix == f".{name.split('-')[1]}" for name, one in find_documents().items())


def test_an_unknown_document_is_refused_with_the_names_of_those_that_are_known() -> None:
    with pytest.raises(Refusal, match="SPT-001") as refused:
        get_document("spirit-odt")
    assert "spirit-docx" in str(refused.value)


def test_items_of_randomisation_and_blinding_do_not_apply_to_one_open_group() -> None:
    study, _ = read_study(PROJECT / "studies" / "mexcovid" / "study.toml")
    apart = {one.item.number for one in fill_items(study) if one.filled.not_applicable}
    assert apart == {"9b", "21a", "21b", "22", "23", "24b", "24c"}


def schedule_of(study: Study) -> list[Table]:
    (one,) = (one for one in fill_items(study) if one.item.number == "18")
    return [block for block in one.filled.blocks if isinstance(block, Table)]


def test_the_schedule_marks_the_visits_of_the_study_file() -> None:
    study, _ = read_study(PROJECT / "studies" / "mexcovid" / "study.toml")
    (table,) = schedule_of(study)
    rows = {row[0]: row[1:] for row in table.rows}
    assert [column.head for column in table.columns[1:3]] == ["Before inhalation", "Inhalation on day 1"]
    assert rows["Day"] == ("", "1", "2", "3", "4", "5", "")
    inhaled = "Inhalation, with observation during it and immediately afterwards"
    assert rows[inhaled] == (None, "X", "X", "X", "X", "X", None)
    assert rows["Chest imaging"] == ("X", None, None, None, None, None, "X")


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_the_schedule_has_a_mark_for_every_visit_of_every_activity_and_no_other(data: st.DataObject) -> None:
    number = data.draw(st.integers(1, 30))
    document = full_document()
    visits = [f"v{position}" for position in range(number)]
    document["encounters"] = [
        {"id": visit, "name": f"Visit {position}", "epoch": "treatment", "day": position + 1}
        for position, visit in enumerate(visits)
    ]
    kinds = st.sampled_from(["enrolment", "intervention", "assessment", None])
    due = {
        f"activity {position}": (data.draw(st.sets(st.sampled_from(visits))), data.draw(kinds))
        for position in range(4)
    }
    document["activities"] = [
        {"id": name.replace(" ", "_"), "name": name, "encounters": sorted(where)}
        | ({"kind": kind} if kind else {})
        for name, (where, kind) in due.items()
    ]
    for part in (*document["outcomes"], *document["samples"]):
        part.pop("encounters", None)
    tables = schedule_of(as_study(document))
    shown: dict[str, set[str]] = {name: set() for name in due}
    for table in tables:
        for row in table.rows:
            if row[0] in shown:
                shown[row[0]] |= {c.key for c, cell in zip(table.columns[1:], row[1:], strict=True) if cell}
    assert shown == {name: where for name, (where, _) in due.items()}
    assert [column.key for table in tables for column in table.columns[1:]] == visits


def test_the_tidier_table_has_twelve_items_and_a_column_for_each_intervention() -> None:
    (table,) = build_tidier_tables(full_study())
    assert tuple(item.name for item in ITEMS) == TIDIER
    assert [row[:2] for row in table.rows] == [(str(n), name) for n, name in enumerate(TIDIER, start=1)]
    assert [c.head for c in table.columns[2:]] == ["Nebulised vesicles", "Nebulised vehicle", "Usual care"]


@pytest.mark.parametrize(("number", "tables"), [(3, 1), (4, 2), (6, 2), (7, 3)])
def test_many_interventions_go_on_in_a_further_table(number: int, tables: int) -> None:
    document = full_document()
    care = document["interventions"][2]
    document["interventions"] += [care | {"id": f"care_{position}"} for position in range(number - 3)]
    built = build_tidier_tables(as_study(document))
    assert len(built) == tables
    assert sum(len(table.columns) - 2 for table in built) == number


def test_what_is_told_after_the_trial_is_no_gap_of_a_tidier_table() -> None:
    study, _ = read_study(PROJECT / "studies" / "mexcovid" / "study.toml")
    (table,) = build_tidier_tables(study)
    cells = {row[1]: row[2] or "" for row in table.rows}
    assert cells["How well: actual"] == "To be told when the trial is reported."
    assert cells["Why"].startswith("Missing: ")
    assert "2.0 × 10⁸ particles per day" in cells["When and how much"]
    assert {item.number for _, item in find_gaps(study)} == {2, 4, 5, 9, 11}


def test_an_analysis_of_a_family_counts_for_the_outcomes_that_its_words_name() -> None:
    document = full_document()
    rate, deaths = document["analyses"][2:4]
    for one, words in ((rate, "heart rate, RESPIRATORY RATE"), (deaths, "deaths in the unit")):
        del one["variable"]
        one["variables"] = words
    told = {
        one.item.number: one.filled.missing for one in fill_items(as_study(document)) if one.filled.missing
    }
    assert set(told) == {"16", "27a"}
    assert told["27a"] == ("an analysis of All-cause mortality ([[analyses]])",)


@pytest.mark.parametrize(
    ("value", "told"),
    [("1 d", "1 day"), ("28 d", "28 days"), ("5 a", "5 years"), ("1.5 h", "1.5 h"), ("10 min", "10 min")],
)
def test_a_duration_is_told_in_words_where_it_is_a_whole_number(value: str, told: str) -> None:
    assert tell_duration(read_quantity(value, dimension="duration")) == told


@pytest.mark.parametrize(("number", "listed"), [(8, True), (9, False)])
def test_the_tidier_table_counts_the_steps_of_a_long_process(number: int, listed: bool) -> None:
    document = full_document()
    document["products"][0]["process"] = [
        {"name": f"Rinse {position}", "action": "rinse"} for position in range(number)
    ]
    (table,) = build_tidier_tables(as_study(document))
    cell = table.rows[2][2] or ""
    assert ("Rinse 0" in cell) is listed
    assert (f"{number} steps" in cell) is not listed


def test_the_tables_of_the_how_to_are_read_and_hold_every_key() -> None:
    page = (PROJECT / "docs" / "how-to" / "write-the-protocol.md").read_text(encoding="utf-8")
    words, delivery = re.findall(r"^```toml\n(.+?)^```", page, flags=re.MULTILINE | re.DOTALL)
    told = tomllib.loads(words)["protocol"]
    given = tomllib.loads(delivery)["interventions"]["delivery"]
    assert set(told) == set(Protocol.model_fields)
    assert set(given) == set(Delivery.model_fields)
    document = full_document()
    document["protocol"] = told
    document["interventions"][0]["delivery"] = given
    assert missing_items(as_study(document)) == set()
    assert [name for name in find_documents() if f"`{name}`" not in page] == []


def test_a_registry_value_stands_in_for_a_silent_plan_and_says_so() -> None:
    study, _ = read_study(PROJECT / "studies" / "mexcovid" / "study.toml")
    (one,) = (one for one in fill_items(study) if one.item.number == "1b")
    (table,) = one.filled.blocks
    assert isinstance(table, Table)
    values = {row[1]: row[2] for row in table.rows}
    assert len(values) == 24
    assert values["Sample size"] == "30, as registered"
    assert values["Public title"] == "Missing."
    assert values["Secondary sponsors"] == "None named."


def test_a_study_file_of_the_fewest_keys_becomes_a_protocol_of_gaps() -> None:
    design = {"phase": "not stated", "intervention_model": "parallel", "allocation": "randomised"}
    study = as_study(
        {
            "schema_version": 1,
            "id": "small",
            "version": "1",
            "title": "A small trial",
            "design": design | {"time_origin": "not stated"},
            "arms": [{"id": "one", "name": "One", "kind": "experimental"}],
            "outcomes": [{"id": "death", "level": "primary", "name": "Death"}],
            "population": {},
        }
    )
    apart = {one.item.number for one in fill_items(study) if one.filled.not_applicable}
    assert apart == {"24b", "24c"}
    assert set(NUMBERS) - missing_items(study) - apart == set()
    for document in find_documents().values():
        assert "Missing: " in text_of(document.write(study).data, document.suffix)
