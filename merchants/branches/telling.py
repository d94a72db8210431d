"""Who runs the shop is told of its branches; who gave no number finds it on the page."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from kernel.languages import in_language
from kernel.messages.rules import Notice
from kernel.messages.services import send
from kernel.messages.texts import Facts
from kernel.settings import load_settings
from merchants.models import Merchant
from merchants.permits.queries import askers_to_tell


def tell(
    session: Session,
    merchant_id: int,
    notice: Notice,
    names: Mapping[str, str],
    occasion: str,
    facts: Facts | None = None,
) -> None:
    """Once for each person and occasion."""
    merchant = session.get_one(Merchant, merchant_id)
    link = f"{load_settings().portal}/branches"
    for person_id, mobile, language in askers_to_tell(session, merchant.organisation_id):
        said = {"name": in_language(names, language), "link": link} | dict(facts or {})
        send(session, notice, mobile, language, said, key=f"{occasion} {person_id}")
