"""The guide to pictures keeps up: its mark is read, and every finding and kind of mark is named."""

from __future__ import annotations

import re

from exotrial.product.picture_marks import Kind, read_marks
from tests.conftest import PROJECT
from tests.product.images.marked import blot_file, blot_marks

GUIDE = (PROJECT / "docs/how-to/measure-images.md").read_text(encoding="utf-8")


def test_the_mark_of_the_guide_is_read() -> None:
    (block,) = re.findall(r"^```toml\n(.+?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)
    picture = blot_file()
    (mark,) = read_marks(blot_marks(picture, marks=[block]), picture=picture.source).marks
    assert mark.tells == "band calnexin, vesicles, top 78, bottom 103"


def test_every_kind_of_mark_and_every_finding_is_in_the_guide() -> None:
    rules = {
        rule
        for path in (PROJECT / "exotrial" / "product").rglob("*.py")
        for rule in re.findall(r'"(IMF-\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert len(rules) == 9
    assert [rule for rule in sorted(rules) if f"| `{rule}` |" not in GUIDE] == []
    assert [kind for kind in Kind if f"| `{kind}` |" not in GUIDE] == []
