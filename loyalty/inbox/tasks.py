"""Texts are forgotten after a week: they are kept to take each once and to count answers. Words for people stay as long as messages do."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kernel import clock
from kernel.background import Errand, Step
from loyalty.inbox.models import CustomerText

KEPT = timedelta(days=7)
KEPT_WORDS = timedelta(days=90)


def forget_texts(session: Session) -> None:
    is_command = CustomerText.words_sealed.is_(None)
    session.execute(delete(CustomerText).where(is_command, CustomerText.at < clock.now() - KEPT))
    session.execute(delete(CustomerText).where(CustomerText.at < clock.now() - KEPT_WORDS))


def forget_sender(session: Session, person_id: int) -> None:
    """Nothing that somebody wrote stays when they leave for good."""
    session.execute(delete(CustomerText).where(CustomerText.person_id == person_id))


STEPS: Mapping[str, tuple[Step | Errand, float]] = {"forget_texts": (forget_texts, 3_600.0)}
