"""What who runs the shop is told. Facts: `name` of the branch, `link`."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose
from merchants.branches.rules import Act

APPROVED = Notice("branch_approved", Purpose.SERVICE, timedelta(days=3))
REFUSED = Notice("branch_refused", Purpose.SERVICE, timedelta(days=3))
BY_ACT = {Act.APPROVE: APPROVED, Act.REFUSE: REFUSED}
