"""Receipts for thermal printers: drawn in the holder's language, and sent to the till's printer or handed to the reader's program."""

from uuid import UUID

import segno
from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.printing.slip import DOTS, Slip
from kernel.printing.thermal import PrinterSilent, printed, send
from kernel.web.routes import route
from merchants.till.errors import PrinterNotSet, PrinterNotThere, SaleNotFound
from merchants.till.printers import printer_of, set_printer
from merchants.till.queries import ShiftRow, open_shift_of
from portal import formats, words
from portal.blueprint import blueprint
from portal.routes.till.receipts import Paper, paper_of, receipt_page
from portal.routes.till.selling import visible_sale
from portal.routes.till.shift import shift_at_work

OPERATE = Permission.MERCHANTS_TILL_OPERATE
WIDEST = max(DOTS)
RAW = "application/octet-stream"


@route(blueprint, "/till/sales/<uuid:key>/slip", permission=OPERATE)
def till_slip(visit: Visit, key: UUID) -> ResponseReturnValue:
    """The printer's own bytes, for the program beside the reader; a sale that is not paid leads back to its page."""
    paper = paper_of(visit, *visible_sale(visit, str(key)))
    if paper is None:
        return redirect(url_for("portal.till_sale", key=key))
    width = request.args.get("paper", WIDEST, type=int)
    return Response(printed(drawn(paper, width if width in DOTS else WIDEST).picture()), mimetype=RAW)


@route(blueprint, "/till/sales/<uuid:key>/slip", permission=OPERATE, methods=["POST"])
def print_slip(visit: Visit, key: UUID) -> ResponseReturnValue:
    """To the printer of the till; nothing is held while one waits for it. Raises SaleNotFound for a sale that is not paid."""
    paper = paper_of(visit, *visible_sale(visit, str(key)))
    if paper is None:
        raise SaleNotFound(key=str(key))
    printer = printer_of(visit.session, paper.shift.shift.terminal_id)
    try:
        if printer is None:
            raise PrinterNotSet
        send(printer.host, printed(drawn(paper, printer.width_mm).picture(), opens_drawer=printer.opens_drawer))
    except PrinterSilent:
        refusal = PrinterNotThere()
        return receipt_page(visit, paper, refusal), refusal.status
    except PrinterNotSet as refusal:
        return receipt_page(visit, paper, refusal), refusal.status
    return redirect(url_for("portal.till_receipt", key=key, printed=1), 303)


@route(blueprint, "/till/printer", permission=OPERATE)
def till_printer(visit: Visit) -> ResponseReturnValue:
    shift = open_shift_of(visit.session, visit.identity.person_id)
    return _page(visit, shift) if shift else redirect(url_for("portal.till"))


@route(blueprint, "/till/printer", permission=OPERATE, methods=["POST"])
def set_till_printer(visit: Visit) -> ResponseReturnValue:
    shift = shift_at_work(visit)
    form = request.form
    try:
        set_printer(
            visit.session, visit.identity, shift.id, form.get("host", ""), form.get("width", 0, type=int),
            opens_drawer=form.get("drawer") == "1",
        )  # fmt: skip
    except BadInput as refusal:
        visit.session.rollback()
        return _page(visit, shift, refusal), refusal.status
    return redirect(url_for("portal.till_printer", kept=1), 303)


def drawn(paper: Paper, width_mm: int) -> Slip:
    """What the page of the receipt says, dot by dot."""
    language, said = paper.language, paper.said
    slip = Slip(width_mm, language)
    slip.centred(_plain(formats.named(paper.shift.branch_names, language)), size="head", is_bold=True)
    if paper.head:
        slip.centred(paper.head, size="small")
    slip.centred(said["receipt"])
    slip.centred(_plain(formats.moment(paper.outcome.decided_at, language)), size="small")
    slip.rule()
    for line in paper.sale.lines:
        times = f" × {formats.number(line.count, language)}" if line.count > 1 else ""
        slip.row((line.text or said["goods"]) + times, formats.number(line.amount_rial, language))
    slip.rule()
    if paper.contract:
        slip.centred(paper.contract, size="small")
    for figure in paper.prices:
        slip.row(figure.label, _plain(formats.money(figure.amount_rial, language)))
    for place, figure in enumerate(paper.figures):
        slip.row(figure.label, _plain(formats.money(figure.amount_rial, language)), is_bold=place == 0)
    slip.rule()
    if paper.card is not None:
        slip.row(said["card"], _plain(formats.card_number(paper.card.masked, language)))
    if paper.reference:
        slip.row(said["number"], paper.reference)
        slip.code(segno.make_qr(paper.complaint_link, error="l").matrix)
        slip.centred(said["complain"], size="small")
    slip.space()
    slip.centred(said["keep"], size="small")
    slip.centred(said["thanks"], size="small")
    if paper.foot:
        slip.centred(paper.foot, size="small")
    return slip


def _plain(text: str) -> str:
    """A formatted figure without its marks for the page."""
    return Markup(text).striptags()  # noqa: S704 - figures that the portal formatted


def _page(visit: Visit, shift: ShiftRow, fault: DomainError | None = None) -> str:
    kept = printer_of(visit.session, shift.shift.terminal_id)
    form = request.form
    return render_template(
        "till/printer.html",
        active="portal.till",
        shift=shift,
        host=form.get("host", kept.host if kept else ""),
        width=form.get("width", kept.width_mm if kept else WIDEST, type=int),
        opens_drawer=form.get("drawer") == "1" if fault else bool(kept and kept.opens_drawer),
        widths=sorted(DOTS, reverse=True),
        is_kept=request.args.get("kept") == "1" and fault is None,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
    )
