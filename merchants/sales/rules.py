"""What a sale is, who pays it with what, and why it may be refused before the ledger is asked. Pure."""

from datetime import date, datetime
from enum import IntEnum
from typing import Any

from msgspec import Struct

from cardbank.cards.rules import GIFT_PRODUCT, CardProfile, refusal_of_card, refusal_of_state
from cardbank.ledger.types import (
    RIAL,
    AccountKind,
    Answer,
    EntryKind,
    Key,
    Line,
    Original,
    PostingRequest,
    Tender,
)
from cardbank.reasons import Reason
from loyalty.rules import earn_for
from merchants.discounts.rules import CashDue, discount_on
from merchants.rules import TerminalProfile

UNKNOWN_CARD = 0  # no card has this id


class CreditMode(IntEnum):
    """How much of a purchase loyalty credit pays (DF04)."""

    NONE = 0
    MOST = 1
    EXACTLY = 2


class CardClaim(Struct, frozen=True):
    """How a message names its card: by the keyed index of a number, by a challenge and the chip's answer to it, or by the code
    that its holder's page shows.

    `card_id` is for a return whose door knows the card from the ledger itself; it proves nothing.
    """

    number_index: bytes | None = None
    challenge_id: bytes | None = None
    card_answer: bytes | None = None
    code: str | None = None
    card_id: int | None = None


class Sale(Struct, frozen=True):
    """A purchase as a door understood it. `credit_rial` is the exact part of credit when the mode says so.

    `price_rial` is what the goods cost before the till took the discount for paying at once off them; None where it took none.
    """

    key: Key
    content_hash: int
    content_time: str
    terminal: TerminalProfile
    card: CardClaim
    amount_rial: int
    received_at: datetime
    deadline: datetime
    is_repeat: bool = False
    credit_mode: CreditMode = CreditMode.NONE
    credit_rial: int = 0
    price_rial: int | None = None
    off_rial: int | None = None  # taken off a basket line by line; None where the whole price has one share

    @property
    def discount_rial(self) -> int:
        return 0 if self.price_rial is None else self.price_rial - self.amount_rial

    @property
    def cash_due(self) -> CashDue:
        """What is paid in cash where the card holds no money. A till that knows of no discount sends the whole price."""
        if self.off_rial is not None:
            return CashDue(self.amount_rial + self.off_rial, self.off_rial)
        price_rial = self.amount_rial if self.price_rial is None else self.price_rial
        return CashDue(price_rial, discount_on(price_rial, self.terminal.cash_discount_basis_points))


class Return(Struct, frozen=True):
    """A reversal: the original by the key that its terminal's message gives; `stands_rial` is what finally stands."""

    key: Key
    content_hash: int
    content_time: str
    terminal: TerminalProfile
    card: CardClaim
    original: Key
    original_time: str
    amount_rial: int
    received_at: datetime
    deadline: datetime
    stands_rial: int | None = None
    is_repeat: bool = False
    kind: EntryKind | None = None  # what the original must be, where the message says so
    is_card_named: bool = True  # a refund or void names its original and may have no card


class Refund(Struct, frozen=True):
    """Goods brought back: a part of a purchase, or all that is left of it. `original` is its entry (business day, id).

    No card need be shown; one that is shown must be of the wallet that paid. `original_rial`, where the till states it, must
    be what the purchase came to.
    """

    key: Key
    content_hash: int
    content_time: str
    terminal: TerminalProfile
    original: tuple[date, int]
    amount_rial: int
    received_at: datetime
    deadline: datetime
    card: CardClaim | None = None
    original_rial: int | None = None
    is_repeat: bool = False


class Void(Struct, frozen=True):
    """A whole purchase or refund (`of`) taken back at its own terminal while its batch is open."""

    key: Key
    content_hash: int
    content_time: str
    terminal: TerminalProfile
    original: tuple[date, int]
    of: EntryKind
    amount_rial: int
    received_at: datetime
    deadline: datetime
    card: CardClaim | None = None
    is_repeat: bool = False


class TopUp(Struct, frozen=True):
    """Cash that a shop takes for a card: the shop owes it to the network from here on."""

    key: Key
    content_hash: int
    content_time: str
    terminal: TerminalProfile
    card: CardClaim
    amount_rial: int
    received_at: datetime
    deadline: datetime
    is_repeat: bool = False


class SaleOutcome(Struct, frozen=True):
    """The ledger's facts, and whose card it was where that is known and proven. `cash` is what a card without money owes the shop."""

    answer: Answer
    card: CardProfile | None
    cash: CashDue | None = None


def refusal_of_sale(sale: Sale, card: CardProfile, today: date) -> Reason | None:
    """Why shop, terminal or card forbid this sale; None = the ledger may decide."""
    if not sale.terminal.shop_is_open:
        return Reason.INVALID_SHOP
    refusal = refusal_of_state(card, today)
    if refusal is not None:
        return refusal
    if sale.credit_mode is not CreditMode.NONE and not sale.terminal.accepts_credit:
        return Reason.NOT_PERMITTED_TO_TERMINAL
    if sale.credit_mode is CreditMode.EXACTLY and sale.credit_rial > sale.amount_rial:
        return Reason.CREDIT_EXCEEDS_AMOUNT
    if sale.price_rial is not None and sale.discount_rial != discount_on(sale.price_rial, sale.terminal.cash_discount_basis_points):
        return Reason.CASH_DISCOUNT_DIFFERS
    return None if card.holds_money else _refusal_without_money(sale)


def _refusal_without_money(sale: Sale) -> Reason:
    """A card without money is good for the shop's discount, and for nothing where the shop grants none."""
    return Reason.PAYS_IN_CASH if sale.cash_due.discount_rial else Reason.HOLDS_NO_MONEY


def refusal_of_top_up(top_up: TopUp, card: CardProfile, today: date) -> Reason | None:
    """Why the shop may take no cash for this card; None = the ledger may decide."""
    if not top_up.terminal.shop_is_open:
        return Reason.INVALID_SHOP
    if top_up.terminal.cash_limit_rial is None:
        return Reason.NOT_PERMITTED_TO_TERMINAL
    if card.product == GIFT_PRODUCT:
        return Reason.NOT_PERMITTED_TO_CARD  # it is loaded, not topped up
    return refusal_of_card(card, today)


_MONEY = Tender(None, None, None, False)  # benefits, gifts and money, in the order of the chart of accounts
_CASH = Tender(AccountKind.CASH_TAKEN, None, None, False)
_MOST_CREDIT = Tender(AccountKind.CREDIT_LOT, None, None, False)


def tender_of(mode: CreditMode, credit_rial: int) -> tuple[Tender, ...]:
    """Credit first where it is wanted, the wallet's own order for the rest."""
    if mode is CreditMode.MOST:
        return _MOST_CREDIT, _MONEY
    if mode is CreditMode.EXACTLY and credit_rial:
        return Tender(AccountKind.CREDIT_LOT, None, credit_rial, True), _MONEY
    return (_MONEY,)


def purchase_limit(terminal: TerminalProfile, card: CardProfile) -> int | None:
    """The lower of what shop and card allow in one purchase, in Rial."""
    limits = [limit for limit in (terminal.purchase_limit_rial, card.purchase_limit_rial) if limit is not None]
    return min(limits) if limits else None


def purchase_request(sale: Sale, card: CardProfile | None, refusal: Reason | None) -> PostingRequest:
    """One posting request. A sale without a known card can only be refused."""
    programme = sale.terminal.programme if card is not None and refusal is None else None
    return _request(
        sale,
        EntryKind.PURCHASE,
        card,
        lines=_lines(sale),
        tender=tender_of(sale.credit_mode, sale.credit_rial),
        earn=earn_for(programme, sale.received_at, sale.amount_rial) if programme else (),
        limit_amount=purchase_limit(sale.terminal, card) if card else None,
        refusal=refusal,
    )


def _lines(sale: Sale) -> tuple[Line, ...]:
    """The whole purchase as one line, of the category that its till has by trade and city: benefits are bound to those."""
    category = sale.terminal.category
    return (Line(category, sale.amount_rial),) if category and sale.amount_rial > 0 else ()


def top_up_request(top_up: TopUp, card: CardProfile | None, refusal: Reason | None) -> PostingRequest:
    """One posting request; like a sale, it can only be refused where no card is known."""
    limit = top_up.terminal.cash_limit_rial
    return _request(top_up, EntryKind.TOP_UP, card, tender=(_CASH,), cash_limit=limit, refusal=refusal)


def reversal_request(return_: Return, card: CardProfile | None) -> PostingRequest:
    """The posting request of a reversal, honoured whatever the card's state is by now."""
    original = Original(return_.original, None, return_.stands_rial, (), return_.original_time, kind=return_.kind)
    return _request(return_, EntryKind.REVERSAL, card, names_card=return_.is_card_named, original=original)


def refund_request(refund: Refund, card: CardProfile | None) -> PostingRequest:
    """The posting request of a refund, honoured whatever the card's or the contract's state is by now."""
    purchase = EntryKind.PURCHASE
    original = Original(None, refund.original, None, amount=refund.original_rial, kind=purchase)
    return _request(refund, EntryKind.REFUND, card, names_card=refund.card is not None, original=original)


def void_request(void: Void, card: CardProfile | None) -> PostingRequest:
    """The posting request of a void, honoured like a refund."""
    original = Original(None, void.original, None, kind=void.of)
    return _request(void, EntryKind.VOID, card, names_card=void.card is not None, original=original)


def _request(
    asked: Sale | TopUp | Return | Refund | Void,
    kind: EntryKind,
    card: CardProfile | None,
    *,
    names_card: bool = False,
    **more: Any,
) -> PostingRequest:
    """What all have in common. Where no card is known, the request is kept under the shop's wallet.

    A return that `names_card` and whose card nobody knows carries UNKNOWN_CARD: it must not pass for the card that paid. One
    that shows none is not asked for it.
    """
    return PostingRequest(
        key=asked.key,
        content_hash=asked.content_hash,
        kind=kind,
        wallet_id=_wallet_of(card, asked.terminal),
        member_id=card.member_id if card else None,
        card_id=card.card_id if card else UNKNOWN_CARD if names_card else None,
        shop_id=asked.terminal.shop_wallet_id,
        terminal_id=asked.terminal.terminal_id,
        terminal_batch=None,
        unit=RIAL,
        amount=asked.amount_rial,
        effective_at=asked.received_at,
        deadline=asked.deadline,
        repeat=asked.is_repeat,
        content_time=asked.content_time,
        **more,
    )


def _wallet_of(card: CardProfile | None, terminal: TerminalProfile) -> int:
    return card.wallet_id if card and card.wallet_id is not None else terminal.shop_wallet_id
