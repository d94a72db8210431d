"""What can be wrong with a shop's file. Facts only; sentences are made at the edge."""

from kernel.errors import BadInput, DomainError, NotFound, NotPermitted


class ApplicationNotFound(NotFound):
    code = "application_not_found"


class PaperNotFound(NotFound):
    code = "paper_not_found"


class ImportNotFound(NotFound):
    code = "import_not_found"


class NameMissing(BadInput):
    """A name is empty or longer than its field takes; facts: `field`, `most`."""

    code = "name_missing"


class UnknownTrade(BadInput):
    code = "unknown_trade"


class WrongDay(BadInput):
    """Not a Jalali or Gregorian date of the form year/month/day; with `fault` none and `last` where the month has no such day."""

    code = "wrong_day"


class LicenceHasExpired(BadInput):
    code = "licence_has_expired"


class ShebaInAnotherName(BadInput):
    """The account's owner is not the applicant; facts: `expected`, the name on the file."""

    code = "sheba_in_another_name"


class AddressTooShort(BadInput):
    """Facts: `least`, the number of characters asked for."""

    code = "address_too_short"


class WrongPosition(BadInput):
    """Not two numbers of degrees."""

    code = "wrong_position"


class FarFromCity(BadInput):
    """The position is not in the city; facts: `most_km`."""

    code = "far_from_city"


class OnRecordAlready(BadInput):
    """A row of a list gives a document, a telephone or a number that somebody has; facts: `field`."""

    code = "on_record_already"


class TwiceInList(BadInput):
    """Two rows of a list give the same; facts: `field`, `row` as the list's reader counts."""

    code = "twice_in_list"


class NumberTaken(DomainError):
    """Another open file has the same tax code or licence; facts: `field`."""

    code = "number_taken"
    status = 409


class PaperIsEmpty(BadInput):
    code = "paper_is_empty"


class PaperTooLarge(BadInput):
    """Facts: `most_bytes`."""

    code = "paper_too_large"


class PaperOfUnknownType(BadInput):
    """The content is none of PDF, JPEG, PNG, whatever its name says."""

    code = "paper_of_unknown_type"


class PieceNotOpen(DomainError):
    """The file does not take this piece in its present state; facts: `piece`, `state`."""

    code = "piece_not_open"


class PiecesMissing(DomainError):
    """The file cannot be handed in; facts: `pieces`."""

    code = "pieces_missing"


class OwnFile(NotPermitted):
    """Nobody reviews the file of their own shop."""

    code = "own_file"


class DecisionNotPossible(DomainError):
    """The state does not know this act; facts: `state`, `act`."""

    code = "decision_not_possible"


class NotYourTurn(DomainError):
    """Another organisation decides at this point; facts: `state`."""

    code = "not_your_turn"
    status = 403


class AlreadyDecided(DomainError):
    """Somebody decided on the same version before; facts: `by`, `act`, `at`."""

    code = "already_decided"


class ReasonMissing(BadInput):
    """A decision other than an approval says why; facts: `most` characters."""

    code = "reason_missing"


class NothingAsked(BadInput):
    """A file that is returned names the pieces it lacks."""

    code = "nothing_asked"


class WrongDeviceKey(BadInput):
    """Not a signing request (PKCS #10, PEM) that a P-256 key made for itself."""

    code = "wrong_device_key"


class SetUpNotFound(NotFound):
    """No device waits under that claim or number any more."""

    code = "set_up_not_found"


class SetUpRefused(DomainError):
    """Somebody refused the device, or another one speaks for the till now."""

    code = "set_up_refused"


class DeviceDecided(DomainError):
    """The device was let in or refused before, or has waited too long."""

    code = "device_decided"


class SecondPersonNeeded(NotPermitted):
    """Who issued the code may not let the device in that used it."""

    code = "second_person_needed"
