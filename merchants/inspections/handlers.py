"""A shop of which people complain again and again is visited."""

from sqlalchemy.orm import Session

from kernel.outbox import Handler
from merchants.complaints.events import ComplaintOpened
from merchants.inspections.services import visit_if_repeated


def on_complaint_opened(session: Session, event: ComplaintOpened) -> None:
    """A second delivery finds the visit planned."""
    visit_if_repeated(session, event.merchant_id)


HANDLERS: tuple[tuple[type, Handler], ...] = ((ComplaintOpened, on_complaint_opened),)
