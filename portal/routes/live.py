"""The operator's live page: every tap within a second or two, on a map, in a list and in figures."""

import time
from datetime import UTC, date, datetime, timedelta
from threading import Lock

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from cardbank import statements
from cardbank.statements import DayTotals, Tap
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput
from kernel.web.routes import route
from merchants.queries import TerminalRow, terminals_by_id
from portal.blueprint import blueprint

FIRST_LOOK = timedelta(minutes=30)
MOST_TAPS = 40
TOTALS_KEPT_SECONDS = 2.0


class Totals:
    """The day's totals, read at most once every two seconds however many operators look on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._read_at = -TOTALS_KEPT_SECONDS
        self._day = date.min
        self._totals: DayTotals | None = None

    def of_today(self, session: Session) -> DayTotals:
        day = local_day(clock.now())
        with self._lock:
            if self._totals is None or day != self._day or time.monotonic() - self._read_at > TOTALS_KEPT_SECONDS:
                self._totals, self._day = statements.day_totals(session, day), day
                self._read_at = time.monotonic()
            return self._totals


_totals = Totals()


@route(blueprint, "/operator", permission=Permission.PORTAL_LIVE_VIEW)
def live(visit: Visit) -> ResponseReturnValue:
    taps = statements.feed(visit.session, clock.now() - FIRST_LOOK, most=MOST_TAPS)
    return render_template(
        "live.html",
        active="portal.live",
        taps=taps,
        shop_of=_shops_of(visit.session, taps),
        after=_position(taps, clock.now()),
        totals=_totals.of_today(visit.session),
    )


@route(blueprint, "/operator/feed", permission=Permission.PORTAL_LIVE_VIEW)
def live_feed(visit: Visit) -> ResponseReturnValue:
    """What was tapped after `after` (ISO 8601), as rows ready to show, oldest first, with the day's figures."""
    try:
        after = datetime.fromisoformat(request.args.get("after", ""))
    except ValueError:
        raise BadInput(field="after") from None
    if after.tzinfo is None:
        raise BadInput(field="after")
    after = max(after, clock.now() - FIRST_LOOK)
    taps = statements.feed(visit.session, after, most=MOST_TAPS)
    shop_of = _shops_of(visit.session, taps)
    totals = _totals.of_today(visit.session)
    figures = {
        name: render_template("parts/live_figure.html", name=name, totals=totals)
        for name in ("accepted", "amount", "declined", "declined_note", "top_ups", "top_ups_note")
    }
    rows = [
        {
            "id": tap.id,
            "place": _place(shop_of.get(tap.terminal_id or 0)),
            "approved": tap.reason.is_approved,
            "html": render_template("parts/tap.html", tap=tap, shop_of=shop_of),
        }
        for tap in reversed(taps)
    ]
    return jsonify(after=_position(taps, after), rows=rows, figures=figures)


def _shops_of(session: Session, taps: list[Tap]) -> dict[int, TerminalRow]:
    """Only the tills that were tapped at: the city has far more."""
    terminals = {tap.terminal_id for tap in taps if tap.terminal_id is not None}
    return terminals_by_id(session, terminals) if terminals else {}


def _place(till: TerminalRow | None) -> list[float] | None:
    return [till.lat, till.lon] if till else None


def _position(taps: list[Tap], otherwise: datetime) -> str:
    return max((tap.decided_at for tap in taps), default=otherwise).astimezone(UTC).isoformat()
