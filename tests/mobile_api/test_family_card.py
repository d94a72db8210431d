"""A family as the app keeps it, with taps at a till between; and money moved between own cards."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.queries import cards_of_person
from cardbank.reasons import Reason
from merchants.models import Terminal
from tests import factories
from tests.mobile_api.conftest import Caller
from tests.purchases import purchase


class Family:
    """A head with 1,000,000 Rial in the family's purse, a grown-up member, and a bookshop."""

    def __init__(self, caller: Callable[..., Caller], session: Session) -> None:
        self.session, self.head, self.member = session, caller(), caller()
        own = factories.card(session, person_id=self.head.identity.person_id, money_rial=1_500_000)
        session.commit()
        assert self.head.write("POST", "/family-card").status_code == 201
        moved = self.head.write(
            "POST", "/transfers", {"from": own.id, "to": self.card_of(self.head).id, "amount_rial": 1_000_000}, key="fill-the-purse"
        )
        assert (moved.status_code, moved.json["left_rial"]) == (201, 500_000)
        code = self.head.write("POST", "/family-card/codes").json["code"]
        assert self.member.write("POST", "/family-card/joining", {"code": code.lower()}).status_code == 201
        self.till: Terminal = factories.terminal(session)
        session.commit()

    def card_of(self, caller: Caller) -> Card:
        wallet = caller.get("/family-card").json["wallet"]
        found = next(card for card in cards_of_person(self.session, caller.identity.person_id) if card.wallet_id == wallet)
        return self.session.get_one(Card, found.card_id)

    def buys(self, caller: Caller, amount: int) -> Reason:
        _, answer = purchase(self.session, self.till.code, self.card_of(caller), amount, own_order=True)
        return answer.reason

    def limit(self, **limits: object) -> int:
        member = self.member.get("/family-card").json["member"]
        return self.head.write("PUT", f"/family-card/members/{member}/limits", limits).status_code

    def lines(self, caller: Caller) -> list[int]:
        wallet = caller.get("/family-card").json["wallet"]
        entries = caller.get(f"/statement?wallet={wallet}").json["entries"]
        return [entry["amount_rial"] for entry in entries if entry["kind"] == "purchase"]


@pytest.fixture
def family(caller: Callable[..., Caller], bank_session: Session) -> Family:
    return Family(caller, bank_session)


def test_the_head_limits_what_a_member_spends_and_sees_sums_not_purchases(family: Family) -> None:
    assert family.limit(day_rial=200_000, month_rial=300_000) == 200
    assert [family.buys(family.member, amount) for amount in (150_000, 60_000, 50_000)] == [
        Reason.APPROVED, Reason.MEMBER_LIMIT, Reason.APPROVED,
    ]  # fmt: skip
    assert family.buys(family.head, 250_000) is Reason.APPROVED
    seen = family.head.get("/family-card").json
    assert seen["money_rial"] == 550_000
    assert [(one["is_head"], one["spent_day_rial"], one["shows"]) for one in seen["members"]] == [
        (True, 250_000, False),
        (False, 200_000, False),
    ]
    own = family.member.get("/family-card").json
    assert ([one["spent_day_rial"] for one in own["members"]], own["is_head"]) == ([200_000], False)
    assert (family.lines(family.head), family.lines(family.member)) == ([250_000], [50_000, 150_000])
    assert family.member.write("PUT", "/family-card/shows", {"shows": True}).status_code == 200
    assert family.lines(family.head) == [250_000, 50_000, 150_000]


def test_a_receipt_of_the_family_is_read_by_whom_it_concerns(family: Family) -> None:
    family.buys(family.member, 70_000)
    wallet = family.member.get("/family-card").json["wallet"]
    entry = family.member.get(f"/statement?wallet={wallet}").json["entries"][0]["id"]
    path = f"/receipts/{entry[:10]}/{entry[11:]}"
    assert [one.get(path).status_code for one in (family.member, family.head)] == [200, 404]


def test_only_some_kinds_of_shops(family: Family) -> None:
    assert family.limit(kinds=["restaurant"]) == 200
    assert family.buys(family.member, 10_000) is Reason.MEMBER_SHOP_KIND
    assert family.limit(kinds=["books", "restaurant"]) == 200
    assert family.buys(family.member, 10_000) is Reason.APPROVED
    assert family.limit(kinds=["weapons"]) == 422
    assert family.limit(day_rial=10, month_rial=5) == 422


def test_a_member_changes_nothing_of_the_family_and_may_leave_it(family: Family) -> None:
    own = family.member.get("/family-card").json["member"]
    head = family.head.get("/family-card").json["member"]
    for method, path, body in (
        ("POST", "/family-card/codes", None), ("POST", "/family-card/children", {"name": "علی"}), ("DELETE", "/family-card", None),
        ("PUT", f"/family-card/members/{own}/limits", {}), ("DELETE", f"/family-card/members/{head}", None),
    ):  # fmt: skip
        assert family.member.write(method, path, body).json["code"] == "only_the_head"
    purse = family.card_of(family.member)
    second = factories.card(family.session, person_id=family.member.identity.person_id)
    family.session.commit()
    taken = family.member.write("POST", "/transfers", {"from": purse.id, "to": second.id, "amount_rial": 1})
    assert taken.json["code"] == "only_the_head"
    assert family.member.write("DELETE", f"/family-card/members/{own}").status_code == 204
    assert family.member.get("/family-card").json["code"] == "family_not_found"
    assert [one["wallet"] for one in family.member.get("/wallets").json["wallets"]] == [second.wallet_id]


def test_a_child_is_added_by_name_and_the_family_closes_when_it_is_empty(family: Family) -> None:
    added = family.head.write("POST", "/family-card/children", {"name": "  علی "}).json["members"]
    assert [(one["name"], one["is_child"], one["shows"], one["card"]) for one in added if one["is_child"]] == [
        ("علی", True, True, None)
    ]
    assert family.head.write("POST", "/family-card/children", {"name": "7"}).status_code == 422
    assert family.head.write("DELETE", "/family-card").json["code"] == "family_holds_money"
    back = next(
        one.card_id
        for one in cards_of_person(family.session, family.head.identity.person_id)
        if one.member_id != family.card_of(family.head).member_id
    )
    purse = family.card_of(family.head).id
    moved = [
        family.head.write("POST", "/transfers", {"from": purse, "to": back, "amount_rial": 1_000_000}, key="take-it-out-again")
        for _ in range(2)
    ]
    assert [(one.status_code, one.json["left_rial"]) for one in moved] == [(201, 0)] * 2
    assert family.head.write("DELETE", "/family-card").status_code == 204
    assert family.member.get("/family-card").status_code == 404
