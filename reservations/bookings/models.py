"""Tables of bookings. Amounts are whole Rial and not negative; `nights` are evenings, the upper bound is the day of leaving."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, UUID, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

LIVE = text("released_at IS NULL")


class Booking(Base):
    """`key` is of the form or call that made it, so that it is made once. `code` is the number on the pass.

    `price_rial` was agreed, `charged_rial` is what it comes to now, `paid_rial` what was paid and not given back.
    `person_id` is who comes, `maker_id` who booked; either may be nobody on record.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'confirmed', 'arrived', 'left', 'cancelled', 'expired', 'no_show')", name="state"),
        CheckConstraint("num_nonnulls(lodging_id, session_id) = 1", name="one_thing"),
        CheckConstraint("(lodging_id IS NULL) = (nights IS NULL)", name="nights_of_lodging"),
        CheckConstraint("(state = 'held') = (held_until IS NOT NULL)", name="held_until"),
        CheckConstraint("charged_rial BETWEEN 0 AND price_rial AND paid_rial BETWEEN 0 AND price_rial", name="amounts"),
        Index("ix_booking_lodging_id_starts_at", "lodging_id", "starts_at"),
        Index("ix_booking_session_id", "session_id"),
        Index("ix_booking_person_id", "person_id"),
        Index("ix_booking_maker_id", "maker_id"),
        Index("ix_booking_held_until", "held_until", postgresql_where=text("state = 'held'")),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    content_hash: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(9), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    merchant_id: Mapped[int | None] = mapped_column(ForeignKey("merchant.id"))
    lodging_id: Mapped[int | None] = mapped_column(ForeignKey("lodging.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("shrine_session.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    maker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    holder_name: Mapped[str] = mapped_column(String(80))
    is_at_desk: Mapped[bool] = mapped_column(server_default="false")
    state: Mapped[str] = mapped_column(String(10))
    held_until: Mapped[datetime | None]
    nights: Mapped[Range[date] | None] = mapped_column(DATERANGE)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    price_rial: Mapped[int] = mapped_column(BigInteger)
    charged_rial: Mapped[int] = mapped_column(BigInteger)
    deposit_rial: Mapped[int] = mapped_column(BigInteger)
    paid_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class BookingLine(Base):
    """So many rooms, beds or seats of one kind, and who sleeps or sits there. `prices` are of all of them, night by night."""

    __tablename__ = "booking_line"
    __table_args__ = (
        CheckConstraint("num_nonnulls(class_id, pool_id) = 1", name="one_thing"),
        CheckConstraint("quantity > 0 AND men >= 0 AND women >= 0 AND children >= 0", name="counts"),
        Index("ix_booking_line_booking_id", "booking_id"),
    )

    id: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("lodging_class.id"))
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("seat_pool.id"))
    quantity: Mapped[int] = mapped_column(SmallInteger)
    men: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    women: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    children: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    prices: Mapped[list[int]] = mapped_column(JSONB)


class Occupation(Base):
    """A room, or one bed of it, kept for a booking. One that is held counts until `held_until`, whoever sweeps and when."""

    __tablename__ = "occupation"
    __table_args__ = (
        ExcludeConstraint(
            (text("unit_id"), "="), (text("bed"), "="), (text("nights"), "&&"),
            name="ex_occupation_one_at_a_time", using="gist", where=LIVE,
        ),
        CheckConstraint("NOT isempty(nights)", name="nights"),
        Index("ix_occupation_booking_id", "booking_id"),
        Index(
            "ix_occupation_nights", "nights", postgresql_using="gist", postgresql_include=["unit_id", "bed", "held_until"],
            postgresql_where=LIVE,
        ),
    )  # fmt: skip

    id: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    line_id: Mapped[int] = mapped_column(ForeignKey("booking_line.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("lodging_unit.id"))
    bed: Mapped[int] = mapped_column(SmallInteger)
    nights: Mapped[Range[date]] = mapped_column(DATERANGE)
    held_until: Mapped[datetime | None]
    released_at: Mapped[datetime | None]


class BookingPayment(Base):
    """Money that moved for a booking: a payment, or with `of_id` what of a payment was given back to the same purses.

    `key` is of the form that asked; the ledger's own key is this row: its id and the UTC day of `made_at`.
    """

    __tablename__ = "booking_payment"
    __table_args__ = (
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint("(business_date IS NULL) = (entry_id IS NULL)", name="entry"),
        Index("ix_booking_payment_booking_id", "booking_id"),
    )

    id: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    key: Mapped[str | None] = mapped_column(UUID(as_uuid=False), unique=True)
    of_id: Mapped[int | None] = mapped_column(ForeignKey("booking_payment.id"))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    card_id: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    business_date: Mapped[date | None] = mapped_column(Date)
    entry_id: Mapped[int | None] = mapped_column(BigInteger)


class Waiting(Base):
    """Somebody who waits for what is full, in order of `id`. `wanted` is a list of [class or pool, quantity, men, women, children].

    An offer is a hold made for them: `booking_id`. `guests` are those whose turn it would be, where a programme has turns.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'taken', 'left', 'lapsed')", name="state"),
        CheckConstraint("(state IN ('offered', 'taken')) <= (booking_id IS NOT NULL)", name="offer"),
        CheckConstraint("num_nonnulls(lodging_id, session_id) = 1", name="one_thing"),
        CheckConstraint("(lodging_id IS NULL) = (nights IS NULL)", name="nights_of_lodging"),
        Index("ix_waiting_lodging_id", "lodging_id", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_waiting_session_id", "session_id", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_waiting_person_id", "person_id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    lodging_id: Mapped[int | None] = mapped_column(ForeignKey("lodging.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("shrine_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    holder_name: Mapped[str] = mapped_column(String(80))
    nights: Mapped[Range[date] | None] = mapped_column(DATERANGE)
    wanted: Mapped[list[list[int]]] = mapped_column(JSONB)
    guests: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    state: Mapped[str] = mapped_column(String(8), server_default="waiting")
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), unique=True)
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DoorEntry(Base):
    """So many people of a booking were let in at a door. `person_id` is a member of the party who came by the own card.

    A door without a network has its own count, `number`, so that a list sent twice counts once, and says when its list was
    made. One that asks the platform names its request: `key`, with the hash of what it said.
    """

    __tablename__ = "door_entry"
    __table_args__ = (
        Index("uq_door_entry_door_number", "door", "number", unique=True),
        Index("ix_door_entry_booking_id", "booking_id"),
        CheckConstraint("people > 0", name="people"),
        CheckConstraint("num_nonnulls(number, key) = 1 AND num_nonnulls(key, content_hash) <> 1", name="one_name"),
    )

    id: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    door: Mapped[str] = mapped_column(String(40))
    number: Mapped[int | None] = mapped_column(Integer)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
    content_hash: Mapped[int | None] = mapped_column(BigInteger)
    people: Mapped[int] = mapped_column(SmallInteger)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    list_made_at: Mapped[datetime | None]
    finding: Mapped[str] = mapped_column(String(12))


class DoorTerminal(Base):
    """A terminal that stands at an organisation's door. Those of a house's own shop need no row."""

    __tablename__ = "door_terminal"
    __table_args__ = (Index("ix_door_terminal_organisation_id", "organisation_id"),)

    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"), primary_key=True, autoincrement=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    named_at: Mapped[datetime]
