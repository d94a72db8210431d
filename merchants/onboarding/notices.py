"""What a shop's applicant is told about the file. Facts: `link`; LICENCE_ENDS_SOON has `days`, too."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose
from merchants.onboarding.rules import Act, State

LIVES = timedelta(days=3)

APPROVED_BY_UNION = Notice("file_approved_by_union", Purpose.SERVICE, LIVES)
ACTIVE = Notice("file_active", Purpose.SERVICE, LIVES)
RETURNED = Notice("file_returned", Purpose.SERVICE, LIVES)
SUSPENDED = Notice("file_suspended", Purpose.SERVICE, LIVES)
RESUMED = Notice("file_resumed", Purpose.SERVICE, LIVES)
CLOSED = Notice("file_closed", Purpose.SERVICE, LIVES)
LICENCE_ENDS_SOON = Notice("licence_ends_soon", Purpose.SERVICE, LIVES)
LICENCE_ENDED = Notice("licence_ended", Purpose.SERVICE, LIVES)

BY_ACT = {Act.RETURN: RETURNED, Act.SUSPEND: SUSPENDED, Act.RESUME: RESUMED, Act.CLOSE: CLOSED}


def notice_of(act: str, state: str) -> Notice:
    """What a decision is to its applicant: an approval is either half of the way or the end of it."""
    if act == Act.APPROVE:
        return ACTIVE if state == State.ACTIVE else APPROVED_BY_UNION
    return BY_ACT[Act(act)]
