from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Role
from identity.services import add_member
from kernel import clock
from kernel.audit import AuditEntry
from kernel.calendar import end_of_day, local_day
from kernel.errors import BadInput
from merchants.errors import UnknownShopKind
from merchants.models import Merchant
from merchants.settlement import queries
from merchants.settlement.errors import (
    BankAccountChangePending,
    BankAccountDecided,
    HolderIsNotTheShop,
    OwnProposal,
    SameBankAccount,
    TermBeginsTooEarly,
    WrongSheba,
)
from merchants.settlement.events import BankAccountProposed
from merchants.settlement.handlers import on_bank_account_proposed
from merchants.settlement.models import BankAccount, BankAccountNotice, Statement
from merchants.settlement.rules.prices import Bearer
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services.accounts import (
    approve_account,
    open_first_account,
    propose_account,
    reject_account,
    withdraw_account,
)
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.terms import begin_term, set_bank_day
from merchants.settlement.services.trades import TradeTerm, begin_trade_term
from tests import factories
from tests.factories import ACTOR
from tests.merchants.settlement import trade
from wsgi import make_relay

OWNER, REVIEWER = 11, 22
COOLING_OFF = timedelta(hours=48)
NEW_SHEBA = make_sheba("012", "7777")


@pytest.fixture
def shop(session: Session) -> Merchant:
    return trade.shop(session)


def name_of(session: Session, shop: Merchant) -> str:
    return session.get_one(Organisation, shop.organisation_id).names["fa"]


def propose(session: Session, shop: Merchant, sheba: str = NEW_SHEBA, person: int = OWNER) -> BankAccount:
    return propose_account(session, ACTOR, person, shop.id, sheba, name_of(session, shop))


def used(session: Session, shop: Merchant) -> str:
    account = queries.usable_account(session, shop.id, clock.now())
    assert account is not None
    return account.sheba


def test_a_change_cools_off_before_money_goes_there(session: Session, shop: Merchant) -> None:
    before = used(session, shop)
    now = clock.now()
    with clock.frozen(now):
        proposed = propose(session, shop)
        approve_account(session, ACTOR, REVIEWER, proposed.id)
        assert used(session, shop) == before
    with clock.frozen(now + COOLING_OFF - timedelta(seconds=1)):
        assert used(session, shop) == before
    with clock.frozen(now + COOLING_OFF):
        assert used(session, shop) == NEW_SHEBA


def test_a_late_approval_holds_from_then_on(session: Session, shop: Merchant) -> None:
    now, before = clock.now(), used(session, shop)
    proposed = propose(session, shop)
    with clock.frozen(now + 2 * COOLING_OFF):
        assert used(session, shop) == before
        approve_account(session, ACTOR, REVIEWER, proposed.id)
        assert used(session, shop) == NEW_SHEBA
    assert proposed.usable_from == now + 2 * COOLING_OFF


def test_payouts_go_to_the_old_account_while_the_new_one_cools_off(session: Session, shop: Merchant) -> None:
    before = used(session, shop)
    approve_account(session, ACTOR, REVIEWER, propose(session, shop).id)
    session.commit()
    trade.post(session, trade.sale(trade.holder(session), shop, 9_000))
    batch = close_now(session, ACTOR)
    assert session.scalars(select(Statement).filter_by(batch_id=batch.id)).one().sheba == before


def test_nobody_approves_their_own_proposal(session: Session, shop: Merchant) -> None:
    proposed = propose(session, shop)
    with pytest.raises(OwnProposal):
        approve_account(session, ACTOR, OWNER, proposed.id)
    proposed.status, proposed.decided_by = "approved", OWNER
    with pytest.raises(IntegrityError, match="four_eyes"):
        session.flush()


def test_a_second_decision_is_told_that_there_was_one(session: Session, shop: Merchant) -> None:
    proposed = propose(session, shop)
    reject_account(session, ACTOR, REVIEWER, proposed.id, "The paper is of another bank.")
    for decide in (
        lambda: approve_account(session, ACTOR, REVIEWER, proposed.id),
        lambda: reject_account(session, ACTOR, REVIEWER, proposed.id, "again"),
        lambda: withdraw_account(session, ACTOR, OWNER, proposed.id),
    ):
        with pytest.raises(BankAccountDecided):
            decide()
    with pytest.raises(BadInput):
        reject_account(session, ACTOR, REVIEWER, proposed.id, "")


def test_one_change_at_a_time_which_can_be_taken_back_until_money_goes_there(session: Session, shop: Merchant) -> None:
    first, now = propose(session, shop), clock.now()
    with pytest.raises(BankAccountChangePending):
        propose(session, shop, make_sheba("013", "1"))
    withdraw_account(session, ACTOR, OWNER, first.id)
    second = propose(session, shop)
    approve_account(session, ACTOR, REVIEWER, second.id)
    withdraw_account(session, ACTOR, OWNER, second.id)
    with clock.frozen(now + 2 * COOLING_OFF):
        assert used(session, shop) != NEW_SHEBA
    third = propose(session, shop)
    approve_account(session, ACTOR, REVIEWER, third.id)
    with clock.frozen(now + 2 * COOLING_OFF), pytest.raises(BankAccountDecided):
        withdraw_account(session, ACTOR, OWNER, third.id)


def test_the_contacts_of_before_are_told_once_through_the_outbox(session: Session, shop: Merchant) -> None:
    people = [factories.person(session).id for _ in range(2)]
    for person in people:
        add_member(session, ACTOR, person, Role.MERCHANT, shop.organisation_id)
    cashier = factories.person(session).id
    add_member(session, ACTOR, cashier, Role.CASHIER, shop.organisation_id)
    proposed = propose(session, shop)
    session.commit()
    relay = make_relay()
    assert relay.deliver(session) >= 1
    told = set(session.scalars(select(BankAccountNotice.person_id).filter_by(account_id=proposed.id)))
    assert told == set(people)
    session.execute(BankAccountNotice.__table__.update().values(told_at=clock.now()))
    on_bank_account_proposed(session, BankAccountProposed(proposed.id, tuple(people), proposed.usable_from))
    assert session.scalar(select(func.count()).select_from(BankAccountNotice)) == 2
    assert queries.accounts_of(session, shop.id)[0].told == 2


def test_the_account_is_in_the_legal_name(session: Session, shop: Merchant) -> None:
    with pytest.raises(HolderIsNotTheShop) as refused:
        propose_account(session, ACTOR, OWNER, shop.id, NEW_SHEBA, "Somebody Else")
    assert refused.value.facts == {"field": "holder_name"}
    file = factories.merchant(session)
    account = open_first_account(
        session, ACTOR, file.id, NEW_SHEBA, "علی نمونه", proposed_by=OWNER, approved_by=REVIEWER, legal_name="علي نمونه"
    )
    assert account.usable_from <= clock.now()
    later = propose_account(session, ACTOR, OWNER, file.id, make_sheba("013", "5"), "علی نمونه")
    assert later.status == "proposed"


def test_a_sample_bank_is_for_fictional_shops_only(session: Session, shop: Merchant) -> None:
    sample = make_sheba("999", "123")
    with pytest.raises(WrongSheba) as refused:
        propose(session, shop, sample)
    assert refused.value.facts["fault"] == "sample"
    session.get_one(Organisation, shop.organisation_id).is_fictional = True
    assert propose(session, shop, sample).sheba == sample


def test_the_account_in_use_is_no_change(session: Session, shop: Merchant) -> None:
    with pytest.raises(SameBankAccount):
        propose(session, shop, used(session, shop))


def test_the_audit_says_what_was_done_and_shows_no_whole_sheba(session: Session, shop: Merchant) -> None:
    proposed = propose(session, shop)
    approve_account(session, ACTOR, REVIEWER, proposed.id)
    session.flush()
    entries = session.scalars(select(AuditEntry).filter_by(subject="bank account", subject_id=str(proposed.id))).all()
    assert [entry.act for entry in entries] == ["propose", "approved"]
    assert NEW_SHEBA not in str([(entry.before, entry.after) for entry in entries])


def test_a_term_is_dated_and_never_edited(session: Session, shop: Merchant) -> None:
    now = clock.now()
    begin_term(session, ACTOR, basis_points=100, starts_at=now, merchant_id=shop.id)
    for wrong in (now, now - timedelta(hours=1)):
        with pytest.raises(TermBeginsTooEarly):
            begin_term(session, ACTOR, basis_points=50, starts_at=wrong, merchant_id=shop.id)
    begin_term(session, ACTOR, basis_points=50, starts_at=now + timedelta(days=1), merchant_id=shop.id)
    assert queries.term_in_force(session, shop.id, shop.kind, now).basis_points == 100
    assert queries.term_in_force(session, shop.id, shop.kind, now + timedelta(days=1)).basis_points == 50


def test_a_trades_term_holds_where_a_shop_has_none_and_until_its_last_day(session: Session, shop: Merchant) -> None:
    today = local_day(clock.now())
    begun = begin_trade_term(session, ACTOR, shop.kind, TradeTerm(300, Bearer.SHOP, today, today, most_rial=20_000))
    assert begun.ends_at == end_of_day(today)
    held = queries.term_in_force(session, shop.id, shop.kind, begun.starts_at)
    assert (held.basis_points, held.most_rial) == (300, 20_000)
    assert queries.term_in_force(session, shop.id, shop.kind, begun.ends_at) is None
    begin_trade_term(session, ACTOR, shop.kind, TradeTerm(200, Bearer.NETWORK, today + timedelta(days=2)))
    assert [row.state_at(begun.ends_at) for row in queries.trade_terms(session, shop.kind)] == ["to_come", "over"]
    begin_term(session, ACTOR, basis_points=50, starts_at=clock.now(), merchant_id=shop.id)
    assert queries.term_in_force(session, shop.id, shop.kind, clock.now()).basis_points == 50
    assert queries.shops_of_trade(session, shop.kind) == (1, 1)
    with pytest.raises(UnknownShopKind):
        begin_trade_term(session, ACTOR, "zoo", TradeTerm(300, Bearer.SHOP, today))


@pytest.mark.parametrize(
    "wrong",
    [
        {"basis_points": -1},
        {"basis_points": 10_001},
        {"most_rial": 0},
        {"shop_kind": "books"},
        {"merchant_id": None},
        {"merchant_id": None, "shop_kind": "zoo"},
    ],
)
def test_a_senseless_term_is_refused(session: Session, shop: Merchant, wrong: dict[str, object]) -> None:
    facts = {"basis_points": 100, "starts_at": clock.now(), "merchant_id": shop.id} | wrong
    with pytest.raises(BadInput):
        begin_term(session, ACTOR, **facts)


def test_a_bank_day_needs_a_reason(session: Session) -> None:
    today = clock.now().date()
    with pytest.raises(BadInput):
        set_bank_day(session, ACTOR, today, is_open=False, why={"fa": ""})
    set_bank_day(session, ACTOR, today, is_open=False, why={"fa": "برف"})
    set_bank_day(session, ACTOR, today, is_open=True, why={"fa": "خبر نادرست بود"})
    assert queries.known_days(session) == {today: (True, {"fa": "خبر نادرست بود"})}
