"""Study versions and sites: a site works by a version once it has approved it (ICH E6(R3) 4.3.5)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from zoneinfo import available_timezones

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._life import local_day
from exotrial.operations._operation import ALWAYS, OPEN, Answer, Ask, StudyText, operation, view
from exotrial.operations.access import Permission
from exotrial.operations.amendments import ShownDifference, compare_amendment, shown
from exotrial.outcomes.in_study import find_measures_of
from exotrial.store.models import Activation, Site, Study, StudyVersion
from exotrial.study.file import parse_study

OTHER_STUDY = ErrorCode(
    "SIT-001", "The study file is of another study.", "load it where it belongs; a study's id never changes."
)
SAME_VERSION = ErrorCode(
    "SIT-002", "The study file is the version that is loaded already.", "there is nothing to load."
)
SITE_TAKEN = ErrorCode("SIT-003", "The study has a site of that code.", "choose another code.")
NO_ZONE = ErrorCode(
    "SIT-004", "There is no such time zone.", "use a name such as Asia/Tehran or Europe/Berlin."
)
APPROVED_LATER = ErrorCode("SIT-005", "The approval is dated in the future.", "enter it when it is there.")
NO_SUCH_VERSION = ErrorCode("SIT-006", "The study has no such version.", "see `show_study` for its versions.")
WRONG_STATUS = ErrorCode(
    "SIT-007", "The site's state does not allow it.", "see `show_study` for the state of each site."
)


class LoadVersion(Ask):
    """The study file, word for word."""

    source: StudyText


class LoadedVersion(Answer):
    """`differences` are those from the version before; `doubts` are what the amendment must explain."""

    version: int
    digest: str
    differences: tuple[ShownDifference, ...]
    doubts: tuple[str, ...]


@operation(permission=Permission.MANAGE_STUDY, when=OPEN, needs_reason=True)
def load_study_version(act: Act, ask: LoadVersion) -> LoadedVersion:
    """Amend the study: a new version, by which each site works once it has approved it; old records keep theirs."""
    study = act.the_study
    read = parse_study(ask.source.encode(), name="study.toml")
    find_measures_of(read)
    if read.id != study.slug:
        raise OTHER_STUDY.refuse(f"the file is of {read.id!r} and the study is {study.slug!r}", value=read.id)
    digest = hashlib.sha256(ask.source.encode()).hexdigest()
    if digest == study.version_digest:
        raise SAME_VERSION.refuse(f"the file is version {study.version}, word for word", value=digest)
    differences, doubts = compare_amendment(act, read)
    number = study.version + 1
    act.add(
        StudyVersion(
            study=study,
            number=number,
            label=read.version,
            digest=digest,
            source=ask.source,
            loaded_at=act.now,
            differences=differences,
        )
    )
    act.change(study, version=number, version_digest=digest, title=read.title)
    return LoadedVersion(version=number, digest=digest, differences=shown(differences), doubts=doubts)


class OpenSite(Ask):
    """A site by code and name; `zone` is its time zone."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    name: str = Field(min_length=1, max_length=200)
    zone: str = "UTC"


class OpenedSite(Answer):
    code: str
    status: str


@operation(permission=Permission.MANAGE_STUDY, when=OPEN)
def open_site(act: Act, ask: OpenSite) -> OpenedSite:
    """Open a site. Nobody can screen there before it has approved a study version."""
    if Site.objects.filter(study=act.the_study, code=ask.code).exists():
        raise SITE_TAKEN.refuse(f"there is a site {ask.code!r}", value=ask.code, place=Place(path="code"))
    # Not by trying: ZoneInfo raises OSError for a folder of zones or a name that is too long for a file.
    if ask.zone not in available_timezones():
        raise NO_ZONE.refuse(f"{ask.zone!r} is no time zone", value=ask.zone, place=Place(path="zone"))
    site = act.add(Site(study=act.the_study, code=ask.code, name=ask.name, zone=ask.zone))
    act.site_code = site.code
    return OpenedSite(code=site.code, status=site.status)


class ActivateSite(Ask):
    """The approval of a study version at a site: its date and reference."""

    site: str
    version: int = Field(ge=1)
    approved_on: date
    reference: str = Field(min_length=1, max_length=200)


@operation(permission=Permission.APPROVE_AT_SITE, when=OPEN)
def activate_site(act: Act, ask: ActivateSite) -> OpenedSite:
    """Record a site's approval of a study version; from then on the site works by it."""
    site = act.site(ask.site)
    if ask.approved_on > local_day(act.now, site):
        raise APPROVED_LATER.refuse(
            f"the approval of {ask.approved_on} is still to come", value=ask.approved_on
        )
    if not StudyVersion.objects.filter(study=act.the_study, number=ask.version).exists():
        raise NO_SUCH_VERSION.refuse(f"the study has no version {ask.version}", value=ask.version)
    if site.status == Site.Status.CLOSED or ask.version <= site.version:
        raise WRONG_STATUS.refuse(
            f"the site {site.code} is {site.status} and works by version {site.version}", value=ask.version
        )
    act.add(
        Activation(
            site=site,
            version=ask.version,
            approved_on=ask.approved_on,
            reference=ask.reference,
            activated_at=act.now,
        )
    )
    status = Site.Status.ACTIVE if site.status == Site.Status.OPENED else site.status
    act.change(site, version=ask.version, status=status)
    if act.the_study.status == Study.Status.SETUP:
        act.change(act.the_study, status=Study.Status.RUNNING)
    return OpenedSite(code=site.code, status=site.status)


class ChangeSite(Ask):
    """A site whose work is suspended, taken up again, or closed for good."""

    site: str
    status: Site.Status


@operation(permission=Permission.MANAGE_STUDY, when=ALWAYS, needs_reason=True)
def change_site(act: Act, ask: ChangeSite) -> OpenedSite:
    """Suspend a site, let it go on, or close it: a closed site neither screens nor randomises again."""
    site = act.site(ask.site)
    allowed = {
        Site.Status.ACTIVE: {Site.Status.SUSPENDED, Site.Status.CLOSED},
        Site.Status.SUSPENDED: {Site.Status.ACTIVE, Site.Status.CLOSED},
        Site.Status.OPENED: {Site.Status.CLOSED},
    }
    if ask.status not in allowed.get(Site.Status(site.status), set()):
        raise WRONG_STATUS.refuse(f"the site {site.code} is {site.status}", value=ask.status)
    act.change(site, status=ask.status)
    return OpenedSite(code=site.code, status=site.status)


class ShowStudy(Ask):
    """Nothing to say."""


class ShownSite(Answer):
    code: str
    name: str
    zone: str
    status: str
    version: int


class ShownStudy(Answer):
    study: str
    title: str
    status: str
    version: int
    digest: str
    sites: tuple[ShownSite, ...]


@view(permission=Permission.READ_STUDY)
def show_study(act: Act, ask: ShowStudy) -> ShownStudy:
    """The study's state, version and sites."""
    study = act.the_study
    sites = Site.objects.filter(study=study).order_by("code")
    return ShownStudy(
        study=study.slug,
        title=study.title,
        status=study.status,
        version=study.version,
        digest=study.version_digest,
        sites=tuple(
            ShownSite(code=s.code, name=s.name, zone=s.zone, status=s.status, version=s.version)
            for s in sites
            if act.actor.holds_at(s.code)
        ),
    )


class ListActivations(Ask):
    """Nothing to say."""


class ShownActivation(Answer):
    """A site's approval of a version: dated by the committee, recorded here at `activated_at`."""

    site: str
    version: int
    approved_on: date
    reference: str
    activated_at: datetime


class Activations(Answer):
    activations: tuple[ShownActivation, ...]


@view(permission=Permission.READ_STUDY)
def list_activations(act: Act, ask: ListActivations) -> Activations:
    """Every approval of a study version at the sites where one has rights, in the order of their recording."""
    rows = Activation.objects.select_related("site").filter(site__study=act.the_study).order_by("pk")
    return Activations(
        activations=tuple(
            ShownActivation(
                site=row.site.code,
                version=row.version,
                approved_on=row.approved_on,
                reference=row.reference,
                activated_at=row.activated_at,
            )
            for row in rows
            if act.actor.holds_at(row.site.code)
        )
    )
