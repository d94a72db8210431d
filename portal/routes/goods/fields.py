"""Fields of a shop's own, for its products and its page: defined here, filled in where products and the page are."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError
from kernel.web.routes import route
from merchants.catalogue.services.importing import COLUMNS
from merchants.fields import services
from merchants.fields.queries import fields_of
from merchants.fields.rules import MOST_FIELDS, Subject, typed_definition
from portal.blueprint import blueprint
from portal.own_shop import own_shop
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import typed

EDIT = Permission.MERCHANTS_CATALOGUE_EDIT
HERE = "portal.goods"
HEADINGS = tuple(title for titles in COLUMNS.values() for title in titles)


@route(blueprint, "/fields", permission=EDIT)
def shop_fields(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/fields", permission=EDIT, methods=["POST"])
def add_shop_field(visit: Visit) -> ResponseReturnValue:
    shop = own_shop(visit, EDIT)
    try:
        wanted = typed_definition(typed())
        services.add_field(
            visit.session, visit.identity.actor, shop.id, wanted, HEADINGS if wanted.subject is Subject.PRODUCT else ()
        )
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, fault_by_field(refusal))
    return redirect(url_for("portal.shop_fields", merchant=shop.id, kept=1), 303)


@route(blueprint, "/fields/<int:field_id>", permission=EDIT, methods=["POST"])
def change_shop_field(visit: Visit, field_id: int) -> ResponseReturnValue:
    """Who reads it and whether labels have it, or its end."""
    shop, form, actor = own_shop(visit, EDIT), typed(), visit.identity.actor
    if form.get("act") == "end":
        services.end_field(visit.session, actor, shop.id, field_id)
    else:
        shown = {"is_public": form.get("is_public") == "1", "is_on_label": form.get("is_on_label") == "1"}
        services.show_field(visit.session, actor, shop.id, field_id, **shown)
    return redirect(url_for("portal.shop_fields", merchant=shop.id, kept=1), 303)


def _page(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    shop = own_shop(visit, EDIT)
    shown = {"subject": request.args.get("of", ""), "is_public": "1"}
    return page(
        "goods/fields.html",
        active=HERE,
        faults=faults,
        typed=shown,
        shop=shop,
        fields=fields_of(visit.session, shop.id),
        subjects=Subject,
        most=MOST_FIELDS,
    )
