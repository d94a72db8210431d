"""Instalments of the demonstration: the merchant's shop sells so, and the first cardholders have a line to buy on."""

from sqlalchemy.orm import Session

from cardbank.cards.queries import find_by_uid
from deploy.commands import _demo
from identity.queries import organisations_of_kind
from kernel import clock
from kernel.audit import Actor
from kernel.calendar import local_day
from merchants.instalments import queries
from merchants.instalments.services.lines import ask_line, grant_line
from merchants.instalments.services.terms import Offer, offer_terms, sign_terms
from merchants.queries import merchants_page

SEED = Actor.system("demonstration seed")
COUNTS = (2, 4, 6)
LEAST_RIAL, MOST_RIAL = 2_000_000, 100_000_000
SHOP_BASIS_POINTS = 250
LINE_RIAL = 50_000_000
HOLDERS = 2  # those who have a sign-in


def seed_instalments(session: Session) -> None:
    """Once: terms that nobody in particular has signed, for both sides are of the demonstration."""
    [shop] = merchants_page(session, limit=1)
    if queries.terms_history(session, shop.merchant_id):
        return
    offer = Offer(COUNTS, LEAST_RIAL, MOST_RIAL, local_day(clock.now()), shop_basis_points=SHOP_BASIS_POINTS)
    offered = offer_terms(session, SEED, None, shop.merchant_id, offer, by_shop=False)
    sign_terms(session, SEED, None, offered.id, by_shop=True)
    [giver, *_] = organisations_of_kind(session, "operator")
    for number in range(HOLDERS):
        card = find_by_uid(session, _demo.chip_of(number))
        if card is not None:
            wish = ask_line(session, SEED, None, card.card_id, giver.id, LINE_RIAL, "نمونهٔ قرارداد اعتبار")
            grant_line(session, SEED, None, wish.id)
