"""What can be wrong with a field of a shop's own, and with what is said in one."""

from kernel.errors import BadInput, NotFound


class WrongField(BadInput):
    """Facts: `field` (name_fa, name_en, kind, choices, subject), `fault` (name, taken, choices, most), `most`."""

    code = "wrong_shop_field"


class FieldNotFound(NotFound):
    code = "shop_field_not_found"


class WrongValue(BadInput):
    """Facts: `field` (own_7), `name` of the shop's field, `fault` (its kind), `choices`, `most`."""

    code = "wrong_field_value"
