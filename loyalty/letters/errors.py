"""What can be wrong with a letter."""

from kernel.errors import BadInput, DomainError, NotFound, NotPermitted


class LetterNotFound(NotFound):
    code = "letter_not_found"


class LetterLinkNotOurs(NotFound):
    """The link of a letter was cut short or made up."""

    code = "letter_link_not_ours"


class WrongLetter(BadInput):
    """Facts: `field` (text_fa and so on, subject_fa and so on, channel, send_at, purpose), `fault` where there are several, `most`."""

    code = "wrong_letter"


class NobodyToWriteTo(DomainError):
    """Nobody in the group has agreed to the organisation's messages and can be reached by the letter's channel."""

    code = "nobody_to_write_to"


class LetterIsOver(DomainError):
    """It has left, or was stopped or refused."""

    code = "letter_is_over"


class OwnLetter(NotPermitted):
    """Nobody decides on what they wrote themselves."""

    code = "own_letter"
