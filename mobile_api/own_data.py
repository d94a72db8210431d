"""Taking one's data along, and leaving for good."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from cardbank.cards.queries import cards_of_person
from cardbank.errors import CardHoldsMoney
from cardbank.families.errors import HasFamily
from cardbank.families.queries import members_seen
from cardbank.statements import LONGEST_PERIOD, statement
from identity.erasure import Agreed, OwnData, Paper, Seen, Told, own_data
from identity.permissions import Permission
from kernel import clock
from kernel.calendar import local_day
from kernel.settings import load_settings
from kernel.web.limits import Limit
from kernel.web.visit import Visit
from merchants.complaints.queries import complaints_of_person, pictures_of
from merchants.complaints.services.thread import mobile_of
from merchants.onboarding.adapters.folder import FolderStore
from merchants.onboarding.errors import PaperNotFound
from mobile_api.bookings import Booking, booking_of_row
from mobile_api.complaints import WholeComplaint, whole_complaint
from mobile_api.contract import operation
from mobile_api.first_cards import FirstCard, told_of
from mobile_api.help_cards import HelpCard, HelpView, card_of, view_of
from mobile_api.holders import holder_of, wallets_of
from mobile_api.shapes import Id, Instant
from mobile_api.wallets import CardOfWallet, Entry, entries_of
from reservations.bookings.queries import bookings_of
from reservations.errors import BookingsOpen, RolesHeld
from reservations.help.queries import views_of
from reservations.leaving import leave_for_good

TAG = "The person"
OWN = Permission.CARDBANK_BALANCE_VIEW
A_PAGE = 500
MOST_PHOTO_BYTES = 30_000_000
# Years of entries are read for each.
EXPORTS = Limit("export", 3)


class Moves(Struct):
    wallet: Id
    entries: list[Entry]


class Photo(Struct):
    """`content` is the file in base64; null for what is beyond 30 megabytes in all, the newest complaints first, and for a lost one."""

    media_type: str
    at: Instant
    sha256: str
    content: bytes | None


class OwnComplaint(Struct):
    """A complaint as the person reads it, with the own number that news go to and the own photos."""

    complaint: WholeComplaint
    words: str
    mobile: str | None
    photos: list[Photo]


class Export(Struct):
    """Everything that is kept of the person: who they are, their cards and the first one asked for, every entry of their wallets,
    their bookings, their complaints with photos, their help card and who asked for it.
    """

    at: datetime
    person: OwnData
    cards: list[CardOfWallet]
    first_cards: list[FirstCard]
    wallets: list[Moves]
    bookings: list[Booking]
    complaints: list[OwnComplaint]
    help_card: HelpCard
    help_views: list[HelpView]


class Farewell(Struct, forbid_unknown_fields=True):
    confirm: Literal["erase me"]


_AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
_DATA = OwnData(
    {"fa": "زهرا احمدی"}, "fa", None, "+989151234567", "zahra@example.org", "email", None, _AT, "zahra", [Paper("passport", "IRQ", "A7654321")], [],
    ["pilgrim"],
    [Seen("firefox/android", _AT, _AT)], [Told("password_changed", _AT)], [Agreed("صنایع دستی نمونه", _AT)],
)  # fmt: skip
_HELP = HelpCard(False, [], "زهرا", "", "", "")


@operation(
    "GET",
    "/me/export",
    tag=TAG,
    permission=OWN,
    limit=EXPORTS,
    gives=Export(_AT, _DATA, [], [], [Moves(44, [])], [], [], _HELP, []),
)
def export(visit: Visit) -> Export:
    """Everything that is kept of the person, numbers whole but for cards'."""
    holder = holder_of(visit)
    return Export(
        at=clock.now(),
        person=own_data(visit.session, holder),
        cards=[
            CardOfWallet(one.masked, one.status.value, one.expires_on) for one in cards_of_person(visit.session, holder.person_id)
        ],
        first_cards=told_of(visit, holder.person_id),
        wallets=[Moves(wallet_id, list(_entries(visit, wallet_id))) for wallet_id in wallets_of(visit, holder.person_id)],
        bookings=list(_bookings(visit, holder.person_id)),
        complaints=list(_complaints(visit, holder.person_id)),
        help_card=card_of(visit, holder.person_id),
        help_views=list(_help_views(visit, holder.person_id)),
    )


@operation(
    "POST", "/me/erasure", tag=TAG, permission=OWN, status=204, keeps_key=False, errors=(RolesHeld, HasFamily, BookingsOpen, CardHoldsMoney),
    asks=Farewell("erase me"),
)  # fmt: skip
def erase(visit: Visit, body: Farewell) -> None:
    """Close the cards, forget who the person is, and end every sign-in.

    Nothing may be open: no money on a card, no booking. What the books need stays, under no name.
    """
    leave_for_good(visit.session, holder_of(visit))


def _entries(visit: Visit, wallet_id: int) -> Iterator[Entry]:
    """The newest first, a year at a time, until a whole year held nothing."""
    last = local_day(clock.now())
    members = members_seen(visit.session, holder_of(visit).person_id, wallet_id)
    while True:
        first, before, found = last - LONGEST_PERIOD, None, 0
        while True:
            page = statement(visit.session, wallet_id, first, last, before=before, most=A_PAGE, members=members)
            yield from entries_of(visit, page.lines)
            found, before = found + len(page.lines), page.older
            if before is None:
                break
        if not found:
            return
        last = first - timedelta(days=1)


def _bookings(visit: Visit, person_id: int) -> Iterator[Booking]:
    after = None
    while rows := bookings_of(visit.session, person_id, clock.now(), after=after, limit=A_PAGE):
        yield from (booking_of_row(row, visit.language) for row in rows)
        after = rows[-1].booking.id


def _complaints(visit: Visit, person_id: int) -> Iterator[OwnComplaint]:
    store, room, after = FolderStore(load_settings().documents_folder), MOST_PHOTO_BYTES, 0
    while rows := complaints_of_person(visit.session, person_id, after=after, limit=A_PAGE):
        for row in rows:
            photos = []
            for one in pictures_of(visit.session, row.complaint.id):
                room -= one.size_bytes
                content = _kept(store, one.name) if room >= 0 else None
                photos.append(Photo(one.media_type, one.at, one.sha256.hex(), content))
            yield OwnComplaint(whole_complaint(visit, row), row.complaint.words, mobile_of(row.complaint), photos)
        after = rows[-1].complaint.id


def _kept(store: FolderStore, name: str) -> bytes | None:
    """A file that was lost does not keep the rest from its owner."""
    try:
        return store.get(name)
    except PaperNotFound:
        return None


def _help_views(visit: Visit, person_id: int) -> Iterator[HelpView]:
    before = None
    while rows := views_of(visit.session, person_id, before=before, limit=A_PAGE):
        yield from (view_of(row, visit.language) for row in rows)
        before = rows[-1].view.id
