"""The pages tell no arm: who must not know crawls everything in two installations that differ only in the arms.

Every page that links lead to from the start page, every asset and every form that only asks, is the same byte for
byte, with its headers, its SQL statements and what the server logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from exotrial.operations.access import Role, is_blind
from exotrial.store.home import disconnect
from exotrial.web.pages._page import find_pages
from exotrial.web.pages._refs import make_ref
from exotrial.web.pages._serve import SESSION
from tests.stories.twins import TOLD, Twins, key_of, make_twins
from tests.stories.watch import Seen, World, headers_of, same_randomness, undone, world

pytestmark = pytest.mark.xdist_group("blinding pages")

BLIND = [role for role in Role if is_blind(role)]
MOST = 400
"""Pages that one person opens; the crawl must end before, or the test says so."""

_PERSON = re.compile(r"/p/([^/?]+)")
_LINK = re.compile(r'\s(?:href|src)="([^"]+)"')


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    yield make_twins(tmp_path_factory.mktemp("twins"), "sqlite")
    disconnect()


def look(open_world: World, path: str, role: Role) -> Seen:
    """One page or asset, opened by the person of a role."""
    open_world.statements.clear()
    open_world.log.clear()
    with same_randomness(f"{role} {path}"), undone():
        answer = open_world.client.get(
            path, headers={"Cookie": f"{SESSION}={key_of(role)}", "Accept-Language": "en"}
        )
    return Seen(
        status=answer.status_code,
        headers=headers_of(answer),
        body=answer.content,
        statements=tuple(re.sub(r'"s\d+_x\d+"', "savepoint", sql) for sql in open_world.statements),
        log=tuple(open_world.log),
    )


def crawl(open_world: World, role: Role, begin: list[str]) -> dict[str, Seen]:
    """Everything that links lead to, from the addresses to begin with; of participants, those named there."""
    people = {found[1] for found in map(_PERSON.search, begin) if found}
    found: dict[str, Seen] = {}
    waiting = list(dict.fromkeys(begin))
    while waiting:
        path = waiting.pop(0)
        assert len(found) < MOST, f"{role.value} has not seen everything after {MOST} pages"
        seen = found[path] = look(open_world, path, role)
        if seen.status != 200 or not dict(seen.headers).get("content-type", "").startswith("text/html"):
            continue
        for link in _LINK.findall(seen.body.decode()):
            address = urldefrag(urljoin(path, unescape(link))).url
            parts = urlsplit(address)
            # Files of ours are the same for everybody; they are held to their bytes elsewhere.
            ours = not parts.scheme and not parts.netloc and not address.startswith("/static/")
            person = _PERSON.search(parts.path)
            ours = ours and (person is None or person[1] in people)
            if ours and address not in found and address not in waiting:
                waiting.append(address)
    return found


def addresses(twins: Twins) -> list[str]:
    """The address of every page that the catalogue has, for one participant of each arm and the one who waits."""
    study = twins.trial.study
    keys = twins.trial.opened.keys
    people = [twins.of("exosomes")[0], twins.of("control")[0], twins.waiting]
    filled = []
    for one in find_pages().values():
        for code in people if "participant" in one.path else people[:1]:
            path = re.sub(r"<(?:\w+:)?study>", study, one.path)
            path = re.sub(r"<(?:\w+:)?participant>", make_ref(keys, study, code), path)
            path = re.sub(r"<(?:\w+:)?form>", "F.DEMOGRAPHICS", path)
            path = re.sub(r"<(?:\w+:)?(?:number|job)>", "1", path)
            path = re.sub(r"<(?:\w+:)?batch>", make_ref(keys, study, "EXO-1"), path)
            filled.append(f"/{path}")
    return filled


@pytest.mark.parametrize("role", BLIND, ids=[role.value for role in BLIND])
def test_a_blinded_person_finds_no_arm_on_any_page(twins: Twins, role: Role) -> None:
    begin = ["/", *addresses(twins)]
    seen: dict[bool, dict[str, Seen]] = {}
    for twin in (False, True):
        with world(twins.twin if twin else twins.trial, twin=twin, at=twins.facts["now"]) as open_world:
            seen[twin] = crawl(open_world, role, begin)
    assert seen[False].keys() == seen[True].keys()
    for path, here in seen[False].items():
        there = seen[True][path]
        assert here.body == there.body, path
        assert here == there, path
        assert here.status < 500, path
        text = here.body.decode(errors="replace")
        for arm in ("exosomes", "control"):
            assert TOLD.format(arm=arm) not in text, path
    opened = {path for path, one in seen[False].items() if one.status == 200}
    assert "/" in opened
    assert len(opened) >= 3


def test_who_may_know_is_shown_what_differs(twins: Twins) -> None:
    """The crawl can tell: for the pharmacist the two worlds are not the same."""
    seen: dict[bool, dict[str, Seen]] = {}
    begin = [path for path in addresses(twins) if path.endswith(("/product", "/kits", "/arms"))]
    if not begin:
        pytest.fail("no page shows the pharmacist what the kits hold")
    for twin in (False, True):
        with world(twins.twin if twin else twins.trial, twin=twin, at=twins.facts["now"]) as open_world:
            seen[twin] = {path: look(open_world, path, Role.PHARMACIST) for path in begin}
    assert any(seen[False][path].body != seen[True][path].body for path in begin)
