"""The interface's languages: catalogues that are current, whole where data are entered, and pages that show them."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from exotrial.operations.access import Role
from exotrial.web import messages
from exotrial.web.pages._words import LANGUAGES, choose_language, direction
from tests.operations.life_steps import enrol
from tests.operations.test_participant_search import LEVEL
from tests.trial import Trial
from tests.web.pages.conftest import trial  # noqa: F401 - the fixture
from tests.web.pages.visitor import Visitor, words_of

OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_is_current_compiled_and_says_that_it_needs_review(language: str) -> None:
    path = messages.po_file(language)
    po, mo = messages.update(language)
    assert path.read_bytes() == po, "run `make messages`"
    assert path.with_suffix(".mo").read_bytes() == mo, "run `make messages`"
    assert "NEEDS REVIEW" in path.read_text(encoding="utf-8").splitlines()[1]


@pytest.mark.parametrize("language", OTHERS)
def test_where_data_are_entered_every_string_is_translated_with_its_parts(language: str) -> None:
    with messages.po_file(language).open("rb") as file:
        found = read_po(file, locale=language, charset="utf-8")
    now = [message for message in messages.find_messages() if message.id and messages.needed(message)]
    assert len(now) > 300
    for message in now:
        known = found.get(message.id if isinstance(message.id, str) else message.id[0])
        assert known is not None
        given = [known.string] if isinstance(known.string, str) else list(known.string or ())
        named = message.id if isinstance(message.id, str) else message.id[1]
        for one in given:
            assert one, f"not translated: {message.id!r}"
            assert set(re.findall(r"%\(\w+\)s", one)) == set(re.findall(r"%\(\w+\)s", named)), one


def test_a_persian_page_is_written_from_right_to_left(trial: Trial) -> None:  # noqa: F811
    code = enrol(trial, level=LEVEL)
    visitor = Visitor(trial, Role.COORDINATOR)
    visitor.client.headers["Accept-Language"] = "fa-IR,fa;q=0.9,en;q=0.5"
    page = visitor.get(visitor.study(f"/p/{visitor.ref(code)}/form/F.DEMOGRAPHICS"))
    assert '<html lang="fa" dir="rtl"' in page.text
    assert "ذخیرهٔ پیش‌نویس" in words_of(page)
    assert code in words_of(page)
    listed = visitor.get(visitor.study("/participants"))
    assert "شرکت‌کنندگان" in words_of(listed)
    assert "۱ شرکت‌کننده" in words_of(listed) or "1 شرکت‌کننده" in words_of(listed)


def test_a_language_is_chosen_kept_and_falls_back_to_english(trial: Trial) -> None:  # noqa: F811
    visitor = Visitor(trial, Role.COORDINATOR)
    answer = visitor.post("/choices", {"exotrial_language": "zh", "back": "/"})
    assert answer.headers["location"] == "/"
    page = visitor.get("/")
    assert '<html lang="zh" dir="ltr"' in page.text
    assert "您的试验" in words_of(page)
    visitor.post("/choices", {"exotrial_language": "tlh"})
    assert '<html lang="zh"' in visitor.get("/").text


@pytest.mark.parametrize(
    ("wished", "accepted", "language"),
    [
        ("fa", "en", "fa"),
        ("", "de,zh-CN;q=0.8", "zh"),
        ("", "de", "en"),
        ("xx", "", "en"),
        ("", ";;,", "en"),
    ],
)
def test_the_language_is_the_chosen_or_the_first_that_there_is(
    wished: str, accepted: str, language: str
) -> None:
    assert choose_language(wished, accepted) == language


def test_persian_runs_from_right_to_left_and_the_others_do_not() -> None:
    assert {language: direction(language) for language in LANGUAGES} == {
        "en": "ltr",
        "fa": "rtl",
        "zh": "ltr",
    }
