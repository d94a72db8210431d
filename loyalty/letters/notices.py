"""The messages that carry a letter, by its purpose and the channel. Facts: `text`, `sender`; of e-mail also `subject`, and of an offer
by e-mail `unsubscribe`.
"""

from datetime import timedelta

from kernel.messages.rules import Channel, Notice, Purpose

OFFER_LETTER = Notice("offer_letter", Purpose.OFFER, timedelta(days=3))
SERVICE_LETTER = Notice("service_letter", Purpose.SERVICE, timedelta(days=1))
OFFER_MAIL = Notice("offer_mail", Purpose.OFFER, timedelta(days=3))
SERVICE_MAIL = Notice("service_mail", Purpose.SERVICE, timedelta(days=1))
NOTICES = {Channel.SMS: (OFFER_LETTER, SERVICE_LETTER), Channel.EMAIL: (OFFER_MAIL, SERVICE_MAIL)}
PURPOSES = (Purpose.OFFER, Purpose.SERVICE)


def notice_of(purpose: str, channel: str) -> Notice:
    return next(one for one in NOTICES[Channel(channel)] if one.purpose == purpose)
