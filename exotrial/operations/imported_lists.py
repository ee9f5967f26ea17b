"""A list that was made elsewhere: frozen by its digest, sealed and given out as every other list (CONSORT 17a)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictInt, StringConstraints

from exotrial.allocation.imported import read_list
from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._operation import OPEN, Ask, operation
from exotrial.operations.access import Permission
from exotrial.operations.lists import IMPORTED, FrozenList, commit_to, next_generation
from exotrial.operations.manifests import derive_imported
from exotrial.store.models import AllocationList, Envelope

KIT_TAKEN = ErrorCode(
    "LST-022",
    "A kit of a list from outside stands in another list of the study.",
    "give every slot of the study's lists a kit of its own.",
)

ListFile = Annotated[
    str,
    StringConstraints(strip_whitespace=False, min_length=1, max_length=4_000_000),
    Field(
        description="The CSV's text, kept as it is (UTF-8): columns stratum, slot and arm; block and kit may follow."
    ),
]


class ImportList(Ask):
    """The list's file and who made it; strata are named as `<stage>/<stratum>`, each as long as its rows."""

    stage: str = Field(default="", description='The stage that the list serves; "" where the study has none.')
    file: ListFile
    made_by: str = Field(min_length=1, max_length=200, description="Who made the list, and with what.")
    ratio: tuple[StrictInt, ...] = Field(
        default=(), description="Goes with the arms in the study file's order."
    )


@operation(permission=Permission.MAKE_LIST, when=OPEN)
def import_list(act: Act, ask: ImportList) -> FrozenList:
    """Freeze a list that was made elsewhere, from its CSV, and commit to it; contribute and seal as for every list."""
    file = ask.file.encode()
    manifest = derive_imported(
        act.definition(),
        version=act.the_study.version,
        stage=ask.stage,
        file=file,
        name=IMPORTED,
        made_by=ask.made_by,
        ratio=ask.ratio,
        generation=next_generation(act, ask.stage),
    )
    brought = read_list(file, name=IMPORTED, arms=manifest.arms, strata=manifest.strata)
    taken = _kits_in_use(act) if brought.kits() else frozenset()
    for slot in brought.slots:
        if slot.kit in taken:
            place = Place(file=IMPORTED, line=slot.line)
            raise KIT_TAKEN.refuse(f"kit {slot.kit} is in use", place=place, value=slot.kit)
    return commit_to(act, manifest, stage=ask.stage, file=ask.file)


def _kits_in_use(act: Act) -> frozenset[str]:
    """Every kit of the study's lists that were not given up."""
    rows = (
        Envelope.objects.select_related("list")
        .filter(list__study=act.the_study)
        .exclude(list__status=AllocationList.Status.GIVEN_UP)
    )
    leaves = [arms.open_leaf(act, row, purpose="making a list") for row in rows]
    return frozenset(kit for leaf in leaves for kit in (leaf.kit, *dict(leaf.kits).values()) if kit)
