"""What can be wrong with a shop or its till."""

from kernel.errors import BadInput, DomainError, NotFound


class MerchantNotFound(NotFound):
    code = "merchant_not_found"


class BranchNotFound(NotFound):
    code = "branch_not_found"


class BranchIsClosed(DomainError):
    """A closed branch never opens again."""

    code = "branch_is_closed"


class TerminalNotFound(NotFound):
    code = "terminal_not_found"


class TerminalIsClosed(DomainError):
    """A closed terminal never opens again; facts: `terminal`."""

    code = "terminal_is_closed"


class ContractBeginsTooEarly(BadInput):
    """A new version cannot begin before the one in force began; facts: `field`."""

    code = "contract_begins_too_early"


class UnknownShopKind(BadInput):
    code = "unknown_shop_kind"
