"""What can be wrong with a group of customers."""

from kernel.errors import BadInput, DomainError, NotFound


class GroupNotFound(NotFound):
    code = "customer_group_not_found"


class GroupNameTaken(BadInput):
    """Another group of the organisation has this name."""

    code = "customer_group_name_taken"


class WrongGroup(BadInput):
    """Facts: `field` (name, visits, days, language, city, product)."""

    code = "wrong_customer_group"


class InGroupAlready(BadInput):
    """The number is in the group, or twice in the list."""

    code = "in_group_already"


class GroupIsAsked(DomainError):
    """Nobody is put into a group that answers a question."""

    code = "group_is_asked"


class GroupListNotFound(NotFound):
    code = "group_list_not_found"
