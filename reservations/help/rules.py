"""What a help card may say, who may ask how often, and what is left of it for a screen. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from cardbank.reasons import Reason
from identity.errors import WrongMobileNumber
from identity.rules import mobile_number
from reservations.errors import HelpFieldNeeded

MOST_CALLED = 40
MOST_LEADER = 80
MOST_ALERT = 100
# A lost-and-found office sees some in an hour; who tries card after card sees the end of it, and the operator sees them.
MOST_AN_HOUR = 12
HOUR = timedelta(hours=1)
# Whose card is stopped or expired may still be lost; a card reported lost is in nobody's right hand.
HELPS_ALTHOUGH = frozenset({Reason.APPROVED, Reason.CARD_BLOCKED, Reason.CARD_EXPIRED})


class Shows(StrEnum):
    NAME = "name"
    LANGUAGE = "language"
    LODGING = "lodging"
    LEADER = "leader"  # name and telephone of whom to call
    ALERT = "alert"  # medical


@dataclass(frozen=True, slots=True)
class Wish:
    """What a holder, or a guardian, wrote: texts as typed. `has_agreed` is the consent without which a card stays off."""

    is_on: bool
    has_agreed: bool
    shows: frozenset[Shows]
    called: str
    leader_name: str
    leader_mobile: str
    alert: str


def checked(wish: Wish) -> Wish:
    """The wish with its texts in order. Raises HelpFieldNeeded and WrongMobileNumber by field."""
    called, leader, alert = (" ".join(text.split()) for text in (wish.called, wish.leader_name, wish.alert))
    for field, text, most in (("called", called, MOST_CALLED), ("leader_name", leader, MOST_LEADER), ("alert", alert, MOST_ALERT)):
        if len(text) > most:
            raise HelpFieldNeeded(field=field, fault="long", most=most)
    if not called:
        raise HelpFieldNeeded(field="called", fault="called", most=MOST_CALLED)
    mobile = _mobile(wish.leader_mobile)
    if wish.is_on:
        _check_what_is_on(wish, mobile, leader, alert)
    return Wish(wish.is_on, wish.has_agreed, wish.shows, called, leader, mobile, alert)


def _mobile(typed: str) -> str:
    if not typed.strip():
        return ""
    try:
        return mobile_number(typed)
    except WrongMobileNumber as refusal:
        raise WrongMobileNumber(field="leader_mobile", fault=refusal.facts.get("fault")) from None


def _check_what_is_on(wish: Wish, mobile: str, leader: str, alert: str) -> None:
    if not wish.has_agreed:
        raise HelpFieldNeeded(field="has_agreed", fault="agree")
    if not wish.shows:
        raise HelpFieldNeeded(field="shows", fault="shows")
    if Shows.LEADER in wish.shows and not (mobile and leader):
        raise HelpFieldNeeded(field="leader_name" if not leader else "leader_mobile", fault="leader")
    if Shows.ALERT in wish.shows and not alert:
        raise HelpFieldNeeded(field="alert", fault="alert")


def told_of(shows: Collection[str], facts: Mapping[str, str]) -> dict[str, str]:
    """Of all facts those that are allowed and known; a leader is a name and a telephone."""
    allowed = set(shows) | ({"mobile"} if Shows.LEADER in shows else set())
    return {name: text for name, text in facts.items() if name in allowed and text}


def first_name(name: str) -> str:
    """What a person is called until they say otherwise."""
    return name.split(maxsplit=1)[0][:MOST_CALLED] if name.split() else ""
