"""What owners of shops are told of works near them. Facts: `text`, `link`."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose

LIVES = timedelta(days=1)

BEGUN = Notice("works_begun", Purpose.SERVICE, LIVES)
CALLED_OFF = Notice("works_called_off", Purpose.SERVICE, LIVES)
