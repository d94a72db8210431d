"""A basket of the web till sold in instalments: the same use cases as at a terminal, under the sale's own key."""

from sqlalchemy.orm import Session

from kernel import clock
from kernel.errors import BadInput
from merchants.instalments import queries
from merchants.instalments.services.selling import (
    InstalmentSale,
    QuoteAsked,
    Quoted,
    buy_in_instalments,
    quote_instalments,
)
from merchants.sales.counter import at_once
from merchants.sales.rules import CardClaim, SaleOutcome
from merchants.sales.services import Office
from merchants.till.errors import SaleDecided, ShiftIsClosed, TillNotWorking
from merchants.till.queries import SaleRow, ShiftRow
from merchants.till.rules import SaleState, content_hash
from merchants.till.services.selling import DEADLINE, profile_of


def quote(session: Session, office: Office, sale: SaleRow, shift: ShiftRow, claim: CardClaim, count: int) -> Quoted:
    """What the card would pay when. Raises NotFound."""
    asked = QuoteAsked(terminal=profile_of(session, shift.code), card=claim, price_rial=sale.amount_rial, count=count)
    quoted = at_once(quote_instalments(office, asked))
    session.flush()
    return quoted


def sell(session: Session, office: Office, sale: SaleRow, shift: ShiftRow, token: str) -> SaleOutcome:
    """Ask the bank for the sale on a quote, or hear again what it answered. Last before the commit.

    Raises ShiftIsClosed, SaleDecided (withdrawn), TillNotWorking, BadInput (a token that nobody was given).
    """
    if not shift.is_open:
        raise ShiftIsClosed
    if sale.state is SaleState.WITHDRAWN:
        raise SaleDecided(key=sale.key)
    terminal = profile_of(session, shift.code)
    if terminal.status != "active":
        raise TillNotWorking(till=shift.code)
    quoted = queries.quote_of_token(session, token)
    if quoted is None or quoted.price_rial != sale.amount_rial:
        raise BadInput(field="token")
    now = clock.now()
    asked = InstalmentSale(
        key=sale.ledger_key, content_hash=content_hash("instalments", terminal.terminal_id, sale.amount_rial, token), content_time="",
        terminal=terminal, card=CardClaim(card_id=quoted.card_id), token=quoted.token,
        total_rial=quoted.price_rial + quoted.fee_rial, received_at=now, deadline=now + DEADLINE, is_repeat=True,
    )  # fmt: skip
    return at_once(buy_in_instalments(office, asked))
