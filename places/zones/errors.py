"""What can be wrong with a zone."""

from kernel.errors import BadInput, DomainError, NotFound


class ZoneNotFound(NotFound):
    code = "zone_not_found"


class WrongOutline(BadInput):
    """`fault`: none, unreadable, kind (of geometry), holes, few or many corners, crossing (at `corner`, counted from one)."""

    code = "wrong_outline"


class ZoneOverlaps(BadInput):
    """It cuts into other zones, and nobody said that this is meant; facts: `others`, their names."""

    code = "zone_overlaps"


class ZoneChangedMeanwhile(DomainError):
    """Somebody else kept another outline or name since the form was opened."""

    code = "zone_changed_meanwhile"
