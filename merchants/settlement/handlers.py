"""What follows from a shop's money events."""

from sqlalchemy.orm import Session

from kernel.outbox import Handler
from merchants.settlement.events import BankAccountProposed
from merchants.settlement.services.accounts import note_told
from merchants.settlement.services.closing import redate_open_batches
from places.moon.events import LunarMonthMoved


def on_bank_account_proposed(session: Session, event: BankAccountProposed) -> None:
    """The shop's contacts find the change on their pages from now on; a message to their phones hangs on the same event."""
    note_told(session, event)


def on_lunar_month_moved(session: Session, event: LunarMonthMoved) -> None:
    """A holiday came a day earlier or later, and with it the day on which a bank pays what it has been given."""
    redate_open_batches(session)


HANDLERS: tuple[tuple[type, Handler], ...] = (
    (BankAccountProposed, on_bank_account_proposed),
    (LunarMonthMoved, on_lunar_month_moved),
)
