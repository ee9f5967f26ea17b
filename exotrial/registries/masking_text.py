"""Masking as registers print it: the label (`Double blinded`), and who is masked (SPIRIT 2025 item 24a).

ClinicalTrials.gov prints `Masking: Quadruple (Participant, Care Provider, Investigator, Outcomes Assessor)`, IRCT a
label, a list headed `Groups that have been masked` and a description.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from exotrial.registries.design_text import split_design
from exotrial.registries.record import MaskedRole

MaskingLabel = Literal["open label", "single blind", "double blind", "triple blind", "quadruple blind"]


class Masking(NamedTuple):
    """`label` None where the text prints none, or two that differ; `roles` in the order of `MaskedRole`."""

    label: MaskingLabel | None = None
    roles: tuple[MaskedRole, ...] = ()


_LABELS: tuple[tuple[str, MaskingLabel], ...] = (
    (r"\bopen[\s-]*labell?(?:ed)?\b|\bnot[\s-]+(?:blind|mask)(?:ed)?\b|\bun-?(?:blinded|masked)\b"
     r"|\bno (?:blinding|masking)\b|\bnon-?blind(?:ed)?\b|^\s*none\b|^\s*open\b|\bopen\s*:\s*yes\b", "open label"),
    (r"\bsingle\b(?=[\s-]*(?:blind|mask|\(|$))", "single blind"),
    (r"\bdouble\b(?=[\s-]*(?:blind|mask|\(|$))", "double blind"),
    (r"\b(?:triple|three)\b(?=[\s-]*(?:blind|mask|\(|$))", "triple blind"),
    (r"\bquadruple\b(?=[\s-]*(?:blind|mask|\(|$))", "quadruple blind"),
)  # fmt: skip
_ROLES: tuple[tuple[str, MaskedRole], ...] = (
    (r"participants?|patients?|subjects?|volunteers?", "participant"),
    (
        r"care[\s-]?providers?|(?:clinical )?care[\s-]?givers?|nurses?|therapists?|treatment staff"
        r"|(?:treating |attending )?(?:physicians?|clinicians?|doctors?)|(?:therapeutic|medical) personnel"
        r"|health ?care (?:workers?|providers?|personnel)",
        "care provider",
    ),
    (r"(?:trial |study |principal |main )?(?:investigators?|researchers?)", "investigator"),
    (
        r"outcomes? (?:assessors?|evaluators?)|assessors?|evaluators?|physicians? who assess(?:es)? (?:the )?outcomes?"
        r"|radiologists?",
        "outcome assessor",
    ),
    (
        r"data (?:and safety )?(?:analysts?|analy[sz]ers?)|statisticians?(?: analy[sz]ing the data)?"
        r"|(?:statistical )?(?:analysts?|analy[sz]ers?)",
        "data analyst",
    ),
)
_ARTICLES = re.compile(r"^(?:(?:the|all|his\s*/\s*her|their|our|both)\s+)+")
_BLIND = (
    r"(?:will(?: all)? be|are(?: all)?|is|were|was|did|do|does)\s+(?:all\s+|also\s+|kept\s+)?"
    r"(?:blind(?:ed)?|masked|unaware|not\s+(?:be\s+)?aware|not\s+know|n't\s+know)\b"
)
_SENTENCE = re.compile(
    rf"^(?:in (?:this|the) study[\s,:]*)?(?P<who>.+?)\s+(?:all\s+)?{_BLIND}", re.IGNORECASE | re.DOTALL
)
_SAID_NO = re.compile(
    r"\b(?:open|single blind|double blind|other)\s*:\s*(?:no|information not present in eudract)\b"
)
_SPEAKS = re.compile(r"blind|mask|\b(?:un)?aware\b|\bknow", re.IGNORECASE)
_DENIES = re.compile(r"^[^,]*\b(?:not be|are not|is not|were not) (?:blind|mask)", re.IGNORECASE)
_ASIDE = re.compile(r"\s+in (?:the|each) (?:intervention|study|treatment|groups?|intervention groups?)$")
_HEADED = re.compile(r"^\s*groups that have been masked\s*:?\s*", re.IGNORECASE)


def read_masking(text: str) -> Masking:
    """The label and the masked roles that a text prints.

    Roles are read from a list of nothing but roles, or from sentences whose whole subject is such a list (`The
    patient and the researcher are blinded`). A description with a sentence on masking that reads otherwise names
    none: half a list would look whole.
    """
    parts = split_design(text)
    labelled = parts.get("masking") or parts.get("blinding")
    label = _label(labelled if labelled is not None else text)
    if labelled is None and not parts:
        roles = _listed(text) or _described(text)
    else:
        roles = _listed(labelled or "") or _described(parts.get("blinding description", ""))
    return Masking(label, () if label == "open label" else roles)


def _label(text: str) -> MaskingLabel | None:
    words = " ".join(text.lower().split())
    words = _SAID_NO.sub(" ", words)  # EU CTR prints `Open: no Single blind: no Double blind: yes`
    found = {label for pattern, label in _LABELS if re.search(pattern, words)}
    return found.pop() if len(found) == 1 else None


def _listed(text: str) -> tuple[MaskedRole, ...]:
    """The roles of a bracketed list, or of a text that is nothing but a list."""
    bracketed = re.search(r"\(([^()]*)\)\s*\.?\s*$", text)
    return _roles(bracketed[1] if bracketed else _HEADED.sub("", text))


def _described(text: str) -> tuple[MaskedRole, ...]:
    """The roles of a description, where every sentence of it that speaks of masking could be read."""
    found: set[MaskedRole] = set()
    for sentence in re.split(r"(?<=[a-z)])[.!;]\s+|\n", text):
        if not _SPEAKS.search(sentence) or _DENIES.search(sentence):
            continue
        hit = _SENTENCE.search(sentence.strip(" _-*\t"))
        roles = _roles(hit["who"]) if hit is not None else ()
        if not roles:
            return ()
        found.update(roles)
    return _in_order(found)


def _roles(text: str) -> tuple[MaskedRole, ...]:
    """The roles of a list parted by commas, lines, bullets or `and`; empty where any part is none."""
    found: set[MaskedRole] = set()
    for part in re.split(r",|;|\n|\band\b|&|•", text.replace("*", " ").lower()):
        words = _ARTICLES.sub("", " ".join(part.replace("his / her", "their").split()).strip(" -._"))
        words = _ASIDE.sub("", words)
        if not words:
            continue
        role = next((role for pattern, role in _ROLES if re.fullmatch(pattern, words)), None)
        if role is None:
            return ()
        found.add(role)
    return _in_order(found)


def _in_order(found: set[MaskedRole]) -> tuple[MaskedRole, ...]:
    return tuple(role for _, role in _ROLES if role in found)
