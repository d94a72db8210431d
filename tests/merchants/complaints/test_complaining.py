"""A complaint from a receipt to its decision, and who may read and do what on the way."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.services import new_request_key
from identity.errors import WrongMobileNumber
from identity.permissions import Role
from kernel import clock
from kernel.audit import AuditEntry
from kernel.messages.models import Message
from merchants.complaints import queries
from merchants.complaints.errors import (
    ComplaintMovedOn,
    ComplaintNotFound,
    ComplaintPicturesFull,
    ComplaintsNotTaken,
    ComplaintStands,
    NotOfThisUnion,
    OwnComplaint,
)
from merchants.complaints.models import Complaint, ComplaintNote
from merchants.complaints.queries import Sought
from merchants.complaints.rules import Act, Audience, Party
from merchants.complaints.services.complaining import Said, add_picture, complain, leave_number, reply
from merchants.complaints.services.handling import Wanted, answer_for_shop, assign, escalate_late, handle
from merchants.complaints.subjects import subject_of_place, subject_of_purchase
from merchants.models import Branch
from merchants.onboarding.adapters.folder import FolderStore
from merchants.onboarding.errors import PaperOfUnknownType
from merchants.till.rules import Line
from merchants.till.services.selling import begin_sale
from merchants.till.services.shifts import open_shift
from tests import factories
from tests.merchants.catalogue import goods
from tests.merchants.complaints.case import PAID, Case, case
from tests.merchants.till.shop import web_till
from tests.pictures import photo, tells_of_its_taking


@pytest.fixture
def at(session: Session) -> Case:
    return case(session)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def wanted(act: Act, words: str = "باشد", audience: Audience = Audience.OFFICE) -> Wanted:
    return Wanted(act, str(uuid4()), words, audience)


def notices(session: Session) -> list[str]:
    return list(session.scalars(select(Message.notice).order_by(Message.id)))


def test_a_complaint_knows_its_purchase_and_goes_to_the_union_of_the_trade(session: Session, at: Case) -> None:
    made = at.complaint(session, words="دو برابر گرفت")
    town = at.town
    assert (made.amount_rial, made.merchant_id, made.trade_id) == (PAID, at.merchant.id, town.trade.id)
    assert (made.union_id, made.municipality_id, made.inspector_id) == (town.union.id, town.municipality.id, None)
    assert made.due_at - made.opened_at == timedelta(hours=72)
    union, other = queries.office_of(at.inspector), queries.office_of(at.town.town_officer)
    assert union is not None
    assert other is not None
    assert [row.complaint.id for row in queries.complaints_page(session, union, Sought())] == [made.id]
    assert queries.complaints_page(session, other, Sought()) == []


def test_the_goods_of_a_basket_stand_in_it_with_the_ceilings_of_that_time(session: Session, at: Case) -> None:
    from tests.purchases import purchase

    group = goods.trade_group(session, at.town.union.id, 150_000)
    shop = goods.Shop(at.merchant, (), at.inspector)
    product = goods.product(session, shop, list_rial=150_000, trade_group_id=str(group.id), is_unstocked="1")
    till = web_till(session, session.scalars(select(Branch.id).where(Branch.merchant_id == at.merchant.id)).first() or 0)
    cashier, _ = factories.account(session, Role.CASHIER, organisation_id=at.merchant.organisation_id)
    shift = open_shift(session, cashier, till.code, 0)
    lines = [Line("زعفران", 2, 200_000, product.id), Line("کیسه", 1, 10_000)]
    sale = begin_sale(session, cashier, shift.id, new_request_key(), lines)
    session.commit()
    key, sold = purchase(session, till.code, at.card, 410_000, key=sale.ledger_key)
    subject = subject_of_purchase(session, sold.business_date, sold.entry_id)
    assert subject.bought is not None
    told = subject.bought.lines
    assert [(line.text, line.count, line.ceiling_rial, line.over_rial) for line in told] == [
        ("زعفران", 2, 150_000, 100_000),
        ("کیسه", 1, None, 0),
    ]
    assert key == sale.ledger_key


def test_one_form_makes_one_complaint_and_another_form_is_told_that_it_stands(session: Session, at: Case) -> None:
    said = Said(str(uuid4()), "overcharge", mobile="09151234567")
    first = complain(session, at.subject(session), said)
    assert complain(session, at.subject(session), said).id == first.id
    with pytest.raises(ComplaintStands) as refusal:
        at.complaint(session)
    assert refusal.value.facts == {"number": first.id}
    assert at.complaint(session, "rude").id != first.id
    assert notices(session) == ["complaint_taken"]


def test_a_number_is_checked_sealed_and_told_to_nobody(session: Session, at: Case) -> None:
    with pytest.raises(WrongMobileNumber):
        at.complaint(session, mobile="12")
    made = at.complaint(session, mobile="۰۹۱۵۱۲۳۴۵۶۷")
    assert made.mobile_sealed is not None
    assert b"9151234567" not in made.mobile_sealed
    audits = session.scalars(select(AuditEntry).where(AuditEntry.subject == "complaint"))
    assert "9151234567" not in "".join(str(one.after) for one in audits)
    silent = at.complaint(session, "rude")
    leave_number(session, silent, "09151112233")
    assert notices(session) == ["complaint_taken", "complaint_taken"]


def test_nobody_has_one_number_told_of_complaints_without_end(session: Session, at: Case) -> None:
    for cause in ("overcharge", "rude", "bad_goods", "terminal"):
        at.complaint(session, cause, mobile="09151234567")
    assert notices(session) == ["complaint_taken"] * 3
    with clock.frozen(clock.now() + timedelta(days=1)):
        at.complaint(session, "other", mobile="09151234567")
    assert notices(session) == ["complaint_taken"] * 4


def test_what_is_wrong_in_the_directory_is_complained_of_without_a_purchase(session: Session, at: Case) -> None:
    place = session.scalars(select(Branch.place_id).where(Branch.merchant_id == at.merchant.id)).one()
    made = complain(session, subject_of_place(session, place), Said(str(uuid4()), "wrong_data", "تلفن دیگری دارد"))
    assert (made.entry_id, made.union_id, made.merchant_id) == (None, at.town.union.id, at.merchant.id)


def test_a_shop_nobody_answers_for_is_said_to_be_so(session: Session) -> None:
    till = factories.terminal(session)
    card = factories.card(session, money_rial=100_000)
    session.commit()
    from tests.purchases import purchase

    _, sold = purchase(session, till.code, card, 1_000)
    with pytest.raises(ComplaintsNotTaken):
        complain(session, subject_of_purchase(session, sold.business_date, sold.entry_id), Said(str(uuid4()), "rude"))
    with pytest.raises(ComplaintNotFound):
        subject_of_purchase(session, sold.business_date, sold.entry_id + 1_000_000)


def test_pictures_are_kept_once_and_not_without_end(session: Session, at: Case, store: FolderStore) -> None:
    made = at.complaint(session)
    first = add_picture(session, store, made, photo())
    assert add_picture(session, store, made, photo()).id == first.id
    assert tells_of_its_taking(photo())
    assert not tells_of_its_taking(store.get(first.name))
    for wrong in (b"<svg>", photo()[:50]):
        with pytest.raises(PaperOfUnknownType):
            add_picture(session, store, made, wrong)
    paper = add_picture(session, store, made, b"%PDF-1.7 receipt")
    assert (store.get(paper.name), paper.media_type) == (b"%PDF-1.7 receipt", "application/pdf")
    for number in range(1, 4):
        add_picture(session, store, made, photo(number))
    with pytest.raises(ComplaintPicturesFull):
        add_picture(session, store, made, photo(4))
    other = at.complaint(session, "rude")
    with pytest.raises(ComplaintNotFound):
        queries.picture_of(session, other, first.id)


@pytest.mark.parametrize("way", ["link", "telephone"])
def test_the_clock_stands_still_until_the_complainant_has_answered_by_any_way(session: Session, at: Case, way: str) -> None:
    now = clock.now()
    made = at.complaint(session, mobile="09151234567")
    due = made.due_at
    with clock.frozen(now + timedelta(hours=10)):
        handle(session, at.inspector, made.id, wanted(Act.ASK, "رسید را دارید؟"))
        handle(session, at.inspector, made.id, wanted(Act.NOTE))
        answer_for_shop(session, at.owner, made.id, str(uuid4()), "قیمت درست بود")
    with clock.frozen(now + timedelta(hours=500)):
        assert escalate_late(session) == 0
        if way == "link":
            reply(session, made, str(uuid4()), "بله")
        else:
            handle(session, at.inspector, made.id, wanted(Act.HEARD, "گفت دارد"))
    assert (made.state, made.waiting_since) == ("in_progress", None)
    assert made.due_at == due + timedelta(hours=490)
    assert notices(session) == ["complaint_taken", "complaint_asked"]


def test_what_is_late_is_shown_to_the_municipality_once_and_told(session: Session, at: Case) -> None:
    made = at.complaint(session, mobile="09151234567")
    town = queries.office_of(at.town.town_officer)
    assert town is not None
    with clock.frozen(made.due_at + timedelta(seconds=1)):
        assert [escalate_late(session), escalate_late(session)] == [1, 0]
        assert queries.counts(session, town).overdue == 1
        handle(session, at.town.town_officer, made.id, wanted(Act.RESOLVE, "عذرخواهی شد"))
    assert (made.state, made.answer) == ("resolved", "عذرخواهی شد")
    assert notices(session) == ["complaint_taken", "complaint_no_news", "complaint_resolved"]


def test_each_side_reads_what_is_meant_for_it(session: Session, at: Case) -> None:
    made = at.complaint(session, words="گران")
    for audience in Audience:
        handle(session, at.inspector, made.id, wanted(Act.NOTE, audience.value, audience))
    read = {
        party: {one.words for one in queries.notes_of(session, made.id, party)}
        for party in (Party.COMPLAINANT, Party.SHOP, Party.UNION)
    }
    assert read == {
        Party.COMPLAINANT: {"گران", "all", "complainant"},
        Party.SHOP: {"گران", "all", "shop"},
        Party.UNION: {"گران", "all", "complainant", "shop", "office"},
    }
    [first] = [one for one in queries.notes_of(session, made.id, Party.SHOP) if one.words == "گران"]
    assert first.said_by == ""


def test_a_decision_needs_its_words_and_ends_the_complaint(session: Session, at: Case) -> None:
    from merchants.complaints.errors import ComplaintWordsMissing

    made = at.complaint(session, mobile="09151234567")
    with pytest.raises(ComplaintWordsMissing):
        handle(session, at.inspector, made.id, wanted(Act.REFUSE, " "))
    decision = wanted(Act.REFUSE, "قیمت زیر سقف بود")
    handle(session, at.inspector, made.id, decision)
    assert handle(session, at.inspector, made.id, decision).state == "refused"
    for late in (
        lambda: handle(session, at.inspector, made.id, wanted(Act.NOTE)),
        lambda: reply(session, made, str(uuid4()), "ولی"),
        lambda: answer_for_shop(session, at.owner, made.id, str(uuid4()), "x"),
        lambda: assign(session, at.inspector, made.id, None, for_shop=False),
    ):
        with pytest.raises(ComplaintMovedOn):
            late()
    said = session.scalar(select(func.count()).select_from(ComplaintNote).where(ComplaintNote.complaint_id == made.id))
    assert said == 2
    assert at.complaint(session).id != made.id


def test_an_inspector_is_of_the_union_and_gets_what_comes_of_a_shop(session: Session, at: Case) -> None:
    made, inspector = at.complaint(session), at.colleague(session)
    with pytest.raises(NotOfThisUnion):
        assign(session, at.inspector, made.id, at.owner.person_id, for_shop=True)
    assign(session, at.inspector, made.id, inspector.person_id, for_shop=True)
    union = queries.office_of(inspector)
    assert union is not None
    assert at.complaint(session, "rude").inspector_id == inspector.person_id
    mine = queries.complaints_page(session, union, Sought(inspector_id=inspector.person_id))
    assert len(mine) == 2


def test_nobody_decides_on_the_own_shop(session: Session, at: Case) -> None:
    from identity.queries import identity_of_sign_in
    from identity.services import add_member

    made = at.complaint(session)
    add_member(session, factories.ACTOR, at.inspector.person_id, Role.CASHIER, at.merchant.organisation_id)
    grown = identity_of_sign_in(session, at.inspector.sign_in_id)
    assert grown is not None
    with pytest.raises(OwnComplaint):
        handle(session, grown, made.id, wanted(Act.NOTE))


def test_another_union_and_another_shop_find_nothing(session: Session, at: Case) -> None:
    made, other = at.complaint(session), case(session)
    for try_it in (
        lambda: handle(session, other.inspector, made.id, wanted(Act.NOTE)),
        lambda: answer_for_shop(session, other.owner, made.id, str(uuid4()), "x"),
        lambda: handle(session, at.town.town_officer, made.id, wanted(Act.NOTE)),
        lambda: queries.of_person(session, at.owner.person_id, made.id),
    ):
        with pytest.raises(ComplaintNotFound):
            try_it()
    assert session.get_one(Complaint, made.id).state == "acknowledged"
