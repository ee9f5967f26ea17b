"""Makes the elements of a USDM document, each with an id that is its own and that a second writing gives again."""

from __future__ import annotations

from collections import Counter
from typing import Any

from exotrial.registries.usdm.terms import Term


class Maker:
    """Gives out elements: numbered by class, or named after the part of the study file that they stand for."""

    def __init__(self) -> None:
        self._made: Counter[str] = Counter()

    def __call__(self, kind: str, name: str = "", /, **attributes: Any) -> dict[str, Any]:
        """An element of a class; `name` is the id of a part of the study file, "" for one that is only numbered."""
        if not name:
            self._made[kind] += 1
        tail = name or str(self._made[kind])
        return {"id": f"{kind}_{tail}", **attributes, "instanceType": kind}

    def code(self, term: Term) -> dict[str, Any]:
        """A Code."""
        return self(
            "Code",
            code=term.code,
            codeSystem=term.system,
            codeSystemVersion=term.version,
            decode=term.decode,
        )

    def alias(self, term: Term) -> dict[str, Any]:
        """A Code that other systems may have aliases for."""
        return self("AliasCode", standardCode=self.code(term))
