"""What people are told about getting in."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose

# Facts: `code`.
SIGN_IN_CODE = Notice("sign_in_code", Purpose.CODE, timedelta(minutes=5))
# Facts: `organisation`, `code`, `link`.
INVITATION = Notice("invitation", Purpose.SERVICE, timedelta(days=2))
