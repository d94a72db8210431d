"""Labels for shelves and goods: scanned codes with a number each become a PDF for the printer."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import DomainError
from kernel.web.routes import route
from merchants.catalogue import queries
from merchants.catalogue.adapters.labels import Label, label_sheet
from merchants.catalogue.errors import TooManyLabels, UnknownLabelSize
from merchants.catalogue.rules.labels import MOST_LABELS, SIZES
from merchants.catalogue.rules.quantities import WHOLE
from merchants.catalogue.services.products import set_up_shop
from merchants.fields.queries import fields_of
from merchants.fields.rules import OwnField, Subject, said
from merchants.stock.errors import NothingMoved
from merchants.stock.rules import gathered
from merchants.stock.services.lines import LineFault, read_lines
from portal import field_words, formats, goods_words
from portal.blueprint import blueprint
from portal.formats import RIAL
from portal.lists import download
from portal.own_shop import own_shop
from portal.routes.goods.deliveries import told
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import typed

VIEW = Permission.MERCHANTS_CATALOGUE_VIEW
EDIT = Permission.MERCHANTS_CATALOGUE_EDIT
FAULTS_SHOWN = 20


@route(blueprint, "/products/labels", permission=VIEW)
def labels(visit: Visit) -> ResponseReturnValue:
    return _form(visit)


@route(blueprint, "/products/labels", permission=VIEW, methods=["POST"])
def print_labels(visit: Visit) -> ResponseReturnValue:
    """A line is a code and how many labels of it; the size is kept as the shop's own where that is asked for."""
    shop, form = own_shop(visit, VIEW), typed()
    lines, wrong = read_lines(visit.session, shop.id, form.get("lines", ""))
    if wrong:
        return _form(visit, {"lines": wrong[0].error}, wrong)
    size, has_qr = form.get("size", ""), form.get("has_qr") == "1"
    try:
        if size not in SIZES:
            raise UnknownLabelSize(field="size")
        wanted = {product: milli // WHOLE for product, milli in gathered(lines).items()}
        content = _sheet(visit, shop.id, wanted, size, has_qr=has_qr)
        if form.get("keep") == "1" and visit.identity.can(EDIT, shop.organisation_id):
            kept = queries.setting_of(visit.session, shop.id)
            set_up_shop(
                visit.session, visit.identity.actor, shop.id, allows_negative_stock=kept.allows_negative_stock,
                label_size=size, label_has_qr=has_qr,
            )  # fmt: skip
    except NothingMoved as refusal:
        return _form(visit, {"lines": refusal})
    except DomainError as refusal:
        visit.session.rollback()
        return _form(visit, fault_by_field(refusal))
    return download(content, "application/pdf", "labels.pdf")


def _sheet(visit: Visit, merchant_id: int, wanted: dict[int, int], size: str, *, has_qr: bool) -> bytes:
    """Raises TooManyLabels, CodeTooLong."""
    if sum(wanted.values()) > MOST_LABELS:
        raise TooManyLabels(field="lines", most=MOST_LABELS)
    rows = {row.product.id: row for row in queries.priced_products(visit.session, merchant_id, list(wanted), clock.now())}
    own = [field for field in fields_of(visit.session, merchant_id, Subject.PRODUCT) if field.is_on_label]
    made = [_label(rows[product], visit.language, own) for product, number in wanted.items() for _ in range(number)]
    return label_sheet(made, size, has_qr=has_qr, is_rtl=visit.language != "en")


def _label(row: queries.ProductRow, language: str, own: list[OwnField]) -> Label:
    """Prices with their words, in the digits of the reader; what has no price gets a label without one.

    Points and what is said in fields of the shop's own share a line.
    """
    product, prices = row.product, tuple[str, ...]()
    if row.list_rial is not None and row.card_rial is not None:
        written = [(goods_words.LABEL["list"], row.list_rial)]
        if row.card_rial < row.list_rial:
            written.append((goods_words.LABEL["card"], row.card_rial))
        prices = tuple(f"{word} {formats.number(amount, language)} {RIAL[language]}" for word, amount in written)
    points = [goods_words.points_on_label(formats.number(product.points, language))] if product.points else []
    note = " · ".join(points + [field_words.on_label(field, value, language) for field, value in said(own, product.fields)])
    name = product.names.get(language) or next(iter(product.names.values()))
    return Label(name, product.code, product.code_kind, prices, note)


def _form(visit: Visit, faults: dict[str, DomainError] | None = None, wrong: list[LineFault] | None = None) -> ResponseReturnValue:
    shop = own_shop(visit, VIEW)
    setting = queries.setting_of(visit.session, shop.id)
    shown = {
        "lines": request.args.get("lines", "")[:2_000],
        "size": setting.label_size,
        "has_qr": "1" if setting.label_has_qr else "",
    }
    return page(
        "goods/labels.html",
        active="portal.goods",
        faults=faults,
        typed=shown,
        shop=shop,
        sizes=list(SIZES),
        most=MOST_LABELS,
        wrong=told(wrong or [])[:FAULTS_SHOWN],
        may_keep=visit.identity.can(EDIT, shop.organisation_id),
        back=url_for("portal.goods", merchant=shop.id),
    )
