"""Reports: what is asked for, on the screen, as a sheet, as a long file that is made while one does something else."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cardbank.kinds.queries import kinds_in_force
from identity.permissions import Permission
from identity.queries import names_of_organisations
from identity.visits import Visit
from insights.reports import queries, services, sheets
from insights.reports.errors import FileNotFound, ReportNotFound, TooFewShops, WrongGrouping
from insights.reports.queries import Told
from insights.reports.rules import Asked, By, Group, Report, Scope, check_asked, scopes_of
from kernel import clock
from kernel.calendar import day_digits, jalali, jalali_text, local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.languages import in_language
from kernel.sheets import sheet_of
from kernel.web.routes import route
from merchants.onboarding.rules import typed_day
from merchants.queries import merchants_of_organisations
from portal import formats, report_words, settlement_words, words
from portal.blueprint import blueprint
from portal.lists import MEDIA_TYPES, download
from portal.routes.settlement import position_of

VIEW = Permission.INSIGHTS_REPORT_VIEW
GROUPS_A_PAGE = 50
RECEIPTS_A_PAGE = 50
LOOK_AGAIN_SECONDS = 3
FIELDS = ("for", "first", "last", "by", "kind", "branch", "terminal", "product", "state")


@route(blueprint, "/reports", permission=VIEW)
def reports(visit: Visit) -> ResponseReturnValue:
    scopes = scopes_of(visit.identity)
    offered = [report for report in Report if any(scope.groupings(report) for scope in scopes)]
    return _page(
        "reports",
        offered=offered,
        views=services.views_of(visit.session, visit.identity.person_id),
        files=services.files_of(visit.session, visit.identity.person_id),
        link_of=_link_of_view,
    )


@route(blueprint, "/reports/<report>", permission=VIEW)
def report(visit: Visit, report: str) -> ResponseReturnValue:
    return _report_page(visit, _known(report))


@route(blueprint, "/reports/<report>/sheet.<form>", permission=VIEW)
def report_sheet(visit: Visit, report: str, form: str) -> ResponseReturnValue:
    """What a page answers at once. What it cannot, it says on its page: many receipts are ordered, few shops are not summed."""
    if form not in MEDIA_TYPES:
        raise NotFound
    scope = _scope(visit)
    asked = _asked(_known(report), scope)
    said = _words(asked)
    if asked.by is By.RECEIPT:
        if queries.count_receipts(visit.session, asked, scope) > services.SHORT_ROWS:
            return redirect(_address(asked.report))
        lines = queries.receipts(visit.session, asked, scope)
        rows = sheets.receipt_sheet((sheets.receipt_row(line, visit.language, said) for line in lines), said)
    else:
        try:
            told = queries.told(visit.session, asked, scope)
        except TooFewShops:
            return redirect(_address(asked.report))
        labels = [_label(group, asked, told, visit.language, is_plain=True) for group in told.groups]
        rows = sheets.group_rows(told, labels, said, str(report_words.GROUPINGS[asked.by]), said["total"])
    name = f"{asked.report}-{asked.first.isoformat()}-{asked.last.isoformat()}.{form}"
    return download(sheet_of(form, rows, said["title"], visit.language), MEDIA_TYPES[form], name)


@route(blueprint, "/reports/<report>/files", permission=VIEW, methods=["POST"])
def order_report_file(visit: Visit, report: str) -> ResponseReturnValue:
    form = request.form.get("form", "")
    try:
        scope = _scope(visit)
        asked = _asked(_known(report), scope)
        if form not in MEDIA_TYPES:
            raise BadInput(field="form")
        if asked.by is not By.RECEIPT:
            raise WrongGrouping(field="by")
        person = visit.identity.actor, visit.identity.person_id
        file = services.order_file(visit.session, *person, scope, asked, form, visit.language, _words(asked))
    except ReportNotFound:
        raise
    except DomainError as refusal:
        visit.session.rollback()
        return _report_page(visit, _known(report), refusal)
    return redirect(url_for("portal.report_file", file_id=file.id), 303)


@route(blueprint, "/reports/files/<int:file_id>", permission=VIEW)
def report_file(visit: Visit, file_id: int) -> ResponseReturnValue:
    """While the file is being made, the browser loads the page again by itself; no script is needed."""
    file = services.own_file(visit.session, visit.identity.person_id, file_id)
    page = _page("file", file=file, asked=services.asked_of(file.asked), kept_until=file.asked_at + services.KEPT)
    return page, 200, {"Refresh": str(LOOK_AGAIN_SECONDS)} if file.state == "making" else {}


@route(blueprint, "/reports/files/<int:file_id>/content", permission=VIEW)
def report_file_content(visit: Visit, file_id: int) -> ResponseReturnValue:
    """For its owner, as long as they may still see what it is about."""
    file = services.own_file(visit.session, visit.identity.person_id, file_id)
    asked = services.asked_of(file.asked)
    scopes = [scope for scope in scopes_of(visit.identity) if scope.organisation_id == file.organisation_id and not scope.is_pooled]
    if file.content is None or not any(scope.branches is None or asked.branch in scope.branches for scope in scopes):
        raise FileNotFound
    name = f"{asked.report}-{asked.first.isoformat()}-{asked.last.isoformat()}.{file.form}"
    return download(file.content, MEDIA_TYPES[file.form], name)


@route(blueprint, "/reports/<report>/views", permission=VIEW, methods=["POST"])
def save_report_view(visit: Visit, report: str) -> ResponseReturnValue:
    try:
        scope = _scope(visit)
        asked = _asked(_known(report), scope)
        services.save_view(visit.session, visit.identity.person_id, request.form.get("name", ""), asked.report, _typed())
    except ReportNotFound:
        raise
    except DomainError as refusal:
        visit.session.rollback()
        return _report_page(visit, _known(report), refusal)
    return redirect(url_for("portal.reports"), 303)


@route(blueprint, "/reports/views/<int:view_id>/forget", permission=VIEW, methods=["POST"])
def forget_report_view(visit: Visit, view_id: int) -> ResponseReturnValue:
    services.forget_view(visit.session, visit.identity.person_id, view_id)
    return redirect(url_for("portal.reports"), 303)


def _report_page(visit: Visit, report: Report, refusal: DomainError | None = None) -> ResponseReturnValue:
    """The form, and below it what it asks for, unless that cannot be answered."""
    scopes = [scope for scope in scopes_of(visit.identity) if scope.groupings(report)]
    if not scopes:
        raise ReportNotFound
    facts: dict[str, Any] = {}
    try:
        scope = _scope(visit)
        asked = _asked(report, scope)
        facts = _receipts_facts(visit, asked, scope) if asked.by is By.RECEIPT else _groups_facts(visit, asked, scope)
        facts |= {"asked": asked, "sums": _sums(facts["told"])}
    except (BadInput, TooFewShops) as wrong:
        refusal, scope = refusal or wrong, scopes[0]
    page = _page(
        "report", refusal=refusal, report=report, scope=scope, scopes=_named_scopes(visit, scopes),
        groupings=[(by, report_words.GROUPINGS[by]) for by in scope.groupings(report)],
        branches=_branches(visit, report, scope),
        shop_kinds=[(kind.value, word[0]) for kind, word in words.SHOP_KINDS.items()],
        card_kinds=_card_kinds(visit) if report is Report.CARDS else [],
        card_states=[(state.value, word[0]) for state, word in words.CARD_STATES.items()],
        form_fields={**_defaults(report, scope, visit.language), **_typed()}, address=_address, **facts,
    )  # fmt: skip
    return page, refusal.status if refusal and not isinstance(refusal, TooFewShops) else 200


def _groups_facts(visit: Visit, asked: Asked, scope: Scope) -> dict[str, Any]:
    told = queries.told(visit.session, asked, scope)
    start = max(0, request.args.get("from", 0, type=int))
    shown = told.groups[start : start + GROUPS_A_PAGE]
    return {
        "told": told,
        "rows": [(_label(group, asked, told, visit.language), group.values) for group in shown],
        "start": start,
        "following": start + GROUPS_A_PAGE if start + GROUPS_A_PAGE < len(told.groups) else None,
    }


def _receipts_facts(visit: Visit, asked: Asked, scope: Scope) -> dict[str, Any]:
    """A page of single lines; their sum is that of the period by days."""
    after = position_of(request.args.get("after", ""))
    lines = list(queries.receipts(visit.session, asked, scope, after=after, limit=RECEIPTS_A_PAGE + 1))
    last = lines[RECEIPTS_A_PAGE - 1] if len(lines) > RECEIPTS_A_PAGE else None
    by_day = replace(asked, by=By.DAY)
    count = queries.count_receipts(visit.session, asked, scope)
    own_shops = merchants_of_organisations(visit.session, visit.identity.organisations(Permission.MERCHANTS_SALES_VIEW) or ())
    return {
        "told": queries.told(visit.session, by_day, scope),
        "lines": lines[:RECEIPTS_A_PAGE],
        "count": count,
        "is_long": count > services.SHORT_ROWS,
        "opens_receipts": bool(own_shops) and scope.organisation_id is not None,
        "after": request.args.get("after", ""),
        "following": last and f"{last.business_date.isoformat()}_{last.entry_id}",
    }


def _sums(told: Told) -> list[tuple[str, int]]:
    return list(zip(told.columns, told.sums, strict=True))


def _known(report: str) -> Report:
    try:
        return Report(report)
    except ValueError:
        raise ReportNotFound from None


def _typed() -> dict[str, str]:
    """The fields of the form as they were typed, from an address or a posted form."""
    return {name: request.values[name].strip() for name in FIELDS if request.values.get(name, "").strip()}


def _defaults(report: Report, scope: Scope, language: str) -> dict[str, str]:
    """The last thirty days, in the reader's calendar."""
    today = local_day(clock.now())
    first, last = (formats.day_digits(day, language) for day in (today - timedelta(days=29), today))
    branch = {"branch": str(min(scope.branches))} if scope.branches else {}
    return {"first": first, "last": last, "by": next(iter(scope.groupings(report)), ""), **branch}


def _scope(visit: Visit) -> Scope:
    """The organisation asked for, else the person's first. Raises ReportNotFound for another's."""
    scopes = scopes_of(visit.identity)
    asked = request.values.get("for", type=int)
    found = next((scope for scope in scopes if asked in (None, scope.organisation_id)), None)
    if found is None:
        raise ReportNotFound
    return found


def _asked(report: Report, scope: Scope) -> Asked:
    """Raises ReportNotFound, WrongDay, WrongPeriod, WrongGrouping."""
    if not scope.groupings(report):
        raise ReportNotFound
    fields = {**_defaults(report, scope, "en"), **_typed()}
    if fields["by"] not in scope.groupings(report):
        raise WrongGrouping(field="by")
    days = typed_day(fields["first"], "first"), typed_day(fields["last"], "last")
    terminal = "" if scope.is_pooled else fields.get("terminal", "").upper()
    kind = "" if scope.is_pooled and report is not Report.SHOPS else fields.get("kind", "")
    branch = "" if scope.is_pooled or scope.organisation_id is None else fields.get("branch", "")
    if branch and (not re.fullmatch("[0-9]{1,18}", branch) or (scope.branches is not None and int(branch) not in scope.branches)):
        raise ReportNotFound
    of_cards = (fields.get("product", ""), fields.get("state", "")) if report is Report.CARDS else ("", "")
    asked = Asked(report, *days, By(fields["by"]), kind, terminal, int(branch) if branch else None, *of_cards)
    check_asked(asked, scope)
    return asked


def _words(asked: Asked) -> dict[str, str]:
    """All words of a sheet, as text: a worker has no reader of its own."""
    said = {**settlement_words.PARTS, **report_words.COLUMNS, "title": report_words.REPORTS[asked.report][0], "total": _("Sum")}
    return {name: str(text) for name, text in said.items()}


def _label(group: Group, asked: Asked, told: Told, language: str, *, is_plain: bool = False) -> str:
    """What a group is called; `is_plain` for a sheet, where a program may read it."""
    key, by = group.key, asked.by
    if key is None:
        without = report_words.WITHOUT_OF_CARDS if asked.report is Report.CARDS else report_words.WITHOUT
        return _("All others together") if told.is_pooled else str(without.get(by, _("None")))
    if isinstance(key, date):
        return _month(key, language) if by is By.MONTH else _day(key, language, is_plain=is_plain)
    if by is By.CUSTOMER:
        return str(report_words.CUSTOMERS[str(key)])
    if by is By.TERMINAL:
        return f"{key} {in_language(told.names.get(key, {}), language)}".strip()
    if key in told.names:
        return in_language(told.names[key], language)
    tables: dict[By, dict[Any, Any]] = {
        By.KIND: words.SHOP_KINDS,
        By.STATE: {**settlement_words.PAYOUT_STATES, **words.CARD_STATES},
    }
    return str(tables[by][key][0]) if by in tables and key in tables[by] else str(key)


def _day(day: date, language: str, *, is_plain: bool) -> str:
    return day_digits(day, language) if is_plain else formats.day(day, language)


def _month(day: date, language: str) -> str:
    name = jalali_text(day, "en" if language == "en" else "fa").split()[1]
    return f"{name} {formats.number(str(jalali(day)[0]), language)}"


def _named_scopes(visit: Visit, scopes: list[Scope]) -> list[tuple[int, str]]:
    """For the choice of an organisation, where a person has more than one."""
    ids = [scope.organisation_id for scope in scopes if scope.organisation_id is not None]
    names = names_of_organisations(visit.session, ids) if len(ids) > 1 else {}
    return [(one, in_language(names[one], visit.language)) for one in ids if one in names]


def _branches(visit: Visit, report: Report, scope: Scope) -> list[tuple[int, str]]:
    """The choice of a branch, where there is more than one; nobody is bound to a branch of a sum over shops."""
    if report in (Report.PAYOUTS, Report.GROUPS) or scope.is_pooled or scope.organisation_id is None:
        return []
    return [(one, in_language(names, visit.language)) for one, names in queries.branches_in(visit.session, scope)]


def _card_kinds(visit: Visit) -> list[tuple[str, str]]:
    return [(one.code, in_language(one.names, visit.language)) for one in kinds_in_force(visit.session, local_day(clock.now()))]


def _address(report: Report | str, **more: Any) -> str:
    """This question again, at another place or in another form."""
    endpoint = "portal.report_sheet" if "form" in more else "portal.report"
    form = {"form": more.pop("form")} if "form" in more else {}
    place = url_for(endpoint, report=str(report), **form)
    query = urlencode({**_typed(), **more})
    return f"{place}?{query}" if query else place


def _link_of_view(view: Any) -> str:
    return f"{url_for('portal.report', report=view.report)}?{urlencode(view.asked)}"


def _page(name: str, *, refusal: DomainError | None = None, **facts: Any) -> str:
    return render_template(
        f"reports/{name}.html",
        active="portal.reports",
        told_words=report_words,
        parts=settlement_words.PARTS,
        fault=words.error_sentence(refusal.code, refusal.facts) if refusal else "",
        fault_field=refusal.facts.get("field", "") if refusal else "",
        **facts,
    )
