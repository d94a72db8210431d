"""What can be wrong with a complaint or an order. Facts only; sentences are made at the edge."""

from kernel.errors import BadInput, DomainError, NotFound, NotPermitted


class ComplaintNotFound(NotFound):
    code = "complaint_not_found"


class ComplaintLinkEnded(NotFound):
    """The link was altered, or its purchase is too long ago; facts: `days` a link lives."""

    code = "complaint_link_ended"


class ComplaintsNotTaken(DomainError):
    """No union and no municipality answers for this shop yet."""

    code = "complaints_not_taken"


class ComplaintStands(DomainError):
    """The purchase has an open complaint of this cause; facts: `number`."""

    code = "complaint_stands"


class UnknownCause(BadInput):
    code = "unknown_cause"


class ComplaintWordsMissing(BadInput):
    """Words are asked for and are not there, or are too many; facts: `field`, `most` characters."""

    code = "complaint_words_missing"


class ComplaintMovedOn(DomainError):
    """Its state does not know this act any more; facts: `state`."""

    code = "complaint_moved_on"


class ComplaintPicturesFull(BadInput):
    """Facts: `most` pictures of one complaint."""

    code = "complaint_pictures_full"


class NotOfThisUnion(BadInput):
    """Only somebody who works for the union can be its inspector."""

    code = "not_of_this_union"


class OwnComplaint(NotPermitted):
    """Nobody decides on a complaint about the own shop, or on one's own complaint."""

    code = "own_complaint"


class OrderNotFound(NotFound):
    code = "refund_order_not_found"


class OrderNotPossible(DomainError):
    """Facts: `fault`: purchase (there is none to refund), stands (another order does), lapsed (it was not paid in time)."""

    code = "refund_order_not_possible"


class OrderAmountWrong(BadInput):
    """Facts: `left_rial`: what of the purchase was not given back yet."""

    code = "refund_order_amount_wrong"


class OrderDecided(DomainError):
    """It was paid or withdrawn before; facts: `state`."""

    code = "refund_order_decided"


class OrderNeedsSecondPerson(NotPermitted):
    """Who made an order does not confirm it."""

    code = "refund_order_needs_second_person"


class OrderNotPaid(DomainError):
    """The bank said no; facts: `reason`."""

    code = "refund_order_not_paid"


class AppealNotPossible(DomainError):
    """It was appealed before, or its time is over; facts: `days` an appeal may take."""

    code = "appeal_not_possible"
