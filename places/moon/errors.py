"""What can be wrong with a lunar month. Every BadInput carries `field`."""

from kernel.errors import BadInput, DomainError, NotFound


class MonthTooFar(BadInput):
    """Months are moved from the year before until two years ahead."""

    code = "lunar_month_too_far"


class WrongMonthLength(BadInput):
    """A month would have other than 29 or 30 days; facts: `days`, and `fault`: which of the two months, `this` or `previous`, or `far`
    where the day is not near the month at all.
    """

    code = "wrong_month_length"


class ReasonMissing(BadInput):
    code = "announcement_missing"


class MoveNotFound(NotFound):
    code = "lunar_move_not_found"


class MovedSince(DomainError):
    """The month was moved again."""

    code = "lunar_month_moved_since"
