"""What happens by itself: pricing every minute, closing once a Tehran day is over. Each runs in a unit of work."""

from sqlalchemy.orm import Session

from merchants.settlement.services import closing, pricing


def price_lines(session: Session) -> None:
    pricing.price_lines(session)


def close_settlement(session: Session) -> None:
    closing.close_when_due(session)
