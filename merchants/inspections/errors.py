"""What can be wrong with an inspection. Facts only; sentences are made at the edge."""

from kernel.errors import BadInput, DomainError, NotFound


class InspectionNotFound(NotFound):
    code = "inspection_not_found"


class InspectionDayWrong(BadInput):
    """A visit is planned from today on, within a year; facts: `field`."""

    code = "inspection_day_wrong"


class ShopNotOfUnion(BadInput):
    code = "shop_not_of_union"


class ResultIncomplete(BadInput):
    """Facts: `field`: findings, outcome, fine (an amount stands with a fine, and only there), checklist."""

    code = "inspection_result_incomplete"


class InspectionIsOver(DomainError):
    """It was written down or called off before."""

    code = "inspection_is_over"
