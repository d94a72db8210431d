"""What families refuse, as facts."""

from kernel.errors import BadInput, DomainError, NotFound


class FamilyNotFound(NotFound):
    code = "family_not_found"


class FamilyMemberNotFound(NotFound):
    code = "family_member_not_found"


class HasFamily(DomainError):
    """One person is in one family at a time."""

    code = "has_family"


class OnlyTheHead(DomainError):
    """Only the head takes money out of the family's wallet."""

    code = "only_the_head"
    status = 403


class FamilyIsFull(DomainError):
    """Facts carry `most`."""

    code = "family_is_full"


class FamilyHoldsMoney(DomainError):
    """Facts carry `amount_rial`: the head takes it out first."""

    code = "family_holds_money"


class WrongLimit(BadInput):
    """Facts carry `field`: day_rial, month_rial or kinds."""

    code = "wrong_family_limit"
