"""A quota from its entry to what fell back: who gets how much and who none, what is handed out, confirmed and taken back."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.models import Person
from kernel import clock
from kernel.lists import ListHasFaults
from kernel.messages.models import Message
from merchants.onboarding.models import Application
from merchants.quotas import queries
from merchants.quotas.errors import (
    HandOutDecided,
    HandOutNotFound,
    MoreThanFree,
    MoreThanShare,
    NobodyToShareWith,
    QuotaNotFound,
    ShopGetsNone,
    WindowClosed,
    WrongQuota,
)
from merchants.quotas.models import QuotaHandOut, QuotaRound
from merchants.quotas.rules import Way
from merchants.quotas.services import handing, lists, sharing
from merchants.quotas.services.falling import fall_back_next
from merchants.quotas.services.handing import Handed
from merchants.quotas.services.sharing import Wanted
from merchants.quotas.services.telling import tell_next
from tests.merchants.onboarding import files
from tests.merchants.quotas.union import TONNE, Place, adds_up, flour, place


@pytest.fixture
def at(session: Session) -> Place:
    return place(session)


def handed(amount: int, document: str = "") -> Handed:
    return Handed(str(uuid4()), amount, document)


def give(session: Session, at: Place, share_id: int, amount: int, document: str = "") -> QuotaHandOut:
    return handing.hand_out(session, at.clerk, at.town.union.id, share_id, handed(amount, document))


def test_the_same_form_enters_and_shares_out_once(session: Session, at: Place) -> None:
    assert flour(session, at.town, key=at.quota.key).id == at.quota.id
    with pytest.raises(QuotaNotFound):
        flour(session, files.town(session), key=at.quota.key)
    key = str(uuid4())
    assert at.share(session, TONNE, key=key).id == at.share(session, TONNE, key=key).id
    assert len(at.shares(session)) == 3
    stands = adds_up(session, at)
    assert (stands.allotted, stands.free) == (999_000, 3_001_000)  # a kilogram that three shops cannot share
    with pytest.raises(MoreThanFree) as refusal:
        at.share(session, 3 * TONNE + 2_000)
    assert refusal.value.facts["free"] == "3,001"


def test_a_shop_that_may_not_gets_none_and_is_told_why(session: Session, at: Place, tmp_path: Path) -> None:
    suspended, closed, _ = at.shops
    suspended.status, closed.status = "suspended", "closed"
    ended, _ = files.active(session, at.town, tmp_path)
    session.get_one(Application, ended.id).licence_expires_on = at.today - timedelta(days=1)
    session.flush()
    at.share(session, TONNE)
    rows = {row.share.merchant_id: row.share for row in at.shares(session)}
    assert closed.id not in rows
    assert rows[suspended.id].left_out == "suspended"
    assert rows[ended.merchant_id].left_out == "licence_ended"
    assert rows[at.shops[2].id].amount == TONNE
    assert [row.left_out for row in (one.share for one in queries.own_shares(session, at.owner(session, suspended)))] == [
        "suspended"
    ]
    at.shops[2].status = "suspended"
    session.flush()
    with pytest.raises(ShopGetsNone):
        give(session, at, rows[at.shops[2].id].id, 1_000)
    with pytest.raises(NobodyToShareWith):
        at.share(session, TONNE)


def test_a_share_is_taken_in_parts_and_each_is_confirmed_by_the_shop_or_by_its_paper(session: Session, at: Place) -> None:
    at.share(session, 300_000)
    first, second, _ = at.shares(session)
    made = give(session, at, first.share.id, 40_000)
    again = handing.hand_out(session, at.clerk, at.town.union.id, first.share.id, Handed(made.key, 40_000))
    assert again.id == made.id
    owner, stranger = at.owner(session, at.shops[0]), at.owner(session, at.shops[1])
    with pytest.raises(HandOutNotFound):
        handing.confirm_receipt(session, stranger, made.id)
    assert handing.confirm_receipt(session, owner, made.id).state == "confirmed"
    for decide in (
        lambda: handing.confirm_receipt(session, owner, made.id),
        lambda: handing.take_back(session, at.clerk, at.town.union.id, made.id, "x"),
    ):
        with pytest.raises(HandOutDecided):
            decide()
    with pytest.raises(MoreThanShare) as refusal:
        give(session, at, first.share.id, 60_001)
    assert refusal.value.facts["left"] == "60"
    assert give(session, at, first.share.id, 60_000, " HA  12 ").document == "HA 12"
    waits = give(session, at, second.share.id, 50_000)
    with pytest.raises(WrongQuota):
        handing.confirm_by_paper(session, at.clerk, at.town.union.id, waits.id, " ")
    assert handing.confirm_by_paper(session, at.clerk, at.town.union.id, waits.id, "7").document == "7"
    wrong = give(session, at, second.share.id, 50_000)
    handing.take_back(session, at.clerk, at.town.union.id, wrong.id, "برای فروشگاه دیگری بود")
    stands = adds_up(session, at)
    assert (stands.handed, stands.left) == (150_000, 150_000)
    other = place(session)
    for try_it in (
        lambda: queries.share_row(session, (other.town.union.id,), first.share.id),
        lambda: handing.hand_out(session, other.clerk, other.town.union.id, first.share.id, handed(1)),
        lambda: queries.quota_row(session, (other.town.union.id,), at.quota.id),
    ):
        with pytest.raises(QuotaNotFound):
            try_it()


def test_what_is_not_taken_falls_back_and_is_shared_out_again(session: Session, at: Place) -> None:
    at.share(session, 4 * TONNE, days=2)
    first, *_ = at.shares(session)
    assert adds_up(session, at).free == 1_000
    given = give(session, at, first.share.id, 333_000)
    late = give(session, at, first.share.id, 1_000)
    assert not fall_back_next(session)
    with clock.frozen(clock.now() + timedelta(days=3)):
        with pytest.raises(WindowClosed):
            give(session, at, first.share.id, 1_000)
        assert given.amount == 333_000
        Place(at.town, at.shops, at.quota).share(session, 3 * TONNE)
        stands = adds_up(session, at)
        assert (stands.handed, stands.left, stands.free) == (334_000, 3 * TONNE, TONNE - 334_000)
        handing.take_back(session, at.clerk, at.town.union.id, late.id, "اشتباه")
        assert adds_up(session, at).free == TONNE - 333_000
        assert not fall_back_next(session)
    with clock.frozen(clock.now() + timedelta(days=40)):
        assert fall_back_next(session)
        assert adds_up(session, at).left == 0
        with pytest.raises(WrongQuota):
            Place(at.town, at.shops, at.quota).share(session, 1_000)
        longer = at.quota.ends_on + timedelta(days=60)
        sharing.lengthen_quota(session, at.clerk, at.town.union.id, at.quota.id, longer)
        Place(at.town, at.shops, at.quota).share(session, 3_000)
        assert at.quota.ends_on == longer
        with pytest.raises(WrongQuota):
            sharing.lengthen_quota(session, at.clerk, at.town.union.id, at.quota.id, longer)


def test_a_list_of_sizes_or_amounts_is_shared_out_whole_or_not_at_all(session: Session, at: Place) -> None:
    one, two, three = at.shops
    union, wanted = at.town.union.id, Wanted("", 100_000, 1_000, at.today, at.today + timedelta(days=5))
    text = f"شماره فروشگاه,نام فروشگاه,اندازه,مقدار\n{one.id},,۳,\n{two.id},,1,\n{three.id},,,\n"
    kept = lists.begin_list(session, at.clerk, union, at.quota.id, Way.SIZE, wanted, text.encode())
    made = lists.finish_list(session, at.clerk, union, kept.id)
    assert made is not None
    assert lists.finish_list(session, at.clerk, union, kept.id) is None
    assert [row.share.amount for row in at.shares(session)] == [75_000, 25_000]

    three.status = "suspended"
    text = f"شماره فروشگاه,مقدار\n{one.id},10\n{one.id},5\n9,1\n{two.id},x\n{three.id},4\n"
    kept = lists.begin_list(session, at.clerk, union, at.quota.id, Way.AMOUNT, wanted, text.encode())
    members = queries.members_of(session, union, with_closed=True)
    faults = lists.faults_of(kept, at.quota, members)
    assert [(one.row, one.column, one.error.facts["fault"]) for one in faults] == [
        (0, "shop", "twice"), (1, "shop", "twice"), (2, "shop", "shop"), (3, "amount", "unread"), (4, "amount", "suspended"),
    ]  # fmt: skip
    with pytest.raises(ListHasFaults):
        lists.finish_list(session, at.clerk, union, kept.id)
    lists.repair_list(
        session,
        union,
        kept.id,
        {(1, "shop"): str(two.id), (2, "shop"): "", (99, "shop"): "1", (3, "amount"): "2", (4, "amount"): "0"},
    )
    assert {one.row for one in lists.faults_of(kept, at.quota, members)} == {1, 2, 3}
    kept.rows = [{**row, "amount": "3890"} for row in (kept.rows[0], kept.rows[1])]
    session.flush()
    fault = lists.sum_fault(kept, at.quota, members, queries.standing_of(session, at.quota).free)
    assert fault is not None
    with pytest.raises(MoreThanFree):
        lists.finish_list(session, at.clerk, union, kept.id)
    kept.rows = [kept.rows[0]]
    session.flush()
    assert lists.finish_list(session, at.clerk, union, kept.id) is not None
    assert adds_up(session, at).allotted == 3_990_000


def test_every_owner_with_a_share_is_told_once(session: Session, at: Place) -> None:
    told = [at.owner(session, shop) for shop in at.shops]
    session.get_one(Person, told[0].person_id).mobile = "+989150000001"
    session.get_one(Person, told[1].person_id).mobile = "+989150000002"
    at.shops[1].status = "suspended"
    session.flush()
    made = at.share(session, TONNE)
    assert tell_next(session)
    assert not tell_next(session)
    session.get_one(QuotaRound, made.id).told_to = 0
    assert tell_next(session)
    assert session.scalar(select(func.count()).select_from(Message).where(Message.notice == "quota_share_ready")) == 1


def test_the_municipality_of_the_city_reads_and_another_does_not(session: Session, at: Place) -> None:
    at.share(session, TONNE)
    assert at.town.union.id in queries.unions_seen(session, at.town.town_officer)
    assert queries.unions_seen(session, at.clerk) == {at.town.union.id}
    [row] = queries.quotas_page(session, [at.town.union.id])
    assert (row.standing.allotted, row.standing.free) == (999_000, 3_001_000)
    assert queries.quotas_page(session, [at.town.union.id], before=row.quota.id) == []
