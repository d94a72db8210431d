"""A campaign of a town's municipality, right but for what a test says."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from kernel import clock
from kernel.calendar import local_day
from merchants.campaigns.models import CityCampaign
from merchants.campaigns.rules import Wanted
from merchants.campaigns.services import publish_campaign
from tests.merchants.onboarding import files


def said(**changes: object) -> Wanted:
    today = local_day(clock.now())
    usual = Wanted({"fa": "جشنواره", "en": "Festival"}, {"fa": "یک هفته جشن", "en": "A week of joy"}, today, today + timedelta(6))
    return replace(usual, **changes)  # type: ignore[arg-type]


def publish(session: Session, at: files.Town, **changes: object) -> CityCampaign:
    return publish_campaign(session, at.town_officer, at.municipality.id, at.city.id, str(uuid4()), said(**changes))
