"""Who may write to the person: allowed and ended one organisation at a time."""

from datetime import UTC, datetime

from msgspec import Struct

from identity import consents
from identity.permissions import Permission
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import NotFound
from kernel.languages import in_language
from kernel.web.visit import Visit
from merchants.customers import senders_of
from mobile_api.contract import operation
from mobile_api.holders import holder_of
from mobile_api.shapes import Id, Instant

TAG = "The person"
OWN = Permission.CARDBANK_BALANCE_VIEW


class Sender(Struct):
    """`since` is when the person let them write, null where they may not."""

    organisation: int
    name: str
    since: Instant | None


class Senders(Struct):
    senders: list[Sender]


_SENDERS = Senders([Sender(12, "صنایع دستی نمونه", datetime(2026, 11, 22, 8, tzinfo=UTC))])


@operation("GET", "/me/senders", tag=TAG, permission=OWN, gives=_SENDERS)
def senders(visit: Visit) -> Senders:
    """Who may write, then who would have to be let: shops bought from within a year, organisations one belongs to."""
    return _senders(visit)


@operation("PUT", "/me/senders/{sender_id}", tag=TAG, permission=OWN, errors=(NotFound,), gives=_SENDERS)
def let_write(visit: Visit, sender_id: Id) -> Senders:
    """Let an organisation write messages to the person, until they end it."""
    consents.agree(visit.session, holder_of(visit), sender_id)
    return _senders(visit)


@operation("DELETE", "/me/senders/{sender_id}", tag=TAG, permission=OWN, gives=_SENDERS)
def end_writing(visit: Visit, sender_id: Id) -> Senders:
    """No message of theirs from now on, also none that waits already."""
    consents.end_agreement(visit.session, holder_of(visit), sender_id)
    return _senders(visit)


def _senders(visit: Visit) -> Senders:
    found = senders_of(visit.session, holder_of(visit).person_id, local_day(clock.now()))
    return Senders([Sender(one.organisation_id, in_language(one.names, visit.language), one.since) for one in found])
