"""The family's pages: the head's, a member's, the desk's; and the page that moves money."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from cardbank.cards.queries import cards_of_person
from cardbank.cards.services import stock_card
from cardbank.families.queries import family_of_person
from cardbank.statements import balances
from identity.permissions import Identity, Role
from kernel import clock
from tests import factories
from tests.factories import ACTOR
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def act(client: FlaskClient, name: str, **fields: object) -> tuple[int, str]:
    answer = client.post("/me/family", data={"act": name, **fields}, follow_redirects=True)
    return answer.status_code, answer.text


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_head_opens_a_family_brings_people_in_and_limits_them(sign_in: SignIn, session: Session) -> None:
    (head, _), (member, joined) = sign_in(Role.PILGRIM), sign_in(Role.PILGRIM)
    assert "Open a family" in head.get("/me/family").text
    factories.keystore()
    assert act(head, "open")[0] == 200
    code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}", act(head, "code")[1])
    assert code is not None
    status, told = act(member, "join", code="nonsense")
    assert (status, "nonsense" in told) == (409, True)
    assert "The head sees the sum of your purchases" in act(member, "join", code=code[0])[1]
    assert "Ali" in act(head, "child", child="Ali")[1]
    status, told = act(head, "child", child="A")
    assert (status, "Please write the child" in told) == (422, True)
    own = family_of_person(session, joined.person_id)
    assert own is not None
    status, told = act(head, "limit", member=own.member_id, day_rial="۲۰۰٬۰۰۰", month_rial="100000")
    assert (status, "above that of the month" in told, "۲۰۰٬۰۰۰" in told) == (422, True, True)
    assert "of 200,000" in plain(act(head, "limit", member=own.member_id, day_rial="۲۰۰٬۰۰۰", month_rial="", kinds=["books"])[1])
    assert act(member, "limit", member=own.member_id, day_rial="9")[0] == 403
    assert "The head sees your single purchases" in act(member, "show", shows="yes")[1]
    with statements_sent() as sent:
        assert head.get("/me/family").status_code == 200
    assert len(sent) <= 7
    assert "Join a family" in act(member, "leave")[1]
    assert "Open a family" in act(head, "close")[1]


def test_money_is_moved_once_between_own_cards_and_nothing_typed_is_lost(sign_in: SignIn, session: Session) -> None:
    client, identity = sign_in(Role.PILGRIM)
    first = factories.card(session, person_id=identity.person_id, money_rial=300_000)
    session.commit()
    assert "You have one card only" in client.get("/me/transfer").text
    second = factories.card(session, person_id=identity.person_id)
    session.commit()
    key = re.findall(r'name="key" value="([^"]*)"', client.get("/me/transfer").text)[0]
    form = {"key": key, "source": first.id, "target": second.id, "amount": "۵۰۰٬۰۰۰"}
    short = client.post("/me/transfer", data=form)
    assert (short.status_code, "The bank refused" in short.text, "۵۰۰٬۰۰۰" in short.text) == (409, True, True)
    wrong = client.post("/me/transfer", data=form | {"amount": "many"})
    assert (wrong.status_code, "whole number of Rial" in wrong.text) == (422, True)
    for _ in range(2):
        assert client.post("/me/transfer", data=form | {"amount": "100000"}).status_code == 303
    assert [balances(session, card.wallet_id or 0, clock.now()).money_rial for card in (first, second)] == [200_000, 100_000]


def test_the_desk_opens_a_family_and_hands_out_a_childs_card(sign_in: SignIn, session: Session) -> None:
    desk, _ = sign_in(Role.OPERATOR)
    keystore = factories.keystore()
    person = factories.person(session).id
    card, nameless = factories.card(session, person_id=person), factories.card(session)
    stock = stock_card(session, keystore, ACTOR, uid=bytes(range(4, 11)))
    number, unnamed, new = (keystore.open_card_number(one.number_sealed, one.token) for one in (card, nameless, stock))
    session.commit()

    def post(name: str, **fields: object) -> str:
        return desk.post("/desk/family", data={"act": name, **fields}).text

    assert "There is no card with this number" in post("find", number="12")
    assert "No name stands on this card" in post("find", number=unnamed)
    found = post("find", number=number)
    assert "becomes the head" in found
    assert number not in found
    post("open", card=card.id)
    assert "Zahra" in post("child", card=card.id, child="Zahra")
    family = family_of_person(session, person)
    assert family is not None
    child = re.findall(r'name="member" value="(\d+)"', post("find", number=number))[-1]
    assert "has 19 digits" in post("hand_out", card=card.id, member=child, stock="12")
    assert "Done." in post("hand_out", card=card.id, member=child, stock=" ".join(new))
    assert "of 90,000" in plain(post("limit", card=card.id, member=child, day_rial="90000"))
    assert post("find", number=new).count("Hand out a card") == 2
    assert "Done." in post("remove", card=card.id, member=child)
    assert [one.status for one in cards_of_person(session, person)] == ["active", "active"]
