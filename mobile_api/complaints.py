"""Complaining of a purchase, and what has come of it."""

from datetime import UTC, date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from cardbank.statements import receipt
from identity.errors import WrongMobileNumber
from identity.permissions import Permission
from kernel.errors import BadInput, NotFound
from kernel.languages import in_language
from kernel.settings import load_settings
from kernel.web.limits import Limit
from kernel.web.visit import Visit
from merchants.complaints import queries
from merchants.complaints.errors import (
    ComplaintMovedOn,
    ComplaintNotFound,
    ComplaintPicturesFull,
    ComplaintsNotTaken,
    ComplaintStands,
    ComplaintWordsMissing,
)
from merchants.complaints.queries import ComplaintRow
from merchants.complaints.rules import MOST_PICTURES, MOST_WORDS, Cause, Party, State
from merchants.complaints.services import complaining
from merchants.complaints.services.complaining import Said
from merchants.complaints.subjects import subject_of_purchase
from merchants.onboarding.adapters.folder import FolderStore
from merchants.onboarding.errors import PaperIsEmpty, PaperOfUnknownType, PaperTooLarge
from merchants.onboarding.ports import PaperStore
from mobile_api.answers import File
from mobile_api.contract import key_of_request, operation
from mobile_api.holders import holder_of, wallets_of
from mobile_api.shapes import Cursor, Id, Instant, Rial, Typed

TAG = "Complaints"
MAKE = Permission.MERCHANTS_COMPLAINT_MAKE
WRITES = Limit("complaints", 20)
A_PAGE = 20
MOST_BYTES = 12_000_000  # of a request with pictures, which grow by a third in Base64
NO_PICTURE = (PaperIsEmpty, PaperOfUnknownType, PaperTooLarge)

Words = Annotated[str, Meta(max_length=MOST_WORDS)]


class Complaint(Struct):
    """`answer_by` is null while the complainant is waited for and once it is decided."""

    complaint: Id
    shop: str
    cause: Cause
    state: State
    opened_at: Instant
    answer_by: Instant | None
    entry: str | None
    amount_rial: Rial | None
    answer: str | None


class Complaints(Struct):
    complaints: list[Complaint]
    next: str | None


class Note(Struct):
    """`by`: complainant, shop, union, municipality or system."""

    at: Instant
    by: Party
    act: str
    words: str


class Picture(Struct):
    """`href` opens it, for the holder alone."""

    picture: Id
    media_type: Annotated[str, Meta(description="image/jpeg, image/png or application/pdf")]
    size_bytes: int
    at: Instant
    href: str


class WholeComplaint(Struct):
    """`refunded_rial` went to the card by order of the union."""

    complaint: Complaint
    refunded_rial: Rial
    notes: list[Note]
    pictures: list[Picture]


class NewComplaint(Struct, forbid_unknown_fields=True):
    """`entry` is that of the receipt; a mobile number gets news by SMS. `pictures` are JPEG, PNG or PDF in Base64."""

    entry: Typed
    cause: Cause
    words: Words = ""
    mobile: Typed = ""
    pictures: Annotated[list[bytes], Meta(max_length=MOST_PICTURES)] = []


class NewPicture(Struct, forbid_unknown_fields=True):
    """JPEG, PNG or PDF in Base64, up to 5 MB. A photo is kept without what it says of place, time and camera."""

    picture: bytes


class Reply(Struct, forbid_unknown_fields=True):
    words: Words


class Page(Struct):
    cursor: Cursor | None = None


_AT = datetime(2026, 11, 22, 11, 2, 52, tzinfo=UTC)
_ONE = Complaint(
    7,
    "زعفران نمونه",
    Cause.OVERCHARGE,
    State.IN_PROGRESS,
    _AT,
    datetime(2026, 11, 25, 11, 2, 52, tzinfo=UTC),
    "2026-11-22-2048",
    400_000,
    None,
)
_NOTE = Note(_AT, Party.COMPLAINANT, "complain", "گران‌تر از برچسب بود")
_PICTURE = Picture(3, "image/jpeg", 48_210, _AT, "/api/v1/complaints/7/pictures/3")
_WHOLE = WholeComplaint(_ONE, 0, [_NOTE], [_PICTURE])


@operation("GET", "/complaints", tag=TAG, permission=MAKE, gives=Complaints([_ONE], None))
def complaints(visit: Visit, query: Page) -> Complaints:
    """What the holder complained of, the newest first."""
    try:
        after = int(query.cursor) if query.cursor else 0
    except ValueError:
        raise BadInput(field="cursor") from None
    if not 0 <= after < 2**63:
        raise BadInput(field="cursor")
    found = queries.complaints_of_person(visit.session, holder_of(visit).person_id, after=after, limit=A_PAGE + 1)
    shown = [_told(row, visit.language) for row in found[:A_PAGE]]
    return Complaints(shown, str(shown[-1].complaint) if len(found) > A_PAGE else None)


@operation(
    "POST", "/complaints", tag=TAG, permission=MAKE, status=201, limit=WRITES, asks=NewComplaint("2026-11-22-2048", Cause.OVERCHARGE), gives=_ONE,
    errors=(NotFound, WrongMobileNumber, ComplaintStands, ComplaintsNotTaken, ComplaintNotFound, *NO_PICTURE), largest_bytes=MOST_BYTES,
)  # fmt: skip
def complain(visit: Visit, body: NewComplaint) -> Complaint:
    """Complain of one of the holder's own purchases; it goes to the union of the shop's trade."""
    day, number = _entry(body.entry)
    holder = holder_of(visit)
    if receipt(visit.session, day, number).wallet_id not in wallets_of(visit, holder.person_id):
        raise NotFound(entry=number)
    said = Said(key_of_request(visit), body.cause, body.words, body.mobile, visit.language)
    made = complaining.complain(visit.session, subject_of_purchase(visit.session, day, number), said, identity=holder)
    for content in body.pictures:
        _keep(visit, made.id, content, "pictures")
    return _told(ComplaintRow(made, queries.shop_names(visit.session, made)), visit.language)


@operation("GET", "/complaints/{complaint_id}", tag=TAG, permission=MAKE, errors=(ComplaintNotFound,), gives=_WHOLE)
def complaint(visit: Visit, complaint_id: Id) -> WholeComplaint:
    """One of the holder's complaints, with what was said that is meant for them."""
    return _whole(visit, complaint_id)


@operation(
    "POST", "/complaints/{complaint_id}/replies", tag=TAG, permission=MAKE, status=201, limit=WRITES, asks=Reply("برچسب را دارم"), gives=_WHOLE,
    errors=(ComplaintNotFound, ComplaintMovedOn, ComplaintWordsMissing),
)  # fmt: skip
def reply_to_complaint(visit: Visit, complaint_id: Id, body: Reply) -> WholeComplaint:
    """Answer a question, or add something; the clock of the answer goes on."""
    holder = holder_of(visit)
    held = queries.of_person(visit.session, holder.person_id, complaint_id, lock=True)
    complaining.reply(visit.session, held, key_of_request(visit), body.words, identity=holder)
    return _whole(visit, complaint_id)


@operation(
    "POST", "/complaints/{complaint_id}/pictures", tag=TAG, permission=MAKE, status=201, limit=WRITES, asks=NewPicture(b"\xff\xd8\xff\xe0"), gives=_WHOLE,
    errors=(ComplaintNotFound, ComplaintMovedOn, ComplaintPicturesFull, *NO_PICTURE), largest_bytes=MOST_BYTES,
)  # fmt: skip
def add_picture_to_complaint(visit: Visit, complaint_id: Id, body: NewPicture) -> WholeComplaint:
    """Add a photo or a paper, while the complaint is open. The same again is the same picture."""
    _keep(visit, complaint_id, body.picture, "picture")
    return _whole(visit, complaint_id)


@operation("GET", "/complaints/{complaint_id}/pictures/{picture_id}", tag=TAG, permission=MAKE, errors=(ComplaintNotFound,))
def picture_of_complaint(visit: Visit, complaint_id: Id, picture_id: Id) -> File:
    """One of the holder's pictures, as it is kept."""
    found = queries.picture_of(
        visit.session, queries.of_person(visit.session, holder_of(visit).person_id, complaint_id), picture_id
    )
    return File(_store().get(found.name), found.media_type)


def _keep(visit: Visit, complaint_id: int, content: bytes, field: str) -> None:
    """What is wrong with a picture is told of the field it came in."""
    held = queries.of_person(visit.session, holder_of(visit).person_id, complaint_id, lock=True)
    try:
        complaining.add_picture(visit.session, _store(), held, content)
    except BadInput as refusal:
        refusal.facts["field"] = field
        raise


def _store() -> PaperStore:
    return FolderStore(load_settings().documents_folder)


def _whole(visit: Visit, complaint_id: int) -> WholeComplaint:
    found = queries.of_person(visit.session, holder_of(visit).person_id, complaint_id)
    return whole_complaint(visit, ComplaintRow(found, queries.shop_names(visit.session, found)))


def whole_complaint(visit: Visit, row: ComplaintRow) -> WholeComplaint:
    """As its complainant reads it."""
    number = row.complaint.id
    order = queries.order_of(visit.session, number)
    notes = [
        Note(one.at, Party(one.party), one.act, one.words) for one in queries.notes_of(visit.session, number, Party.COMPLAINANT)
    ]
    refunded = order.amount_rial if order is not None and order.paid_at is not None else 0
    pictures = [
        Picture(one.id, one.media_type, one.size_bytes, one.at, f"/api/v1/complaints/{number}/pictures/{one.id}")
        for one in queries.pictures_of(visit.session, number)
    ]
    return WholeComplaint(_told(row, visit.language), refunded, notes, pictures)


def _told(row: ComplaintRow, language: str) -> Complaint:
    one = row.complaint
    is_running = one.closed_at is None and one.waiting_since is None
    return Complaint(
        complaint=one.id,
        shop=in_language(row.shop_names, language),
        cause=Cause(one.cause),
        state=State(one.state),
        opened_at=one.opened_at,
        answer_by=one.due_at if is_running else None,
        entry=f"{one.business_date.isoformat()}-{one.entry_id}" if one.business_date is not None else None,
        amount_rial=one.amount_rial,
        answer=one.answer,
    )


def _entry(text: str) -> tuple[date, int]:
    """`2026-11-22-2048`: business day and number. Raises NotFound."""
    day, number = text[:10], text[11:]
    try:
        named = date.fromisoformat(day), int(number)
    except ValueError:
        raise NotFound(entry=text) from None
    if text[10:11] != "-" or not number.isascii() or not 0 < named[1] < 2**63:
        raise NotFound(entry=text)
    return named
