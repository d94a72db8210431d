"""A price that was laid down, taken back or ended shows on the pages of its shop, of one branch where it is of one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.outbox import Handler
from merchants.catalogue.events import PriceEnded, PriceSet
from merchants.catalogue.models import Product
from merchants.models import Branch
from places.pages.services import note_priced


def on_price_changed(session: Session, event: PriceSet | PriceEnded) -> None:
    """Noted from here, after the shop's own work: a list of goods would else hold the page while it holds its products."""
    shown = select(Branch.place_id).join(Product, Product.merchant_id == Branch.merchant_id).where(Product.id == event.product_id)
    if event.branch_id is not None:
        shown = shown.where(Branch.id == event.branch_id)
    note_priced(session, session.scalars(shown).all())


HANDLERS: tuple[tuple[type, Handler], ...] = ((PriceSet, on_price_changed), (PriceEnded, on_price_changed))
