"""What an operation is handed: the locked study, who asks, the time, and the only way to write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations.access import MATRIX, Role
from exotrial.store.home import Opened
from exotrial.store.models import Audited, Participant, Record, Site, Study, StudyVersion
from exotrial.store.prepared import Values, find_first
from exotrial.store.trail import FieldChange
from exotrial.study import definition
from exotrial.study.file import parse_study
from exotrial.study.items import Form

NO_SITE = ErrorCode("OPR-010", "The study has no such site.", "use a site code that `exotrial sites` lists.")
NO_PARTICIPANT = ErrorCode(
    "OPR-011",
    "There is no such participant where the person has rights.",
    "look up the code; a participant of another site is not shown.",
)
REASON_MISSING = ErrorCode(
    "OPR-012",
    "Something that is already recorded changes, and no reason is given.",
    "say why in `reason`; it goes into the trail beside the old and the new value.",
)
NO_RECORD = ErrorCode("OPR-013", "There is no such record.", "look up the form, encounter and repeat.")
NO_VERSION = ErrorCode(
    "OPR-014",
    "The study has no version that can be worked by.",
    "load a study file with `load_study_version`.",
)

Row = TypeVar("Row", bound=Audited)


def _participants(told: Values) -> QuerySet[Participant]:
    return Participant.objects.select_related("site").filter(study=told["study"], code=told["code"])


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who asks, as one role. `sites` are the codes where the role's right holds, None for the whole study.

    `source` is where the request came from (`cli`, `web`, `token:<name>`); `session` is the id of the sign-in.
    """

    username: str
    name: str
    role: Role
    sites: frozenset[str] | None = None
    source: str = ""
    session: int | None = None

    def holds_at(self, site: str) -> bool:
        """Whether the role's right holds at a site."""
        return self.sites is None or site in self.sites


@dataclass(kw_only=True)
class Act:
    """One operation under way, inside its transaction, the study's chain locked by it alone.

    `study` is None for acts of the whole installation (accounts and rights).
    """

    opened: Opened
    actor: Actor
    now: datetime
    study: Study | None = None
    reason: str = ""
    site_code: str = ""
    participant_code: str = ""
    changes: list[FieldChange] = field(default_factory=list)
    digests: dict[int, str] = field(default_factory=dict)
    """Digests of the study's versions, by number, as far as they were looked up."""

    @property
    def the_study(self) -> Study:
        """The study; an operation of a study always has one."""
        assert self.study is not None
        return self.study

    @property
    def today(self) -> date:
        return self.now.date()

    # -- reading ------------------------------------------------------------------------------------------

    def definition(self, version: int | None = None) -> definition.Study:
        """The study file of a version (the newest where None). Refuses with OPR-014."""
        study = self.the_study
        number = study.version if version is None else version
        return read_version(study.pk, number, self._digest(number))

    def forms(self, version: int | None = None) -> dict[str, Form]:
        """The forms of a version by oid. Refuses with OPR-014."""
        study = self.the_study
        number = study.version if version is None else version
        return forms_of(study.pk, number, self._digest(number))

    def _digest(self, version: int) -> str:
        study = self.the_study
        if version == study.version:
            return study.version_digest
        if version not in self.digests:
            row = StudyVersion.objects.filter(study=study, number=version).first()
            if row is None:
                raise NO_VERSION.refuse(f"{study.slug} has no version {version}", value=version)
            self.digests[version] = row.digest
        return self.digests[version]

    def site(self, code: str) -> Site:
        """A site where the actor has rights. Refuses with OPR-010; a site out of reach is like none at all."""
        site = Site.objects.filter(study=self.the_study, code=code).first()
        if site is None or not self.actor.holds_at(code):
            raise NO_SITE.refuse(f"there is no site {code!r} for {self.actor.role.value}", value=code)
        self.site_code = code
        return site

    def participant(self, code: str) -> Participant:
        """A participant of a site where the actor has rights. Refuses with OPR-011, and never says which it was."""
        values = {"study": self.the_study.pk, "code": code}
        return self.reached(find_first("participant of a study", _participants, values), code)

    def reached(self, found: Participant | None, code: str) -> Participant:
        """The participant, where the actor has rights at the site; the act is then about this participant.

        For who loads a participant together with something else. Refuses with OPR-011 like `participant`.
        """
        if found is None or not self.actor.holds_at(found.site.code):
            raise NO_PARTICIPANT.refuse(
                f"there is no participant {code!r} for {self.actor.role.value}",
                value=code,
                place=Place(path="participant"),
            )
        self.site_code = found.site.code
        self.participant_code = found.code
        return found

    def record(self, participant: Participant, form: str, encounter: str, repeat: int) -> Record:
        """A filled form. Refuses with OPR-013."""
        found = Record.objects.filter(
            participant=participant, form=form, encounter=encounter, repeat=repeat
        ).first()
        if found is None:
            where = f" at {encounter}" if encounter else ""
            raise NO_RECORD.refuse(f"{participant.code} has no {form}{where}, number {repeat}", value=form)
        found.participant = participant
        return found

    # -- writing ------------------------------------------------------------------------------------------

    def add(self, row: Row) -> Row:
        """Save a new row; every field that holds something is a first entry of the trail."""
        row.save(force_insert=True)
        table = table_of(row)
        self.changes += [FieldChange(table, row.pk, name, None, text) for name, text in row.flat().items()]
        return row

    def add_all(self, rows: list[Row]) -> list[Row]:
        """Save several new rows of one table in one statement."""
        if rows:
            made = type(rows[0])._default_manager.bulk_create(rows)
            for row in made:
                table = table_of(row)
                self.changes += [FieldChange(table, row.pk, n, None, text) for n, text in row.flat().items()]
        return rows

    def change(self, row: Row, **values: Any) -> Row:
        """Set fields of a row and save it; every field that differs goes into the trail with old and new.

        Refuses with OPR-012 where a table that needs a reason changes a value that was there and none is given.
        """
        before = row.flat()
        for name, value in values.items():
            setattr(row, name, value)
        after = row.flat()
        names = [name for name in after if before.get(name) != after[name]]
        names += [name for name in before if name not in after]
        if row.reason_needed and not self.reason.strip():
            spread = tuple(f"{name}/" for name in row.spread)
            changed = [name for name in names if name in before and name.startswith(spread)]
            if changed:
                raise REASON_MISSING.refuse(
                    f"{changed[0].partition('/')[2]} was recorded before and changes",
                    place=Place(path="reason"),
                )
        row.save(update_fields=list(values))
        table = table_of(row)
        self.changes += [
            FieldChange(table, row.pk, name, before.get(name), after.get(name)) for name in names
        ]
        return row

    def change_all(self, rows: Sequence[tuple[Row, Mapping[str, Any]]]) -> None:
        """Set fields of several rows of one table in one statement; the trail gets every field that differs.

        For tables of which no value needs a reason to change.
        """
        names: dict[str, None] = {}
        for row, values in rows:
            before = row.flat()
            for name, value in values.items():
                setattr(row, name, value)
                names[name] = None
            after = row.flat()
            self.changes += [
                FieldChange(table_of(row), row.pk, name, before.get(name), after.get(name))
                for name in dict.fromkeys((*before, *after))
                if before.get(name) != after.get(name)
            ]
        if rows:
            type(rows[0][0])._default_manager.bulk_update([row for row, _ in rows], list(names))


def table_of(row: Model) -> str:
    """The name by which the trail knows a row's table."""
    return str(row._meta.model_name)


def knows_no_arm(role: Role) -> bool:
    """Whether a role is blind."""
    return MATRIX[role].blind


@lru_cache(maxsize=64)
def read_version(study: int, number: int, digest: str) -> definition.Study:
    """The study file of a version, read once in a process: its digest says that it is the same."""
    row = StudyVersion.objects.filter(study_id=study, number=number, digest=digest).first()
    if row is None:
        raise NO_VERSION.refuse("the study has no version yet")
    return parse_study(row.source.encode(), name=f"version {number}")


@lru_cache(maxsize=64)
def forms_of(study: int, number: int, digest: str) -> dict[str, Form]:
    """The forms of a version by oid, derived once in a process."""
    from exotrial.outcomes.in_study import ask, find_measures_of
    from exotrial.study.forms import derive_forms

    read = read_version(study, number, digest)
    measures = find_measures_of(read)
    return {form.oid: form for form in derive_forms(read, {name: ask(m) for name, m in measures.items()})}
