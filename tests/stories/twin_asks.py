"""What is asked of every operation and view in both worlds: of participants of either arm, well and badly.

Of each arm, by place: 0 and 1 were dosed and have a form (0 was unblinded, and its form is verified and signed),
2 and 3 hold a kit, 4 has none.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

from tests.operations.life_steps import CHICTR
from tests.operations.recorded import demographics, event
from tests.product.batch_files import results
from tests.stories.twins import ARMS, FULL, Twins
from tests.trial import IRCT, PASSWORD, SITE, STUDIES

Ask = dict[str, Any]

NOBODY: Ask = {"participant": "NOBODY-1"}
BAD: Ask = {"no_such_field": 1}
AGE = "IG.DM/DM.AGE"
RESULTS = base64.b64encode(results(sample="EXO-1")).decode()


def examples(twins: Twins) -> dict[str, list[Ask]]:
    """Examples of every operation, by name; a test fails where one has none."""
    every = _participants(twins) | _product(twins) | _records(twins) | _study(twins) | _accounts(twins)
    return {name: [*asks, BAD] for name, asks in every.items()}


def _pairs(twins: Twins, place: int, **more: Any) -> list[Ask]:
    """The same of a participant of each arm."""
    return [{"participant": twins.of(arm)[place], **more} for arm in ARMS]


ME = "@me"
PROOF: Ask = {"username": ME, "password": PASSWORD}


def _proven(asks: list[Ask]) -> list[Ask]:
    """Each with the caller's own proof, and once with a wrong password."""
    return [ask | PROOF for ask in asks] + [asks[0] | {"username": ME, "password": "wrong"}]


def _participants(twins: Twins) -> dict[str, list[Ask]]:
    now = twins.facts["now"].isoformat()
    waiting: Ask = {"participant": twins.waiting}
    shown = [*_pairs(twins, 0), *_pairs(twins, 4), waiting, NOBODY]
    unblind = [*_pairs(twins, 0), *_pairs(twins, 3), waiting, NOBODY]
    return {
        "randomise": [waiting, *_pairs(twins, 4), NOBODY],
        "list_allocations": [{}],
        "show_arms": [{}],
        "show_randomisable": shown,
        "show_receipt": shown,
        "show_treatment": [*shown, *_pairs(twins, 2)],
        "show_criteria": [{"site": SITE}, {"site": "nowhere"}],
        "weigh_answers": [{"site": SITE, "answers": {"age": 45}}, {"site": SITE, "answers": {"aeg": 45}}],
        "show_conduct_plan": [{}, {"site": SITE}, {"site": "nowhere"}],
        "unblind_emergency": [
            *(one | {"reason": "seizure"} | PROOF for one in unblind),
            unblind[0] | {"password": PASSWORD},
            unblind[0] | {"password": "wrong", "reason": "seizure"},
        ],
        "unblind_study": [{"reason": "locked"} | PROOF],
        "list_unblindings": [{}],
        "list_participants": [{}, {"status": "randomised"}, {"site": SITE, "limit": 3}, {"site": "nowhere"}],
        "list_work": [{}],
        "show_progress": [{}],
        "find_participants": [
            {},
            {"search": "1", "order": "status", "descending": True},
            {"open_queries": True},
        ],
        "show_timeline": shown,
        "show_participant": shown,
        "show_casebook": shown,
        "show_history": [*shown, *_pairs(twins, 0, form=FULL), *_pairs(twins, 0, form=FULL, key=AGE)],
        "show_identity": shown,
        "correct_identity": _pairs(twins, 1, identity={"name": "Other"}, reason="misheard"),
        "correct_stratum": [
            *_pairs(twins, 1, stratum="a", reason="ventilated"),
            *_pairs(twins, 1, stratum="b", reason="not ventilated"),
            *_pairs(twins, 1, stratum="z", reason="unknown"),
        ],
        "screen": [{"site": SITE, "code": "NEW-1", "answers": {"age": 45}}, {"site": "nowhere"}],
        "enrol": [
            {"participant": twins.facts["screened"], "stratum_level": "none"},
            waiting,
            *_pairs(twins, 1),
            NOBODY,
        ],
        "record_consent": _pairs(twins, 1, version="1.0", signed_at=now),
        "withdraw_consent": _pairs(twins, 2, scope="everything", data_use="all", withdrawn_at=now),
        "end_treatment": [*_pairs(twins, 1, reason="as planned"), *_pairs(twins, 4, reason="as planned")],
        "end_participation": [
            *_pairs(twins, 1, kind="completed", ended_at=now, reason="day 60"),
            *_pairs(twins, 2, kind="died", ended_at=now, reason="told by the family"),
        ],
        "report_deviation": _pairs(
            twins, 1, happened_on="2021-03-10", category="blinding", importance="minor", text="Seen."
        ),
        "list_deviations": [{}, *_pairs(twins, 0), *_pairs(twins, 1), NOBODY],
    }


def _compared(batches: list[Ask]) -> list[Ask]:
    """A comparison that holds a file of each batch."""
    return [
        {"files": [{"code": one["code"], "evidence": 1, "group": "before", "sample": "vial 1"}]}
        for one in batches
    ]


def _product(twins: Twins) -> dict[str, list[Ask]]:
    now = twins.facts["now"].isoformat()
    doses = [
        {
            "participant": code,
            "kit": twins.kits[code],
            "begun_at": now,
            "ended_at": now,
            "complete": True,
            "vial": 2,
        }
        for place in (1, 2, 4)
        for code in (twins.of(arm)[place] for arm in ARMS)
    ]
    by_plan = [one | {"plan": 2, "given": "1.5 mL"} for one in doses[:4]]
    by_plan += [by_plan[0] | {"plan": 1}, by_plan[0] | {"plan": 9}, by_plan[0] | {"given": "20 mL"}]
    plans = [
        {"participant": one["participant"], "kit": one["kit"], "weight_kg": 70, "weight_basis": "actual"}
        | {"vial_ml": 5, "graduation_ml": 0.1}
        for one in doses
    ]
    mine, others = twins.of(ARMS[0])[2], twins.of(ARMS[1])[2]
    crossed = [doses[2] | {"kit": twins.kits[others]}, doses[3] | {"kit": twins.kits[mine]}]
    batches = [{"code": code, "reason": "asked"} for code in ("EXO-1", "SAL-1", "NONE-1")]
    # Of each arm: a vial given from, one at hand, one on its way, one lost.
    vials: list[Ask] = [
        {"kit": twins.kits[twins.of(arm)[place]], "vials": [vial]}
        for place, vial in ((0, 1), (2, 2), (3, 1), (0, 4))
        for arm in ARMS
    ]
    held: list[Ask] = [{"kits": [one["kit"]]} for one in vials]
    intact: list[Ask] = [{"intact": one["kits"]} for one in held]
    material: Ask = {"code": "VIALS-1", "kind": "fill", "at": now, "amount": "1", "unit": "vials"}
    return {
        "assign_kit": [*_pairs(twins, 4), *_pairs(twins, 2), {"participant": mine, "kit": "X"}, NOBODY],
        "plan_dose": [*plans, plans[0] | {"weight_kg": 700}],
        "list_dose_plans": [*_pairs(twins, 0), *_pairs(twins, 2), *_pairs(twins, 4), NOBODY],
        "show_dose_plans": _pairs(twins, 0),
        "show_cumulative_dose": [{}, *_pairs(twins, 0)],
        "record_dose": [*doses, *by_plan, *crossed, doses[0] | {"begun_at": "2031-01-01T00:00:00Z"}],
        "list_doses": [{}, *_pairs(twins, 0), *_pairs(twins, 4)],
        "list_kits": [{}],
        "show_kits": [{}],
        "show_packing_list": [{}],
        "list_batches": [{}],
        "show_exposed": [{"code": one["code"]} for one in batches],
        "recall_batch": batches,
        "reject_batch": batches,
        "release_batch": batches,
        "attach_evidence": [
            one | {"name": "results.toml", "content": content}
            for one in batches
            for content in (RESULTS, "no base64!")
        ],
        "review_evidence": _proven([one | {"evidence": 1, "decision": "accept"} for one in batches]),
        "answer_warning": _proven([one | {"evidence": 1, "warning": 1} for one in batches]),
        "show_evidence": [{"code": one["code"]} for one in batches],
        "show_evidence_file": [{"code": one["code"], "evidence": 1} for one in batches],
        "show_release_verdict": [{"code": one["code"]} for one in batches],
        "show_analysis_certificate": [{"code": one["code"]} for one in batches],
        "list_comparable": [{}, {"product": "none"}],
        "show_comparability": [{}, *_compared(batches)],
        "show_comparability_report": [{"file": "results.json"}, *_compared(batches)],
        "show_stability": [{"attribute": "median diameter"}],
        "show_stability_report": [{"attribute": "median diameter", "file": "results.json"}],
        "ship_kits": [{"site": SITE, "kits": one["kits"]} for one in held],
        "receive_kits": [one | {"site": SITE, "temperature": "within limits"} for one in intact],
        "dispense_vials": [
            *({"participant": code, "kit": twins.kits[code], "vials": [2]} for code in (mine, others)),
            {"participant": mine, "kit": twins.kits[others], "vials": [2]},
        ],
        "return_vials": vials,
        "put_vials_aside": [one | {"reason": "doubtful"} for one in vials],
        "clear_vials": [one | {"reason": "no harm"} for one in vials],
        "destroy_vials": [one | {"reason": "used", "witness": "a nurse"} for one in vials],
        "report_vials_lost": [one | {"reason": "gone"} for one in vials],
        "report_vials_found": [one | {"reason": "there"} for one in vials],
        "count_stock": [{"found": [{"kit": one["kit"], "vial": 1} for one in vials[:6]]}, {"site": SITE}],
        "show_accountability": [{}],
        "show_kit_labels": [{}, {"kits": [twins.kits[mine], twins.kits[others]]}],
        "list_movements": [{}, *({"kit": one["kit"]} for one in vials)],
        "record_material": [
            material | {"sources": [{"material": one["code"], "amount": "1"}]} for one in batches
        ],
        "hand_over_material": [
            {"code": one["code"], "given_by": "A", "taken_by": "B", "place": "the pharmacy", "at": now}
            for one in batches
        ],
        "report_material_deviation": batches,
        "reject_material": batches,
        "recall_material": [*batches, {"code": "LOT-1", "reason": "asked"}],
        "list_materials": [{}],
        "show_lineage": [
            {"material": "LOT-1"},
            *({"material": one["code"]} for one in batches),
            *({"kit": twins.kits[code]} for code in (mine, others)),
            *_pairs(twins, 0, dose=1),
            *_pairs(twins, 4, dose=1),
        ],
        "register_batch": [{"code": "EXO-2", "expires_on": "2021-07-01"}],
        "pack_kit": [
            {"number": number, "arm": arm, "batch": "EXO-1"}
            for arm in ARMS
            for number in ("X-1", twins.kits[mine], twins.kits[others])
        ],
    }


def _records(twins: Twins) -> dict[str, list[Ask]]:
    form: Ask = {"form": FULL}
    of_forms = [*_pairs(twins, 0, **form), *_pairs(twins, 1, **form), *_pairs(twins, 4, **form)]
    said = [{"query": one, "text": "It is."} for one in (*twins.facts["queries"], 999)]
    signed = _proven(_pairs(twins, 1, form=FULL, revision=1, meaning="approval"))
    return {
        "save_form": [
            *_pairs(twins, 4, **form, values=demographics(), complete=True),
            *_pairs(twins, 1, **form, values=demographics(AGE="50"), revision=1, reason="misread"),
            *_pairs(twins, 1, **form, values=demographics(AGE="5000"), revision=1, reason="misread"),
            *_pairs(twins, 4, form="F.AE", values={"IG.AE": [event("1")]}),
            NOBODY | form | {"values": {}},
        ],
        "show_record": of_forms,
        "open_form": [*of_forms, *_pairs(twins, 4, form="F.AE"), NOBODY | form],
        "compare_form": [one | {"values": demographics(AGE="50"), "revision": 0} for one in of_forms],
        "list_records": [*_pairs(twins, 0), *_pairs(twins, 4), NOBODY],
        "save_second_entry": [one | {"values": demographics()} for one in of_forms],
        "settle_difference": [one | {"key": AGE, "choose": "first", "reason": "paper"} for one in of_forms],
        "show_differences": of_forms,
        "raise_query": [one | {"key": AGE, "text": "Is it so?"} for one in of_forms],
        "answer_query": said,
        "close_query": said,
        "reopen_query": said,
        "list_queries": [{}, *_pairs(twins, 0), {"status": "open", "limit": 1}],
        "list_query_work": [{}, *_pairs(twins, 0), {"status": "open", "older_than": 1}],
        "list_verification": [{}, *_pairs(twins, 0), {"left": True, "limit": 2}],
        "show_verification": of_forms,
        "list_to_sign": [{}, {"broken": True}, *_pairs(twins, 1)],
        "list_events": [{}, *_pairs(twins, 0), *_pairs(twins, 4), {"serious": True}, {"serious": False}],
        "verify_source": [one | {"revision": 1} for one in of_forms],
        "freeze_records": [*_pairs(twins, 0, reason="done"), *_pairs(twins, 4, reason="done")],
        "unfreeze_records": [*_pairs(twins, 0, reason="not done")],
        "redact_value": [one | {"key": AGE, "reason": "a name"} for one in of_forms],
        "sign_form": signed,
        "sign_participant": _proven(_pairs(twins, 0, meaning="approval")),
        "sign_study": _proven([{"milestone": "interim analysis", "meaning": "review"}]),
        "check_signatures": [{}, *_pairs(twins, 0)],
        "list_signatures": [{}, *_pairs(twins, 0), *_pairs(twins, 1)],
    }


def _study(twins: Twins) -> dict[str, list[Ask]]:
    source = (STUDIES / IRCT / "study.toml").read_text()
    why: Ask = {"reason": "decided"}
    lists = [{"number": 1}, {"number": 2}, {"number": 9}]
    return {
        "freeze_list": [{"stage": "phase_1"}, {"stage": "phase_9"}],
        "import_list": [
            {"stage": "phase_1", "file": "stratum,slot,arm\nphase_1/a,1,nothing\n", "made_by": "somebody"},
            {"stage": "phase_9", "file": "stratum,slot,arm\n", "made_by": "somebody"},
        ],
        "contribute_randomness": [one | {"randomness": "3 1 6 2 5 4 4 1 6", "who": "dice"} for one in lists],
        "seal_list": [dict(one) for one in lists],
        "give_up_list": [one | why for one in lists],
        "stop_list": [one | why for one in lists],
        "archive_study": [why, {}],
        "reopen_archive": [why],
        "extract_data": [{}],
        "export_trail": [{}, {"format": "jsonl"}, *_pairs(twins, 0), {"who": "pharmacist", "limit": 3}],
        "list_acts": [{}, *_pairs(twins, 0), {"who": "pharmacist", "limit": 3}, {"field": AGE}],
        "show_chain": [{}, {"anchor": "no anchor"}],
        "review_trail": [{}, {"late_days": 0}],
        "record_trail_review": [{"up_to": 20} | why | PROOF, {"up_to": 9999} | why | PROOF],
        "list_exports": [{}],
        "list_lists": [{}],
        "show_certificate": [dict(one) for one in lists],
        "show_annex": [dict(one) for one in lists],
        "export_allocation": [dict(one) for one in lists],
        "show_amendments": [{}],
        "show_study": [{}],
        "show_study_file": [{}, {"version": 1}, {"version": 9}],
        "preview_study_version": [{"source": source}, {"source": source + "# 2\n"}, {"source": "no study"}],
        "list_activations": [{}],
        "show_blank_form": [{"form": FULL}, {"form": "F.EXPOSURE"}, {"form": "F.NONE"}],
        "status": [{}],
        "open_site": [{"code": "masih", "name": "Another hospital", "zone": "Asia/Tehran"}, {"code": SITE}],
        "change_site": [{"site": SITE, "status": status} | why for status in ("suspended", "closed", "no")],
        "activate_site": [
            {"site": SITE, "version": number, "approved_on": "2021-03-09", "reference": "made up"}
            for number in (1, 2)
        ],
        "load_study_version": [{"source": source} | why, {"source": "no study"} | why],
        "suspend_study": [why, {}],
        "resume_study": [why],
        "lock_study": [why, {}],
        "unlock_study": [why],
        "show_lock_readiness": [{}],
    }


def _accounts(twins: Twins) -> dict[str, list[Ask]]:
    at = twins.facts["now"]
    other = (STUDIES / CHICTR[0] / "study.toml").read_text()
    right: Ask = {"username": "pharmacist", "role": "pharmacist", "study": IRCT, "site": SITE}
    return {
        "begin_study": [{"source": other}, {"source": "no study"}],
        "add_account": [
            {"username": "newcomer", "name": "New Comer", "password": "five quite plain words here"},
            {"username": "pharmacist", "name": "P", "password": "five quite plain words here"},
        ],
        "grant_role": [
            right | {"username": "coordinator", "role": "investigator"},
            right,
            right | {"username": "monitor"},
            right | {"username": "admin"},
        ],
        "record_training": [right | {"trained_on": "2021-03-02", "reason": "misread"}],
        "revoke_role": [right | {"reason": "left"}],
        "list_rights": [{}, {"study": IRCT}, {"at": (at - timedelta(days=1)).isoformat()}],
        "set_account_active": [{"username": "pharmacist", "active": False, "reason": "left"}],
        "change_password": [PROOF | {"new_password": "five quite plain words here"}],
        "reset_password": [
            {"username": "pharmacist", "new_password": "five quite plain words here", "reason": "forgot"}
        ],
        "begin_second_factor": [PROOF],
        "confirm_second_factor": [{"code": "123456"}],
        "remove_second_factor": [{"password": "wrong", "reason": "lost"}],
        "reset_second_factor": [{"username": "pharmacist", "reason": "lost"}],
        "make_token": [
            PROOF
            | {"name": "mine", "study": IRCT, "role": role, "operations": ["status"]}
            | {"expires_at": (at + timedelta(days=9)).isoformat()}
            for role in ("monitor", "coordinator")
        ],
        "revoke_token": [{"token": 1}, {"token": 99}],
        "list_tokens": [{}],
        "list_own_rights": [{}],
        "show_own_account": [{}],
        "list_accounts": [{}, {"username": "pharmacist"}],
        "list_places": [{}],
        "preview_study": [{"source": other}, {"source": "no study"}],
    }
