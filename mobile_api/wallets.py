"""What is in the purses, what moved them, and each receipt."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct, field
from sqlalchemy.orm import Session

from cardbank import statements
from cardbank.cards.rules import CardProfile
from cardbank.families.queries import members_seen, sees_entry
from cardbank.ledger.types import EntryKind
from cardbank.statements import LONGEST_PERIOD, StatementLine
from identity.errors import NotTheirHelper
from identity.permissions import Permission
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, NotFound
from kernel.languages import in_language
from kernel.web.visit import Visit
from loyalty.queries import sentences_of_rules
from merchants.complaints.queries import ordered_refunds
from merchants.discounts.queries import discount_of_entry
from merchants.queries import branch_names_of_terminals
from merchants.savings.queries import savings_of_entries
from merchants.savings.rules import Saving
from mobile_api.answers import Retirement
from mobile_api.contract import operation
from mobile_api.holders import Whose, person_of, wallets_of
from mobile_api.shapes import Cursor, Id, Instant, Rial

TAG = "Purses"
STATEMENT_DAYS = 90
MOST_LINES = 25


class CardOfWallet(Struct):
    masked: str
    status: str
    expires_on: date


class Expiry(Struct):
    """Credit that expires next; it can be used before `usable_until`."""

    amount_rial: Rial
    usable_until: Instant


class Wallet(Struct):
    """`credit_rial` can be spent now, `pending_rial` later; `owed_rial` is taken from what comes in next. A discount card's holds no money."""

    wallet: Id
    cards: list[CardOfWallet]
    money_rial: Rial
    credit_rial: Rial
    pending_rial: Rial
    gift_rial: Rial
    owed_rial: Rial
    expires_next: Expiry | None
    holds_money: bool = True


class Balance(Struct):
    at: Instant
    wallets: list[Wallet]


class Entry(Struct):
    """`money_rial` and `benefit_rial` are signed: what the purse of money, and those of benefits, got or gave. `shop` is in the language of
    the request.
    """

    id: str
    kind: str
    at: Instant
    amount_rial: Rial
    money_rial: Rial
    credit_spent_rial: Rial
    credit_earned_rial: Rial
    is_reversed: bool
    shop: str | None
    is_ordered: Annotated[bool, Meta(description="A refund by order of a union.")] = False
    benefit_rial: Rial = 0
    saved_rial: Annotated[Rial, Meta(description="By how much the goods cost less than without the card, and than later.")] = 0


class Statement(Struct):
    wallet: int
    first: date = field(name="from")
    last: date = field(name="to")
    entries: list[Entry]
    next: str | None


class Asked(Whose):
    wallet: Annotated[Id | None, Meta(description="That of the newest card if left out.")] = None
    first: Annotated[date | None, Meta(description="Business day; 90 days before `to` if left out.")] = field(
        default=None, name="from"
    )
    last: Annotated[date | None, Meta(description="Business day; today if left out. At most a year.")] = field(
        default=None, name="to"
    )
    limit: Annotated[int, Meta(ge=1, le=MOST_LINES)] = 20
    cursor: Cursor | None = None


class Receipt(Struct):
    """One entry in full; `rules` are the sentences of what was earned, as they stood then.

    `discount_rial` is what the till took off for paying at once, and `price_rial` what the goods cost before it; null where it
    took nothing off. `card_price_saved_rial` is by how much card prices are below those without the card, where the till knew its goods.
    """

    entry: Entry
    paid_money_rial: Rial
    credit_earned_rial: Rial
    credit_back_rial: Rial
    credit_taken_back_rial: Rial
    rules: list[str]
    price_rial: Rial | None = None
    discount_rial: Rial = 0
    card_price_saved_rial: Rial = 0


_AT = datetime(2026, 11, 22, 11, 2, 52, tzinfo=UTC)
_CARD = CardOfWallet("936400*********3347", "active", date(2031, 11, 30))
_WALLET = Wallet(44, [_CARD], 1_000_000, 4_375, 0, 0, 0, Expiry(4_375, _AT + timedelta(days=90)))
_ENTRY = Entry("2026-11-22-2048", "purchase", _AT, 100_000, -87_500, 12_500, 4_375, is_reversed=False, shop="کتاب‌فروشی نمونه")
_BALANCE = Balance(_AT, [_WALLET])


@operation("GET", "/wallets", tag=TAG, permission=Permission.CARDBANK_BALANCE_VIEW, errors=(NotTheirHelper,), gives=_BALANCE)
def wallets(visit: Visit, query: Whose) -> Balance:
    """The holder's wallets: the cards of each, and what is in it now."""
    at = clock.now()
    return Balance(at, [_wallet(visit.session, *held, at) for held in wallets_of(visit, person_of(visit, query)).items()])


@operation(
    "GET", "/balance", tag=TAG, permission=Permission.CARDBANK_BALANCE_VIEW, gives=_BALANCE,
    retires=Retirement(date(2026, 11, 26), date(2027, 5, 26), "/api/v1/wallets"),
)  # fmt: skip
def balance(visit: Visit) -> Balance:
    """The earlier name of `/wallets`."""
    return wallets(visit, Whose())


@operation(
    "GET", "/statement", tag=TAG, permission=Permission.CARDBANK_STATEMENT_VIEW, errors=(NotFound, NotTheirHelper),
    gives=Statement(44, date(2026, 8, 24), date(2026, 11, 22), [_ENTRY], None),
)  # fmt: skip
def statement(visit: Visit, query: Asked) -> Statement:
    """One wallet's entries between two business days, newest first."""
    person_id = person_of(visit, query)
    held = wallets_of(visit, person_id)
    wallet_id = next(iter(held), 0) if query.wallet is None else query.wallet
    if wallet_id not in held:
        raise NotFound(wallet=wallet_id)
    last = query.last or local_day(clock.now())
    first = query.first or date.fromordinal(max(1, last.toordinal() - STATEMENT_DAYS))
    if not timedelta(0) <= last - first <= LONGEST_PERIOD:
        raise BadInput(field="from")
    try:
        members = members_seen(visit.session, person_id, wallet_id)
        page = statements.statement(visit.session, wallet_id, first, last, before=query.cursor, most=query.limit, members=members)
    except (ValueError, OverflowError):
        raise BadInput(field="cursor") from None
    return Statement(wallet_id, first, last, entries_of(visit, page.lines), page.older)


@operation(
    "GET", "/receipts/{day}/{entry_id}", tag=TAG, permission=Permission.CARDBANK_STATEMENT_VIEW, errors=(NotTheirHelper,),
    gives=Receipt(_ENTRY, 87_500, 4_375, 0, 0, ["۵٪ هر خرید، تا ۲٬۰۰۰٬۰۰۰ ریال"]),
)  # fmt: skip
def receipt(visit: Visit, day: date, entry_id: Id, query: Whose) -> Receipt:
    """The receipt of an entry: its `id` in the statement is `day`-`entry_id`."""
    found = statements.receipt(visit.session, day, entry_id)
    person_id = person_of(visit, query)
    is_own = found.wallet_id in wallets_of(visit, person_id)
    if not is_own or not sees_entry(visit.session, person_id, found.wallet_id, found.line.member_id):
        raise NotFound(entry=entry_id)
    sentences = sentences_of_rules(visit.session, found.rule_ids) if found.rule_ids else {}
    taken = discount_of_entry(visit.session, day, entry_id) if found.line.kind is EntryKind.PURCHASE else None
    entry = entries_of(visit, [found.line])[0]
    return Receipt(
        entry=entry,
        paid_money_rial=found.paid_money_rial,
        credit_earned_rial=found.credit_earned_rial,
        credit_back_rial=found.credit_back_rial,
        credit_taken_back_rial=found.credit_taken_back_rial,
        rules=[in_language(sentences[rule_id], visit.language) for rule_id in found.rule_ids if rule_id in sentences],
        price_rial=taken.price_rial if taken else None,
        discount_rial=taken.discount_rial if taken else 0,
        card_price_saved_rial=entry.saved_rial - (taken.discount_rial if taken else 0),
    )


def _wallet(session: Session, wallet_id: int, cards: Sequence[CardProfile], at: datetime) -> Wallet:
    purses = statements.balances(session, wallet_id, at)
    soonest = purses.expires_next
    return Wallet(
        wallet=wallet_id,
        cards=[CardOfWallet(card.masked, card.status.value, card.expires_on) for card in cards],
        money_rial=purses.money_rial,
        credit_rial=purses.credit_rial,
        pending_rial=purses.pending_rial,
        gift_rial=purses.gift_rial,
        owed_rial=purses.owed_rial,
        expires_next=Expiry(soonest.balance_rial, soonest.usable_until) if soonest else None,
        holds_money=any(card.holds_money for card in cards),
    )


def entries_of(visit: Visit, lines: Sequence[StatementLine]) -> list[Entry]:
    shops = branch_names_of_terminals(visit.session, {line.terminal_id for line in lines if line.terminal_id})
    ordered = ordered_refunds(
        visit.session, [(line.business_date, line.entry_id) for line in lines if line.kind is EntryKind.REFUND]
    )
    saved = savings_of_entries(
        visit.session, [(line.business_date, line.entry_id) for line in lines if line.kind is EntryKind.PURCHASE]
    )
    return [
        _entry(
            line, in_language(shops.get(line.terminal_id or 0, {}), visit.language) or None,
            is_ordered=(line.business_date, line.entry_id) in ordered, saving=saved.get((line.business_date, line.entry_id)),
        )
        for line in lines
    ]  # fmt: skip


def _entry(line: StatementLine, shop: str | None, *, is_ordered: bool, saving: Saving | None) -> Entry:
    return Entry(
        id=f"{line.business_date.isoformat()}-{line.entry_id}",
        kind=line.kind.name.lower(),
        at=line.decided_at,
        amount_rial=line.amount_rial,
        money_rial=line.money_rial,
        credit_spent_rial=line.credit_spent_rial,
        credit_earned_rial=line.credit_earned_rial,
        is_reversed=line.is_reversed,
        shop=shop,
        is_ordered=is_ordered,
        benefit_rial=line.benefit_rial,
        saved_rial=saving.cheaper_rial if saving else 0,
    )
