"""The messages that carry a letter. Facts: `text`, `sender`."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose

OFFER_LETTER = Notice("offer_letter", Purpose.OFFER, timedelta(days=3))
SERVICE_LETTER = Notice("service_letter", Purpose.SERVICE, timedelta(days=1))
NOTICES = {one.purpose.value: one for one in (OFFER_LETTER, SERVICE_LETTER)}
