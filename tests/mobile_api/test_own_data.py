from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from identity.models import Document, Membership, Person, SignIn
from identity.permissions import Role
from kernel.audit import AuditEntry
from tests import factories
from tests.mobile_api.conftest import Caller
from tests.mobile_api.test_bookings import asked, room  # noqa: F401 - a fixture

LEAVE = {"confirm": "erase me"}


def known(bank_session: Session, holder: Caller) -> Person:
    person = bank_session.get_one(Person, holder.identity.person_id)
    person.mobile = "+989151234567"
    bank_session.add(Document(person_id=person.id, kind="passport", country="IRQ", number=f"A{person.id:07d}"))
    bank_session.commit()
    return person


def test_an_export_holds_everything_that_is_kept(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder, other = caller(), caller()
    person = known(bank_session, holder)
    held = factories.card(bank_session, person_id=person.id, money_rial=700_000)
    bank_session.commit()
    told = holder.get("/me/export").json
    assert (told["person"]["mobile"], told["person"]["documents"][0]["number"]) == ("+989151234567", f"A{person.id:07d}")
    assert told["cards"] == [{"masked": held.masked, "status": "active", "expires_on": held.expires_on.isoformat()}]
    assert [(one["wallet"], [entry["amount_rial"] for entry in one["entries"]]) for one in told["wallets"]] == [(held.wallet_id, [700_000])]
    assert other.get("/me/export").json["wallets"] == []
    assert bank_session.scalars(select(AuditEntry).filter_by(act="export", subject_id=str(person.id))).one()


def test_who_leaves_is_forgotten_and_every_sign_in_ends(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller()
    person = known(bank_session, holder)
    held = factories.card(bank_session, person_id=person.id)
    bank_session.commit()
    assert holder.write("POST", "/me/erasure", {"confirm": "yes"}).json["facts"] == {"field": "confirm"}
    assert holder.write("POST", "/me/erasure", LEAVE).status_code == 204
    bank_session.expire_all()
    assert (person.mobile, person.birth_date, person.names["en"]) == (None, None, "Former pilgrim")
    for table in (Document, Membership):
        assert bank_session.scalar(select(table.id).where(table.person_id == person.id)) is None
    assert bank_session.get_one(Card, held.id).status == "refunded"
    assert bank_session.scalars(select(SignIn).filter_by(person_id=person.id)).one().closed_at is not None
    assert holder.get("/me").json["code"] == "token_refused"


def test_nobody_leaves_while_something_is_open(
    caller: Callable[..., Caller], bank_session: Session, room: object  # noqa: F811 - the fixture
) -> None:
    holder, cashier = caller(), caller(Role.PILGRIM)
    factories.identity.add_member(
        bank_session, factories.ACTOR, cashier.identity.person_id, Role.CASHIER, factories.organisation(bank_session).id
    )
    bank_session.commit()
    assert cashier.write("POST", "/me/erasure", LEAVE).json["code"] == "roles_held"
    number = holder.write("POST", "/bookings", asked(room)).json["booking"]["booking"]
    assert holder.write("POST", "/me/erasure", LEAVE).json["code"] == "bookings_open"
    holder.write("POST", f"/bookings/{number}/cancel")
    factories.card(bank_session, person_id=holder.identity.person_id, money_rial=1_000)
    bank_session.commit()
    refused = holder.write("POST", "/me/erasure", LEAVE)
    assert (refused.status_code, refused.json["code"]) == (409, "card_holds_money")
    assert holder.get("/cards").json["cards"][0]["status"] == "active"
    assert bank_session.get_one(Person, holder.identity.person_id, populate_existing=True).names["fa"] != "زائر پیشین"
