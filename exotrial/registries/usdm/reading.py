"""What the readers of a USDM document share: where a value stands, what was doubtful, what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from exotrial.core.findings import Finding, Quote, Severity
from exotrial.registries.json_lines import JsonPath
from exotrial.registries.record import Loss, Stated
from exotrial.registries.usdm.document import Document
from exotrial.registries.usdm.extensions import find_extension
from exotrial.registries.usdm.markup import read_markup, tags_of
from exotrial.registries.usdm.terms import CDISC, NOT_STATED, OWN_SYSTEM, read_terms, read_word

T = TypeVar("T")
Json = Mapping[str, Any]

USDM = "CDISC USDM v4.0"


class Reading:
    """One document while it is read; findings and losses gather in it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: dict[str, Finding] = {}
        self.unheld: list[Loss] = []

    def path(self, element: Json) -> JsonPath:
        """Where an element stands."""
        return self.document.elements[str(element["id"])].path

    def state(self, value: T, element: Json, attribute: str, *, prints: object = None) -> Stated[T]:
        """A value with the words that print it, and the place of the attribute that holds them."""
        place = self.document.at((*self.path(element), attribute))
        return Stated(value=value, prints=str(value if prints is None else prints), place=place)

    def words(self, element: Json, *attributes: str) -> Stated[str] | None:
        """The first of the attributes that holds words, as it stands."""
        for attribute in attributes:
            if (element.get(attribute) or "").strip():
                return self.state(element[attribute].strip(), element, attribute)
        return None

    def template(self, element: Json) -> Stated[str] | None:
        """The text of a syntax template with its tags filled in; `prints` leaves the tags open and the XHTML out."""
        text = element["text"]
        dictionary = self.document.elements.get(element.get("dictionaryId") or "")
        words, unknown = read_markup(text, self.document.elements, tags_of(dictionary))
        if not words:
            return None
        stated = self.state(words, element, "text", prints=read_markup(text, {}, {})[0])
        for name in unknown:
            self.doubt(
                "UDM-001",
                f"{element['id']}.{name}",
                says=f"The text of {element['id']} has a tag {name!r} that stands for no value of the study.",
                why="A reader of the criterion or endpoint misses the value, which may be a limit.",
                settle="What the tag stands for, in the dictionary of the template.",
                stated=stated,
            )
        if words.startswith("***"):
            self.doubt(
                "UDM-002",
                str(element["id"]),
                says=f"The text of {element['id']} is a placeholder.",
                why="A placeholder is counted as a criterion or an endpoint and says nothing.",
                settle="The text of the protocol.",
                stated=stated,
            )
        return stated

    def coded(self, element: Json, attribute: str, list_: str) -> Stated[str] | None:
        """The study file's word for an attribute's code, or the code's own words where there is none."""
        code = element.get(attribute)
        return None if not code else self.term(code, list_)

    def term(self, code: Json, list_: str) -> Stated[str] | None:
        """The study file's word for a Code (of an AliasCode its standard one); None for our own "not stated"."""
        code = code.get("standardCode", code)
        word = read_word(list_, code)
        if (code["codeSystem"], word) == (OWN_SYSTEM, NOT_STATED):
            return None
        self._check_code(code)
        return self.state(word or code["decode"], code, "decode", prints=code["decode"])

    def _check_code(self, code: Json) -> None:
        """A code of CDISC whose decode is that of another code of the same list contradicts itself."""
        if code["codeSystem"] != CDISC:
            return
        known = [term for term in read_terms() if term.code == code["code"]]
        others = [
            term for term in read_terms() if term.decode == code["decode"] and term.code != code["code"]
        ]
        lists = {term.list for term in known}
        wrong = [term for term in others if term.list in lists]
        if known and wrong and code["decode"] not in {term.decode for term in known}:
            self.doubt(
                "UDM-003",
                str(code["id"]),
                says=f"The code {code['code']} ({known[0].decode}) is decoded as {code['decode']!r}.",
                why="Tools that read the code and people who read the words understand two things.",
                settle=f"Which of {known[0].code} and {wrong[0].code} is meant.",
                stated=self.state(code["code"], code, "code", prints=f"{code['code']} {code['decode']}"),
            )

    def own(self, element: Json, key: str, kind: type[T]) -> Stated[T] | None:
        """What an extension attribute of exotrial's scheme holds, where it is of the kind that the key has."""
        found = find_extension(element, key)
        if found is None:
            return None
        position, value = found
        place = self.document.at((*self.path(element), "extensionAttributes", position))
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.unheld.append(
                Loss(item=key, prints=str(value), why="not of the kind that it has", place=place)
            )
            return None
        return Stated(value=value, prints=str(value), place=place)

    def doubt(
        self, rule: str, subject: str, *, says: str, why: str, settle: str, stated: Stated[Any]
    ) -> None:
        """Gather a finding; one of the same id is told once."""
        quote = Quote(
            source=self.document.file.name,
            prints=stated.prints[:200],
            line=stated.place.line,
            place=stated.place.path,
        )
        finding = Finding(
            rule=rule,
            subject=subject,
            severity=Severity.ERROR if rule == "UDM-003" else Severity.WARNING,
            kind="format",
            says=says,
            why=why,
            settle=settle,
            quotes=(quote,),
            standards=(USDM,),
        )
        self.findings[finding.id] = finding

    def leave(self, item: str, prints: str, why: str, element: Json | None = None) -> None:
        """Gather a loss: something that the record has no place for."""
        place = self.document.at(self.path(element)) if element is not None else self.document.file.at()
        self.unheld.append(Loss(item=item, prints=prints, why=why, place=place))
