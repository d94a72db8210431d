"""Credit lines: who lends asks for a limit, a second person grants it, and either lowers or closes it."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards.queries import card_profile, cards_by_id, find_by_number
from cardbank.cards.rules import CardProfile, is_card_number
from cardbank.errors import CardNotFound
from cardbank.keystore.services import open_keystore
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError, NotFound
from kernel.settings import load_settings
from kernel.text import typed_number
from kernel.web.routes import route
from merchants.instalments import queries
from merchants.instalments.errors import WrongLimit
from merchants.instalments.services import lines
from portal.blueprint import blueprint
from portal.routes.instalments.forms import page
from portal.routes.till.forms import digits

GIVE = Permission.CARDBANK_LINE_GIVE
A_PAGE = 20


@route(blueprint, "/credit-lines", permission=GIVE)
def credit_lines(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/credit-lines/card", permission=GIVE, methods=["POST"])
def credit_line_card(visit: Visit) -> ResponseReturnValue:
    """The number is posted, so that it stands in no address."""
    number = digits(request.form.get("number", "")).replace("-", "")
    card = find_by_number(visit.session, open_keystore(load_settings()), number) if is_card_number(number) else None
    if card is None:
        return _page(visit, CardNotFound(field="number")), 404
    return _page(visit, card=card)


@route(blueprint, "/credit-lines", permission=GIVE, methods=["POST"])
def ask_credit_line(visit: Visit) -> ResponseReturnValue:
    card = card_profile(visit.session, request.form.get("card", 0, type=int))
    if card is None:
        raise NotFound
    giver = _giver(visit)
    try:
        lines.ask_line(
            visit.session,
            visit.identity.actor,
            visit.identity.person_id,
            card.card_id,
            giver,
            _limit(),
            request.form.get("why", ""),
        )
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, refusal, card=card), refusal.status
    return redirect(url_for("portal.credit_lines"), 303)


@route(blueprint, "/credit-lines/<int:line_id>", permission=GIVE, methods=["POST"])
def change_credit_line(visit: Visit, line_id: int) -> ResponseReturnValue:
    """`grant` and `refuse` answer the limit that waits; `lower` and `close` need nobody else."""
    row = queries.line_row(visit.session, line_id)
    if not visit.identity.can(GIVE, row.line.giver_id):
        raise NotFound
    actor, person_id, why = visit.identity.actor, visit.identity.person_id, request.form.get("why", "")
    wish_id = row.wish.id if row.wish is not None else 0
    try:
        match request.form.get("act", ""):
            case "grant":
                lines.grant_line(visit.session, actor, person_id, wish_id)
            case "refuse":
                lines.refuse_line(visit.session, actor, person_id, wish_id, why)
            case "lower":
                lines.lower_line(visit.session, actor, line_id, _limit(), why)
            case "close":
                lines.close_line(visit.session, actor, person_id, line_id, why)
            case _:
                raise BadInput(field="act")
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, refusal, at=line_id), refusal.status
    return redirect(url_for("portal.credit_lines"), 303)


def _page(visit: Visit, refusal: DomainError | None = None, *, card: CardProfile | None = None, at: int = 0) -> str:
    after = request.args.get("after", 0, type=int)
    found = queries.line_rows(visit.session, giver_ids=visit.identity.organisations(GIVE), after=after, limit=A_PAGE + 1)
    return page(
        "lines",
        "portal.credit_lines",
        refusal,
        rows=found[:A_PAGE],
        cards=cards_by_id(visit.session, [row.line.card_id for row in found]),
        after=after,
        older=found[A_PAGE - 1].line.id if len(found) > A_PAGE else None,
        card=card,
        at=at,
        person_id=visit.identity.person_id,
    )


def _giver(visit: Visit) -> int:
    """The organisation that the person lends for."""
    own = (grant.organisation_id for grant in visit.identity.grants if grant.allows(GIVE, None))
    giver = next((one for one in own if one is not None), None)
    if giver is None:
        raise NotFound
    return giver


def _limit() -> int:
    """Raises WrongLimit."""
    typed = typed_number(request.form.get("limit", ""))
    if typed is None:
        raise WrongLimit(field="limit", fault="range")
    return typed
