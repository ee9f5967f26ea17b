"""Writing values into a record, and what follows from it: broken signatures, verifications, edit-check queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from exotrial.core.findings import Finding
from exotrial.operations._act import Act
from exotrial.operations._filled import Target, digest_of_keys
from exotrial.store.models import Query, Record, Signature, Verification
from exotrial.store.models.base import as_text, flatten

EDIT_CHECK = "edit check"
"""The name under which a query's message stands that no person wrote."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a save did: the record, whether it differs, what it broke, and the edit checks' open queries."""

    record: Record
    changed: bool
    signatures_broken: int
    queries: tuple[Query, ...]


def write_record(
    act: Act,
    target: Target,
    *,
    repeat: int,
    encounter: str,
    values: Mapping[str, Any],
    complete: bool,
    findings: Iterable[Finding],
) -> Written:
    """Save values into the target, new or changed; where nothing differs, nothing is written."""
    record = target.record
    before = flatten(record.values) if record is not None else {}
    after = flatten(values)
    keys = changed_keys(before, after)
    status = Record.Status.COMPLETE if complete else Record.Status.DRAFT
    if record is None:
        record = act.add(
            Record(
                participant=target.participant,
                encounter=encounter,
                form=target.form.oid,
                repeat=repeat,
                version=target.version,
                values=dict(values),
                status=status,
            )
        )
    elif keys:
        act.change(record, values=dict(values), status=status, revision=record.revision + 1)
    elif status == Record.Status.COMPLETE and record.status == Record.Status.DRAFT:
        act.change(record, status=status, revision=record.revision + 1)
    else:
        return Written(record=record, changed=False, signatures_broken=0, queries=_asked(record, target))
    broken = break_signatures(act, record) if target.signed else 0
    if target.verified:
        break_verifications(act, record, keys)
    queries = _follow_checks(act, target, record, findings, keys)
    return Written(record=record, changed=True, signatures_broken=broken, queries=queries)


def changed_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """The keys whose value differs, those that are only on one side among them."""
    return frozenset(
        key for key in {*before, *after} if as_text(before.get(key)) != as_text(after.get(key))
    ) | frozenset(before.keys() ^ after.keys())


def break_signatures(act: Act, record: Record) -> int:
    """Every signature over the record, the casebook, the site or the study stops holding, and stays."""
    participant = record.participant
    signatures = list(
        Signature.objects.filter(
            Q(subject__in=("study", f"site:{participant.site.code}", f"participant:{participant.code}"))
            | Q(record=record),
            study=act.the_study,
            broken_at=None,
        )
    )
    act.change_all([(signature, {"broken_at": act.now}) for signature in signatures])
    return len(signatures)


def break_verifications(act: Act, record: Record, keys: frozenset[str]) -> None:
    """What changed is no longer verified; the rest of a verification stays."""
    changes: list[tuple[Verification, dict[str, Any]]] = []
    for row in Verification.objects.filter(record=record, broken_at=None):
        left = [key for key in row.keys if key not in keys]
        if not left:
            changes.append((row, {"broken_at": act.now}))
        elif len(left) < len(row.keys):
            changes.append((row, {"keys": left, "content_digest": digest_of_keys(record, left)}))
    act.change_all(changes)


def _asked(record: Record, target: Target) -> tuple[Query, ...]:
    return tuple(query for query in _rule_queries(record, target) if query.status != Query.Status.CLOSED)


def _rule_queries(record: Record, target: Target) -> list[Query]:
    if not target.queried:
        return []
    return list(Query.objects.filter(record=record).exclude(rule="").order_by("pk"))


def _follow_checks(
    act: Act, target: Target, record: Record, findings: Iterable[Finding], keys: frozenset[str]
) -> tuple[Query, ...]:
    """Raise a query for each check that fires, close those that no longer do; one is open for a rule and key.

    What a person closed is asked again only when the answer changed.
    """
    fired = {(finding.rule, finding.subject): finding.says for finding in findings}
    kept: list[Query] = []
    changes: list[tuple[Query, dict[str, Any]]] = []
    known = set()
    for query in _rule_queries(record, target):
        asked = (query.rule, query.key)
        if query.status == Query.Status.CLOSED:
            if asked in fired and query.key not in keys:
                known.add(asked)
            continue
        known.add(asked)
        if asked not in fired:
            said = message(act, "the answer is no longer out of the ordinary", Query.Status.CLOSED)
            changes.append((query, {"messages": [*query.messages, said], "status": Query.Status.CLOSED}))
            continue
        kept.append(query)
        if query.key in keys:
            said = message(act, fired[asked], Query.Status.OPEN)
            changes.append((query, {"messages": [*query.messages, said], "status": Query.Status.OPEN}))
    act.change_all(changes)
    new = [
        Query(
            record=record,
            key=key,
            rule=rule,
            messages=[message(act, says, Query.Status.OPEN)],
            raised_at=act.now,
        )
        for (rule, key), says in fired.items()
        if (rule, key) not in known
    ]
    return (*kept, *act.add_all(new))


def message(act: Act, text: str, status: str, *, who: str = EDIT_CHECK, role: str = "") -> dict[str, str]:
    """One message of a query."""
    return {"at": act.now.isoformat(), "who": who, "role": role, "text": text, "status": str(status)}
