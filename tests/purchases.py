"""Purchases as a till would ask for them, posted without a till: what pages and statistics are tested on."""

import hashlib
from datetime import timedelta
from itertools import count

from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.ledger import services as ledger
from cardbank.ledger.types import (
    RIAL,
    AccountKind,
    Answer,
    EntryKind,
    Key,
    Line,
    Original,
    PostingRequest,
    Source,
    Tender,
)
from cardbank.reasons import Reason
from kernel import clock
from loyalty.rules import earn_for
from merchants.queries import terminal_profile
from merchants.rules import TerminalProfile

_stans = count(1)
MONEY = Tender(AccountKind.MONEY, None, None, False)
CREDIT = Tender(AccountKind.CREDIT_LOT, None, None, False)


def purchase(
    session: Session,
    code: str,
    card: Card,
    amount_rial: int,
    *,
    spend_credit: bool = False,
    refusal: Reason | None = None,
    batch: int = 1,
    own_order: bool = False,
    key: Key | None = None,
) -> tuple[Key, Answer]:
    """A purchase at the terminal of this code, now; `refusal` is what the door found wrong before the ledger. In the wallet's
    `own_order` benefits pay first, as at every till.
    """
    till = terminal_profile(session, code)
    assert till is not None
    key = key or _key(till)
    request = _request(
        till, card, key, EntryKind.PURCHASE, amount_rial,
        tender=() if own_order else (CREDIT, MONEY) if spend_credit else (MONEY,),
        earn=earn_for(till.programme, clock.now(), amount_rial) if till.programme else (),
        refusal=refusal,
        terminal_batch=batch,
    )  # fmt: skip
    return key, _post(session, request)


def reverse(session: Session, code: str, card: Card, original: Key, amount_rial: int) -> Answer:
    """The reversal of the whole of a purchase, named by its request key."""
    till = terminal_profile(session, code)
    assert till is not None
    named = Original(key=original, ref=None, stands=None)
    return _post(session, _request(till, card, _key(till), EntryKind.REVERSAL, amount_rial, original=named))


def refund(session: Session, code: str, card: Card, sold: Answer, amount_rial: int) -> Answer:
    """A part of a purchase given back at the terminal of this code."""
    till = terminal_profile(session, code)
    assert till is not None
    named = Original(key=None, ref=(sold.business_date, sold.entry_id), stands=None)
    return _post(session, _request(till, card, _key(till), EntryKind.REFUND, amount_rial, original=named))


def load_gift(session: Session, code: str, card: Card, amount_rial: int) -> Answer:
    """Cash for a gift card at the terminal of this code."""
    till = terminal_profile(session, code)
    assert till is not None
    return _post(session, _request(till, card, _key(till), EntryKind.TOP_UP, amount_rial, into=AccountKind.GIFT))


def _key(till: TerminalProfile) -> Key:
    return Key(clock.now().date(), Source.TERMINAL, till.terminal_id, f"{next(_stans):06d}")


def _request(till: TerminalProfile, card: Card, key: Key, kind: EntryKind, amount_rial: int, **further: object) -> PostingRequest:
    now = clock.now()
    content = hashlib.sha256(f"{key} {kind} {amount_rial}".encode()).digest()
    return PostingRequest(
        key=key, content_hash=int.from_bytes(content[:8], signed=True), kind=kind,
        wallet_id=card.wallet_id, member_id=card.member_id, card_id=card.id,
        shop_id=till.shop_wallet_id, terminal_id=till.terminal_id, unit=RIAL, amount=amount_rial,
        effective_at=now, deadline=now + timedelta(seconds=15), lines=(Line(till.category, amount_rial),),
        **({"terminal_batch": 1} | further),
    )  # fmt: skip


def _post(session: Session, request: PostingRequest) -> Answer:
    [answer] = ledger.post(session, [request])
    session.commit()
    return answer
