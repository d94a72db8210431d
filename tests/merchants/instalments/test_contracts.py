"""Terms that both sides sign, and credit lines that two persons give."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cardbank.errors import CardNotUsable
from kernel import clock
from kernel.audit import AuditEntry
from kernel.calendar import local_day
from kernel.errors import BadInput
from merchants.instalments import queries
from merchants.instalments.errors import (
    LineIsClosed,
    LineWishDecided,
    LineWishWaiting,
    OwnLineWish,
    OwnTerms,
    TermsDecided,
    TermsWaiting,
    WrongLimit,
    WrongTerms,
)
from merchants.instalments.models import LineWish, SaleTerms
from merchants.instalments.services.lines import ask_line, close_line, grant_line, lower_line, refuse_line
from merchants.instalments.services.terms import decline_terms, offer_terms, sign_terms
from merchants.models import Contract
from tests import factories
from tests.factories import ACTOR
from tests.merchants.instalments.deal import (
    LIMIT,
    OFFICE_PERSON,
    SECOND_PERSON,
    SHOP_PERSON,
    bought,
    deal,
    faults,
    offer,
    opens,
    terms,
)

TOMORROW = timedelta(days=1)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("counts", {"counts": (1,)}),
        ("counts", {"counts": (37,)}),
        ("counts", {"counts": ()}),
        ("least", {"least_rial": 0}),
        ("most", {"most_rial": 99_999}),
        ("every", {"every_months": None}),
        ("every", {"every_months": 7}),
        ("every", {"every_months": None, "every_days": 9}),
        ("fee", {"fee_rial": 100_001}),
        ("commission", {"shop_basis_points": 10_001}),
        ("cash_discount", {"cash_discount_basis_points": 10_000}),
        ("starts_on", {"starts_on": local_day(clock.now()) - TOMORROW}),
        ("ends_on", {"ends_on": local_day(clock.now()) - TOMORROW}),
        ("giver", {"giver_id": 99_999_999}),
    ],
)
def test_terms_that_cannot_be_meant_name_their_field(session: Session, field: str, changes: dict[str, object]) -> None:
    shop = factories.merchant(session)
    with pytest.raises(WrongTerms) as refused:
        offer_terms(session, ACTOR, OFFICE_PERSON, shop.id, offer(**changes), by_shop=False)
    assert refused.value.facts["field"] == field


def test_the_other_side_signs_and_the_contract_keeps_what_else_it_says(session: Session) -> None:
    shop = factories.merchant(session)
    club = factories.programme(session)
    factories.contract(session, shop.id, programme_id=club.id, purchase_limit_rial=7_000_000, cash_limit_rial=9)
    offered = offer_terms(session, ACTOR, OFFICE_PERSON, shop.id, offer(), by_shop=False)
    with pytest.raises(TermsWaiting):
        offer_terms(session, ACTOR, SHOP_PERSON, shop.id, offer(), by_shop=True)
    for person, by_shop in ((SECOND_PERSON, False), (OFFICE_PERSON, True)):
        with pytest.raises(OwnTerms):
            sign_terms(session, ACTOR, person, offered.id, by_shop=by_shop)
    assert queries.terms_in_force(session, shop.id, clock.now()) is None
    signed = sign_terms(session, ACTOR, SHOP_PERSON, offered.id, by_shop=True)
    assert (signed.programme_id, signed.earns, signed.spends, signed.purchase_limit_rial, signed.cash_limit_rial) == (
        club.id, True, True, 7_000_000, 9,
    )  # fmt: skip
    with pytest.raises(TermsDecided):
        decline_terms(session, ACTOR, SHOP_PERSON, offered.id, by_shop=True)
    found = queries.terms_in_force(session, shop.id, clock.now())
    assert found is not None
    assert (found.counts, found.terms_id) == ((2, 4), offered.id)
    acts = session.scalars(select(AuditEntry.act).where(AuditEntry.subject == "sale terms")).all()
    assert sorted(acts) == ["offer", "sign"]


def test_terms_hold_from_their_version_until_others_are_signed(session: Session) -> None:
    shop = factories.merchant(session)
    factories.contract(session, shop.id)
    terms(session, shop.id)
    terms(session, shop.id, counts=(6,), starts_on=local_day(clock.now()) + timedelta(days=3))
    now = clock.now()
    for at, counts in ((now, (2, 4)), (now + timedelta(days=4), (6,))):
        found = queries.terms_in_force(session, shop.id, at)
        assert found is not None
        assert found.counts == counts
    assert len(queries.terms_history(session, shop.id)) == 2
    factories.contract(session, shop.id, starts_at=now + timedelta(days=5), purchase_limit_rial=9_000_000)
    kept = queries.terms_in_force(session, shop.id, now + timedelta(days=6))
    assert kept is not None
    assert kept.counts == (6,)
    assert session.scalars(select(Contract).where(Contract.merchant_id == shop.id)).all()[0].ends_at is not None


def test_an_offer_is_refused_by_one_side_and_taken_back_by_the_other(session: Session) -> None:
    shop = factories.merchant(session)
    for by_shop, state in ((True, "refused"), (False, "withdrawn")):
        offered = offer_terms(session, ACTOR, OFFICE_PERSON, shop.id, offer(), by_shop=False)
        decline_terms(session, ACTOR, SHOP_PERSON, offered.id, by_shop=by_shop)
        assert session.get_one(SaleTerms, offered.id).state == state


def test_two_persons_give_a_line_and_raise_it(session: Session, database_url: str) -> None:
    at = deal(session, limit_rial=1_000_000)
    answer = bought(session, at, 1_000_000)
    assert answer
    with pytest.raises(WrongLimit):
        ask_line(session, ACTOR, OFFICE_PERSON, at.card.card_id, at.giver_id, 1_000_000, "more")
    wish = ask_line(session, ACTOR, OFFICE_PERSON, at.card.card_id, at.giver_id, 3_000_000, "more")
    with pytest.raises(LineWishWaiting):
        ask_line(session, ACTOR, SECOND_PERSON, at.card.card_id, at.giver_id, 4_000_000, "more")
    with pytest.raises(OwnLineWish):
        grant_line(session, ACTOR, OFFICE_PERSON, wish.id)
    grant_line(session, ACTOR, SECOND_PERSON, wish.id)
    with pytest.raises(LineWishDecided):
        grant_line(session, ACTOR, SECOND_PERSON, wish.id)
    session.commit()
    _, plan_id = bought(session, at, 2_000_000)
    assert sum(opens(session, plan_id)) == 2_000_000
    assert faults(database_url) == []


def test_a_lowered_or_closed_line_lends_no_more_and_asks_no_more(session: Session, database_url: str) -> None:
    at = deal(session, limit_rial=LIMIT)
    _, plan_id = bought(session, at, 2_000_000)
    lower_line(session, ACTOR, at.line.id, 1_000_000, "moved away")
    session.commit()
    [standing] = queries.lines_of_wallet(session, at.card.wallet_id or 0, at.card.member_id)
    assert standing.room_rial == 0
    assert opens(session, plan_id) == [500_000] * 4
    with pytest.raises(WrongLimit):
        lower_line(session, ACTOR, at.line.id, 1_000_000, "again")
    close_line(session, ACTOR, OFFICE_PERSON, at.line.id, "moved away")
    for act in (lambda: lower_line(session, ACTOR, at.line.id, 1, "x"), lambda: close_line(session, ACTOR, 1, at.line.id, "x")):
        with pytest.raises(LineIsClosed):
            act()
    session.commit()
    assert queries.lines_of_wallet(session, at.card.wallet_id or 0, None) == []
    assert faults(database_url) == []


def test_a_refused_wish_leaves_no_line_and_a_reason_is_needed(session: Session) -> None:
    card = factories.card(session)
    giver = factories.organisation(session, "operator")
    with pytest.raises(BadInput):
        ask_line(session, ACTOR, OFFICE_PERSON, card.id, giver.id, 1_000, " ")
    wish = ask_line(session, ACTOR, OFFICE_PERSON, card.id, giver.id, 1_000, "wants it")
    line = refuse_line(session, ACTOR, SECOND_PERSON, wish.id, "no guarantor")
    assert (line.closed_at is not None, wish.state) == (True, "refused")
    assert queries.line_rows(session, giver_ids=[giver.id])[0].wish is None
    blocked = factories.issue_card(session, factories.keystore(), ACTOR, person_id=None, language="fa", uid=None)
    with pytest.raises(CardNotUsable):
        ask_line(session, ACTOR, OFFICE_PERSON, blocked.id, giver.id, 1_000, "wants it")


def test_four_eyes_stand_in_the_tables_too(session: Session) -> None:
    card = factories.card(session)
    wish = ask_line(session, ACTOR, OFFICE_PERSON, card.id, factories.organisation(session, "operator").id, 1_000, "x")
    wish.state, wish.decided_by = "granted", OFFICE_PERSON
    with pytest.raises(IntegrityError, match="four_eyes"):
        session.flush()
    session.rollback()
    assert session.scalars(select(LineWish)).all() == []
