"""What owners of shops are told of an outage. Facts: `text`, `link`."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose

LIVES = timedelta(hours=6)  # what is told later is of no use

BEGUN = Notice("outage_begun", Purpose.SERVICE, LIVES)
ENDED = Notice("outage_ended", Purpose.SERVICE, LIVES)
