"""How the reader of a page counts days: as chosen for the account, else as the language is used to."""

from typing import cast

from flask import g

from identity.visits import OpenVisit
from kernel.calendar import Calendar, Reckoning
from kernel.moon import COMPUTED
from places.moon.queries import moon


def reckoning() -> Reckoning | None:
    """Asked for once a page; the moon is read only for who counts by it."""
    if "reckoning" not in g:
        visit = cast("OpenVisit | None", g.get("visit"))
        chosen = visit.identity.calendar if visit and visit.identity else None
        g.reckoning = Reckoning(chosen, moon(visit.session) if chosen is Calendar.LUNAR else COMPUTED) if visit and chosen else None
    return cast("Reckoning | None", g.reckoning)
