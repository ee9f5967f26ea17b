"""Claims files of another paper: one that runs end to end, and files that are refused with place and way out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exotrial.cli.app import main
from exotrial.core.errors import Refusal, Refusals
from exotrial.report.recheck.claims import parse_claims, read_claims
from exotrial.report.recheck.data import parse_table, read_published
from exotrial.report.recheck.engine import check_lines, recheck
from exotrial.report.recheck.kind import find_kinds
from exotrial.report.recheck.verdicts import Answer
from tests.conftest import PROJECT
from tests.report.recheck.paper import HEAD, check_text, write_claim

ANOTHER = PROJECT / "tests" / "files" / "claims" / "another"
TABLE = "row,column,participant,printed,line\nScore,Before,1,3,10\nScore,Before,2,5,10\n"


def refusal_of(text: str, *, tables: dict[str, str] | None = None) -> Refusal:
    with pytest.raises(Refusals) as raised:
        check_text(text, tables=tables)
    (refusal,) = raised.value.refusals
    assert refusal.place.file == "claims.toml"
    assert refusal.place.line is not None
    return refusal


def test_the_claims_of_another_paper_get_their_verdicts() -> None:
    verdicts = {verdict.claim: verdict.answer for verdict in recheck(ANOTHER / "claims.toml", ANOTHER)}
    assert verdicts == {
        "mean-score": Answer.REPRODUCED,
        "wrong-mean": Answer.NOT_REPRODUCED,
        "impossible-mean": Answer.IMPOSSIBLE,
        "paired-p": Answer.REPRODUCED,
        "unpaired-p": Answer.WRONG_METHOD,
        "dates": Answer.CONTRADICTED,
        "unknown": Answer.CANNOT_BE_CHECKED,
    }


def test_a_verdict_names_the_files_behind_it() -> None:
    first = recheck(ANOTHER / "claims.toml", ANOTHER)[0]
    assert [file.name for file in first.files] == ["claims.toml", "scores.csv"]


def test_the_same_input_gives_the_same_verdicts() -> None:
    assert recheck(ANOTHER / "claims.toml", ANOTHER) == recheck(ANOTHER / "claims.toml", ANOTHER)


def test_a_missing_key_is_named_with_its_claim() -> None:
    refusal = refusal_of('id = "one"\nkind = "mean"\nline = 1\nsource = "text"\n')
    assert refusal.code.code == "RCK-003"
    assert refusal.value == "prints"


def test_a_key_that_the_kind_needs_is_named() -> None:
    refusal = refusal_of(write_claim("mean", "3"))
    assert (refusal.code.code, refusal.value) == ("RCK-003", "from.values")


def test_agreement_with_nothing_is_refused() -> None:
    assert refusal_of(write_claim("agreement", "3")).code.code == "RCK-003"


@pytest.mark.parametrize(("key", "near"), [("wods", "words"), ("sectoin", "section"), ("desing", "design")])
def test_an_unknown_key_gets_the_nearest_known_one(key: str, near: str) -> None:
    refusal = refusal_of(write_claim("stated", "3") + f'{key} = "x"\n')
    assert refusal.code.code == "RCK-004"
    assert refusal.remedy == f"did you mean '{near}'?"
    assert refusal.place.line == 11  # five lines of head, five of the claim


def test_an_unknown_name_in_from_or_given_gets_the_nearest_known_one() -> None:
    wrong_from = refusal_of(write_claim("mean", "3", data={"values": [3], "valeus": [3]}))
    assert (wrong_from.code.code, wrong_from.remedy) == ("RCK-004", "did you mean 'values'?")
    wrong_given = refusal_of(write_claim("mean", "3", data={"values": [3]}, given={"stpe": "1"}))
    assert (wrong_given.code.code, wrong_given.remedy) == ("RCK-004", "did you mean 'step'?")


def test_an_unknown_kind_gets_the_nearest_known_one() -> None:
    refusal = refusal_of(write_claim("p_valeu", "0.05"))
    assert (refusal.code.code, refusal.value) == ("RCK-040", "p_valeu")
    assert refusal.remedy == "did you mean 'p_value'?"


@pytest.mark.parametrize("line", ["0", "-3", '"12"', "1.5"])
def test_a_line_that_is_none_is_refused(line: str) -> None:
    refusal = refusal_of(write_claim("stated", "3").replace("line = 1", f"line = {line}"))
    assert refusal.code.code == "RCK-005"
    assert refusal.place.line == 9


def test_a_line_that_does_not_print_the_claim_is_refused_with_the_right_one() -> None:
    document = read_claims(ANOTHER / "claims.toml")
    text = (ANOTHER / "paper.txt").read_text(encoding="utf-8")
    check_lines(document, text, source="text")
    with pytest.raises(Refusals) as raised:
        check_lines(document, "\n\n" + text, source="text")
    first = raised.value.refusals[0]
    assert (first.code.code, first.value) == ("RCK-041", "4.0±1.6")
    assert first.remedy == "it stands on line 3."


@pytest.mark.parametrize(
    ("selection", "code", "value", "near"),
    [
        ({"table": "score"}, "RCK-022", "score", "scores"),
        ({"table": "scores", "row": "Scroe"}, "RCK-023", "Scroe", "Score"),
        ({"table": "scores", "column": "before"}, "RCK-023", "before", "Before"),
    ],
)
def test_a_selection_that_finds_nothing_gets_the_nearest_name(
    selection: dict[str, str], code: str, value: str, near: str
) -> None:
    refusal = refusal_of(write_claim("mean", "4", data={"values": selection}), tables={"scores": TABLE})
    assert (refusal.code.code, refusal.value) == (code, value)
    assert refusal.remedy == f"did you mean '{near}'?"
    assert refusal.place.path == "claims.one.from.values"


def test_a_participant_who_is_not_in_the_table_is_refused() -> None:
    selection = {"table": "scores", "participants": [1, 3]}
    refusal = refusal_of(write_claim("mean", "4", data={"values": selection}), tables={"scores": TABLE})
    assert (refusal.code.code, refusal.value) == ("RCK-023", "3")


def test_a_selection_of_nothing_or_of_two_things_is_refused() -> None:
    for entry in ({"line": 3}, {"missing": "x", "table": "scores"}, {"missing": "x", "row": "Score"}):
        refusal = refusal_of(write_claim("mean", "4", data={"values": entry}))
        assert refusal.code.code == "RCK-005"


def test_a_repeated_id_and_an_unknown_source_and_claim_are_told_together() -> None:
    text = (
        write_claim("stated", "3") + "[[claims]]\n" + write_claim("stated", "4").replace('"text"', '"txet"')
    )
    text += "[[claims]]\n" + write_claim("mean", "5", claim="two", data={"values": {"claim": "oen"}})
    with pytest.raises(Refusals) as raised:
        check_text(text)
    assert [refusal.code.code for refusal in raised.value.refusals] == ["RCK-006", "RCK-007", "RCK-005"]


@pytest.mark.parametrize(
    ("kind", "prints", "data", "given", "code"),
    [
        ("mean", "no figure", {"values": [1]}, {}, "RCK-010"),
        ("mean", "3 or 4", {"values": [1]}, {}, "RCK-010"),
        ("mean_sd", "3.0", {"values": [1, 2]}, {}, "RCK-010"),
        ("p_value", "p = 1.2", {"before": [1, 2], "after": [1, 2]}, {}, "RCK-010"),
        ("duration", "3", {"start": ["Feb 1"], "end": ["Feb 4"]}, {}, "RCK-010"),
        ("duration", "3", {"start": ["Feb 31"], "end": ["Feb 4"]}, {"year": 2020}, "DAY-003"),
        ("p_value", "0.3", {"before": [1, 2], "after": [1, 2]}, {}, "RCK-030"),
        ("change", "rose", {"before": [1], "after": [2]}, {"direction": "up"}, "RCK-030"),
        ("change", "rose", {"before": [1], "after": [2, 3]}, {"direction": "increase"}, "RCK-031"),
        ("median", "3", {}, {"n": "some"}, "RCK-030"),
        ("percentage", "3%", {"of": [0]}, {}, "RCK-030"),
        ("within", "3", {"values": [1]}, {}, "RCK-030"),
    ],
)
def test_what_a_kind_cannot_read_is_refused(
    kind: str, prints: str, data: dict[str, list[object]], given: dict[str, object], code: str
) -> None:
    assert refusal_of(write_claim(kind, prints, data=data, given=given)).code.code == code


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ("row,column,participant,printed\nA,B,1,2\n", "line"),
        ("row,column,participant,printed,line\nA,B,1,2,ten\n", "ten"),
        ("row,column,participant,printed,line\nA,B,1\n", "None"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(table: str, value: str) -> None:
    with pytest.raises(Refusal) as raised:
        parse_table(table.encode(), table="t", name="t.csv")
    assert (raised.value.code.code, raised.value.value) == ("RCK-021", value)
    assert raised.value.place.file == "t.csv"


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(Refusal, match="RCK-021"):
        parse_table(b"row,\xff", table="t", name="t.csv")
    with pytest.raises(Refusal, match=r"RCK-002: claims\.toml line 2: byte 12 is not UTF-8"):
        parse_claims(b'title = ""\n\xff', name="claims.toml")


def test_a_file_that_is_no_toml_is_refused() -> None:
    with pytest.raises(Refusal, match="RCK-002"):
        parse_claims((HEAD + "id = one").encode(), name="claims.toml")


def test_a_file_or_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="RCK-001"):
        read_claims(tmp_path / "claims.toml")
    with pytest.raises(Refusal, match="RCK-020"):
        read_published(tmp_path / "none", wanted=[])


def test_every_kind_says_what_it_is() -> None:
    kinds = find_kinds()
    assert len(kinds) >= 20
    assert all(kind.says.endswith(".") for kind in kinds.values())


def test_the_command_prints_one_row_a_claim_and_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recheck", "--claims", str(ANOTHER / "claims.toml"), "--data", str(ANOTHER)]) == 0
    out = capsys.readouterr().out
    assert "reproduced only by a method wrong for the data" in out
    assert out.count("4.0±1.6") == 3  # the print, its verdict, and what the wrong mean should be


def test_the_command_is_strict_where_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["recheck", "--claims", str(ANOTHER / "claims.toml"), "--strict"]) == 1
    fine = tmp_path / "claims.toml"
    fine.write_text(HEAD + write_claim("stated", "3"), encoding="utf-8")
    assert main(["recheck", "--claims", str(fine), "--strict"]) == 0
    capsys.readouterr()


def test_the_command_prints_json_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recheck", str(PROJECT / "studies" / "mexcovid"), "--json"]) == 0
    verdicts = json.loads(capsys.readouterr().out)
    total = next(verdict for verdict in verdicts if verdict["claim"] == "dose-total")
    assert total["answer"] == "contradicted by another place in the text"
    assert total["recomputed"][0]["value"] == 1.0e9
    assert len(total["files"][0]["sha256"]) == 64


def test_the_command_holds_the_claims_to_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    claims = ["recheck", "--claims", str(ANOTHER / "claims.toml")]
    assert main([*claims, "--text", f"text={ANOTHER / 'paper.txt'}"]) == 0
    assert main([*claims, "--text", f"text={ANOTHER / 'scores.csv'}"]) == 2
    assert "RCK-041" in capsys.readouterr().err
    assert main([*claims, "--text", "other=paper.txt"]) == 2
    assert "RCK-051" in capsys.readouterr().err


def test_the_command_lists_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recheck", "--kinds"]) == 0
    out = capsys.readouterr().out
    assert all(f"{name}\n" in out for name in find_kinds())


@pytest.mark.parametrize("claims", ["claims = [1]", "claims = 1", "claims = []"])
def test_claims_that_are_no_tables_are_refused(claims: str) -> None:
    text = f'{claims}\ntitle = "x"\n[[sources]]\nid = "text"\ntitle = "Text"\n'
    with pytest.raises(Refusals, match=r"RCK-005: claims\.toml line 1 \[claims"):
        parse_claims(text.encode(), name="claims.toml")


def test_the_command_without_study_or_claims_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recheck"]) == 2
    assert "RCK-050" in capsys.readouterr().err
