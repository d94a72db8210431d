"""The paper of a sale: one page for rolls of 58 or 80 mm, in the language of the card's holder."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards.queries import card_profile
from cardbank.references import retrieval_reference
from identity.permissions import Permission
from kernel.languages import DEFAULT_LANGUAGE
from kernel.web.routes import route
from kernel.web.visit import Visit
from merchants.till.receipt import figures_of, words_of
from portal import formats
from portal.blueprint import blueprint
from portal.routes.till.selling import visible_sale

PAPERS = (80, 58)  # millimetres


@route(blueprint, "/till/sales/<uuid:key>/receipt", permission=Permission.MERCHANTS_TILL_OPERATE)
def till_receipt(visit: Visit, key: UUID) -> ResponseReturnValue:
    """Of a paid sale; any other sale leads back to its page."""
    sale, shift = visible_sale(visit, str(key))
    outcome = sale.outcome
    if outcome is None or not outcome.is_approved:
        return redirect(url_for("portal.till_sale", key=sale.key))
    card = card_profile(visit.session, outcome.card_id) if outcome.card_id else None
    language = card.language if card else DEFAULT_LANGUAGE
    paper = request.args.get("paper", PAPERS[0], type=int)
    return render_template(
        "till/receipt.html",
        active="portal.till",
        sale=sale,
        shift=shift,
        card=card,
        holder=language,
        said=words_of(language),
        figures=figures_of(outcome, language),
        reference=retrieval_reference(outcome.business_date, outcome.entry_id),
        paper=paper if paper in PAPERS else PAPERS[0],
        papers=PAPERS,
        formats=formats,
    )
