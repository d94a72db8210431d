"""A branch is renamed, moves, stands still when its licence ends, and is closed."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import jalali_digits, local_day
from kernel.messages.models import Message
from merchants.branches.models import BranchWish
from merchants.branches.services.asking import ask_move
from merchants.branches.services.deciding import approve
from merchants.branches.services.licences import watch_branch_licences
from merchants.models import Branch, Merchant, ShopCell, Terminal
from merchants.onboarding.adapters.folder import FolderStore
from merchants.onboarding.models import Application
from merchants.queries import terminal_profile
from merchants.services import open_terminal
from merchants.stock.models import StockLevel, StockMovement
from merchants.stock.rules import Kind
from merchants.stock.services.moving import Move, move
from merchants.till.services.shifts import open_shift
from places.models import Place
from tests import factories
from tests.factories import ACTOR
from tests.merchants.branches.wishes import PICTURE, branch_wish, typed
from tests.merchants.catalogue import goods
from tests.merchants.onboarding import files

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def bazaar(session: Session, town: files.Town, shop: Merchant) -> Branch:
    """A second branch, with a licence of its own."""
    asker, _ = factories.account(session, Role.MERCHANT, organisation_id=shop.organisation_id)
    wish = branch_wish(session, asker, shop)
    approve(session, town.union_officer, [town.union.id], wish.id)
    session.commit()
    return session.get_one(Branch, wish.branch_id)


def on_the_map(session: Session) -> int:
    return session.scalar(select(func.sum(ShopCell.shops))) or 0


def test_a_branch_is_renamed_at_once_and_moves_when_its_union_agrees(
    session: Session, sign_in: SignIn, town: files.Town, shop: Merchant, bazaar: Branch
) -> None:
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    officer, _ = sign_in(Role.UNION, town.union.id)
    stranger, _ = sign_in(Role.MERCHANT)
    here = f"/branches/{bazaar.id}"
    assert stranger.get(here).status_code == stranger.post(f"{here}/name", data={"name_fa": "بازار"}).status_code == 404
    wrong = owner.post(f"{here}/name", data={"name_fa": "۱", "name_en": "Rose"})
    assert (wrong.status_code, "Write the name in letters" in wrong.text, 'value="Rose"' in wrong.text) == (422, True, True)
    assert owner.post(f"{here}/name", data={"name_fa": "شعبهٔ گل", "name_en": "Rose"}).status_code == 303
    assert session.get_one(Place, bazaar.place_id, populate_existing=True).names["en"] == "Rose"

    form = {
        name: text
        for name, text in typed(licence_number=str(bazaar.licence_number), address="خیابان طبرسی، نبش طبرسی ۵").items()
        if name not in ("name_fa", "name_en", "city")
    }
    far = owner.post(f"{here}/move", data=form | {"key": str(uuid4()), "lat": "12", "paper": (BytesIO(PICTURE), "a.jpg")})
    assert (far.status_code, "more than 60 km" in far.text, "خیابان طبرسی" in far.text) == (422, True, True)
    sent = form | {"key": str(uuid4()), "lat": "36.3001"}
    for _ in range(2):
        assert owner.post(f"{here}/move", data=sent | {"paper": (BytesIO(PICTURE), "a.jpg")}).status_code == 303
    again = owner.post(f"{here}/move", data=sent | {"key": str(uuid4()), "paper": (BytesIO(PICTURE), "a.jpg")})
    assert again.status_code == 409
    assert "waits for the union already" in again.text
    [wish] = session.scalars(select(BranchWish).where(BranchWish.kind == "move")).all()
    assert "Move of a branch" in officer.get("/branch-wishes").text
    assert "moved here" not in owner.get(f"/places/{bazaar.place_id}").text
    assert officer.post(f"/branch-wishes/{wish.id}", data={"act": "approve"}).status_code == 303
    page = owner.get(f"/places/{bazaar.place_id}").text
    assert "moved here" in page
    assert "خیابان طبرسی" in page
    lat = session.scalar(select(func.ST_Y(Place.position)).where(Place.id == bazaar.place_id))
    assert lat == pytest.approx(36.3001)
    assert session.scalars(select(Message.notice).where(Message.notice == "branch_moved")).all()
    assert "Tell your customers" in owner.get("/branches").text


def test_a_move_of_the_first_branch_renews_the_file_of_the_shop(
    session: Session, town: files.Town, shop: Merchant, tmp_path: Path
) -> None:
    first = session.scalars(select(Branch).where(Branch.merchant_id == shop.id)).one()
    asker, _ = factories.account(session, Role.MERCHANT, organisation_id=shop.organisation_id)
    file = session.scalars(select(Application).where(Application.merchant_id == shop.id)).one()
    wish, faults = ask_move(
        session,
        asker,
        FolderStore(tmp_path),
        first,
        str(uuid4()),
        typed(licence_number=str(file.licence_number), lat="36.3002"),
        PICTURE,
    )
    assert wish is not None, faults
    approve(session, town.union_officer, [town.union.id], wish.id)
    assert (file.address, file.lat, file.licence_expires_on, first.licence_number) == (
        wish.address,
        36.3002,
        wish.licence_expires_on,
        None,
    )


def test_a_branch_stands_still_when_its_own_licence_ends_until_the_union_renews_it(
    session: Session, sign_in: SignIn, town: files.Town, shop: Merchant, bazaar: Branch
) -> None:
    officer, _ = sign_in(Role.UNION, town.union.id)
    till = open_terminal(session, ACTOR, bazaar.id)
    today, before = local_day(clock.now()), on_the_map(session)
    bazaar.licence_expires_on = today + timedelta(days=7)
    assert [watch_branch_licences(session), watch_branch_licences(session)] == [1, 0]
    bazaar.licence_expires_on = today
    assert watch_branch_licences(session) == 1
    bazaar.licence_expires_on = today - timedelta(days=1)
    assert [watch_branch_licences(session), watch_branch_licences(session)] == [1, 0]
    session.commit()
    profile = terminal_profile(session, till.code)
    assert profile is not None
    assert not profile.shop_is_open
    assert on_the_map(session) == before - 1
    told = list(session.scalars(select(Message.notice).where(Message.notice.startswith("branch_licence")).order_by(Message.id)))
    assert told == ["branch_licence_ends_soon", "branch_licence_ends_soon", "branch_licence_ended"]
    wish = session.scalars(select(BranchWish)).one()
    late = officer.post(f"/branch-wishes/{wish.id}/renewal", data={"licence_expires_on": "1400/01/01"})
    assert late.status_code == 422
    assert (
        officer.post(
            f"/branch-wishes/{wish.id}/renewal", data={"licence_expires_on": jalali_digits(today + timedelta(days=300))}
        ).status_code
        == 303
    )
    session.expire_all()
    again = terminal_profile(session, till.code)
    assert again is not None
    assert again.shop_is_open
    assert on_the_map(session) == before


def test_a_branch_closes_once_nobody_works_in_it_and_leaves_what_it_has_to_another(
    session: Session, sign_in: SignIn, town: files.Town, shop: Merchant, bazaar: Branch
) -> None:
    owner, person = sign_in(Role.MERCHANT, shop.organisation_id)
    cashier, _ = factories.account(session, Role.CASHIER, organisation_id=shop.organisation_id)
    [first] = [one for one in session.scalars(select(Branch).where(Branch.merchant_id == shop.id)) if one.id != bazaar.id]
    till = open_terminal(session, ACTOR, bazaar.id, kind="web")
    product = goods.product(session, goods.Shop(shop, (bazaar,), person))
    move(session, ACTOR, Move(bazaar.id, Kind.INTAKE, str(uuid4())), {product.id: 5_000})
    shift = open_shift(session, cashier, till.code, 0)
    session.commit()
    before, closing = on_the_map(session), f"/branches/{bazaar.id}/closing"
    at_work = owner.post(closing, data={"heir": first.id})
    assert (at_work.status_code, "cashed up first" in at_work.text) == (422, True)
    shift.closed_at = clock.now()
    shift.counted_rial = shift.expected_rial = shift.card_rial = shift.credit_rial = shift.gift_rial = 0
    shift.top_up_rial = shift.debt_rial = shift.cash_sale_rial = 0
    session.commit()
    left = owner.post(closing, data={"heir": ""})
    assert (left.status_code, "Choose the branch that takes it over" in left.text) == (422, True)
    for _ in range(2):
        assert owner.post(closing, data={"heir": first.id}).status_code == 303
    session.expire_all()
    assert session.get_one(Terminal, till.id).status == "closed"
    assert session.get_one(StockLevel, (bazaar.id, product.id)).milli == 0
    assert session.get_one(StockLevel, (first.id, product.id)).milli == 5_000
    assert session.scalars(
        select(StockMovement.kind).where(StockMovement.product_id == product.id).order_by(StockMovement.id)
    ).all() == [
        "intake",
        "move",
        "move",
    ]
    assert on_the_map(session) == before - 1
    gone = owner.get(f"/places/{bazaar.place_id}")
    assert gone.status_code == 410
    assert f'href="/places/{first.place_id}"' in gone.text
    assert owner.get(f"/branches/{bazaar.id}").status_code == owner.get(f"/branches/{bazaar.id}/hours").status_code == 409
    assert "Closed for good" in owner.get("/branches").text
    assert f'value="{bazaar.id}"' not in owner.get("/terminals/new").text
    with pytest.raises(Exception, match="branch_is_closed"):
        move(session, person.actor, Move(bazaar.id, Kind.INTAKE, str(uuid4())), {product.id: 1_000})
    session.rollback()
    last = owner.post(f"/branches/{first.id}/closing", data={})
    assert (last.status_code, "ask your municipality" in last.text) == (422, True)
