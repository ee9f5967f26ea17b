"""The catalogues of the interface's languages: what there is to translate, and the files that hold the translations.

    python -m exotrial.web.messages           bring the .po files up to date and compile them to .mo
    python -m exotrial.web.messages --check   fail where they are not

Strings are taken from the templates and, where a template shows a word of the code (a role, a state, a menu's label),
from the code itself. A translation that is empty is shown in English. Every catalogue needs the review of a native
speaker who knows trials; until then its header says so.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from exotrial.operations.access import Role
from exotrial.operations.timeline import Kind
from exotrial.operations.worklist import Work
from exotrial.participants.consent import DataUse
from exotrial.participants.consent import Kind as ConsentKind
from exotrial.participants.disposition import State
from exotrial.web.pages._page import find_pages
from exotrial.web.pages._track import LABELS
from exotrial.web.pages._words import LANGUAGES, LOCALES
from exotrial.web.pages.participant import STEPS
from exotrial.web.pages.participants import ORDERS

TEMPLATES = Path(__file__).parent / "templates"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
FIRST = datetime(2026, 11, 22, tzinfo=UTC)
"""A catalogue's date: the same bytes for the same strings."""
HEADER = """\
# exotrial, the interface in {language}.
# NEEDS REVIEW by a native speaker who knows clinical trials: nobody has reviewed these translations yet."""

ENTRY = (
    *("page", "sign_in", "carried", "refused", "home", "participants", "participant"),
    *("form", "form_history", "form_second", "blank_form"),
    *("parts/shapes", "parts/states", "parts/entry", "parts/form_dialogs"),
)
"""The templates of the pages on which data are entered: translated whole. The others may fall back to English."""

FORM_STATES = ("not due", "not filled", "due", "overdue", "draft", "complete", "signed", "begun", "broken")
QUERY_STATES = ("open", "answered", "closed")
BATCH_STATES = ("quarantine", "released", "recalled", "rejected", "not reviewed", "accepted", "set aside")
"""Of a batch, and of a file of its evidence."""
STUDY_STATES = ("setup", "running", "suspended", "locked", "unblinded", "archived")


def words_of_code() -> Iterator[str]:
    """The words of the code that templates show translated."""
    yield from (role.value for role in Role)
    yield from (state.value for state in State)
    yield from (*FORM_STATES, *QUERY_STATES, *STUDY_STATES, *BATCH_STATES)
    yield from (kind.value for kind in ConsentKind)
    yield from (use.value for use in DataUse)
    yield from (kind.value for kind in Kind)
    yield from (work.value for work in Work)
    yield from (one.menu.label for one in find_pages().values() if one.menu is not None)
    yield from (words for _, words, _ in STEPS)
    yield from (words for _, words in ORDERS)
    yield from LABELS.values()


def find_messages() -> Catalog:
    """Everything there is to translate, with the templates that show it, in one order."""
    found = Catalog(project="exotrial", creation_date=FIRST)
    for file in sorted(TEMPLATES.rglob("*.html")):
        name = str(file.relative_to(TEMPLATES).with_suffix(""))
        for _, message, _, _ in extract_from_file(
            "jinja2.ext:babel_extract", file, KEYWORDS, options=OPTIONS
        ):
            found.add(message, locations=[(name, 1)])
    for word in dict.fromkeys(words_of_code()):
        found.add(word, locations=[("code", 1)])
    return found


def needed(message: object) -> bool:
    """Whether a message of a catalogue has to be translated: it is shown where data are entered, or is of the code."""
    return any(name in ENTRY or name == "code" for name, _ in getattr(message, "locations", ()))


def po_file(language: str) -> Path:
    """Where the translations of a language are written by people."""
    return LOCALES / language / "LC_MESSAGES" / "exotrial.po"


def update(language: str) -> tuple[bytes, bytes]:
    """The .po and .mo of a language: its translations of every string that there is now."""
    now = find_messages()
    path = po_file(language)
    known = Catalog(locale=language)
    if path.is_file():
        with path.open("rb") as file:
            known = read_po(file, locale=language, charset="utf-8")
    made = Catalog(
        locale=language,
        project="exotrial",
        header_comment=HEADER.format(language=LANGUAGES[language]),
        creation_date=FIRST,
        revision_date=FIRST,
        last_translator="nobody yet",
        language_team="none",
        fuzzy=False,
    )
    for message in now:
        if message.id:
            before = known.get(message.id if isinstance(message.id, str) else message.id[0])
            made.add(
                message.id,
                string=before.string if before is not None else None,
                locations=sorted(message.locations),
            )
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, made, width=0, sort_output=True)
    write_mo(mo, made)
    return po.getvalue(), mo.getvalue()


def main(arguments: list[str]) -> int:
    """Write the catalogues, or say which are not up to date."""
    stale = []
    for language in LANGUAGES:
        if language == "en":
            continue
        path = po_file(language)
        for file, content in zip((path, path.with_suffix(".mo")), update(language), strict=True):
            if file.is_file() and file.read_bytes() == content:
                continue
            stale.append(file)
            if "--check" not in arguments:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
    for file in stale:
        sys.stdout.write(
            f"{'stale' if '--check' in arguments else 'written'}: {file.name} of {file.parts[-3]}\n"
        )
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
