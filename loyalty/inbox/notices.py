"""What a text is answered with."""

from datetime import timedelta

from kernel.messages.rules import Notice, Purpose

LIVES = timedelta(hours=6)

BALANCE = Notice("balance_answer", Purpose.SERVICE, LIVES)  # facts: `cards`
NO_CARD = Notice("no_card_answer", Purpose.SERVICE, LIVES)
NO_OFFERS = Notice("no_offers_answer", Purpose.SERVICE, LIVES)
OFFERS_AGAIN = Notice("offers_again_answer", Purpose.SERVICE, LIVES)
NOT_UNDERSTOOD = Notice("not_understood_answer", Purpose.SERVICE, LIVES)
