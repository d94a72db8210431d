"""What can be wrong with opening hours. Every BadInput carries `field`."""

from kernel.errors import BadInput


class UnreadableHours(BadInput):
    """`part` is what could not be read, as it was typed; `fault`: syntax, time, additional, school, sun, too_long."""

    code = "unreadable_hours"
