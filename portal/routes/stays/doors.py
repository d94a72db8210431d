"""A door: letting in by card or pass, and what it needs when its network is gone: a list to take along, notes to bring back."""

import base64
from datetime import datetime

import msgspec
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import signing
from kernel.errors import DomainError, NotFound
from kernel.web.routes import route
from portal import words
from portal.blueprint import blueprint
from portal.lists import download
from portal.routes.onboarding.forms import uploaded
from portal.routes.stays.letting_in import door_page
from reservations.bookings.services import doors
from reservations.bookings.services.doors import Entered
from reservations.errors import WrongList

OPERATE = Permission.RESERVATIONS_DESK_OPERATE


class Notes(msgspec.Struct):
    """The file of a door."""

    door: str
    list_made_at: datetime
    entries: list[Entered]


@route(blueprint, "/front-desk/door", permission=OPERATE)
def door(visit: Visit) -> ResponseReturnValue:
    return door_page(visit)


@route(blueprint, "/front-desk/door/list", permission=OPERATE)
def door_list(visit: Visit) -> ResponseReturnValue:
    """The bookings of a day as JSON: `list` is what was signed, byte for byte."""
    made, signature = doors.door_list(visit.session, _house(visit))
    told = {
        "list": msgspec.json.encode(made).decode(),
        "signature": base64.b64encode(signature).decode(),
        "list_key": base64.b64encode(signing.public_key(doors.LIST_PURPOSE)).decode(),
        "pass_key": base64.b64encode(signing.public_key(doors.PURPOSE)).decode(),
        "live_pass_key": base64.b64encode(signing.public_key(doors.LIVE_PURPOSE)).decode(),
    }
    answer = download(msgspec.json.encode(told), "application/json", f"door-{made.made_at:%Y%m%d-%H%M}.json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@route(blueprint, "/front-desk/door", permission=OPERATE, methods=["POST"], takes_files=True)
def reconcile_door(visit: Visit) -> ResponseReturnValue:
    try:
        notes = _notes()
        found = doors.reconcile(visit.session, visit.identity, _house(visit), notes.door, notes.list_made_at, notes.entries)
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        visit.session.rollback()
        return door_page(visit, notes_fault=words.error_sentence(refusal.code, refusal.facts)), refusal.status
    return door_page(visit, found=found)


def _notes() -> Notes:
    """Raises WrongList for what is no file of a door, or names an hour without its zone."""
    try:
        notes = msgspec.json.decode(uploaded("notes"), type=Notes)
    except msgspec.MsgspecError:
        raise WrongList(field="notes", line=1) from None
    for one in notes.entries:
        if one.entered_at.tzinfo is None:
            raise WrongList(field="notes", line=one.number)
    if notes.list_made_at.tzinfo is None:
        raise WrongList(field="notes", line=0)
    return notes


def _house(visit: Visit) -> int:
    """Raises NotFound for who works in no house."""
    houses = sorted(visit.identity.organisations(OPERATE) or ())
    if not houses:
        raise NotFound
    return houses[0]
