"""The card reader beside the till's computer. The page talks to it on loopback; here the bank gives its part of the tap."""

import re

from flask import g, request
from flask.typing import ResponseReturnValue

from cardbank.reasons import Reason
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput
from kernel.settings import load_settings
from kernel.web.routes import route
from merchants.rules import TerminalProfile
from merchants.sales.counter import at_once, counter_office
from merchants.sales.rules import CardClaim
from merchants.sales.services import begin_tap
from merchants.till import queries
from merchants.till.errors import ShiftNotFound
from merchants.till.services.selling import profile_of
from portal import till_words, words
from portal.blueprint import blueprint

OPERATE = Permission.MERCHANTS_TILL_OPERATE
TAG_UID = re.compile("(?:[0-9a-f]{2}){4,10}")
MOST_SAID = 8
UID_BYTES, CHALLENGE_BYTES = 7, 16
ID_BYTES, ANSWER_BYTES = 8, 32


@route(blueprint, "/till/challenge", permission=OPERATE, methods=["POST"])
def till_challenge(visit: Visit) -> ResponseReturnValue:
    """The bank's part for a card at the reader; a fault is a sentence. Whose card it is, an unproven card does not say."""
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    if shift is None:
        raise ShiftNotFound
    return begin_card(visit, profile_of(visit.session, shift.code))


def begin_card(visit: Visit, terminal: TerminalProfile) -> ResponseReturnValue:
    """The bank's part for the card that the page says began at this terminal's reader. Raises BadInput."""
    uid, card_challenge = _bytes("uid", UID_BYTES), _bytes("challenge", CHALLENGE_BYTES)
    made = at_once(begin_tap(counter_office(visit.session, load_settings()), terminal, uid, card_challenge))
    if isinstance(made, Reason):
        return {"fault": f"{words.REASONS[made]}. {till_words.remedy(made)}"}, 409
    return {"challenge": made.id.hex(), "part2": made.part2.hex()}


def reader_origin() -> str:
    """Where the reader's program listens on the computer of whoever sees this page; the page may connect there."""
    g.connects_to = f"http://127.0.0.1:{load_settings().till_reader_port}"
    return str(g.connects_to)


def tag_read() -> tuple[str, list[str]]:
    """The UID of a tag on goods and what the tag says. Some telephones tell no UID. Raises BadInput for what no reader says."""
    uid, says = request.args.get("tag", ""), request.args.getlist("says")[:MOST_SAID]
    if not (TAG_UID.fullmatch(uid) or (says and not uid)):
        raise BadInput(field="tag")
    return uid, says


def tapped() -> CardClaim | None:
    """The card that answered the bank through the page; None where none did. Raises BadInput for what no reader said."""
    if not request.form.get("challenge"):
        return None
    return CardClaim(challenge_id=_bytes("challenge", ID_BYTES), card_answer=_bytes("card-answer", ANSWER_BYTES))


def _bytes(name: str, length: int) -> bytes:
    """Raises BadInput."""
    try:
        found = bytes.fromhex(request.form.get(name, ""))
    except ValueError:
        raise BadInput(field=name) from None
    if len(found) != length:
        raise BadInput(field=name)
    return found
