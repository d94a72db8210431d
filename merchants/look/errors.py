"""What a shop's look refuses, as facts."""

from kernel.errors import BadInput


class UnknownAccent(BadInput):
    """None of the colours that are offered."""

    code = "unknown_accent"
