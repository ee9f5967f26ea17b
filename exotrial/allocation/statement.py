"""What a report says of its randomisation and blinding: items 17a to 20b of CONSORT 2025, written from the record.

Hopewell S, et al. BMJ 2025;388:e081123: 17a who made the sequence and how, 17b type of randomisation and its
restrictions, 18 concealment, 19 implementation, 20a who was blinded, 20b how. Nothing is said that is not in the
manifest or in the study file; what an item asks and neither holds is named in `lacks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exotrial.allocation import imported, minimised
from exotrial.allocation.manifest import Manifest
from exotrial.allocation.sequence.draw import find_method
from exotrial.study.definition.design import Blinding, Randomisation
from exotrial.study.definition.study import Study


@dataclass(frozen=True, kw_only=True)
class ItemText:
    """One item: its number, its topic, the sentences that answer it, and what it asks that is not recorded."""

    number: str
    topic: str
    sentences: tuple[str, ...]
    lacks: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentences as one paragraph; empty where nothing is recorded."""
        return " ".join(self.sentences)


_Said = tuple[list[str], list[str]]
"""Sentences, and what is lacking."""


def derive_statement(manifest: Manifest, *, study: Study) -> tuple[ItemText, ...]:
    """The six items, in their order. Refuses with SEQ-012 a manifest whose method is not installed."""
    plan = study.randomisation
    said: tuple[tuple[str, str, _Said], ...] = (
        ("17a", "Sequence: who and how", _tell_sequence(manifest, plan)),
        ("17b", "Sequence: restrictions", _tell_restriction(manifest, study)),
        ("18", "Concealment", _tell_concealment(plan)),
        ("19", "Implementation", _tell_implementation(plan)),
        ("20a", "Blinding: who", _tell_blinded(study.blinding)),
        ("20b", "Blinding: how", _tell_blinding(study.blinding)),
    )
    return tuple(
        ItemText(number=number, topic=topic, sentences=tuple(sentences), lacks=tuple(lacks))
        for number, topic, (sentences, lacks) in said
    )


def _tell_sequence(manifest: Manifest, plan: Randomisation | None) -> _Said:
    sentences = [
        f"The lists were made by the algorithm {manifest.algorithm} from a manifest (SHA-256 {manifest.digest()}) "
        "and a seed."
    ]
    if manifest.method == imported.METHOD:
        sentences = [
            f"The order of arms was brought from outside, in a file of SHA-256 {manifest.parameters['sha256']}, "
            f"made by {_phrase(str(manifest.parameters['made_by']))}; the envelopes were made from it by the "
            f"algorithm {manifest.algorithm}."
        ]
    if manifest.generation > 1:
        sentences.append(
            f"This is manifest number {manifest.generation} of the study: {manifest.generation - 1} before it "
            f"{'was' if manifest.generation == 2 else 'were'} given up."
        )
    if plan is not None and plan.generated_with is not None:
        sentences.append(f"The study file names as the tool: {_phrase(plan.generated_with)}.")
    return _add(
        sentences, "The sequence was made by", plan.generated_by if plan else None, "who made the sequence"
    )


def _tell_restriction(manifest: Manifest, study: Study) -> _Said:
    names = {arm.id: arm.name for arm in study.arms}
    arms = _listed([names.get(arm, arm) for arm in manifest.arms])
    sentences = [
        f"Participants were allocated to {arms} in the ratio {':'.join(map(str, manifest.ratio))}.",
        *_tell_method(manifest),
    ]
    lists = [f"{stratum.name or stratum.id} ({stratum.length})" for stratum in manifest.strata]
    if len(lists) > 1:
        sentences.append(f"Each of these has a list of its own: {_listed(lists)}.")
    else:
        sentences.append(f"There was one list, of {manifest.strata[0].length} participants.")
    plan = study.randomisation
    lacks = []
    if manifest.method == imported.METHOD:
        lacks.append("how the list from outside was restricted, such as by blocks")
    if plan is not None and plan.factor is not None and any(one.stratum for one in manifest.strata):
        sentences.append(f"Strata were formed by {_phrase(plan.factor)}.")
    used = manifest.parameters.get("block_sizes")
    if plan is not None and plan.block_sizes and used is not None:
        recorded = tuple(sorted(plan.block_sizes))
        if not isinstance(used, int | str) and tuple(used) != recorded:
            lacks.append(
                f"why the study file names blocks of {_listed([str(size) for size in recorded])} and the manifest "
                f"{_listed([str(size) for size in used])}"
            )
    return sentences, lacks


def _tell_method(manifest: Manifest) -> tuple[str, ...]:
    if manifest.method == imported.METHOD:
        return ()
    if manifest.method == minimised.METHOD:
        return (f"{minimised.describe_plan(manifest)}.",)
    return (f"{find_method(manifest.method).describe(manifest.parameters)}.",)


def _tell_concealment(plan: Randomisation | None) -> _Said:
    sentences, lacks = _add([], "", plan.concealment if plan else None, "how the sequence was concealed")
    if plan is not None and plan.envelope_properties:
        sentences.append(f"The envelopes were {_listed(plan.envelope_properties)}.")
    if plan is not None and plan.envelope_kept_by is not None:
        sentences.append(f"The envelopes were kept by: {_phrase(plan.envelope_kept_by)}.")
    return sentences, lacks


def _tell_implementation(plan: Randomisation | None) -> _Said:
    sentences, lacks = _add(
        [], "Participants were enrolled by", plan.enrolled_by if plan else None, "who enrolled participants"
    )
    more, also = _add(
        [], "They were assigned by", plan.assigned_by if plan else None, "who assigned participants"
    )
    sentences, lacks = sentences + more, lacks + also
    order = plan.assignment_order if plan is not None else "not stated"
    if order == "sequence":
        sentences.append("Allocations were taken in the order of the sequence.")
    elif order == "chosen by participant":
        sentences.append("Participants chose among the envelopes, and not in the order of the sequence.")
    else:
        lacks.append("whether allocations were taken in the order of the sequence")
    lacks.append("whether those who enrolled and assigned had access to the sequence")
    return sentences, lacks


def _tell_blinded(blinding: Blinding | None) -> _Said:
    if blinding is None:
        return [], ["whether anybody was blinded"]
    sentences = [f"The study was labelled {blinding.label}."]
    if blinding.masked_roles:
        roles = _listed(blinding.masked_roles)
        verb = "was" if len(blinding.masked_roles) == 1 else "were"
        sentences.append(f"After assignment the {roles} {verb} blinded.")
    elif blinding.label != "open label":
        return sentences, ["which roles were blinded"]
    return sentences, []


def _tell_blinding(blinding: Blinding | None) -> _Said:
    if blinding is None:
        return [], ["how blinding was done"]
    if blinding.label == "open label":
        return ["The study was open label."], []
    sentences, lacks = _add([], "", blinding.method, "how blinding was done, and how alike treatments were")
    if blinding.placebo:
        sentences.append("A placebo was used.")
    if blinding.unblinding is not None:
        for said, text in (
            ("Unblinding was foreseen for", blinding.unblinding.trigger),
            ("It was to be done by", blinding.unblinding.actor),
        ):
            sentences += [f"{said}: {_phrase(text)}."] if text else []
    return sentences, lacks


def _add(sentences: Sequence[str], begins: str, text: str | None, asked: str) -> _Said:
    """The sentences with one more, or what is lacking where there is no text for it."""
    if not text:
        return list(sentences), [asked]
    return [*sentences, f"{begins}: {_phrase(text)}." if begins else f"{_phrase(text)}."], []


def _phrase(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _listed(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else list(texts))


def write_statement(items: Sequence[ItemText]) -> str:
    """The items as plain text, one a paragraph; what is not recorded stands in square brackets."""
    return "\n\n".join("\n".join(_paragraph(item)) for item in items) + "\n"


def _paragraph(item: ItemText) -> Iterator[str]:
    yield f"{item.number} {item.topic}"
    if item.sentences:
        yield item.text
    if item.lacks:
        yield f"[Not recorded: {'; '.join(item.lacks)}.]"
