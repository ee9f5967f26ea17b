"""The guides to assay files keep up: the reader that one shows works, and every reader and finding is named."""

from __future__ import annotations

import re

import pytest

from exotrial.core.errors import Refusal
from exotrial.product.assay import AssayKind, AssayReader, assay_file, find_readers, read_assay
from tests.conftest import PROJECT

GUIDES = PROJECT / "docs" / "how-to"


def test_the_reader_of_the_guide_reads_and_refuses() -> None:
    page = (GUIDES / "add-an-assay-reader.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.+?)^```", page, flags=re.MULTILINE | re.DOTALL)
    module: dict[str, object] = {}
    exec(compile(block, "nanocounter.py", "exec"), module)
    (reader,) = [value for value in module.values() if isinstance(value, AssayReader)]
    file = assay_file(b"Nanocounter 2\nConcentration,7.66e+08\n", name="result.txt")
    assert read_assay(file, readers=[reader]).printed[0].value == 7.66e8
    with pytest.raises(Refusal, match=r"ASY-102: result.txt line 2: Concentration is '7.66e \+ 0.8'"):
        read_assay(
            assay_file(b"Nanocounter 2\nConcentration,7.66e + 0.8\n", name="result.txt"), readers=[reader]
        )
    with pytest.raises(Refusal, match="ASY-104"):
        read_assay(assay_file(b"x", name="result.txt"), reader="nanocounter", readers=[reader])


def test_every_reader_of_size_and_results_is_in_the_guide() -> None:
    page = (GUIDES / "read-assay-files.md").read_text(encoding="utf-8")
    kinds = (AssayKind.SIZE, AssayKind.TRACKS, AssayKind.RESULT)
    named = [reader.name for reader in find_readers().values() if reader.kind in kinds]
    assert [name for name in named if f"`{name}`" not in page] == []


def test_every_finding_on_assay_files_is_in_the_guide() -> None:
    page = (GUIDES / "read-assay-files.md").read_text(encoding="utf-8")
    rules = {
        rule
        for path in (PROJECT / "exotrial" / "product").rglob("*.py")
        for rule in re.findall(r'"(ASF-\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert rules
    assert sorted(rule for rule in rules if f"| `{rule}` |" not in page) == []
