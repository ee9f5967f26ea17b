"""Reader of WHO ICTRP's two forms in XML: the portal's export, and the form in which registers hand trials over.

The second is that of ICTRP's DTD (who.int/ictrp, version 1.0 of 2008 with the elements of 2018); IRCT's page of a
trial gives it, too. Its dates are written day first (`dd/mm/yyyy`), so that they are not a spreadsheet's riddle.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from exotrial.core.errors import ErrorCode
from exotrial.registries.ictrp import derive_records
from exotrial.registries.ictrp_rows import NO_TRIAL_ID, Row, is_empty, normalise_column
from exotrial.registries.ictrp_upload import Upload, read_upload
from exotrial.registries.record import RegistryRecord
from exotrial.registries.registry import RecordFile, RegistryReader

NOT_XML = ErrorCode(
    "ICT-005",
    "An XML export of a register cannot be read to its end.",
    "download it again: it was cut off or edited at the place named.",
)
ENTITIES = ErrorCode(
    "ICT-006",
    "An XML file declares entities of its own.",
    "take the entity declarations out: none of the registers' forms has any, and they are never expanded.",
)
NO_TRIAL_FORM = ErrorCode(
    "ICT-007",
    "An XML file is in neither of ICTRP's forms.",
    "give the portal's XML export, or a file whose root is `trials`.",
)

READER = "ictrp-xml"
_UPLOADED = ("trials", "trial")
_ENTITY = re.compile(rb"<!ENTITY\b")


def looks_like_ictrp_xml(file: RecordFile) -> bool:
    """Whether the file begins as XML with a trial's number in one of ICTRP's elements."""
    head = file.data[:65_536]
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") and bool(
        re.search(rb"<(?:trial_id|TrialID|Trials_downloaded_from_ICTRP)\b", head)
    )


def read_ictrp_xml(file: RecordFile) -> tuple[RegistryRecord, ...]:
    """Every record of a file, in file order (ICT-004 to ICT-007)."""
    root = _parse(file)
    if root.tag in _UPLOADED:
        trials = [root] if root.tag == "trial" else _elements(root, "trial")
        uploads = [read_upload(file, trial, number) for number, trial in enumerate(trials, 1)]
        records = derive_records(file, [upload.row for upload in uploads])
        return tuple(_with_lists(record, upload) for record, upload in zip(records, uploads, strict=True))
    trials = [one for one in root if isinstance(one.tag, str) and one.tag.lower() == "trial"]
    if not trials:
        problem = f"the root element is {root.tag!r}"
        raise NO_TRIAL_FORM.refuse(problem, place=file.at(root.sourceline), value=root.tag)
    rows = [_exported_row(file, trial, number) for number, trial in enumerate(trials, 1)]
    return tuple(replace(record, reader=READER) for record in derive_records(file, rows))


def _parse(file: RecordFile) -> Any:
    if hit := _ENTITY.search(file.data):
        raise ENTITIES.refuse(
            "the document type declares an entity",
            place=file.at(file.data[: hit.start()].count(b"\n") + 1),
            value="<!ENTITY",
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(file.data, parser)
    except etree.XMLSyntaxError as error:
        raise NOT_XML.refuse(f"{error.msg}", place=file.at(error.lineno or None), value=file.name) from None
    # In another encoding than UTF-8 the bytes above do not show a declaration.
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise ENTITIES.refuse("the document type declares an entity", place=file.at(), value=file.name)
    for entity in root.iter(etree.Entity):  # with a document type kept elsewhere, a name may stand undeclared
        problem = f"the entity {entity.text} is declared elsewhere, and its text is not known"
        raise ENTITIES.refuse(problem, place=file.at(entity.sourceline), value=entity.text)
    return root


def _elements(parent: Any, name: str) -> list[Any]:
    return [one for one in parent if one.tag == name]


def _exported_row(file: RecordFile, trial: Any, number: int) -> Row:
    """A trial of the portal's export: one element for each column; an element given twice is joined to a list."""
    cells: dict[str, str] = {}
    heads: dict[str, str] = {}
    lines: dict[str, int] = {}
    for element in trial:
        if not isinstance(element.tag, str):
            continue
        column, text = normalise_column(element.tag), "".join(element.itertext()).strip()
        heads.setdefault(column, element.tag)
        if not is_empty(text):
            cells[column] = f"{cells[column]};{text}" if column in cells else text
            lines.setdefault(column, element.sourceline)
    row = Row(number=number, line=trial.sourceline, cells=cells, heads=heads, snapshot=file.name, lines=lines)
    if "trialid" not in cells:
        raise NO_TRIAL_ID.refuse(f"trial {number} has no TrialID", place=row.place(file, "trialid"))
    return row


def _with_lists(record: RegistryRecord, upload: Upload) -> RegistryRecord:
    """The record with what the form gives as elements of their own in place of the cells' lists."""
    items = upload.items(record)
    return replace(
        record,
        reader=READER,
        **items,
        findings=(*record.findings, *upload.found.findings),
        unheld=(*record.unheld, *upload.unheld(record)),
    )


ICTRP_XML = RegistryReader(
    name=READER,
    title="WHO ICTRP, XML: the portal's export and the form of its DTD (IRCT's XML)",
    registry="",
    suffixes=(".xml",),
    citation="WHO ICTRP XML DTD, version 1.0; WHO Trial Registration Data Set 1.3.1",
    recognises=looks_like_ictrp_xml,
    read=read_ictrp_xml,
)
