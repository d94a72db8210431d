"""What the holder saved by the card: by months or by trips, and purchase by purchase."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from cardbank.families.queries import members_seen
from cardbank.statements import LONGEST_PERIOD
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput
from kernel.web.routes import route
from merchants.queries import branch_names_of_terminals
from merchants.savings.queries import savings
from merchants.savings.rules import By, Saving, periods, total
from portal.blueprint import blueprint
from portal.routes.me import Holder, holder_of

HERE = "portal.my_savings"
A_PAGE = 20


@route(blueprint, "/me/savings", permission=Permission.CARDBANK_STATEMENT_VIEW)
def my_savings(visit: Visit) -> ResponseReturnValue:
    holder = holder_of(visit)
    if holder is None:
        return render_template("me/none.html", active=HERE)
    by, today = request.args.get("by", By.MONTH.value), local_day(clock.now())
    if by not in set(By):
        raise BadInput(field="by")
    found = _savings(visit, holder, today - LONGEST_PERIOD, today)
    return render_template(
        "me/savings.html", active=HERE, holder=holder, by=by, ways=list(By), sums=total(found), periods=periods(found, By(by))
    )


@route(blueprint, "/me/savings/<first>/<last>", permission=Permission.CARDBANK_STATEMENT_VIEW)
def my_saved_purchases(visit: Visit, first: str, last: str) -> ResponseReturnValue:
    """Each purchase of a period; the sums above them are theirs."""
    holder = holder_of(visit)
    if holder is None:
        return render_template("me/none.html", active=HERE)
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
        found = _savings(visit, holder, *days)
    except ValueError:
        raise BadInput(field="first") from None
    page = max(request.args.get("page", 0, type=int), 0)
    shown = found[page * A_PAGE : (page + 1) * A_PAGE]
    return render_template(
        "me/saved_purchases.html", active=HERE, holder=holder, first=days[0], last=days[1], sums=total(found), shown=shown,
        branches=branch_names_of_terminals(visit.session, {one.terminal_id for one in shown if one.terminal_id}) if shown else {},
        page=page, has_older=len(found) > (page + 1) * A_PAGE,
    )  # fmt: skip


def _savings(visit: Visit, holder: Holder, first: date, last: date) -> list[Saving]:
    without_money = [card.card_id for card in holder.cards if card.wallet_id == holder.wallet_id and not card.holds_money]
    members = members_seen(visit.session, visit.identity.person_id, holder.wallet_id)
    return savings(visit.session, holder.wallet_id, without_money, first, last, members=members)
