"""Lists of goods: take the shop's own as CSV or XLSX, bring one, repair it cell by cell, take over all of it or nothing."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import BadInput, DomainError
from kernel.languages import in_language
from kernel.web.routes import route
from merchants.catalogue import queries
from merchants.catalogue.services import importing
from merchants.fields.queries import fields_of
from merchants.fields.rules import Subject
from portal import goods_words
from portal.blueprint import blueprint
from portal.lists import cells_to_correct, check_form, table, typed_cells
from portal.own_shop import own_shop
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding import forms

EDIT = Permission.MERCHANTS_CATALOGUE_EDIT
HERE = "portal.goods"


@route(blueprint, "/products/lists", permission=EDIT)
def product_lists(visit: Visit) -> ResponseReturnValue:
    return _upload_form(visit)


@route(blueprint, "/products/lists", permission=EDIT, methods=["POST"], takes_files=True)
def upload_products(visit: Visit) -> ResponseReturnValue:
    shop = own_shop(visit, EDIT)
    try:
        kept = importing.begin_list(visit.session, visit.identity.actor, shop, forms.uploaded("list"))
    except BadInput as refusal:
        return _upload_form(visit, fault_by_field(refusal))
    return redirect(url_for("portal.product_list", list_id=kept.id, merchant=shop.id), 303)


@route(blueprint, "/products/lists/goods.<form>", permission=EDIT)
def goods_sheet(visit: Visit, form: str) -> ResponseReturnValue:
    """All products with the columns that can be brought back."""
    check_form(form)
    shop = own_shop(visit, EDIT)
    columns, own = importing.columns_of(visit.session, shop.id), fields_of(visit.session, shop.id, Subject.PRODUCT)
    titles = [titles[0] if visit.language != "en" else titles[:2][-1] for titles in columns.values()]
    rows: list[list[str | int]] = [
        [*titles],
        *(goods_words.sheet_row(row, visit.language, own) for row in queries.product_sheet(visit.session, shop.id, clock.now())),
    ]
    return table(form, rows, "goods", visit.language)


@route(blueprint, "/products/lists/<int:list_id>", permission=EDIT)
def product_list(visit: Visit, list_id: int) -> ResponseReturnValue:
    return _list(visit, list_id)


@route(blueprint, "/products/lists/<int:list_id>", permission=EDIT, methods=["POST"])
def repair_products(visit: Visit, list_id: int) -> ResponseReturnValue:
    """Take the repairs of the shown cells, then take the list over if that is asked for and nothing is wrong any more."""
    shop = own_shop(visit, EDIT)
    importing.repair_list(visit.session, shop, list_id, typed_cells())
    if forms.typed().get("act") == "finish":
        try:
            importing.finish_list(visit.session, visit.identity.actor, shop, list_id)
        except DomainError as refusal:
            return _list(visit, list_id, refusal)
    return redirect(url_for("portal.product_list", list_id=list_id, merchant=shop.id), 303)


def _list(visit: Visit, list_id: int, refusal: DomainError | None = None) -> ResponseReturnValue:
    shop = own_shop(visit, EDIT)
    kept = queries.product_list(visit.session, shop.id, list_id)
    faults = [] if kept.finished_at else importing.faults_of(visit.session, shop, kept.rows)
    return page(
        "goods/list.html",
        active=HERE,
        faults={"form": refusal} if refusal else {},
        shop=shop,
        kept=kept,
        columns=goods_words.COLUMNS
        | {field.key: in_language(field.names, visit.language) for field in fields_of(visit.session, shop.id, Subject.PRODUCT)},
        **cells_to_correct(faults),
    )


def _upload_form(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    return page("goods/lists.html", active=HERE, faults=faults, shop=own_shop(visit, EDIT), most=importing.MOST_ROWS)
