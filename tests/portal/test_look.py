"""A shop's colour and logo: chosen by its owner, seen on its public page and at its till, and taken away again."""

from collections.abc import Callable
from io import BytesIO

from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel.audit import AuditEntry
from kernel.outbox import OutboxEvent
from kernel.settings import load_settings
from merchants.complaints.events import PicturesForgotten
from merchants.complaints.handlers import on_pictures_forgotten
from merchants.look.queries import Look, look_of_shop
from tests.merchants.till.shop import shop

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def picture() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (300, 100), "teal").save(file, "PNG")
    file.seek(0)
    return file


def test_a_look_is_worn_on_page_and_till_until_it_is_taken_away(sign_in: SignIn, visitor: FlaskClient, session: Session) -> None:
    at = shop(session)
    owner, _ = sign_in(Role.MERCHANT, at.merchant.organisation_id)
    page, shop_id = f"/places/{at.branch.place_id}", at.merchant.id
    assert owner.post("/till/shifts", data={"till": at.till.code, "opening": "0"}).status_code == 303
    assert "look-band" not in owner.get("/till").text + visitor.get(page).text

    assert owner.post("/look", data={"accent": "lapis", "logo": (picture(), "l.png")}).status_code == 303
    name = look_of_shop(session, shop_id).logo
    logo = visitor.get(address := f"/shops/logos/{name}.webp")
    assert (logo.mimetype, Image.open(BytesIO(logo.data)).format) == ("image/webp", "WEBP")
    assert "immutable" in logo.headers["Cache-Control"]
    for seen in (visitor.get(page), owner.get("/till"), owner.get("/look?kept=look")):
        assert "look look-lapis" in seen.text
        assert address in seen.text

    refused = owner.post("/look", data={"accent": "rose", "logo": (BytesIO(b"%PDF-1.7"), "l.png")})
    assert refused.status_code == 422
    assert "This is no photo that can be read" in refused.text
    assert 'value="rose" checked' in refused.text
    assert "not on the list" in owner.post("/look", data={"accent": "beige"}).text
    session.expire_all()
    assert look_of_shop(session, shop_id) == Look("lapis", name)

    owner.post("/look", data={"accent": "rose"})
    assert address in visitor.get(page).text
    owner.post("/look", data={"accent": "", "no_logo": "1"})
    assert "look-band" not in visitor.get(page).text
    assert visitor.get(address).status_code == 404
    told = session.scalars(select(OutboxEvent).where(OutboxEvent.name.endswith("PicturesForgotten"))).one()
    on_pictures_forgotten(session, PicturesForgotten(**told.payload))
    assert not (load_settings().documents_folder / name).exists()
    written = session.scalars(select(AuditEntry).where(AuditEntry.subject == "shop look").order_by(AuditEntry.id)).all()
    assert [entry.after for entry in written] == [
        {"accent": "lapis", "logo": name}, {"accent": "rose", "logo": name}, {"accent": None, "logo": None},
    ]  # fmt: skip


def test_another_paper_of_the_store_is_no_logo(visitor: FlaskClient) -> None:
    folder = load_settings().documents_folder
    folder.mkdir(parents=True, exist_ok=True)
    paper = folder / ("a" * 32)
    paper.write_bytes(b"somebody's passport")
    assert visitor.get(f"/shops/logos/{paper.name}.webp").status_code == 404
    paper.unlink()
