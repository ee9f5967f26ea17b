"""A prepared query finds what Django's own finds, whatever the values, and refuses to lose one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Activation, Site, Study
from exotrial.store.prepared import Values, find_first
from tests.trial import ENGINES, SITE, Trial, begin_trial


@pytest.fixture(params=ENGINES)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    made = begin_trial(tmp_path, request.param)
    for number, name in enumerate(("second", "\ue0000\ue001", "%s 'quoted'")):
        made.do("open_site", Role.SPONSOR, code=f"more_{number}", name=name)
    yield made
    disconnect()


def sites(told: Values) -> QuerySet[Site]:
    active = Activation.objects.filter(site=OuterRef("pk"))
    return (
        Site.objects.select_related("study__chain")
        .annotate(active=Exists(active))
        .filter(study=told["study"], name__in=[told["name"], f"{told['name']} (closed)"])
    )


def test_it_finds_the_same_rows_with_everything_on_them(trial: Trial) -> None:
    study = Study.objects.get(slug=trial.study)
    names = [*Site.objects.values_list("name", flat=True), "none of them", "", "x' OR '1'='1"]
    for name in [*names, *names]:
        values = {"study": study.pk, "name": name}
        expected = sites(values).order_by("pk").first()
        found = find_first("sites", sites, values)
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            assert found.flat() == expected.flat()
            assert vars(found)["active"] == vars(expected)["active"] == (found.code == SITE)
            with connection.execute_wrapper(_none_asked):
                assert found.study.chain.name == trial.study
    assert find_first("sites", sites, {"study": study.pk + 1, "name": names[0]}) is None


def _none_asked(*_: object) -> None:
    raise AssertionError("the related rows come with it")


def test_djangos_sql_is_written_once(trial: Trial) -> None:
    study, made = Study.objects.get(slug=trial.study), []

    def make(told: Values) -> QuerySet[Site]:
        made.append(told)
        return sites(told)

    for name in ("A hospital", "second", "third"):
        find_first("counted", make, {"study": study.pk, "name": name})
    assert len(made) == 1


def test_a_value_that_the_query_leaves_out_is_a_defect_and_no_wrong_row(trial: Trial) -> None:
    with pytest.raises(AssertionError, match="does not stand in the query"):
        find_first("lost", lambda told: Site.objects.filter(name=told["name"]), {"name": "a", "study": 1})


def test_another_installation_has_its_own(trial: Trial, tmp_path: Path) -> None:
    values = {"study": Study.objects.get(slug=trial.study).pk, "name": "A hospital"}
    assert find_first("sites", sites, values) is not None
    other = begin_trial(tmp_path / "other", "sqlite")
    other.do("open_site", Role.SPONSOR, code="elsewhere", name="Elsewhere")
    assert find_first("sites", sites, values | {"name": "Elsewhere"}) is not None
    assert find_first("sites", sites, values | {"name": "second"}) is None
