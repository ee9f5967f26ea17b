"""One participant's casebook: all forms with what is open about them, and who signed the whole."""

from __future__ import annotations

from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, view
from exotrial.operations.access import Permission
from exotrial.operations.record_views import ListedRecord, ListRecords, records_of
from exotrial.operations.signatures import ShownSignature, show_signature
from exotrial.store.models import Signature


class ShownCasebook(Answer):
    """What a participant's page shows beside `show_participant`; it costs the same among ten or ten thousand."""

    participant: str
    site: str
    site_name: str
    zone: str
    status: str
    frozen: bool
    study_version: int
    records: tuple[ListedRecord, ...]
    open_queries: int
    signatures: tuple[ShownSignature, ...]


@view(permission=Permission.READ_DATA)
def show_casebook(act: Act, ask: ListRecords) -> ShownCasebook:
    """One participant's page: every form with its state and queries, and the signatures over the whole."""
    participant = act.participant(ask.participant)
    records = records_of(act, participant)
    signatures = Signature.objects.filter(study=act.the_study, subject=f"participant:{participant.code}")
    return ShownCasebook(
        participant=participant.code,
        site=participant.site.code,
        site_name=participant.site.name,
        zone=participant.site.zone,
        status=participant.status,
        frozen=participant.frozen,
        study_version=participant.site.version,
        records=records,
        open_queries=sum(record.open_queries for record in records),
        signatures=tuple(show_signature(row) for row in signatures.order_by("pk")),
    )
