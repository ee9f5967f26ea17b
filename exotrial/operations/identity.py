"""Who a participant is: sealed, apart, shown to who treats them, and every look kept (ICH E6(R3) 3.16.1(s), 4.2.2).

A fingerprint is two keyed marks of 128 bits side by side: of name with contact (or birth, where there is no
contact) and of the site's hospital number. It finds a person entered twice and tells nobody who it is.
"""

from __future__ import annotations

import json
import unicodedata

from pydantic import BaseModel, ConfigDict, Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._operation import COLLECTING, Answer, Ask, operation, view
from exotrial.operations.access import Permission
from exotrial.store.models import Identity, Participant

NO_IDENTITY = ErrorCode(
    "IDN-001", "Nothing is recorded of who the participant is.", "enter it with `correct_identity`."
)
DUPLICATE = ErrorCode(
    "IDN-002",
    "The same person is in the study already.",
    "go on with the code there is; a screen failure is screened again under it.",
)
SAME_IDENTITY = ErrorCode("IDN-003", "The identity is the one on record.", "there is nothing to correct.")
NOT_TELLING = ErrorCode(
    "IDN-004",
    "What is given tells nothing of who it is.",
    "give the full name, with contact or hospital number where they are known.",
)

_HALF = 32
_UNKNOWN = "-" * _HALF


class Person(BaseModel):
    """A name, and how to find the person; sealed before it is stored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=200)
    contact: str = Field(default="", max_length=400)
    hospital_number: str = Field(default="", max_length=60)


def add_identity(act: Act, participant: Participant, person: Person) -> Identity:
    """Seal who a participant is. Refuses with IDN-002 a person who is in the study already, and with IDN-004."""
    fingerprint = _fingerprint(act, participant, person)
    _check_new(act, participant, fingerprint)
    return act.add(
        Identity(participant=participant, sealed=_seal(act, participant, person), fingerprint=fingerprint)
    )


class ShowIdentity(Ask):
    """The participant's code."""

    participant: str


class ShownIdentity(Answer):
    participant: str
    name: str
    contact: str
    hospital_number: str


@view(permission=Permission.READ_IDENTITY, access_logged=True)
def show_identity(act: Act, ask: ShowIdentity) -> ShownIdentity:
    """Who a participant is; that it was looked at goes into the trail."""
    participant = act.participant(ask.participant)
    row = Identity.objects.filter(participant=participant).first()
    if row is None:
        raise NO_IDENTITY.refuse(f"{participant.code} has no identity on record", value=participant.code)
    return _shown(participant, _open(act, participant, row))


class CorrectIdentity(Ask):
    """The whole identity as it should be; what is left out is taken out."""

    participant: str
    identity: Person


class CorrectedIdentity(Answer):
    participant: str


@operation(permission=Permission.SCREEN, when=COLLECTING, needs_reason=True)
def correct_identity(act: Act, ask: CorrectIdentity) -> CorrectedIdentity:
    """Correct or complete who a participant is; the trail keeps that it changed, and never a name."""
    participant = act.participant(ask.participant)
    row = Identity.objects.filter(participant=participant).first()
    if row is None:
        add_identity(act, participant, ask.identity)
        return CorrectedIdentity(participant=participant.code)
    if _open(act, participant, row) == ask.identity:
        raise SAME_IDENTITY.refuse(f"the identity of {participant.code} is the one given")
    fingerprint = _fingerprint(act, participant, ask.identity)
    _check_new(act, participant, fingerprint)
    act.change(row, sealed=_seal(act, participant, ask.identity), fingerprint=fingerprint)
    return CorrectedIdentity(participant=participant.code)


def _shown(participant: Participant, person: Person) -> ShownIdentity:
    return ShownIdentity(
        participant=participant.code,
        name=person.name,
        contact=person.contact,
        hospital_number=person.hospital_number,
    )


def _seal(act: Act, participant: Participant, person: Person) -> str:
    text = json.dumps(person.model_dump(), ensure_ascii=False)
    return act.opened.keys.seal(text, purpose="identity", where=f"identity {participant.pk}")


def _open(act: Act, participant: Participant, row: Identity) -> Person:
    text = act.opened.keys.unseal(row.sealed, purpose="identity", where=f"identity {participant.pk}")
    return Person.model_validate_json(text)


def _fingerprint(act: Act, participant: Participant, person: Person) -> str:
    name, contact, number = (_plain(part) for part in (person.name, person.contact, person.hospital_number))
    if not name:
        raise NOT_TELLING.refuse("the name has no letter", place=Place(path="identity.name"))
    found = _mark(act, "name", name, contact or participant.born_on)
    return found + (_mark(act, "number", participant.site.code, number) if number else _UNKNOWN)


def _mark(act: Act, *parts: str) -> str:
    message = "\x1f".join((act.the_study.slug, *parts)).encode()
    return act.opened.keys.mark(message, purpose="identity mark")[:_HALF]


def _plain(text: str) -> str:
    """Letters and digits only, in one case and one of the ways of writing them."""
    whole = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(character for character in whole if character.isalnum())


def _check_new(act: Act, participant: Participant, fingerprint: str) -> None:
    others = (
        Identity.objects.filter(participant__study=act.the_study)
        .exclude(participant=participant)
        .select_related("participant__site")
        .order_by("pk")
    )
    name, number = fingerprint[:_HALF], fingerprint[_HALF:]
    found = others.filter(fingerprint__startswith=name).first()
    if found is None and number != _UNKNOWN:
        found = others.filter(fingerprint__endswith=number).first()
    if found is None:
        return
    if found.participant.site_id == participant.site_id:
        raise DUPLICATE.refuse(
            f"the person is {found.participant.code} already",
            place=Place(path="identity"),
            value=found.participant.code,
        )
    raise DUPLICATE.refuse(
        "the person is in the study already, at another site",
        place=Place(path="identity"),
        remedy="tell the sponsor; nobody takes part twice.",
    )
