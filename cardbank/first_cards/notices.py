"""What a person is told who waits for a first card."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose

# Facts: `desk`.
FIRST_CARD_READY = Notice("first_card_ready", Purpose.SERVICE, timedelta(days=2))
