"""The shop's own words on its receipts."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from kernel.errors import DomainError
from kernel.web.routes import route
from kernel.web.visit import Visit
from merchants.till.texts import LANGUAGES, LONGEST, set_texts, texts_of_shop
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, own_shop, page

SIGN = Permission.MERCHANTS_TERMS_SIGN


@route(blueprint, "/receipt-text", permission=SIGN)
def receipt_text(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/receipt-text", permission=SIGN, methods=["POST"])
def set_receipt_text(visit: Visit) -> ResponseReturnValue:
    shop = own_shop(visit, SIGN)
    try:
        set_texts(visit.session, visit.identity.actor, shop.id, request.form)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, fault_by_field(refusal))
    return redirect(url_for("portal.receipt_text", merchant=shop.id, kept=1), 303)


def _page(visit: Visit, faults: dict[str, DomainError] | None = None) -> Any:
    shop = own_shop(visit, SIGN)
    kept = texts_of_shop(visit.session, shop.id)
    written = {f"{place}_{language}": texts.get(language, "") for place, texts in (("head", kept.head), ("foot", kept.foot)) for language in LANGUAGES}
    return page(
        "till/receipt_text.html", active="portal.receipt_text", faults=faults, typed=written, shop=shop, kept=kept, longest=LONGEST,
        is_kept=request.args.get("kept") == "1" and not faults,
    )  # fmt: skip
