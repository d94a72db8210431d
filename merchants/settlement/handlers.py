"""What follows from a shop's money events."""

from sqlalchemy.orm import Session

from kernel.outbox import Handler
from merchants.settlement.events import BankAccountProposed
from merchants.settlement.services.accounts import note_told


def on_bank_account_proposed(session: Session, event: BankAccountProposed) -> None:
    """The shop's contacts find the change on their pages from now on; a message to their phones hangs on the same event."""
    note_told(session, event)


HANDLERS: tuple[tuple[type, Handler], ...] = ((BankAccountProposed, on_bank_account_proposed),)
