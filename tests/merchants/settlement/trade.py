"""Sales, returns and reversals of shops, posted without tills and cards: what settlement is tested on."""

from datetime import timedelta
from itertools import count

from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger import services as ledger
from cardbank.ledger.types import (
    NETWORK_WALLET_ID,
    RIAL,
    AccountKind,
    Answer,
    Earn,
    EntryKind,
    Key,
    Original,
    PostingRequest,
    Source,
    Tender,
    Terms,
    WalletKind,
)
from identity.models import Organisation
from kernel import clock
from merchants.models import Merchant
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services.accounts import open_first_account
from tests import factories

_keys = count(1)
BANK = Tender(AccountKind.BANK, None, None, False)
CREDIT = Tender(AccountKind.CREDIT_LOT, None, None, False)
MONEY = Tender(AccountKind.MONEY, None, None, False)


def request(kind: EntryKind, wallet_id: int, amount_rial: int, shop_id: int | None = None, **further: object) -> PostingRequest:
    now, number = clock.now(), next(_keys)
    return PostingRequest(
        key=Key(now.date(), Source.TERMINAL, 900_000, str(number)), content_hash=number, kind=kind, wallet_id=wallet_id,
        member_id=None, card_id=None, shop_id=shop_id, terminal_id=None, terminal_batch=None, unit=RIAL,
        amount=amount_rial, effective_at=now, deadline=now + timedelta(seconds=30), **further,
    )  # fmt: skip


def holder(session: Session, money_rial: int = 10**12, credit_rial: int = 0) -> int:
    """A wallet with money, and with loyalty credit of a programme of its own where asked."""
    wallet_id = ledger.open_wallet(session, WalletKind.HOLDER)
    opening = [request(EntryKind.TOP_UP, wallet_id, money_rial, tender=(BANK,))]
    if credit_rial:
        programme = ledger.open_wallet(session, WalletKind.PROGRAMME)
        now = clock.now()
        terms = Terms(AccountKind.CREDIT_LOT, programme, programme, None, now - timedelta(days=1), now + timedelta(days=30))
        gift = Earn(programme, 1, 0, credit_rial, frozenset(), frozenset({AccountKind.MONEY}), credit_rial, terms)
        opening.append(request(EntryKind.EARN, wallet_id, 0, earn=(gift,)))
    post(session, *opening)
    return wallet_id


def sale(wallet_id: int, shop: Merchant, amount_rial: int, *, with_credit: bool = False) -> PostingRequest:
    tender = (CREDIT, MONEY) if with_credit else (MONEY,)
    return request(EntryKind.PURCHASE, wallet_id, amount_rial, shop.wallet_id, tender=tender)


def returned(sold: PostingRequest, answer: Answer, amount_rial: int) -> PostingRequest:
    named = Original(None, (answer.business_date, answer.entry_id), None)
    return request(EntryKind.REFUND, sold.wallet_id, amount_rial, sold.shop_id, original=named)


def reversed_(sold: PostingRequest) -> PostingRequest:
    named = Original(sold.key, None, None)
    return request(EntryKind.REVERSAL, sold.wallet_id, sold.amount, sold.shop_id, original=named)


def cash_top_up(wallet_id: int, shop: Merchant, amount_rial: int) -> PostingRequest:
    """Cash that the shop took for a card: it owes that much."""
    return request(EntryKind.TOP_UP, wallet_id, amount_rial, shop.wallet_id)


def post(session: Session, *requests: PostingRequest) -> list[Answer]:
    answers = ledger.post(session, requests)
    session.commit()
    assert all(answer.reason.is_approved for answer in answers), [answer.reason for answer in answers]
    return answers


def shop(session: Session, *, has_account: bool = True) -> Merchant:
    merchant = factories.merchant(session)
    if has_account:
        names = session.get_one(Organisation, merchant.organisation_id).names
        open_first_account(
            session, factories.ACTOR, merchant.id, make_sheba("017", f"{merchant.id:018d}"), names["fa"],
            proposed_by=None, approved_by=None,
        )  # fmt: skip
    session.commit()
    return merchant


def balance(session: Session, wallet_id: int, kind: AccountKind) -> int:
    found = session.execute(
        text("SELECT coalesce(sum(balance), 0)::bigint FROM ledger.account_now WHERE wallet_id = :w AND kind = :k"),
        {"w": wallet_id, "k": int(kind)},
    )
    return found.scalar_one()


def network(session: Session, kind: AccountKind) -> int:
    return balance(session, NETWORK_WALLET_ID, kind)
