"""What happened to zones."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ZonesRedrawn:
    """Places of the city after this one have not followed yet; 0 for all of them."""

    city_id: int
    after_place: int = 0
