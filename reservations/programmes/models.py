"""Tables of programmes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key
from reservations.bookings.models import LIVE


class ShrineProgramme(Base):
    """`days_between` is how many days lie between two turns of one person; null = as often as one likes.

    Free of charge where both prices are 0; else the shop of `merchant_id` is paid. What goes with at least `least_people` is
    decided `decide_hours` before it begins. `stops` and `meeting_point` are texts by language.
    """

    __tablename__ = "shrine_programme"
    __table_args__ = (
        CheckConstraint("kind IN ('meal', 'night', 'ceremony', 'tour')", name="kind"),
        CheckConstraint("days_between > 0", name="days_between"),
        CheckConstraint("adult_rial >= 0 AND child_rial >= 0", name="prices"),
        CheckConstraint("adult_rial + child_rial = 0 OR merchant_id IS NOT NULL", name="who_is_paid"),
        CheckConstraint("(least_people IS NULL) = (decide_hours IS NULL) AND least_people > 0 AND decide_hours > 0", name="least"),
        Index("ix_shrine_programme_city_id", "city_id"),
        Index("ix_shrine_programme_merchant_id", "merchant_id"),
        Index("ix_shrine_programme_organisation_id", "organisation_id"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    kind: Mapped[str] = mapped_column(String(10))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    days_between: Mapped[int | None] = mapped_column(SmallInteger)
    is_open: Mapped[bool] = mapped_column(Boolean, server_default="true")
    merchant_id: Mapped[int | None] = mapped_column(ForeignKey("merchant.id"))
    adult_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    child_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default='{"steps": [], "late": 0, "freed": 0}')
    least_people: Mapped[int | None] = mapped_column(Integer)
    decide_hours: Mapped[int | None] = mapped_column(SmallInteger)
    stops: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default="[]")
    meeting_point: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    guide: Mapped[str] = mapped_column(String(80), server_default="")
    languages: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")


class ShrineSession(Base):
    """A date of a programme. `decided_at` is when it was found that enough people come, or too few: then it is called off.

    One that follows the moon has its lunar day; when the month is moved, it moves with it.
    """

    __tablename__ = "shrine_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period"),
        CheckConstraint("num_nonnulls(moon_year, moon_month, moon_day) IN (0, 3)", name="moon"),
        Index("ix_shrine_session_moon_year_moon_month", "moon_year", "moon_month", postgresql_where=text("moon_year IS NOT NULL")),
        Index("ix_shrine_session_programme_id_starts_at", "programme_id", "starts_at"),
    )

    id: Mapped[Key]
    programme_id: Mapped[int] = mapped_column(ForeignKey("shrine_programme.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    called_off_at: Mapped[datetime | None]
    moon_year: Mapped[int | None] = mapped_column(SmallInteger)
    moon_month: Mapped[int | None] = mapped_column(SmallInteger)
    moon_day: Mapped[int | None] = mapped_column(SmallInteger)


class SeatPool(Base):
    """Seats of one kind in a session: its row is the lock of whoever takes some."""

    __tablename__ = "seat_pool"
    __table_args__ = (
        UniqueConstraint("session_id", "kind"),
        CheckConstraint("kind IN ('men', 'women', 'family', 'accessible')", name="kind"),
        CheckConstraint("seats BETWEEN 0 AND 100000", name="seats"),
    )

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(ForeignKey("shrine_session.id"))
    kind: Mapped[str] = mapped_column(String(10))
    seats: Mapped[int] = mapped_column(Integer)


class Seating(Base):
    """Seats kept for a booking. Those that are held count until `held_until`, whoever sweeps and when."""

    __tablename__ = "seating"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_seating_pool_id", "pool_id", postgresql_where=LIVE),
        Index("ix_seating_booking_id", "booking_id"),
    )

    id: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("seat_pool.id"))
    quantity: Mapped[int] = mapped_column(SmallInteger)
    held_until: Mapped[datetime | None]
    released_at: Mapped[datetime | None]


class Turn(Base):
    """`who` is a person on record, or a keyed fingerprint of a document; `days` begin with the session's and reach to the day
    before the next turn may be.
    """

    __tablename__ = "turn"
    __table_args__ = (
        ExcludeConstraint(
            (text("programme_id"), "="), (text("who"), "="), (text("days"), "&&"),
            name="ex_turn_once_in_so_many_days", using="gist", where=LIVE,
        ),
        Index("ix_turn_booking_id", "booking_id"),
    )  # fmt: skip

    id: Mapped[Key]
    programme_id: Mapped[int] = mapped_column(ForeignKey("shrine_programme.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    who: Mapped[str] = mapped_column(String(64))
    days: Mapped[Range[date]] = mapped_column(DATERANGE)
    released_at: Mapped[datetime | None]
