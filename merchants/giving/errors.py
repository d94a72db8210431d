"""What giving refuses, as facts."""

from kernel.errors import BadInput, NotFound


class ReceiverNotFound(NotFound):
    """Not registered, ended, or its bank account is not approved yet."""

    code = "receiver_not_found"


class WrongReceiver(BadInput):
    """Facts carry `field`: name, about or causes."""

    code = "wrong_receiver"


class WrongCause(BadInput):
    """The receiver takes nothing for this cause."""

    code = "wrong_cause"
