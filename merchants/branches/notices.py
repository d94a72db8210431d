"""What who runs the shop is told. Facts: `name` of the branch, `link`; LICENCE_ENDS_SOON has `days`, too."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose
from merchants.branches.rules import Act, Kind

LIVES = timedelta(days=3)

APPROVED = Notice("branch_approved", Purpose.SERVICE, LIVES)
REFUSED = Notice("branch_refused", Purpose.SERVICE, LIVES)
MOVED = Notice("branch_moved", Purpose.SERVICE, LIVES)
MOVE_REFUSED = Notice("branch_move_refused", Purpose.SERVICE, LIVES)
LICENCE_ENDS_SOON = Notice("branch_licence_ends_soon", Purpose.SERVICE, LIVES)
LICENCE_ENDED = Notice("branch_licence_ended", Purpose.SERVICE, LIVES)
WORKS_AGAIN = Notice("branch_works_again", Purpose.SERVICE, LIVES)

DECIDED = {
    (Kind.OPEN, Act.APPROVE): APPROVED,
    (Kind.OPEN, Act.REFUSE): REFUSED,
    (Kind.MOVE, Act.APPROVE): MOVED,
    (Kind.MOVE, Act.REFUSE): MOVE_REFUSED,
}
