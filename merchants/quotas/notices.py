"""What a shop is told of its share. Facts: `goods`, `until`, `link`."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose

LIVES = timedelta(days=3)

SHARE_READY = Notice("quota_share_ready", Purpose.SERVICE, LIVES)
