"""What who answers for a shop is told of a due. Facts: `creditor`, `amount`, `day`, `link`."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose
from merchants.dues.rules import EARLY, WEEK

LIVES = timedelta(days=3)

ENTERED = Notice("due_entered", Purpose.SERVICE, LIVES)
SOON = Notice("due_soon", Purpose.SERVICE, LIVES)
TODAY = Notice("due_today", Purpose.SERVICE, LIVES)

BY_DAYS = {EARLY: ENTERED, WEEK: SOON, 0: TODAY}
