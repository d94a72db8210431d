"""Numbers are put in by hand and by list; whose they are stays with us, and only who agreed is reached."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.consents import agree, agreements_of, end_agreement
from identity.models import MessageConsent, Person
from identity.permissions import Role
from identity.services import enrol_person
from kernel import clock
from kernel.audit import AuditEntry
from kernel.calendar import local_day
from kernel.errors import NotFound
from kernel.lists import ListHasFaults
from loyalty.groups import queries, services
from loyalty.groups.errors import GroupIsAsked, GroupNameTaken, GroupNotFound, InGroupAlready
from loyalty.groups.models import GroupMember, GroupMove
from loyalty.groups.rules import Asked
from merchants.customers import senders_of, visitors
from merchants.settlement.services.pricing import price_lines
from reservations.leaving import leave_for_good
from tests import factories
from tests.factories import ACTOR
from tests.loyalty.groups.people import customer, mobile, shop_owner
from tests.purchases import purchase


def reach(
    session: Session, organisation_id: int, group: object, *, is_operator: bool = False, found: object = None
) -> dict[str, int]:
    return queries.count_reached(session, organisation_id, queries.people_in(group, found), is_operator=is_operator)["sms"]


def test_only_who_agreed_is_reached_and_may_end_it(session: Session) -> None:
    owner, shop = shop_owner(session)
    agreed, number = customer(session, shop)
    _, other = customer(session)
    group = services.found_group(session, owner, shop, "آشنایان")
    for one in (number, other):
        services.add_one(session, owner, shop, group.id, one, "")
    assert reach(session, shop, group) == {"fa": 1}
    assert reach(session, shop, group, is_operator=True) == {"fa": 2}
    assert [one.organisation_id for one in agreements_of(session, agreed.person_id)] == [shop]
    end_agreement(session, agreed, shop)
    end_agreement(session, agreed, shop)
    assert reach(session, shop, group) == {}
    acts = session.scalars(
        select(AuditEntry.act).filter_by(subject="messages", account_id=agreed.sign_in_id).order_by(AuditEntry.id)
    ).all()
    assert acts == ["agree", "end"]


def test_nobody_agrees_to_the_operator_or_to_nobody(session: Session) -> None:
    pilgrim, _ = customer(session)
    for organisation_id in (factories.organisation(session, "operator").id, 9_999):
        with pytest.raises(NotFound):
            agree(session, pilgrim, organisation_id)


def test_a_number_is_kept_sealed_until_somebody_has_it(session: Session) -> None:
    owner, shop = shop_owner(session)
    number = mobile()
    group = services.found_group(session, owner, shop, "تازه‌ها")
    services.add_one(session, owner, shop, group.id, number, "رضا")
    [member] = queries.members_page(session, group.id)
    assert (member.person_id, member.shown) == (None, f"{number[:6]}•••••{number[-2:]}")
    assert number.encode() not in (member.number_sealed or b"")
    newcomer = enrol_person(session, ACTOR, {"fa": "رضا"}, "fa", mobile=number)
    services.find_owners(session, group)
    assert (member.person_id, member.number_sealed) == (newcomer.id, None)
    with pytest.raises(InGroupAlready):
        services.add_one(session, owner, shop, group.id, "0" + number[3:], "")
    assert number not in str(session.execute(select(AuditEntry.after)).all())


def test_a_list_is_repaired_and_taken_in_whole(session: Session) -> None:
    owner, shop = shop_owner(session)
    group = services.found_group(session, owner, shop, "فهرست")
    first, second = mobile(), mobile()
    kept = services.begin_list(session, owner, shop, group.id, f"نام,موبایل\nالف,{first}\nب,0915\nپ,{first}\n".encode())
    faults = services.faults_of(session, group.id, services.rows_of(kept))
    assert [(one.row, one.column, one.error.code) for one in faults] == [
        (0, "mobile", "in_group_already"), (1, "mobile", "wrong_mobile_number"), (2, "mobile", "in_group_already"),
    ]  # fmt: skip
    with pytest.raises(ListHasFaults):
        services.finish_list(session, owner, shop, kept.id)
    services.repair(session, shop, kept.id, {(1, "mobile"): second, (2, "mobile"): mobile(), (9, "mobile"): "x", (0, "other"): "x"})
    assert services.finish_list(session, owner, shop, kept.id) == 3
    assert services.finish_list(session, owner, shop, kept.id) == 0, "once"
    assert (queries.count_members(session, group.id), kept.rows_sealed) == (3, None)


def test_the_moves_of_a_group_add_up_to_who_is_in_it_and_name_nobody(session: Session) -> None:
    owner, shop = shop_owner(session)
    group = services.found_group(session, owner, shop, "دفتر")
    leaver, number = customer(session)
    kept = services.begin_list(session, owner, shop, group.id, f"نام,موبایل\nالف,{number}\nب,{mobile()}\n".encode())

    def moves() -> list[tuple[int, int | None]]:
        session.flush()
        rows = session.execute(
            select(GroupMove.numbers, GroupMove.sign_in_id).where(GroupMove.group_id == group.id).order_by(GroupMove.id)
        )
        found = [(row.numbers, row.sign_in_id) for row in rows]
        assert sum(numbers for numbers, _ in found) == queries.count_members(session, group.id)
        return found

    services.finish_list(session, owner, shop, kept.id)
    services.finish_list(session, owner, shop, kept.id)
    with pytest.raises(InGroupAlready):
        services.add_one(session, owner, shop, group.id, number, "")
    services.forget_person(session, leaver.person_id)
    services.remove_one(session, owner, shop, group.id, 9_999_999)
    assert moves() == [(2, owner.sign_in_id), (-1, None)]
    services.remove_group(session, owner, shop, group.id)
    assert moves()[2:] == [(-1, owner.sign_in_id)]


def test_a_group_is_its_organisations_and_its_name_is_free_again_once_it_is_gone(session: Session) -> None:
    owner, shop = shop_owner(session)
    stranger, other = shop_owner(session)
    group = services.found_group(session, owner, shop, "خانواده")
    services.found_group(session, stranger, other, "خانواده")
    with pytest.raises(GroupNameTaken):
        services.found_group(session, owner, shop, " خانواده ")
    services.add_one(session, owner, shop, group.id, mobile(), "")
    for act in (services.remove_group, lambda *given: services.add_one(*given, mobile(), "")):
        with pytest.raises(GroupNotFound):
            act(session, stranger, other, group.id)
    services.remove_group(session, owner, shop, group.id)
    assert session.scalar(select(func.count()).select_from(GroupMember)) == 0
    services.found_group(session, owner, shop, "خانواده")


def test_a_question_finds_who_bought_here_so_often_and_speaks_the_language(session: Session) -> None:
    till = factories.terminal(session)
    other = factories.terminal(session)
    session.flush()
    shop = session.execute(select(factories.Merchant.organisation_id).order_by(factories.Merchant.id)).scalars().first()
    assert shop is not None
    owner, _ = factories.account(session, Role.MERCHANT, organisation_id=shop)
    regular, once, arab = (customer(session, shop, language=language)[0] for language in ("fa", "fa", "ar"))
    cards = {one.person_id: factories.card(session, person_id=one.person_id, money_rial=1_000_000) for one in (regular, once, arab)}
    session.commit()
    for who, code, times in ((regular, till.code, 2), (once, till.code, 1), (once, other.code, 3), (arab, till.code, 2)):
        for _ in range(times):
            purchase(session, code, cards[who.person_id], 10_000)
    price_lines(session)
    asked = Asked(2, 30, "fa", "mashhad")
    group = services.found_group(session, owner, shop, "همیشگی‌ها", asked)
    today = local_day(clock.now())
    own, anywhere = visitors(asked, today, shop), visitors(asked, today, None)
    assert set(session.scalars(queries.people_in(group, own))) == {regular.person_id}
    assert set(session.scalars(queries.people_in(group, anywhere))) == {regular.person_id, once.person_id}
    assert set(session.scalars(visitors(Asked(1, 30, "", "qom"), today, shop))) == set()
    for product, people in (("standard", {regular.person_id}), ("golden", set())):
        group.asked = {"visits": 2, "days": 30, "language": "fa", "city": "", "product": product}
        assert set(session.scalars(queries.people_in(group, own))) == people
    with pytest.raises(GroupIsAsked):
        services.add_one(session, owner, shop, group.id, mobile(), "")
    known = senders_of(session, once.person_id, today)
    assert [(one.organisation_id == shop, one.since is not None) for one in known] == [(True, True), (False, False)]


def test_who_leaves_for_good_leaves_every_group_too(session: Session) -> None:
    owner, shop = shop_owner(session)
    pilgrim, number = customer(session, shop)
    group = services.found_group(session, owner, shop, "رفتنی‌ها")
    services.add_one(session, owner, shop, group.id, number, "")
    leave_for_good(session, pilgrim)
    assert queries.members_page(session, group.id) == []
    assert session.scalar(select(func.count()).select_from(MessageConsent)) == 0
    assert session.get_one(Person, pilgrim.person_id, populate_existing=True).mobile is None
