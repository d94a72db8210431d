"""A municipality's pages: its zones, works notices and permits, and where everybody reads of them."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import jdatetime
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from merchants.models import Branch
from merchants.permits.models import Permit
from places.models import Zone
from places.zones.rules import outline_lines
from tests import factories
from tests.merchants.onboarding import files
from tests.papers import texts_of
from tests.places.zones.test_services import LON, square
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
NOTICE = {
    "kind": "road",
    "severity": "closed",
    "text_fa": "خیابان بسته است",
    "text_en": "The street is closed",
    "ends": "1405/09/20 18:00",
}


def test_a_zone_is_drawn_changed_and_seen(sign_in: SignIn, session: Session, town: files.Town) -> None:
    clerk, _ = sign_in(Role.MUNICIPALITY, town.municipality.id)
    form = {"key": str(uuid4()), "name_fa": "حرم", "name_en": "Shrine", "outline": outline_lines(square(LON))}
    for change, sentence in (
        ({"name_fa": ""}, "Please write a name"), ({"outline": ""}, "Draw the outline on the map"), ({"outline": "36, 59\nx"}, "The outline cannot be read"),
        ({"outline": "35.7, 51.4\n35.8, 51.4\n35.8, 51.5"}, "60 km from the city"),
    ):  # fmt: skip
        refused = clerk.post("/zones/new", data=form | change)
        assert (refused.status_code, sentence in refused.text, 'value="Shrine"' in refused.text) == (422, True, True), change
    for _ in range(2):
        assert clerk.post("/zones/new", data=form).status_code == 303
    zone = session.query(Zone).one()
    beside = {"key": str(uuid4()), "name_fa": "خاور", "outline": outline_lines(square(LON + 0.015))}
    refused = clerk.post("/zones/new", data=beside)
    assert "cuts into a neighbouring zone" in refused.text
    assert "Shrine" in refused.text
    assert clerk.post("/zones/new", data=beside | {"meant": "1"}).status_code == 303
    assert "36.278000, 59.605700" in clerk.get(f"/zones/{zone.id}").text
    changed = form | {"version": "1", "name_en": "The Shrine"}
    assert clerk.post(f"/zones/{zone.id}", data=changed).status_code == 303
    meanwhile = clerk.post(f"/zones/{zone.id}", data=changed | {"name_en": "Mine"})
    assert (meanwhile.status_code, "Somebody else changed this zone" in meanwhile.text, "Mine" in meanwhile.text) == (
        409,
        True,
        True,
    )
    with statements_sent() as sent:
        page = clerk.get("/zones").text
    assert len(sent) <= 6
    assert "The Shrine" in page
    operator, _ = sign_in(Role.OPERATOR)
    page = operator.get("/zones").text
    assert "The Shrine" in page
    assert f"/zones/{zone.id}" not in page, "the operator reads"


def test_a_notice_stands_where_people_look_until_it_is_over(
    sign_in: SignIn, visitor: FlaskClient, session: Session, town: files.Town
) -> None:
    gate = factories.place(session, kind="gate")
    clerk, _ = sign_in(Role.MUNICIPALITY, town.municipality.id)
    for change, sentence in (
        ({"text_fa": ""}, "Write in Persian what is closed"), ({"ends": ""}, "Write until when"), ({"ends": "soon"}, "Write until when"), ({"begins": "1405/13/01 10:00"}, "Write the day as"),
        ({"zone": "999"}, "not in your city"), ({"kind": ""}, "Choose what it is"), ({"text_en": "x" * 301}, "at most 300 letters"),
    ):  # fmt: skip
        refused = clerk.post("/own-works", data=NOTICE | {"key": str(uuid4())} | change)
        assert (refused.status_code, sentence in refused.text, "خیابان" in refused.text or "text_fa" in change) == (
            422,
            True,
            True,
        ), change
    assert "Works here" in clerk.get(f"/places/{gate.id}").text
    key = str(uuid4())
    for _ in range(2):
        assert clerk.post("/own-works", data=NOTICE | {"key": key, "place": gate.id}).status_code == 303
    for address in ("/works", "/places", f"/places/{gate.id}"):
        page = visitor.get(address).text
        assert page.count("The street is closed") == 1, address
        assert "Works here" not in page
    [told] = visitor.get("/api/v1/works?lang=en").json["works"]
    assert (told["text"], told["severity"], told["place"], told["where"]) == ("The street is closed", "closed", gate.id, "جا")
    answer = visitor.get(f"/api/v1/works?place={gate.id}")
    assert len(answer.json["works"]) == 1
    assert visitor.get(f"/api/v1/works?place={gate.id}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert visitor.get("/api/v1/works?place=999").status_code == 404
    with statements_sent() as sent:
        assert "The street is closed" in clerk.get(f"/own-works?place={gate.id}").text
    assert len(sent) <= 9
    assert clerk.post("/own-works/1/calling-off").status_code == 303
    assert clerk.post("/own-works/1/calling-off").status_code == 404
    assert "The street is closed" not in visitor.get("/works").text
    assert "The street is closed" in clerk.get("/own-works").text, "what is over stays to be read"


def test_another_citys_municipality_sees_nothing_of_it(sign_in: SignIn, session: Session, town: files.Town) -> None:
    gate = factories.place(session, kind="gate")
    stranger, _ = sign_in(Role.MUNICIPALITY)
    assert "Works here" not in stranger.get(f"/places/{gate.id}").text
    for page in ("/zones", "/zones?city=mashhad", "/zones/new", "/own-works?city=mashhad"):
        assert stranger.get(page).status_code == 404


def test_a_permit_is_asked_for_granted_printed_and_checked(
    sign_in: SignIn, visitor: FlaskClient, session: Session, town: files.Town, tmp_path: Path
) -> None:
    file, _ = files.active(session, town, tmp_path)
    shop, _ = sign_in(Role.MERCHANT, file.organisation_id)
    clerk, _ = sign_in(Role.MUNICIPALITY, town.municipality.id)
    branch = session.scalars(select(Branch).where(Branch.merchant_id == file.merchant_id)).one()
    form = {
        "key": str(uuid4()), "kind": "stall", "where": f"branch {branch.id}", "spot": "Two metres before the shop", "words": "Rock sugar",
        "starts_on": jalali(0), "ends_on": jalali(30),
    }  # fmt: skip
    for change, sentence in (
        ({"kind": ""}, "Choose what you ask for"), ({"where": "city 9 9"}, "Choose one of your branches"), ({"spot": ""}, "Write where exactly"), ({"words": ""}, "Write what it is for"),
        ({"starts_on": "soon"}, "The first day is today or later"), ({"ends_on": jalali(-1)}, "The last day comes after"), ({"paper": (BytesIO(b"MZ"), "a.exe")}, "PDF"),
    ):  # fmt: skip
        refused = shop.post("/own-permits", data=form | change)
        assert (refused.status_code, sentence in refused.text, "Two metres" in refused.text or "spot" in change) == (
            422,
            True,
            True,
        ), change
    assert session.scalars(select(Permit)).all() == []
    for _ in range(2):
        assert shop.post("/own-permits", data=form | {"paper": (BytesIO(b"\xff\xd8\xff"), "a.jpg")}).status_code == 303
    permit = session.scalars(select(Permit)).one()
    code, own, here = f"/v/{permit.secret}", f"/own-permits/{permit.id}", f"/permits/{permit.id}"
    assert "it was not granted" in visitor.get(code).text
    assert shop.get(f"{own}/permit.pdf").status_code == 404
    with statements_sent() as sent:
        assert "Street stall" in clerk.get("/permits").text
    assert len(sent) <= 5
    [paper] = re.findall(rf'href="({here}/papers/\d+)"', clerk.get(here).text)
    assert clerk.get(paper).data == b"\xff\xd8\xff"
    refused = clerk.post(f"{here}/decision", data={"act": "refuse", "why": ""})
    assert (refused.status_code, "Write why" in refused.text) == (422, True)
    assert clerk.post(f"{here}/decision", data={"act": "grant", "conditions": "Until ten at night"}).status_code == 303
    again = clerk.post(f"{here}/decision", data={"act": "grant"})
    assert (again.status_code, "decided or given up meanwhile" in again.text) == (409, True)
    assert shop.post(f"{own}/giving-up").status_code == 409
    sheet = shop.get(f"{own}/permit.pdf")
    assert sheet.mimetype == "application/pdf"
    [page] = texts_of(sheet.data)
    assert {"Street stall", "Until ten at night", "Rock sugar"} <= set(page)
    checked = visitor.get(code).text
    assert "Valid" in checked
    assert "Rock sugar" not in checked, "nothing but kind, number, days and where"
    assert "Street stall" in visitor.get(f"/places/{branch.place_id}").text
    assert clerk.post(f"{here}/decision", data={"act": "withdraw", "why": "It blocks the way"}).status_code == 303
    assert "Withdrawn: not valid" in visitor.get(code).text
    assert "It blocks the way" in shop.get(own).text
    unknown = visitor.get("/v/unknown")
    assert (unknown.status_code, "there is no such permit" in unknown.text) == (404, True)
    operator, _ = sign_in(Role.OPERATOR)
    assert "Street stall" in operator.get(here).text
    assert operator.post(f"{here}/decision", data={"act": "grant"}).status_code == 403


def jalali(days: int) -> str:
    return jdatetime.date.fromgregorian(date=local_day(clock.now()) + timedelta(days=days)).strftime("%Y/%m/%d")
