"""What can be wrong with a works notice."""

from kernel.errors import BadInput, NotFound


class WorksNotFound(NotFound):
    """There is none of this municipality, or it is over."""

    code = "works_not_found"


class WrongWorks(BadInput):
    """Facts: `field` (text_fa, text_en, text_ar, text_ur, kind, severity, where, begins, ends), `fault`, `most`."""

    code = "wrong_works"
