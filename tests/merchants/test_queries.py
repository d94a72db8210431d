from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from kernel import clock
from loyalty.services import suspend_programme
from merchants import services
from merchants.models import Branch
from merchants.queries import (
    branch_names_of_terminals,
    merchants_page,
    shop_names,
    terminal_by_code,
    terminal_profile,
    terminals_page,
)
from merchants.shops_on_map import shops_page
from tests.factories import ACTOR, SHRINE, contract, merchant, organisation, programme, terminal


@contextmanager
def queries(session: Session) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    session.flush()
    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield seen
    event.remove(session.get_bind(), "before_cursor_execute", note)


def test_a_profile_carries_all_that_a_sale_needs(session: Session) -> None:
    club, shop = programme(session), merchant(session, "saffron")
    contract(session, shop.id, programme_id=club.id, purchase_limit_rial=5_000_000, cash_limit_rial=7_000_000)
    till = terminal(session, shop=shop, language="ar")
    profile = terminal_profile(session, till.code)
    assert profile is not None
    assert (profile.terminal_id, profile.code, profile.acceptor_id, profile.status) == (
        till.id,
        till.code,
        till.acceptor_id,
        "active",
    )
    assert (profile.language, profile.initial_key_id, profile.shop_kind) == (
        "ar",
        till.initial_key_id,
        "saffron",
    )
    assert (profile.merchant_id, profile.shop_wallet_id, profile.city_code) == (
        shop.id,
        shop.wallet_id,
        "mashhad",
    )
    assert profile.branch_names == {"fa": "شعبه", "en": "Branch"}
    assert profile.programme is not None
    assert profile.programme.programme_id == club.id
    assert (profile.purchase_limit_rial, profile.accepts_credit, profile.shop_is_open) == (
        5_000_000,
        True,
        True,
    )
    assert profile.cash_limit_rial == 7_000_000
    assert profile.valid_until is None
    assert terminal_profile(session, "T9999999") is None


def test_a_shop_is_open_only_within_a_contract_and_while_active(session: Session) -> None:
    shop = merchant(session)
    till = terminal(session, shop=shop)
    without = terminal_profile(session, till.code)
    assert without is not None
    assert (without.shop_is_open, without.programme, without.accepts_credit, without.valid_until) == (
        False,
        None,
        False,
        None,
    )
    start = clock.now() + timedelta(hours=1)
    contract(session, shop.id, starts_at=start)
    waiting = terminal_profile(session, till.code)
    assert waiting is not None
    assert (waiting.shop_is_open, waiting.valid_until) == (False, start)
    with clock.frozen(start):
        assert terminal_profile(session, till.code).shop_is_open
        services.set_merchant_status(session, ACTOR, shop.id, "suspended", "test")
        assert not terminal_profile(session, till.code).shop_is_open


def test_a_profile_says_when_the_next_contract_takes_over(session: Session) -> None:
    club, shop = programme(session), merchant(session)
    contract(session, shop.id, programme_id=club.id)
    till = terminal(session, shop=shop)
    change = clock.now() + timedelta(days=2)
    contract(session, shop.id, starts_at=change)
    before = terminal_profile(session, till.code)
    assert (before.valid_until, before.accepts_credit) == (change, True)
    with clock.frozen(change):
        after = terminal_profile(session, till.code)
    assert (after.valid_until, after.accepts_credit, after.programme) == (None, False, None)


def test_a_suspended_programme_earns_nothing_but_its_credit_is_still_taken(session: Session) -> None:
    club = programme(session)
    till = terminal(session, programme_id=club.id)
    suspend_programme(session, ACTOR, club.id, "test")
    profile = terminal_profile(session, till.code)
    assert (profile.programme, profile.accepts_credit, profile.shop_is_open) == (None, True, True)


def test_lists_are_paged_in_one_query_each(session: Session) -> None:
    union = organisation(session, "union")
    shops = [merchant(session, union_id=union.id if number else None) for number in range(4)]
    tills = [terminal(session, shop=shop) for shop in shops]
    extra = services.open_terminal(session, ACTOR, tills[0].branch_id)
    services.close_terminal(session, ACTOR, extra.code, "test")
    with queries(session) as seen:
        first = merchants_page(session, limit=3)
        rest = merchants_page(session, after=first[-1].merchant_id, limit=3)
        page = terminals_page(session, limit=2)
        following = terminals_page(session, after=page[-1].code, limit=50)
        found = shops_page(session, "mashhad")
    assert len(seen) == 5
    assert [row.merchant_id for row in first + rest] == [shop.id for shop in shops]
    assert [(row.branches, row.terminals) for row in first + rest] == [(1, 1)] * 4
    assert [row.merchant_id for row in merchants_page(session, [union.id])] == [shop.id for shop in shops[1:]]
    assert [row.code for row in page + following] == sorted(till.code for till in [*tills, extra])
    assert [shop.terminal_codes for shop in found] == [(till.code,) for till in tills]
    assert (found[0].lon, found[0].lat) == pytest.approx(SHRINE)


def test_a_merchant_without_a_branch_stands_in_the_list(session: Session) -> None:
    merchant(session)
    [row] = merchants_page(session)
    assert (row.branches, row.terminals) == (0, 0)
    assert shops_page(session) == []


def test_terminals_of_an_organisation_are_its_own(session: Session) -> None:
    shop = merchant(session)
    own, _ = terminal(session, shop=shop), terminal(session)
    assert [row.code for row in terminals_page(session, [shop.organisation_id])] == [own.code]
    assert terminals_page(session, []) == []
    row = terminal_by_code(session, own.code)
    assert (row.merchant_id, row.shop_wallet_id, row.organisation_id) == (
        shop.id,
        shop.wallet_id,
        shop.organisation_id,
    )
    assert terminal_by_code(session, "nothing") is None


def test_names_for_statements_are_found_by_wallet_and_terminal(session: Session) -> None:
    shop = merchant(session)
    till = terminal(session, shop=shop)
    [row] = merchants_page(session)
    assert shop_names(session, [shop.wallet_id, 0]) == {shop.wallet_id: row.names}
    assert branch_names_of_terminals(session, {till.id}) == {till.id: session.get(Branch, till.branch_id).names}
