"""Texts are forgotten after a week: they are kept to take each once and to count answers."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kernel import clock
from kernel.background import Errand, Step
from loyalty.inbox.models import CustomerText

KEPT = timedelta(days=7)


def forget_texts(session: Session) -> None:
    session.execute(delete(CustomerText).where(CustomerText.at < clock.now() - KEPT))


STEPS: Mapping[str, tuple[Step | Errand, float]] = {"forget_texts": (forget_texts, 3_600.0)}
