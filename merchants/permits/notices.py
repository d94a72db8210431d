"""What they who asked for a permit are told. Facts: `number`, `link`; ENDS_SOON has `days`."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose
from merchants.permits.rules import Act

LIVES = timedelta(days=3)

GRANTED = Notice("permit_granted", Purpose.SERVICE, LIVES)
REFUSED = Notice("permit_refused", Purpose.SERVICE, LIVES)
WITHDRAWN = Notice("permit_withdrawn", Purpose.SERVICE, LIVES)
ENDS_SOON = Notice("permit_ends_soon", Purpose.SERVICE, LIVES)

BY_ACT = {Act.GRANT: GRANTED, Act.REFUSE: REFUSED, Act.WITHDRAW: WITHDRAWN}
