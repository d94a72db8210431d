"""The look of a shop: its colour and logo, and its own words on its receipts."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import OpenVisit, Visit
from kernel.errors import DomainError, NotFound
from kernel.web.routes import route
from merchants.look.queries import is_logo, look_of_shop
from merchants.look.services import set_look as choose_look
from merchants.queries import shop_names
from merchants.till.texts import LANGUAGES, LONGEST, set_texts, texts_of_shop
from portal.blueprint import blueprint
from portal.own_shop import own_shop
from portal.routes.goods.shop import fault_by_field
from portal.routes.onboarding import forms

SIGN = Permission.MERCHANTS_TERMS_SIGN
LOGOS_KEPT_SECONDS = 30 * 24 * 3600  # a new logo has a new address


@route(blueprint, "/look", permission=SIGN)
def look(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/look", permission=SIGN, methods=["POST"], takes_files=True)
def set_look(visit: Visit) -> ResponseReturnValue:
    shop, form = own_shop(visit, SIGN), request.form
    try:
        choose_look(
            visit.session, forms.paper_store(), visit.identity.actor, shop.id, form.get("accent", ""), forms.uploaded("logo"),
            drops_logo=form.get("no_logo") == "1",
        )  # fmt: skip
    except DomainError as refusal:
        return _again(visit, refusal)
    return redirect(url_for("portal.look", merchant=shop.id, kept="look"), 303)


@route(blueprint, "/look/words", permission=SIGN, methods=["POST"])
def set_receipt_text(visit: Visit) -> ResponseReturnValue:
    shop = own_shop(visit, SIGN)
    try:
        set_texts(visit.session, visit.identity.actor, shop.id, request.form)
    except DomainError as refusal:
        return _again(visit, refusal)
    return redirect(url_for("portal.look", merchant=shop.id, kept="words"), 303)


@route(blueprint, "/shops/logos/<logo>.webp", public=True)
def shop_logo(visit: OpenVisit, logo: str) -> ResponseReturnValue:
    """Raises NotFound for whatever is no shop's logo now: other papers lie in the same store."""
    if not is_logo(visit.session, logo):
        raise NotFound
    answer = Response(forms.paper_store().get(logo), mimetype="image/webp")
    answer.headers["Cache-Control"] = f"public, max-age={LOGOS_KEPT_SECONDS}, immutable"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _again(visit: Visit, refusal: DomainError) -> ResponseReturnValue:
    visit.session.rollback()
    return _page(visit, fault_by_field(refusal)), refusal.status


def _page(visit: Visit, faults: dict[str, DomainError] | None = None) -> str:
    """Each form shows what stands, and the one that was refused what was typed."""
    shop = own_shop(visit, SIGN)
    kept, worn = texts_of_shop(visit.session, shop.id), look_of_shop(visit.session, shop.id)
    written = {
        f"{place}_{language}": texts.get(language, "")
        for place, texts in (("head", kept.head), ("foot", kept.foot))
        for language in LANGUAGES
    }
    return render_template(
        "till/look.html", active="portal.look", faults=forms.sentences(faults or {}), shop=shop, kept=kept, look=worn, longest=LONGEST,
        names=shop_names(visit.session, [shop.wallet_id])[shop.wallet_id],
        told="" if faults else request.args.get("kept", ""),
        typed=written | {"accent": worn.accent} | (forms.typed() if faults else {}),
    )  # fmt: skip
