"""What shops do when something below them has changed."""

from sqlalchemy.orm import Session

from kernel.outbox import Handler
from loyalty.events import ProgrammeChanged
from merchants.complaints import handlers as complaints
from merchants.directory import handlers as directory
from merchants.inspections import handlers as inspections
from merchants.onboarding import handlers as onboarding
from merchants.pages import handlers as pages
from merchants.services import announce_programme
from merchants.settlement import handlers as settlement
from merchants.webhooks import handlers as webhooks


def on_programme_changed(session: Session, event: ProgrammeChanged) -> None:
    """Terminal profiles carry the rules of their programme, so they are stale; announcing twice does no harm."""
    announce_programme(session, event.programme_id)


HANDLERS: tuple[tuple[type, Handler], ...] = (
    (ProgrammeChanged, on_programme_changed),
    *complaints.HANDLERS,
    *onboarding.HANDLERS,
    *directory.HANDLERS,
    *inspections.HANDLERS,
    *pages.HANDLERS,
    *settlement.HANDLERS,
    *webhooks.HANDLERS,
)
