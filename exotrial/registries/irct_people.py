"""Persons in an IRCT protocol: read so that they can be left out of everything else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from exotrial.registries.irct_form import (
    CENTRES,
    GENERAL,
    INQUIRIES,
    SCIENTIFIC,
    SPONSORS,
    TITLES,
    UPDATES,
    Section,
)
from exotrial.registries.irct_text import Group, Protocol
from exotrial.registries.people_text import CALL, MAIL, SENTENCES, WITHHELD
from exotrial.registries.record import Loss, RecordedContact

_ROLES: tuple[tuple[Section, str], ...] = (
    (CENTRES, "site"),
    (SPONSORS, "sponsor"),
    (INQUIRIES, "public inquiries"),
    (SCIENTIFIC, "scientific inquiries"),
    (UPDATES, "data updates"),
)
_NAMING = frozenset({"Name", "Full name of responsible person"})
"""Headings above the name of a person."""
_SHORTEST_NAME = 5
"""A shorter name would be found inside other words."""
_ORGANISATION = re.compile(
    r"universit|hospital|compan|cent(?:er|re)|institut|ministry|foundation|deputy|vice|office|department|ltd",
    re.IGNORECASE,
)
"""What a registrant may enter in place of a person's name; its words stand in many fields."""
_TITLED = re.compile(r"\b(?:Dr|Prof|Mr|Mrs|Ms)\b\.?\s+[A-Z]")
_PERSONAL = ("Position", "Latest degree", "Other areas of specialty/work", "Contact", "Web page address")


def read_contacts(protocol: Protocol) -> tuple[RecordedContact, ...]:
    """Every person of the protocol with role, address and calls; a section that names nobody gives none.

    A person's position, degree and field of work are left out altogether.
    """
    found = [_registrant(group) for group in protocol.groups_of(GENERAL)]
    for section, role in _ROLES:
        found.extend(_contact(group, role) for group in protocol.groups_of(section))
    return tuple(contact for contact in found if contact.name or contact.email or contact.telephone)


def withhold_people(protocol: Protocol, contacts: tuple[RecordedContact, ...]) -> tuple[Loss, ...]:
    """Take out of every other field the sentences that name a person; say where they stood, without their words."""
    names = [
        _plain(contact.name)
        for contact in contacts
        if len(contact.name) >= _SHORTEST_NAME and not _ORGANISATION.search(contact.name)
    ]
    lost: list[Loss] = []
    for group in protocol.groups:
        for name, found in group.fields.items():
            if found.taken:
                continue
            sharing = name.startswith(
                ("From where", "What processes", "Under which", "Title and more", "Comments")
            )
            kept: list[tuple[int, str]] = []
            for number, line in found.lines:
                sentences = SENTENCES.split(line)
                unnamed = [words for words in sentences if not _names(words, names, titled=sharing)]
                if len(unnamed) < len(sentences):
                    item = f"{group.name} / {name}"
                    lost.append(
                        Loss(item=item, prints="", why=WITHHELD, place=protocol.file.at(number, path=item))
                    )
                if unnamed:
                    kept.append((number, " ".join(unnamed)))
            found.lines[:] = kept
    return tuple(lost)


def withhold_swallowed(protocol: Protocol) -> tuple[Loss, ...]:
    """Where a heading above a person's name is damaged or missing, its name stands under the heading before it.

    Of that field only the first line is kept, up to a tab or to the lost heading's words; what follows is left out.
    """
    lost: list[Loss] = []
    for group in protocol.groups:
        for heading in _NAMING.intersection(group.section.fields) - group.fields.keys():
            position = group.section.fields.index(heading)
            before = [name for name in group.section.fields[:position] if name in group.fields]
            if not before or not group.fields.keys() & set(group.section.fields[position + 1 :]):
                continue
            found = group.fields[before[-1]]
            first = [] if before[-1] in TITLES else found.lines[:1]
            kept = [
                (number, re.split(rf"\t|{re.escape(heading)}", line)[0].rstrip()) for number, line in first
            ]
            if kept != found.lines:
                item = f"{group.name} / {before[-1]}"
                place = protocol.file.at(found.line, path=item)
                lost.append(
                    Loss(item=item, prints="", why=f"“{heading}” is missing, and {WITHHELD}", place=place)
                )
            found.lines[:] = kept
    return tuple(lost)


def _names(line: str, names: list[str], *, titled: bool) -> bool:
    plain = _plain(line)
    return bool(
        MAIL.search(line)
        or CALL.search(line)
        or (titled and _TITLED.search(line))
        or any(name in plain for name in names)
    )


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def _registrant(group: Group) -> RecordedContact:
    return RecordedContact(
        role="registrant",
        name=_words(group, "Name"),
        address=_words(group, "Country"),
        telephone=_words(group, "Phone"),
        email=_words(group, "Email address"),
        affiliation=_words(group, "Name of organization / entity"),
    )


def _contact(group: Group, role: str) -> RecordedContact:
    for name in _PERSONAL:
        _words(group, name)
    own = role in {"site", "sponsor"}
    address = [] if role == "site" else list(_address(group))
    organisation = "Name of recruitment center" if role == "site" else "Name of organization / entity"
    affiliation = group.fields[organisation].words if organisation in group.fields else ""
    if not own and organisation in group.fields:
        group.fields[organisation].taken = True
    return RecordedContact(
        role=role,
        name=_words(group, "Full name of responsible person"),
        address=", ".join(address),
        telephone=", ".join(filter(None, (_words(group, name) for name in ("Phone", "Mobile", "Fax")))),
        email=_words(group, "Email"),
        affiliation=affiliation,
    )


def _address(group: Group) -> Iterator[str]:
    for name in ("Street address", "City", "Province", "Country", "Postal code"):
        if words := _words(group, name):
            yield words


def _words(group: Group, name: str) -> str:
    """The words of a field, now taken."""
    if name not in group.fields:
        return ""
    group.fields[name].taken = True
    return group.fields[name].words
