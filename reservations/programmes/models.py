"""Tables of programmes."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base
from reservations.bookings.models import LIVE


class ShrineProgramme(Base):
    """Free of charge. `days_between` is how many days lie between two turns of one person; null = as often as one likes."""

    __tablename__ = "shrine_programme"
    __table_args__ = (
        CheckConstraint("kind IN ('meal', 'night', 'ceremony', 'tour')", name="kind"),
        CheckConstraint("days_between > 0", name="days_between"),
        Index("ix_shrine_programme_city_id", "city_id"),
        Index("ix_shrine_programme_organisation_id", "organisation_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    kind: Mapped[str] = mapped_column(String(10))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    days_between: Mapped[int | None] = mapped_column(SmallInteger)
    is_open: Mapped[bool] = mapped_column(Boolean, server_default="true")


class ShrineSession(Base):
    __tablename__ = "shrine_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period"),
        Index("ix_shrine_session_programme_id_starts_at", "programme_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("shrine_programme.id"))
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SeatPool(Base):
    """Seats of one kind in a session: its row is the lock of whoever takes some."""

    __tablename__ = "seat_pool"
    __table_args__ = (
        UniqueConstraint("session_id", "kind"),
        CheckConstraint("kind IN ('men', 'women', 'family', 'accessible')", name="kind"),
        CheckConstraint("seats BETWEEN 0 AND 100000", name="seats"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("shrine_session.id"))
    kind: Mapped[str] = mapped_column(String(10))
    seats: Mapped[int] = mapped_column(Integer)


class Seating(Base):
    """Seats kept for a booking."""

    __tablename__ = "seating"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_seating_pool_id", "pool_id", postgresql_where=LIVE),
        Index("ix_seating_booking_id", "booking_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("seat_pool.id"))
    quantity: Mapped[int] = mapped_column(SmallInteger)
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


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

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("shrine_programme.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    who: Mapped[str] = mapped_column(String(64))
    days: Mapped[Range[date]] = mapped_column(DATERANGE)
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
