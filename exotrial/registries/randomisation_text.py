"""How participants are randomised, read from a registry's description (CONSORT 2025 items 17 and 18)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from exotrial.registries.design_text import split_design
from exotrial.registries.number_words import read_count

Method = Literal["permuted blocks", "stratified permuted blocks", "simple", "minimisation", "other"]

LARGEST_BLOCK = 100
"""A block of more is taken for another number."""


@dataclass(frozen=True, kw_only=True)
class RandomisationText:
    """What a description says for sure; the words of `strata`, `envelopes` and `generated_with` are its own.

    `method` is None where none is named, or two that exclude each other. `block_sizes` ascend. `strata` are the
    factors it stratifies by, or the definitions of the strata where it gives them (`A: patients who …`).
    """

    method: Method | None = None
    block_sizes: tuple[int, ...] = ()
    strata: tuple[str, ...] = ()
    envelopes: tuple[str, ...] = ()
    generated_with: str | None = None


_COUNT = r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve)"
_COUNTS = rf"{_COUNT}(?:\s*(?:,\s*(?:and|or)|,|and|or|&|/)\s*{_COUNT})*"
_SIZES = (
    r"\bblocks?\s+(?:used\s+)?(?:(?:are|is|was|were|will be)\s+)?(?:of|with)\s+(?:a\s+)?"
    r"(?:(?:variable|varying|different|random|mixed|fixed|equal)\s+)?(?:block\s+)?(?:sizes?\s+)?(?:of\s+)?\(?"
    rf"(?P<sizes>{_COUNTS})(?!\s*(?:groups?|arms?|treatments?|drugs?))\b",
    r"\bblock(?:ing)?[\s-]*(?:sizes?|lengths?)\s*(?:(?:of|is|if|are|was|were|will be|:|=|\()\s*)*"
    rf"(?P<sizes>{_COUNTS})\b",
    rf"\b(?P<sizes>{_COUNTS})\s+block[\s-]*(?:sizes?|lengths?)\b",
    rf"\b(?P<sizes>{_COUNT})[\s-]+(?:patients?|participants?|subjects?|people|cases)\s+(?:(?:will|are|is|were|to)\s+)?(?:be\s+)?"
    r"(?:includ\w+\s+|plac\w+\s+)?(?:in|per)\s+(?:each\s+)?block\b",
    rf"\b(?P<sizes>{_COUNT})[\s-]+(?:patient|participant|subject|member|person)\s+blocks?\b",
    rf"\brandom\s+(?P<sizes>{_COUNT}(?:\s*(?:,\s*(?:and|or)|,|and|or|&)\s*{_COUNT})+)\s+blocks?\b",
)
_RANGE = re.compile(r"\s*(?:-|–|to|through)\s*\d")
_PATTERNS = re.compile(r"\b[AB]{4,8}\b|\b[ABC]{6,9}\b")
_STRATIFIED = re.compile(
    r"\b(?:stratif(?:ied|ication|y)(?:\s+\w+){0,3}?\s+(?:by|for|on|according to|based on)|stratification factors?"
    r"(?:\s+(?:are|is|were|will be|include[sd]?))?:?)\s+(?P<factors>[^.;()]+)",
    re.IGNORECASE,
)
_STRATUM = re.compile(
    r"(?P<who>(?:patients|participants|subjects|those)\s+(?:who|with|without)\b.+?)\s+(?:are|is|were|will be)\s+"
    r"(?:classified|placed|put|assigned)\s+(?:in|into|to)\s+(?:group|stratum)\s+(?P<name>[A-Z0-9]\b)",
    re.IGNORECASE,
)
_GENERATED = (
    r"\b(?:using|by|with(?: the help of)?|through|via|in)\s+(?:the\s+|an?\s+)?"
    r"(?P<tool>(?:[A-Z][\w.-]*\s+){1,3}(?:version\s+[\d.]+\s+)?(?:software|program(?:me)?|website|function)|[\"“]?(?:www\.)?[\w-]+\.(?:org|com)[\"”]?)",
    r"\b(?P<tool>[A-Z][\w.-]*\s+(?:(?:version|[A-Z\d][\w.-]*)\s+){0,3}software)",
)


def read_randomisation(text: str) -> RandomisationText:
    """Read a description of the randomisation, or the whole study design that holds one."""
    parts = split_design(text)
    words = parts.get("randomization description", "") if parts else text
    joined = " ".join(words.split())
    blocks = bool(re.search(r"\bblock(?:s|ed|ing)?\b", joined, re.IGNORECASE))
    sizes = _block_sizes(joined) if blocks else ()
    strata = _strata(joined)
    return RandomisationText(
        method=_method(joined, blocks=blocks),
        block_sizes=sizes,
        strata=strata,
        envelopes=tuple(sentence for sentence in _sentences(joined) if "envelope" in sentence.lower()),
        generated_with=_tool(joined),
    )


def _method(text: str, *, blocks: bool) -> Method | None:
    lower = text.lower()
    stratified = re.search(r"\bstratif|\bstrata\b|\bstratum\b", lower)
    named: set[Method] = set()
    if blocks:
        named.add("stratified permuted blocks" if stratified else "permuted blocks")
    if re.search(
        r"\bsimple(?!\s+or\b)(?:\s+\w+){0,2}?\s+randomi|\bsimple\s+(?:randomi|random\b|method)|^simple\.?$",
        lower,
    ):
        named.add("simple")
    if re.search(r"\bminimi[sz]ation\b", lower):
        named.add("minimisation")
    if re.search(r"\bcluster\s+(?:randomi|sampl)", lower):
        named.add("other")
    return named.pop() if len(named) == 1 else None


def _block_sizes(text: str) -> tuple[int, ...]:
    """Every size named; none where a range (`4 to 8`) or an impossible size leaves open which there are."""
    sizes: set[int] = set()
    for pattern in _SIZES:
        for hit in re.finditer(pattern, text, re.IGNORECASE):
            if _RANGE.match(text, hit.end("sizes")):
                return ()
            counts = [read_count(word) for word in re.findall(_COUNT, hit["sizes"], re.IGNORECASE)]
            sizes.update(count for count in counts if count is not None)
    if not sizes:
        lengths = {len(pattern) for pattern in _PATTERNS.findall(text)}
        sizes = lengths if len(lengths) == 1 else set()
    return tuple(sorted(sizes)) if all(2 <= size <= LARGEST_BLOCK for size in sizes) else ()


def _strata(text: str) -> tuple[str, ...]:
    defined = [f"{hit['name']}: {_last_sentence(hit['who'])}" for hit in _STRATUM.finditer(text)]
    if defined:
        return tuple(dict.fromkeys(defined))
    found: list[str] = []
    for hit in _STRATIFIED.finditer(text):
        listed = re.split(
            r",?\s+\band\b\s+|,\s*", re.split(r"\b(?:using|with|in|to|will|was|were)\b", hit["factors"])[0]
        )
        found.extend(" ".join(factor.split()) for factor in listed if factor.strip())
    return tuple(dict.fromkeys(found))


def _last_sentence(words: str) -> str:
    """The last sentence of the words, which the definition ends."""
    clause = re.split(r"(?<=[a-z])\.\s", words)[-1]
    return clause[:1].lower() + clause[1:]


def _tool(text: str) -> str | None:
    for pattern in _GENERATED:
        hit = re.search(pattern, text)
        if hit is not None:
            tool = hit["tool"].strip(' "“”')
            return re.sub(r"\s+(?:software|program(?:me)?|website|function)$", "", tool)
    return None


def _sentences(text: str) -> list[str]:
    return [
        sentence.strip()
        for sentence in re.split(r"(?<=[a-z)\d])\.\s*(?=[A-Z])", text)
        if sentence.strip(" .")
    ]
