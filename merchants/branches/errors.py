"""What can be wrong with a branch that is asked for."""

from kernel.errors import BadInput, DomainError, NotFound, NotPermitted


class BranchWishNotFound(NotFound):
    code = "branch_wish_not_found"


class BranchWishIncomplete(BadInput):
    """Facts: `field` (shop, city, why), `most` where something has a measure."""

    code = "branch_wish_incomplete"


class BranchWishDecided(DomainError):
    """The union has decided, or the shop has given up."""

    code = "branch_wish_decided"


class OwnBranchWish(NotPermitted):
    """Nobody approves a branch that they asked for."""

    code = "own_branch_wish"


class BranchMovesAlready(DomainError):
    """The union has not yet decided on a move that was asked for."""

    code = "branch_moves_already"


class BranchNotReady(BadInput):
    """Why a branch cannot be closed yet, as `field`: last, shift, count, or heir where something is left that nobody would have."""

    code = "branch_not_ready"
