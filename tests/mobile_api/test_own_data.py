from base64 import b64decode
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from identity.models import Document, Membership, Person, SignIn
from identity.permissions import Role
from kernel.audit import AuditEntry
from kernel.settings import load_settings
from merchants.complaints import queries as complaint_queries
from merchants.complaints.rules import Audience, Party
from merchants.complaints.services.complaining import Said, add_picture, complain
from merchants.complaints.services.forgetting import forget_complainant
from merchants.complaints.services.thread import note
from merchants.onboarding.adapters.folder import FolderStore
from merchants.onboarding.errors import PaperNotFound
from tests import factories
from tests.merchants.complaints.case import case
from tests.mobile_api.conftest import Caller
from tests.mobile_api.test_bookings import asked, room  # noqa: F401 - a fixture
from wsgi import make_relay

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
    assert [(one["wallet"], [entry["amount_rial"] for entry in one["entries"]]) for one in told["wallets"]] == [
        (held.wallet_id, [700_000])
    ]
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
    caller: Callable[..., Caller],
    bank_session: Session,
    room: object,  # noqa: F811 - the fixture
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


def test_complaints_are_taken_along_with_photos_and_forgotten_with_the_person(
    caller: Callable[..., Caller], bank_session: Session
) -> None:
    holder = caller()
    made = case(bank_session, holder.identity.person_id)
    complaint = complain(
        bank_session,
        made.subject(bank_session),
        Said(str(uuid4()), "overcharge", "گران بود", "09151234567"),
        identity=holder.identity,
    )
    store = FolderStore(load_settings().documents_folder)
    name = add_picture(bank_session, store, complaint, b"%PDF-1.4\nlabel\n").name
    note(bank_session, complaint, str(uuid4()), made.inspector.actor, Party.UNION, "note", "secret of the office", Audience.OFFICE)
    bank_session.commit()
    export = holder.get("/me/export")
    [told] = export.json["complaints"]
    assert (told["complaint"]["complaint"]["complaint"], told["words"], told["mobile"]) == (
        complaint.id,
        "گران بود",
        "+989151234567",
    )
    assert b64decode(told["photos"][0]["content"]) == b"%PDF-1.4\nlabel\n"
    assert "secret of the office" not in export.text
    forget_complainant(bank_session, holder.identity.person_id)
    bank_session.commit()
    bank_session.expire_all()
    assert (complaint.person_id, complaint.mobile_sealed, complaint.words) == (None, None, "گران بود")
    assert complaint_queries.pictures_of(bank_session, complaint.id) == []
    assert not any(
        one.sign_in_id
        for one in complaint_queries.notes_of(bank_session, complaint.id, Party.COMPLAINANT)
        if one.party == Party.COMPLAINANT
    )
    assert store.get(name), "the file goes after the row, when the event is delivered"
    relay = make_relay()
    relay.deliver(bank_session)
    with pytest.raises(PaperNotFound):
        store.get(name)
