"""What can be wrong with lodging, programmes and bookings. Facts only; sentences are made at the edge."""

from kernel.errors import BadInput, DomainError, NotFound


class LodgingNotFound(NotFound):
    code = "lodging_not_found"


class ClassNotFound(NotFound):
    code = "lodging_class_not_found"


class SheetNotFound(NotFound):
    code = "rate_sheet_not_found"


class LicenceNotFound(NotFound):
    code = "lodging_licence_not_found"


class BookingNotFound(NotFound):
    code = "booking_not_found"


class WaitingNotFound(NotFound):
    code = "waiting_not_found"


class WrongNights(BadInput):
    """Facts: `field`, `fault` (order, past, far, many, lunar, dates), `most`."""

    code = "wrong_nights"


class WrongCount(BadInput):
    """A number of people, places or beds that cannot be; facts: `field`, `most`."""

    code = "wrong_count"


class NameNeeded(BadInput):
    """Facts: `field`, `most` letters."""

    code = "name_needed"


class CodeTaken(DomainError):
    """Another unit of the lodging has this number; facts: `field`."""

    code = "unit_code_taken"


class UnknownLodgingKind(BadInput):
    code = "unknown_lodging_kind"


class NoAuthority(DomainError):
    """No union and no municipality answers for the lodging."""

    code = "no_authority"


class AboveCeiling(DomainError):
    """Facts: `rate_rial`, `ceiling_rial`, `day` of the first night that is too dear."""

    code = "rate_above_ceiling"
    status = 422


class NoCeiling(DomainError):
    """Facts: `day` of the first night without a ceiling."""

    code = "no_ceiling"


class SheetIsDecided(DomainError):
    code = "rate_sheet_decided"


class SheetIsEmpty(BadInput):
    code = "rate_sheet_empty"


class ReasonNeeded(BadInput):
    """Facts: `field`, `most`."""

    code = "booking_reason_needed"


class NotBookable(DomainError):
    """A night may not be sold; facts: `fault` (closed, no_licence, no_rate, no_ceiling, above_ceiling), `day`."""

    code = "not_bookable"


class PartyDoesNotFit(DomainError):
    """Facts: `fault` (men, women, family, room, beds, empty, seats)."""

    code = "party_does_not_fit"
    status = 422


class FullyBooked(DomainError):
    """Fewer places are free than asked for, all or none; facts: `free`, `asked`."""

    code = "fully_booked"


class OthersWait(DomainError):
    """What is free is for those on the waiting list; facts: `waiting`."""

    code = "others_wait"


class TooManyHolds(DomainError):
    """Facts: `most`."""

    code = "too_many_holds"


class OtherBooking(DomainError):
    """The key was used for another booking."""

    code = "other_booking"


class HoldHasEnded(DomainError):
    """The places were not paid in time and are free again."""

    code = "hold_has_ended"


class NothingDue(DomainError):
    code = "nothing_due"


class BookingInOtherState(DomainError):
    """Facts: `state`, in which this cannot be done."""

    code = "booking_in_other_state"


class BookingMoved(DomainError):
    """Somebody changed the booking's rooms meanwhile."""

    code = "booking_moved"


class TooEarly(DomainError):
    """Facts: `day` from which it can be done."""

    code = "too_early"


class RestIsDue(DomainError):
    """Facts: `rest_rial`, to be paid before the key is handed over."""

    code = "rest_is_due"


class PassRefused(BadInput):
    """Not a pass number or a pass code of this platform; facts: `field`."""

    code = "pass_refused"


class EntryRefused(DomainError):
    """The door stays shut; facts: `fault` (none, other_door, cancelled, unpaid, over, other_day, early, in_already, too_many,
    and moved and moved_over where the print that was shown says an older hour), and with it `at` or `day`, `names` of where it is, `left` people.
    """

    code = "entry_refused"


class OtherEntry(DomainError):
    """The request's key was used for another one."""

    code = "other_entry"


class NoDoor(DomainError):
    """The terminal stands at no door: it is no house's and no organisation has named it."""

    code = "no_door"


class DoorUnknown(BadInput):
    """No active terminal has this number, or none of one's own doors; facts: `field`."""

    code = "door_unknown"


class DoorTaken(BadInput):
    """The terminal stands at another organisation's door; facts: `field`."""

    code = "door_taken"


class HelpFieldNeeded(BadInput):
    """A help card lacks what it is to show; facts: `field`, `fault` (long, called, agree, shows, leader, alert), `most`."""

    code = "help_field_needed"


class PassRanOut(DomainError):
    """A code that was drawn on a phone too long ago, as one in a picture is; facts: `made_at`."""

    code = "pass_ran_out"


class TurnTaken(DomainError):
    """Somebody of the party had a turn; facts: `day` from which another is possible, `days` between two."""

    code = "turn_taken"


class WaitsAlready(DomainError):
    code = "waits_already"


class NothingToWaitFor(DomainError):
    """There is room, or there never is as much as asked; facts: `fault` (free, never), `most`."""

    code = "nothing_to_wait_for"


class ProgrammeNotFound(NotFound):
    code = "shrine_programme_not_found"


class CalledOff(DomainError):
    """The date of a programme does not take place; what was paid for it goes back."""

    code = "programme_called_off"


class NoShop(DomainError):
    """Only a shop can be paid, and the office has none; facts: `field`."""

    code = "programme_without_shop"
    status = 422


class PersonUnknown(BadInput):
    """A programme of turns needs to know each guest; facts: `field`, and `fault`: line and twice with the `line` that is meant, or
    count with how many `people` come and how many are `known`.
    """

    code = "person_unknown"


class WrongList(BadInput):
    """A door list's entries cannot be read; facts: `field`, `line`."""

    code = "wrong_door_list"


class RolesHeld(DomainError):
    """Somebody who works here gives up the roles first."""

    code = "roles_held"


class BookingsOpen(DomainError):
    """Something is booked or kept and has not ended."""

    code = "bookings_open"
