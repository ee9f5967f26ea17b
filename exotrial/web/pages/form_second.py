"""The second entry of a form: keyed blind by another person, then each difference settled by the source."""

from __future__ import annotations

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.operations.double_entry import SecondEntered
from exotrial.operations.open_form import OpenedForm
from exotrial.web.errors import status_of
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._saving import Where, told
from exotrial.web.pages._sheet import Sheet, lay_out, read_sheet
from exotrial.web.pages._words import translations
from exotrial.web.pages.form import address_of, where_of, words_of_day


@page("study/<study>/p/<str:participant>/form/<form>/second")
def form_second(visit: Visit) -> Outcome:
    """Key what is to be keyed twice, without a look at the first; then compare."""
    where = where_of(visit)
    opened: OpenedForm = visit.ask("open_form", **where.asked())
    refusals: tuple[Refusal, ...] = ()
    sheet = None
    if visit.posted:
        try:
            return _do(visit, where, opened)
        except (Refusal, Refusals) as refused:
            refusals = told(refused)
            sheet = read_sheet(visit.form, _twice(opened))
    return _show(visit, where, opened, sheet, refusals)


def _do(visit: Visit, where: Where, opened: OpenedForm) -> Redirect:
    _ = translations(visit.language).gettext
    given, here = visit.form, address_of(visit, where, tail="/second")
    if given.get("do") == "settle":
        key, choose, reason = given.get("key", ""), given.get("choose", ""), given.get("reason", "")
        visit.ask("settle_difference", **where.asked(), key=key, choose=choose, reason=reason)
        return Redirect(to=here, said=_("The difference is settled."))
    twice = _twice(opened)
    sheet = read_sheet(given, twice)
    if sheet.problems:
        raise Refusals(sheet.problems)
    visit.ask("save_second_entry", **where.asked(), values=sheet.values(twice.shape, {}))
    return Redirect(to=here, said=_("The second entry is kept and compared."))


def _show(
    visit: Visit, where: Where, opened: OpenedForm, sheet: Sheet | None, refusals: tuple[Refusal, ...]
) -> Shown:
    entered: SecondEntered | None = None
    if opened.second in ("open", "settled"):
        entered = visit.ask("show_differences", **where.asked())
    twice = _twice(opened)
    groups = lay_out(twice, sheet=sheet, refusals=refusals)
    keys = {one.key for group in groups for row in group.rows for one in row.fields}
    return Shown(
        "form_second.html",
        status=status_of(refusals[0].code) if refusals else 200,
        opened=opened,
        entered=entered,
        groups=groups,
        labels=_labels(opened),
        may_key=visit.may(Permission.SECOND_ENTRY) and opened.second == "wanted" and not opened.frozen,
        may_settle=visit.may(Permission.RECORD) and not opened.frozen,
        refusals=[one for one in refusals if one.place.path not in keys],
        typed=visit.form,
        here=address_of(visit, where, tail="/second"),
        back=address_of(visit, where),
        words_of_day=words_of_day,
    )


def _twice(opened: OpenedForm) -> OpenedForm:
    """The form with the questions alone that two people key, its rows, and no answer of the first."""
    groups = tuple(
        group.model_copy(update={"items": tuple(item for item in group.items if item.double_entry)})
        for group in opened.shape.groups
    )
    asked = tuple(group for group in groups if group.items)
    rows = {
        group.oid: [{"row": row["row"]} for row in opened.values.get(group.oid, ())]
        for group in asked
        if group.repeating
    }
    shape = opened.shape.model_copy(update={"groups": asked})
    return opened.model_copy(update={"shape": shape, "values": rows, "queries": (), "verified": ()})


def _labels(opened: OpenedForm) -> dict[str, str]:
    """What each question is called, by the end of its key."""
    return {item.oid: item.label for group in opened.shape.groups for item in group.items}
