"""What can be wrong with a benefit, a member or a deposit."""

from kernel.errors import BadInput, DomainError, NotFound, NotPermitted


class PlanNotFound(NotFound):
    code = "benefit_plan_not_found"


class PlanIsOver(DomainError):
    """It was ended, or its last day is past."""

    code = "benefit_plan_is_over"


class PlanNotBegun(DomainError):
    """Facts: `starts_on`."""

    code = "benefit_plan_not_begun"


class NobodyToFund(DomainError):
    """Every member of the group has this period's benefit already, or there is no member."""

    code = "nobody_to_fund"


class BudgetTooSmall(DomainError):
    """Nobody gets anything; facts: `needed_rial`, `lacking_rial`, `members`."""

    code = "budget_too_small"


class WrongPlan(BadInput):
    """Facts: `field`, and `fault` where a field can be wrong in several ways."""

    code = "wrong_plan"


class WrongDeposit(BadInput):
    """Facts: `field` (amount, reference, paid_on)."""

    code = "wrong_deposit"


class DepositNotFound(NotFound):
    code = "deposit_not_found"


class DepositDecided(DomainError):
    """Somebody has decided on it before; facts: `status`."""

    code = "deposit_decided"


class DepositStatedBefore(BadInput):
    """The bank's reference stands on another deposit; facts: `field`."""

    code = "deposit_stated_before"


class OwnDeposit(NotPermitted):
    """Who states a deposit does not confirm it."""

    code = "own_deposit"


class MemberNotFound(NotFound):
    code = "benefit_member_not_found"


class AlreadyMember(BadInput):
    """The person is a member already, or stands in the list twice; facts: `field`."""

    code = "benefit_member_already"


class WrongMember(BadInput):
    """Facts: `field`, and `fault`: none (no number given), several (more than one)."""

    code = "wrong_member"


class CardHasNoHolder(BadInput):
    """A benefit is for a person: an anonymous card has none, and an unknown number no card; facts: `field`."""

    code = "card_has_no_holder"


class MemberListNotFound(NotFound):
    code = "member_list_not_found"
