"""What happened to bookings, for whoever tells people of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BookingConfirmed:
    booking_id: int


@dataclass(frozen=True, slots=True)
class BookingCancelled:
    """Also a no-show. `refund_rial` went back to the purses that paid."""

    booking_id: int
    refund_rial: int


@dataclass(frozen=True, slots=True)
class ProgrammeCalledOff:
    """A booking's date does not take place. `refund_rial` went back to the purses that paid."""

    booking_id: int
    refund_rial: int


@dataclass(frozen=True, slots=True)
class ProgrammeMoved:
    """A date moved with the moon; the person has booked it or waits for it. `move_id` names the move of the month."""

    session_id: int
    person_id: int
    move_id: int


@dataclass(frozen=True, slots=True)
class PlacesFreed:
    """Of a booking that was cancelled, ran out, or ended early."""

    booking_id: int


@dataclass(frozen=True, slots=True)
class PlacesOffered:
    """Somebody on a waiting list may take up a hold until then."""

    waiting_id: int
    booking_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class RateSheetDecided:
    sheet_id: int
    state: str


@dataclass(frozen=True, slots=True)
class HelpShown:
    """A terminal showed somebody's help card."""

    view_id: int


@dataclass(frozen=True, slots=True)
class HelpAskedTooOften:
    """A terminal has asked for more help cards within an hour than it may."""

    terminal_id: int
    view_id: int
