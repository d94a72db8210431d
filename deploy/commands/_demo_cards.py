"""A discount card, prices of cards, and an order of the union's, for the demonstration. Everything here is invented."""

from datetime import timedelta

from sqlalchemy.orm import Session

from cardbank.kinds.rules import KindTerms, Technology
from cardbank.kinds.services import define_kind
from cardbank.orders.rules import Prices, Tier, Wish
from cardbank.orders.services import ask_cards, confirm_order, set_prices
from kernel import clock
from kernel.audit import Actor
from kernel.calendar import local_day

SEED = Actor.system("demonstration seed")
TIERS = (Tier(50, 1_200_000), Tier(200, 950_000), Tier(500, 800_000))
SETUP_RIAL = 15_000_000
ORDER_KEY = "0197f1a0-0000-7000-8000-00000ca2d001"


def seed_cards(session: Session, union_id: int) -> None:
    """Two kinds that may be ordered, and an order that waits for the printer."""
    today = local_day(clock.now())
    names = {"fa": "کارت تخفیف (نمونه)", "en": "Discount card (sample)"}
    define_kind(
        session,
        SEED,
        "discount",
        KindTerms(names, today, 24, Technology.QR, allows_anonymous=True, holds_money=False, thickness_um=760),
    )
    for kind in ("discount", "standard"):
        set_prices(session, SEED, kind, Prices(today, SETUP_RIAL, TIERS))
    order = ask_cards(session, SEED, union_id, ORDER_KEY, Wish("discount", 200, "باشگاه کفاشان (نمونه)", "با نشان اتحادیه"))
    confirm_order(session, SEED, order.id, today + timedelta(days=14))
