"""What a shop may look like."""

from enum import StrEnum

from merchants.look.errors import UnknownAccent


class Accent(StrEnum):
    TURQUOISE = "turquoise"
    LAPIS = "lapis"
    PISTACHIO = "pistachio"
    SAFFRON = "saffron"
    POMEGRANATE = "pomegranate"
    ROSE = "rose"
    VIOLET = "violet"
    WALNUT = "walnut"


def typed_accent(text: str) -> Accent | None:
    """None for the platform's own colour. Raises UnknownAccent."""
    if not text:
        return None
    if text not in set(Accent):
        raise UnknownAccent(field="accent")
    return Accent(text)
