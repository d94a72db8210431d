"""Tables of demand: searches counted by what they asked for, what can be sold and is taken, and how bookings came in.

Counts are not negative. `places` are rooms, beds or seats as they are let; `people` and `beds` are persons.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from insights.rounds import Round
from kernel.db import Base, Key

SEARCHED = "('lodging', 'programme', 'meal', 'night', 'ceremony', 'tour')"
OFFERED = "('lodging', 'men', 'women', 'family', 'accessible')"


class SearchCount(Base):
    """How often a night or a day was searched for, on one day, in one way. What was not asked is null; `party` is empty for seats.

    A search for several nights counts for each. `people` adds up the parties, `nothing` counts what found nothing free.
    """

    __tablename__ = "search_count"
    __table_args__ = (
        UniqueConstraint(
            "searched_on", "kind", "city_id", "wanted_on", "party", "is_accessible", name="uq_search_count_alike",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(f"kind IN {SEARCHED}", name="kind"),
        CheckConstraint("party IN ('', 'men', 'women', 'family')", name="party"),
        CheckConstraint("searches > 0 AND people >= 0 AND nothing BETWEEN 0 AND searches", name="counts"),
        Index("ix_search_count_wanted_on_city_id", "wanted_on", "city_id"),
    )  # fmt: skip

    id: Mapped[Key]
    searched_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(10))
    city_id: Mapped[int | None] = mapped_column(ForeignKey("city.id"))
    wanted_on: Mapped[date | None] = mapped_column(Date)
    party: Mapped[str] = mapped_column(String(6))
    is_accessible: Mapped[bool] = mapped_column(Boolean)
    searches: Mapped[int] = mapped_column(Integer)
    people: Mapped[int] = mapped_column(Integer)
    nothing: Mapped[int] = mapped_column(Integer)


class SearchBatch(Base):
    """The counters that were last taken over from Redis, so that a turn that is done twice counts once."""

    __tablename__ = "search_batch"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, server_default="1")
    number: Mapped[str | None] = mapped_column(UUID(as_uuid=False))


class _Supply:
    """What a day has of one kind: `free` is what may be sold and is neither booked nor held, of `places`; `beds` are for so many people."""

    places: Mapped[int] = mapped_column(Integer)
    beds: Mapped[int] = mapped_column(Integer)
    free: Mapped[int] = mapped_column(Integer)
    booked: Mapped[int] = mapped_column(Integer)
    held: Mapped[int] = mapped_column(Integer)
    waiting: Mapped[int] = mapped_column(Integer)
    booked_people: Mapped[int] = mapped_column(Integer)
    held_people: Mapped[int] = mapped_column(Integer)
    waiting_people: Mapped[int] = mapped_column(Integer)
    arriving_people: Mapped[int] = mapped_column(Integer)


class SupplyDay(_Supply, Base):
    """One house and night, or the seats of one kind that a programme has on a day, as the round last found them."""

    __tablename__ = "supply_day"
    __table_args__ = (
        CheckConstraint(f"kind IN {OFFERED}", name="kind"),
        Index("ix_supply_day_city_id_day", "city_id", "day"),
        Index("ix_supply_day_day", "day"),
    )

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))


class SupplySum(_Supply, Base):
    """All of a city, added up when a round is whole."""

    __tablename__ = "supply_sum"

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)


class SupplyRound(Round, Base):
    """Of houses."""

    __tablename__ = "supply_round"


class ArrivalDay(Base):
    """A day of a city that is over: who came and slept, and how many of them were on the books so many mornings before.

    The first of `arrivals_by_lead` and `guests_by_lead` is the morning of the day itself, the next the morning before.
    """

    __tablename__ = "arrival_day"

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    arrivals: Mapped[int] = mapped_column(Integer)
    guests: Mapped[int] = mapped_column(Integer)
    arrivals_by_lead: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    guests_by_lead: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class PickUp(Base):
    """What was learnt from the days that are over, of a city's arrivals and of its guests."""

    __tablename__ = "pick_up"

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"), primary_key=True, autoincrement=False)
    learnt_at: Mapped[datetime]
    arrivals: Mapped[dict[str, Any]] = mapped_column(JSONB)
    guests: Mapped[dict[str, Any]] = mapped_column(JSONB)
