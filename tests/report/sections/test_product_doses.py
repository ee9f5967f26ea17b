"""The dose in the product chapter: of the three studies, of a stated device, and planned against given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exotrial.datasets.given_doses import CapturedDose
from exotrial.report.document import Block, Bullets, Figure, Paragraph, Subheading, Table
from exotrial.report.dose_blocks import build_dose_blocks
from exotrial.report.given_dose_blocks import build_given_blocks
from exotrial.report.inputs import ReportInput
from exotrial.report.render.figures import draw_svg
from exotrial.study.definition.dosing import Nebulisation, Schedule
from tests.product.test_dose_statements import AEROSOL
from tests.report.sections.given import STUDIES, given_of

AT = datetime(2021, 3, 10, 8, 30, tzinfo=UTC)


def said(blocks: list[Block]) -> str:
    texts = [block.text for block in blocks if isinstance(block, (Paragraph, Subheading))]
    return "\n".join(
        [*texts, *(item for block in blocks if isinstance(block, Bullets) for item in block.items)]
    )


def changed(study: str, **more: Any) -> ReportInput:
    """The input of a study whose product is given otherwise."""
    given = given_of(study)
    interventions = tuple(
        one.model_copy(update=more) if one.role == "investigational" else one
        for one in given.study.interventions
    )
    return replace(given, study=given.study.model_copy(update={"interventions": interventions}))


def dose(who: str, number: int, **more: Any) -> CapturedDose:
    told: dict[str, Any] = {
        "plan": number,
        "planned_at": AT,
        "total_ml": 5.0,
        "wanted": 2e9,
        "particles": 2e9,
        "low": 1.6e9,
        "high": 2.4e9,
        "complete": True,
    }
    begun = AT + timedelta(hours=8 * number)
    return CapturedDose(participant=who, number=number, begun_at=begun, **(told | more))


@pytest.mark.parametrize("study", STUDIES)
def test_every_dose_is_told_with_what_its_source_leaves_out(study: str) -> None:
    blocks, _ = build_dose_blocks(given_of(study))
    assert "The dose" in said(blocks)
    assert "What the check of the study file says of the dose:" in said(blocks)
    for block in blocks:
        if isinstance(block, Figure):
            assert draw_svg(block).startswith("<svg")


def test_the_seeds_are_told_with_their_numbers() -> None:
    irct, results = build_dose_blocks(given_of("irct20201202049568n3"))
    table = next(block for block in irct if isinstance(block, Table))
    assert ("70 kg", "7 × 10⁹", "3.5 × 10⁹") in table.rows
    assert {one.id: one.value for one in results}["dose/exosomes/70 kg"] == 7e9
    chictr, _ = build_dose_blocks(given_of("chictr2000030261"))
    assert "3.5 × 10⁸ to 3.83 × 10⁹ particles: 10.9 times as many for one dose" in said(chictr)
    assert "one cell then stands for 5.3 to 58 particles" in said(chictr)
    assert "the device must put out 0.5 mL a minute" in said(chictr)
    assert "the median size of its droplets" in said(chictr)
    mexcovid, _ = build_dose_blocks(given_of("mexcovid"))
    assert "1.00 × 10⁹ particles, and 2.0 × 10⁹ particles is stated" in said(mexcovid)


def test_a_stated_device_has_its_budget() -> None:
    told = changed("chictr2000030261", nebulisation=Nebulisation.model_validate(AEROSOL))
    blocks, results = build_dose_blocks(told)
    tables = [block for block in blocks if isinstance(block, Table) and block.id.startswith("nebuliser_")]
    assert len(tables) == 2
    steps = {row[0]: row[1:3] for row in tables[0].rows}
    assert steps["emitted"] == ("2.99 × 10⁹", "78.0%")  # 3.9 of 5 mL
    assert {one.id: one.value for one in results}["nebuliser/nebulised_exosomes/1/emitted"] == pytest.approx(
        7.66e8 * 3.9
    )


def test_planned_against_given_is_a_table_a_figure_and_questions() -> None:
    told = changed("chictr2000030261", schedule=Schedule(days=2, clock_times=("08:30", "16:00")))
    who = [str(name) for name in told.captured.participants["USUBJID"]] if told.captured else []
    doses = [dose(who[0], n) for n in (1, 2, 3, 4)]
    doses += [dose(who[1], 1), dose(who[1], 2, given_ml=2.5, complete=False)]
    doses += [dose(who[2], 1, complete=False)]
    blocks, results = build_given_blocks(replace(told, doses=tuple(doses)))
    table = next(block for block in blocks if isinstance(block, Table))
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows[who[0]][:5] == ("4 of 4", "8 × 10⁹", "8 × 10⁹", "6.4 × 10⁹ to 9.6 × 10⁹", "100%")
    assert rows[who[1]][2:5] == ("3 × 10⁹", "2.4 × 10⁹ to 3.6 × 10⁹", "38%")
    assert rows[who[2]][2] is None
    assert "DSF-001" in said(blocks)
    assert "DSF-005" in said(blocks)
    assert [one.value for one in results] == [pytest.approx((1 + 0.375) / 2)]
    figure = next(block for block in blocks if isinstance(block, Figure))
    assert draw_svg(figure).startswith("<svg")


def test_while_arms_are_hidden_nothing_of_it_is_shown() -> None:
    given = given_of("chictr2000030261")
    assert given.captured is not None
    blinding = given_of("irct20201202049568n3").study.blinding
    hidden = replace(
        given,
        study=given.study.model_copy(update={"blinding": blinding}),
        doses=(dose(str(given.captured.participants["USUBJID"][0]), 1),),
    )
    assert hidden.arms_are_hidden
    blocks, results = build_given_blocks(hidden)
    assert [type(block) for block in blocks] == [Subheading, Paragraph]
    assert results == ()


def test_a_study_without_doses_says_nothing_of_them() -> None:
    assert build_given_blocks(given_of("mexcovid")) == ([], ())
