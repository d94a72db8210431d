"""The applicant is told by SMS what became of the file; who gave no number finds it in the portal."""

from sqlalchemy.orm import Session

from identity.models import Person
from kernel.messages.rules import Notice
from kernel.messages.services import send
from kernel.messages.texts import Facts
from kernel.outbox import Handler
from kernel.settings import load_settings
from merchants.onboarding.events import ApplicationDecided, LicenceExpired, LicenceExpiresSoon
from merchants.onboarding.models import Application
from merchants.onboarding.notices import LICENCE_ENDED, LICENCE_ENDS_SOON, notice_of


def on_application_decided(session: Session, event: ApplicationDecided) -> None:
    """A file that moved on since is told of under the same number, so nobody hears of one decision twice."""
    file = session.get_one(Application, event.application_id)
    _tell(session, file, notice_of(event.act, event.state), f"{event.act}-{event.state}-{file.version}")


def on_licence_expires_soon(session: Session, event: LicenceExpiresSoon) -> None:
    file = session.get_one(Application, event.application_id)
    _tell(session, file, LICENCE_ENDS_SOON, f"licence-{event.expires_on}-{event.days}", {"days": event.days})


def on_licence_expired(session: Session, event: LicenceExpired) -> None:
    file = session.get_one(Application, event.application_id)
    _tell(session, file, LICENCE_ENDED, f"licence-{event.expires_on}-ended")


def _tell(session: Session, file: Application, notice: Notice, occasion: str, facts: Facts | None = None) -> None:
    person = session.get_one(Person, file.person_id)
    if person.mobile is None:
        return
    link = {"link": f"{load_settings().portal}/applications/{file.id}"}
    send(session, notice, person.mobile, person.language, link | dict(facts or {}), key=f"application-{file.id}-{occasion}")


HANDLERS: tuple[tuple[type, Handler], ...] = (
    (ApplicationDecided, on_application_decided),
    (LicenceExpiresSoon, on_licence_expires_soon),
    (LicenceExpired, on_licence_expired),
)
