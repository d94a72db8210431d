"""Why a desk or a till hands no card out. Facts only."""

from kernel.errors import DomainError


class PilgrimHasCard(DomainError):
    """Who has come is on record and holds a card; facts: `person_id`."""

    code = "pilgrim_has_card"
