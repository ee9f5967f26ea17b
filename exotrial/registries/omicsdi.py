"""Reader of a data set's page at OmicsDI as text: a BioStudies record by its literature mirror.

The page is a title, an abstract in sections, the line of the provider with accession and date, the publication and a
list of similar data sets. People (submitter, authors) are read so that they can be left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding, Quote, Severity
from exotrial.registries.abstract_text import Line, find_numbers, read_abstract
from exotrial.registries.record import Loss, RecordedContact, RegistryRecord, Stated
from exotrial.registries.registry import RecordFile, RegistryReader

NOT_TEXT = ErrorCode("BST-001", "The page is no UTF-8 text.", "save the page as text in UTF-8.")
CUT = ErrorCode(
    "BST-002",
    "The page of a data set lacks a part that every page has.",
    "save the whole page again: nothing is read from a part of it.",
)

READER = "omicsdi"
_PROVIDER = re.compile(
    r"^PROVIDER:\s*(?P<accession>[\w-]+)\s*\|\s*(?P<repository>[\w-]+)(?:\s*\|\s*(?P<dated>.+))?$"
)
_LOST_POWER = re.compile(r"\d\s*(?:×|x)\s*10([3-9]|1[0-9])\b")
_TAG = re.compile(r"</?[a-z][a-z0-9]*>", re.IGNORECASE)
_COUNTER = re.compile(r"\d+")


@dataclass
class _Page:
    """The lines of a page and what was found on it."""

    file: RecordFile
    lines: list[str]
    findings: list[Finding] = field(default_factory=list)
    unheld: list[Loss] = field(default_factory=list)

    def find(self, label: str, *, start: int = 0) -> int | None:
        """The position of the first line that begins with a label."""
        return next((n for n in range(start, len(self.lines)) if self.lines[n].startswith(label)), None)

    def need(self, label: str) -> int:
        found = self.find(label)
        if found is None:
            raise CUT.refuse(
                f"no line begins with {label!r}", place=self.file.at(len(self.lines)), value=label
            )
        return found

    def state(self, position: int, words: str | None = None) -> Stated[str]:
        text = self.lines[position] if words is None else words
        return Stated(value=text, prints=text, place=self.file.at(position + 1))

    def lose(self, item: str, position: int, why: str, *, prints: str | None = None) -> None:
        words = self.lines[position] if prints is None else prints
        self.unheld.append(Loss(item=item, prints=words[:160], why=why, place=self.file.at(position + 1)))

    def note(
        self, rule: str, subject: str, severity: Severity, says: str, why: str, positions: Sequence[int]
    ) -> None:
        self.findings.append(
            Finding(
                rule=rule,
                subject=subject,
                severity=severity,
                kind="text",
                says=says,
                why=why,
                settle="the words of the paper itself.",
                quotes=tuple(
                    Quote(source=self.file.name, prints=self.lines[n][:160], line=n + 1)
                    for n in positions[:3]
                ),
                standards=("text extraction",),
            )
        )


def recognises_omicsdi(file: RecordFile) -> bool:
    """Whether the file looks like such a page, whole or cut; never raises."""
    return b"Dataset Information" in file.data[:2_000] and b"ABSTRACT" in file.data[:5_000]


def read_omicsdi(file: RecordFile) -> tuple[RegistryRecord, ...]:
    """The record of a page (BST-001, BST-002)."""
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.data[: error.start].count(b"\n") + 1
        raise NOT_TEXT.refuse("a byte is no UTF-8", place=file.at(line)) from None
    page = _Page(file, [" ".join(line.split()) for line in text.split("\n")])
    opening, abstract, submitter = (
        page.need("Dataset Information"),
        page.need("ABSTRACT"),
        page.need("SUBMITTER:"),
    )
    provider = page.need("PROVIDER:")
    title = _read_title(page, opening, abstract)
    hit = _PROVIDER.match(page.lines[provider])
    if hit is None:
        problem = "the line names no accession and repository"
        raise CUT.refuse(problem, place=file.at(provider + 1), value=page.lines[provider])
    body = [n for n in range(abstract, submitter) if page.lines[n].removeprefix("ABSTRACT:").strip()]
    lines = [Line(text=page.lines[n], place=file.at(n + 1)) for n in body]
    numbers = find_numbers(lines)
    words = "\n".join(page.lines[n] for n in body)
    summary = Stated(value=words, prints=words, place=file.at(body[0] + 1)) if body else None
    contacts = _read_people(page, submitter)
    _note_text(page, body)
    _note_empty(page, opening)
    _tell_rest(page, provider, hit)
    fields: dict[str, Any] = read_abstract(lines)
    return (
        RegistryRecord(
            registry="BioStudies",
            is_repository=True,
            identifier=page.state(provider, hit["accession"]),
            reader=READER,
            source=file.source,
            secondary_ids=numbers,
            scientific_title=title,
            summary=summary,
            contacts=contacts,
            findings=tuple(page.findings),
            unheld=tuple(page.unheld),
            **fields,
        ),
    )


def _read_title(page: _Page, opening: int, abstract: int) -> Stated[str] | None:
    """The first words between the heading and the abstract that are no counter."""
    for n in range(opening + 1, abstract):
        if page.lines[n] and not _COUNTER.fullmatch(page.lines[n]):
            return page.state(n)
    return None


def _read_people(page: _Page, submitter: int) -> tuple[RecordedContact, ...]:
    """The submitter; the authors' line is dropped with a word, whoever they are."""
    name = page.lines[submitter].removeprefix("SUBMITTER:").strip()
    page.lose("submitter", submitter, "a person's name goes into no study file and no export", prints="")
    return (RecordedContact(role="submitter", name=name),) if name else ()


def _note_text(page: _Page, body: Sequence[int]) -> None:
    powers = [n for n in body if _LOST_POWER.search(page.lines[n])]
    if powers:
        page.note(
            "TXT-001",
            "superscripts",
            Severity.WARNING,
            f"{len(powers)} lines of the abstract print a power of ten without its superscript",
            "2.0 × 108 is 216; meant is 2.0 × 10 to the eighth, a million times as much.",
            powers,
        )
    tags = [n for n in range(len(page.lines)) if _TAG.search(page.lines[n])]
    if tags:
        page.note(
            "TXT-003",
            "markup",
            Severity.INFO,
            "the abstract stands a second time, with HTML in it, and cut short; the first was read",
            "Markup in a field means that the text was pasted and not checked.",
            tags,
        )
        page.lose("second abstract", tags[0], "the abstract is read where it stands whole")


def _note_empty(page: _Page, opening: int) -> None:
    empty = [
        n
        for n in range(opening + 3)
        if page.lines[n : n + 1] and (page.lines[n] == "Unknown" or _COUNTER.fullmatch(page.lines[n]))
    ]
    if empty:
        page.note(
            "TXT-008",
            "placeholders",
            Severity.INFO,
            "the page prints a type of “Unknown” or a bare counter; neither is a value of the data set",
            "A placeholder read as a value looks like an answer.",
            empty,
        )


def _tell_rest(page: _Page, provider: int, hit: re.Match[str]) -> None:
    page.lose("repository", provider, "the record has no field for it", prints=hit["repository"])
    if hit["dated"]:
        page.lose(
            "date of publication",
            provider,
            "only a month is printed, in no form of a date",
            prints=hit["dated"],
        )
    publications = page.find("Publications", start=provider)
    if publications is not None:
        page.lose("publication", publications, "its line names the authors", prints="")
    similar = page.find("Similar Datasets", start=provider)
    if similar is not None:
        count = sum(line.startswith("|") for line in page.lines[similar:])
        page.lose(
            "similar data sets", similar, "other data sets are not this trial's", prints=f"{count} named"
        )


OMICSDI = RegistryReader(
    name=READER,
    title="BioStudies record: page of a data set at OmicsDI, as text",
    registry="",
    suffixes=(".txt",),
    citation="OmicsDI, page of a data set, https://www.omicsdi.org (as printed in 2026)",
    recognises=recognises_omicsdi,
    read=read_omicsdi,
)
