"""What pilgrims are told of their bookings, and leaders of who is lost.

Facts of bookings: `house` and `link`; CONFIRMED has `code`, OFFERED `until`, CANCELLED and CALLED_OFF `refund`,
MOVED `day` and `time`. HELP has `called`, `place` and `link`, FISHING
`terminal` and `link`.
"""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose

CONFIRMED = Notice("booking_confirmed", Purpose.SERVICE, timedelta(days=1))
CANCELLED = Notice("booking_cancelled", Purpose.SERVICE, timedelta(days=1))
OFFERED = Notice("places_offered", Purpose.SERVICE, timedelta(hours=2))
CALLED_OFF = Notice("programme_called_off", Purpose.SERVICE, timedelta(days=1))
MOVED = Notice("programme_moved", Purpose.SERVICE, timedelta(days=1))
HELP = Notice("help_shown", Purpose.SERVICE, timedelta(hours=6))
FISHING = Notice("help_asked_too_often", Purpose.SERVICE, timedelta(hours=6))
