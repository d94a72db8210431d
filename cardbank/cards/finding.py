"""A card by what a clerk types, a scanner reads or a reader senses; nothing of it stands in an address."""

import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.cards.application import UID_BYTES
from cardbank.cards.codes import CODE_DIGITS, read_code
from cardbank.cards.models import Card, Member
from cardbank.cards.queries import card_profile, find_by_number, find_by_uid
from cardbank.cards.rules import CardProfile, is_card_number
from cardbank.errors import CardCodeExpired, CardCodeUnknown
from cardbank.keystore.ports import KeyStore
from kernel.text import latin_digits

END_DIGITS = 4
_CHIP = re.compile(r"04[0-9a-f]{12}", re.IGNORECASE)  # ISO/IEC 7816-6: NXP's chips begin so


def card_of_typed(session: Session, keystore: KeyStore, typed: str, now: datetime) -> CardProfile | None:
    """The one card with this number, this chip, or this code of its holder's page; None where there is none."""
    text = card_text(typed)
    if is_card_number(text):
        return find_by_number(session, keystore, text)
    if len(text) == CODE_DIGITS and text.isdecimal():
        try:
            return card_profile(session, read_code(keystore, text, now).card_id)
        except (CardCodeUnknown, CardCodeExpired):
            return None
    return find_by_uid(session, bytes.fromhex(text)) if _CHIP.fullmatch(text) and len(text) == 2 * UID_BYTES else None


def persons_of_card_end(session: Session, typed: str, most: int = 10) -> list[int]:
    """Who holds, or held, a card that ends in these four digits, the newest card first."""
    text = card_text(typed)
    if not (len(text) == END_DIGITS and text.isdecimal()):
        return []
    ends = (func.right(Card.masked, END_DIGITS) == text) & Member.person_id.is_not(None)
    held = select(Member.person_id).join(Card, Card.member_id == Member.id).where(ends).order_by(Card.id.desc()).limit(most)
    return list(dict.fromkeys(person_id for person_id in session.scalars(held) if person_id is not None))


def card_text(typed: str) -> str:
    """What was typed or scanned, in Latin digits, without what people put between them."""
    return re.sub(r"[\s\u200c:.,-]", "", latin_digits(typed))[: CODE_DIGITS + 1]
