"""A works notice of a town's municipality, right but for what a test says."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from kernel import clock
from merchants.works.models import WorksNotice
from merchants.works.rules import Wanted
from merchants.works.services import publish_works
from tests.merchants.onboarding import files


def said(**changes: object) -> Wanted:
    now = clock.now()
    usual = Wanted("road", "much", {"fa": "خیابان بسته است", "en": "The street is closed"}, now, now + timedelta(days=2))
    return replace(usual, **changes)  # type: ignore[arg-type]


def publish(session: Session, at: files.Town, **changes: object) -> WorksNotice:
    return publish_works(session, at.town_officer, at.municipality.id, at.city.id, str(uuid4()), said(**changes))
