"""Plans of doses by their page: what is drawn for who prepares, a number and a volume for who gives."""

from __future__ import annotations

from exotrial.operations.access import Role
from exotrial.store.models import Dose
from tests.operations.test_dose_plans import treated
from tests.trial import Trial
from tests.web.pages.conftest import trial  # noqa: F401 - the fixture
from tests.web.pages.visitor import Visitor, words_of

TYPED = {
    "vial_ml": "5",
    "graduation_ml": "0.1",
    "weight_kg": "70",
    "weight_basis": "actual",
    "concentration": "5e9 particles/mL",
    "known_from": "certificate 7",
    "uncertainty": "0.08",
}


def test_a_dose_is_planned_given_by_its_plan_and_counted(trial: Trial) -> None:  # noqa: F811
    for batch in ("EXO-1", "SAL-1"):  # pages go by the clock of today
        trial.do("register_batch", Role.PHARMACIST, code=batch, expires_on="2071-06-30")
        trial.do("release_batch", Role.PHARMACIST, code=batch, reason="certificate 7")
    code, kit = treated(trial)["exosomes"]
    pharmacist, nurse = Visitor(trial, Role.PHARMACIST), Visitor(trial, Role.CARE_PROVIDER)
    dose = f"/p/{pharmacist.ref(code)}/dose"
    plans = pharmacist.study(f"{dose}/plans")
    assert f'href="{plans}"' in pharmacist.get(pharmacist.study(dose)).text
    assert f'href="{plans}"' not in nurse.get(nurse.study(dose)).text
    refused = pharmacist.post(plans, TYPED | {"kit": kit, "weight_kg": "700"})
    assert (refused.status_code, "ANT-001" in refused.text, 'value="700"' in refused.text) == (
        422,
        True,
        True,
    )
    weak = pharmacist.post(plans, TYPED | {"kit": kit, "concentration": "3.4e9 particles/mL"})
    assert weak.status_code == 303
    assert "at least 3.5e+09 particles/mL" in words_of(pharmacist.get(plans))
    assert "Plan" not in words_of(nurse.get(nurse.study(dose))).split()
    assert pharmacist.post(plans, TYPED | {"kit": kit}).status_code == 303
    assert "Draw 1.4 mL, add 0.6 mL: 2 mL. 7e+09 particles (5.84e+09–8.16e+09)." in words_of(
        pharmacist.get(plans)
    )
    seen = nurse.get(nurse.study(dose)).text
    assert f"plan 1 of kit {kit} · 2.0 mL" in seen
    assert "1.4" not in words_of(nurse.get(nurse.study(dose)))
    row = {"step": "dose", "kit": kit, "plan": "1", "given": "1.5 mL", "complete": "no"}
    assert nurse.post(nurse.study(dose), row | {"begun_at": "2021-03-11T08:00"}).status_code == 303
    assert "To be asked: DSF-001" in words_of(nurse.get(nurse.study(dose)))
    assert Dose.objects.get().given_ml == 1.5
    counted = words_of(pharmacist.get(plans))
    assert "5.25e+09" in counted
    assert "DSF-001" in counted


def test_plans_are_nowhere_for_the_blind(trial: Trial) -> None:  # noqa: F811
    code, _ = treated(trial)["exosomes"]
    for role in (Role.CARE_PROVIDER, Role.MONITOR, Role.ADMINISTRATOR):
        visitor = Visitor(trial, role)
        assert visitor.get(visitor.study(f"/p/{visitor.ref(code)}/dose/plans")).status_code in (403, 404)
