"""Words of outages and of how the parts of the platform are, and which outages stand above somebody's pages."""

import time
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from flask_babel import lazy_gettext as lazy
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.db import engine
from merchants.outages.queries import live_outages
from merchants.outages.rules import is_for

SEEN_SECONDS = 10.0  # as long may a process show what was before

PARTS = {
    "card": (lazy("Paying by card"), "credit-card"),
    "till": (lazy("Web till"), "shopping-bag"),
    "portal": (lazy("Portal"), "layout-dashboard"),
    "app": (lazy("App"), "device-mobile"),
    "messages": (lazy("SMS"), "device-mobile"),
    "payouts": (lazy("Payouts to shops"), "wallet"),
}

# The parts that the worker looks at, as people know them.
WATCHED = {
    "portal": (lazy("Portal and app"), "layout-dashboard"),
    "gateway": (lazy("Terminals of shops"), "device-tablet"),
    "teller": (lazy("Card bank"), "credit-card"),
    "messages": (lazy("SMS and e-mail"), "device-mobile"),
    "worker": (lazy("Background work"), "refresh"),
}

STATES = {
    True: (lazy("Works"), "good", "circle-check"),
    False: (lazy("Does not answer"), "bad", "circle-x"),
    None: (lazy("Not known"), "warn", "clock-pause"),
}

KINDS = {"outage": lazy("Something does not work"), "maintenance": lazy("Planned work")}
AUDIENCES = {"all": lazy("Everybody"), "shops": lazy("Shops and staff"), "pilgrims": lazy("Pilgrims")}

SENTENCES = {
    "outage_not_found": lazy("There is no such announcement, or it is over already."),
    "wrong_outage.audience": lazy("Choose whom it affects."),
    "wrong_outage.begins": lazy("Write the day as year/month/day and the hour as 14:30."),
    "wrong_outage.cities": lazy("Tick cities of the list, or none for all of them."),
    "wrong_outage.ends": lazy(
        "The end comes after the beginning and after now, within 60 days: year/month/day and 14:30, or leave it empty."
    ),
    "wrong_outage.far": lazy("It begins within 60 days."),
    "wrong_outage.kind": lazy("Choose what it is."),
    "wrong_outage.long": lazy("A text has at most %(most)s letters."),
    "wrong_outage.none": lazy("Write in Persian what does not work; the other languages may stay empty."),
    "wrong_outage.parts": lazy("Tick parts of the list, or none for all of them."),
}

_seen: WeakKeyDictionary[Engine, tuple[float, Sequence[Any]]] = WeakKeyDictionary()


def outages_for(identity: Identity | None, session: Session | None) -> list[Any]:
    """The live outages that affect somebody. Read every ten seconds, and only where a transaction is open already."""
    read_at, live = _seen.get(engine(), (float("-inf"), []))
    if session is not None and session.in_transaction() and time.monotonic() - read_at > SEEN_SECONDS:
        live = live_outages(session, clock.now())
        _seen[engine()] = (time.monotonic(), live)
    roles = identity.roles if identity else frozenset()
    is_shop, is_operator = not roles <= {Role.PILGRIM}, Role.OPERATOR in roles
    return [one for one in live if is_for(one.audience, is_shop=is_shop, is_operator=is_operator)]


def look_again() -> None:
    """After an announcement this process shows it at once."""
    _seen.pop(engine(), None)
