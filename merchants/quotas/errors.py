"""What can be wrong with a quota. Facts only; sentences are made at the edge."""

from kernel.errors import BadInput, DomainError, NotFound


class QuotaNotFound(NotFound):
    code = "quota_not_found"


class WrongQuota(BadInput):
    """Facts: `field` and `fault`."""

    code = "wrong_quota"


class MoreThanFree(BadInput):
    """Somebody else may have shared it out meanwhile; facts: `field`, and `free` as text."""

    code = "more_than_free"


class MoreThanShare(BadInput):
    """Facts: `field`, and `left` as text."""

    code = "more_than_share"


class NobodyToShareWith(DomainError):
    """No shop of the union gets anything."""

    code = "nobody_to_share_with"


class ShopGetsNone(DomainError):
    """Facts: `fault`, one of `rules.LeftOut`."""

    code = "shop_gets_none"


class WindowClosed(DomainError):
    """Facts: `fault`, early or over."""

    code = "quota_window_closed"


class HandOutNotFound(NotFound):
    code = "hand_out_not_found"


class HandOutDecided(DomainError):
    """It was confirmed or taken back before."""

    code = "hand_out_decided"
