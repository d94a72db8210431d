"""Campaigns: published by the municipality, joined by a shop at one press, read by everybody."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from merchants.campaigns.models import CityCampaign
from merchants.models import Branch
from tests.merchants.onboarding import files
from tests.portal.conftest import statements_sent
from tests.portal.test_municipality import jalali

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def test_a_campaign_is_published_joined_shown_and_called_off(
    sign_in: SignIn, visitor: FlaskClient, session: Session, tmp_path: Path
) -> None:
    town = files.town(session)
    file, _ = files.active(session, town, tmp_path)
    branch = session.scalars(select(Branch).where(Branch.merchant_id == file.merchant_id)).one()
    clerk, _ = sign_in(Role.MUNICIPALITY, town.municipality.id)
    shop, _ = sign_in(Role.MERCHANT, file.organisation_id)
    form = {
        "key": str(uuid4()), "title_fa": "هفتهٔ زعفران", "title_en": "Saffron week", "text_fa": "یک هفته", "text_en": "Seven days of saffron",
        "starts_on": jalali(1), "ends_on": (local_day(clock.now()) + timedelta(7)).isoformat(), "kind": "saffron",
    }  # fmt: skip
    for change, sentence in (
        ({"title_fa": ""}, "Write this in Persian"), ({"text_fa": ""}, "Write this in Persian"), ({"title_en": "Saffron week" * 9}, "At most 80 letters"),
        ({"starts_on": "soon"}, "The first day is today or within 180 days"), ({"ends_on": jalali(0)}, "The last day is not before the first"),
        ({"zone": "999"}, "This zone is not in your city"), ({"kind": "x"}, "Choose a kind of shop"),
    ):  # fmt: skip
        refused = clerk.post("/own-campaigns", data=form | change)
        assert (refused.status_code, sentence in refused.text, "Saffron week" in refused.text) == (422, True, True), change
    for _ in range(2):
        assert clerk.post("/own-campaigns", data=form).status_code == 303
    campaign = session.scalars(select(CityCampaign)).one()
    page, place, join = (
        f"/campaigns/{campaign.id}",
        f"/places/{branch.place_id}",
        f"/shop-campaigns/{campaign.id}/{file.merchant_id}",
    )
    assert "Begins soon" in visitor.get("/campaigns").text
    assert "Saffron week" in visitor.get("/places").text
    for _ in range(2):
        assert shop.post(f"{join}/leaving").status_code == 303
        assert shop.post(join).status_code == 303
    assert "You take part" in shop.get("/shop-campaigns").text
    assert place in visitor.get(page).text
    assert "Saffron week" not in visitor.get(place).text, "it has not begun"

    a_day_passes(session)
    assert "Saffron week" in visitor.get(place).text
    refused = shop.post(f"{join}/leaving")
    assert (refused.status_code, "It has begun" in refused.text) == (409, True)
    [told] = visitor.get("/api/v1/campaigns?lang=en").json["campaigns"]
    assert (told["title"], told["standing"], told["shop_kind"], told["where"], told["shops"]) == (
        "Saffron week",
        "running",
        "saffron",
        None,
        1,
    )
    answer = visitor.get("/api/v1/campaigns")
    assert visitor.get("/api/v1/campaigns", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    for client, address, most in (
        (visitor, "/campaigns", 3),
        (visitor, page, 2),
        (clerk, "/own-campaigns", 7),
        (shop, "/shop-campaigns", 4),
    ):
        with statements_sent() as sent:
            assert "Saffron week" in client.get(address).text
        assert len(sent) <= most, (address, len(sent))
    own = f"/own-campaigns/{campaign.id}"
    assert "It stands here when" in clerk.get(own).text

    a_day_passes(session)
    stranger, _ = sign_in(Role.MUNICIPALITY)
    assert stranger.post(f"{own}/calling-off").status_code == 404
    assert clerk.post(f"{own}/calling-off").status_code == 303
    assert clerk.post(f"{own}/calling-off").status_code == 404
    assert shop.post(join).status_code == 404
    assert "Called off" in visitor.get(page).text
    assert visitor.get("/api/v1/campaigns").json["campaigns"] == []
    assert "Fewer than 3 shops sold" in clerk.get(own).text
    assert "Saffron week" not in visitor.get(place).text


def a_day_passes(session: Session) -> None:
    """For the campaigns: sessions would be over if the clock went on."""
    session.execute(update(CityCampaign).values(starts_on=CityCampaign.starts_on - 1, ends_on=CityCampaign.ends_on - 1))
    session.commit()
