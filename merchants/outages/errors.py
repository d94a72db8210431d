"""What can be wrong with an outage."""

from kernel.errors import BadInput, NotFound


class OutageNotFound(NotFound):
    """There is none, or it has ended."""

    code = "outage_not_found"


class WrongOutage(BadInput):
    """Facts: `field` (text_fa, text_en, text_ar, text_ur, parts, cities, kind, audience, begins, ends), `fault`, `most`."""

    code = "wrong_outage"
