"""What complainants and shops are told. Facts: `shop`, `link`; NO_NEWS and TAKEN have `until`, the two of an order `amount`."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose
from merchants.complaints.rules import State

LIVES = timedelta(days=3)
MOST = 3  # a day to one number: anybody may complain and write any

TAKEN = Notice("complaint_taken", Purpose.SERVICE, LIVES, MOST)
IN_PROGRESS = Notice("complaint_in_progress", Purpose.SERVICE, LIVES, MOST)
ASKED = Notice("complaint_asked", Purpose.SERVICE, LIVES, MOST)
NO_NEWS = Notice("complaint_no_news", Purpose.SERVICE, LIVES)
RESOLVED = Notice("complaint_resolved", Purpose.SERVICE, LIVES, MOST)
REFUSED = Notice("complaint_refused", Purpose.SERVICE, LIVES, MOST)
REFUNDED = Notice("complaint_refunded", Purpose.SERVICE, LIVES)
ORDERED = Notice("shop_refund_ordered", Purpose.SERVICE, LIVES)

BY_STATE = {
    State.ACKNOWLEDGED: TAKEN,
    State.IN_PROGRESS: IN_PROGRESS,
    State.WAITING: ASKED,
    State.RESOLVED: RESOLVED,
    State.REFUSED: REFUSED,
}
