"""What can be wrong with a statement about a place's past. Every BadInput carries `field`."""

from kernel.errors import BadInput, NotFound


class WrongStatement(BadInput):
    """Facts: `field` (history_kind, history_text_fa, history_year, history_source, history_licence), `fault`, `most`."""

    code = "wrong_statement"


class StatementNotFound(NotFound):
    code = "place_statement_not_found"
