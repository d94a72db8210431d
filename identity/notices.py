"""What people are told about getting in."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose

# Facts: `code`.
SIGN_IN_CODE = Notice("sign_in_code", Purpose.CODE, timedelta(minutes=5))
# Facts: `code`.
NUMBER_CODE = Notice("number_code", Purpose.CODE, timedelta(minutes=5))
NUMBER_CHANGED = Notice("number_changed", Purpose.SERVICE, timedelta(days=2))
# Facts: `code`.
EMAIL_CODE = Notice("email_code", Purpose.CODE, timedelta(minutes=30))
# To the address that was the person's until now. Facts: `link`.
EMAIL_CHANGED = Notice("email_changed", Purpose.SERVICE, timedelta(days=2))
EMAIL_REMOVED = Notice("email_removed", Purpose.SERVICE, timedelta(days=2))
# Facts: `organisation`, `code`, `link`.
INVITATION = Notice("invitation", Purpose.SERVICE, timedelta(days=2))
