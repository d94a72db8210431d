"""What can be wrong with saying that a page is being updated."""

from kernel.errors import BadInput, DomainError


class WrongUpdate(BadInput):
    """Facts: `field` (last_on, note_fa …), `fault`, `most`."""

    code = "wrong_page_update"


class UpdatedByOthers(DomainError):
    """Somebody above this side says that the page is being updated. Facts: `by`."""

    code = "page_updated_by_others"
