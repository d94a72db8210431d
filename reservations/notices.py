"""What pilgrims are told of their bookings. Facts: `house` and `link`; CONFIRMED has `code`, OFFERED `until`,
CANCELLED and CALLED_OFF `refund`.
"""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose

CONFIRMED = Notice("booking_confirmed", Purpose.SERVICE, timedelta(days=1))
CANCELLED = Notice("booking_cancelled", Purpose.SERVICE, timedelta(days=1))
OFFERED = Notice("places_offered", Purpose.SERVICE, timedelta(hours=2))
CALLED_OFF = Notice("programme_called_off", Purpose.SERVICE, timedelta(days=1))
