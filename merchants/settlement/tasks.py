"""What happens by itself: pricing every minute, closing once a Tehran day is over. Each runs in a unit of work."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from merchants.batches.tasks import close_old_batches
from merchants.settlement.services import closing, pricing


def price_lines(session: Session) -> None:
    pricing.price_lines(session)


def close_settlement(session: Session) -> None:
    closing.close_when_due(session)


STEPS: Mapping[str, tuple[Callable[[Session], object], float]] = {
    "price_lines": (price_lines, 60.0),
    "close_settlement": (close_settlement, 300.0),
    "close_old_batches": (close_old_batches, 900.0),
}
