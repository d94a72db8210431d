"""Takes one text: does what it wants and answers the number that sent it."""

from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import CardStatus
from cardbank.statements import balances
from identity.models import Person
from kernel import clock
from kernel.audit import Actor
from kernel.messages.ports import IncomingText
from kernel.messages.rules import Notice
from kernel.messages.services import address_digest, allow_offers, refuse_offers, send
from kernel.messages.texts import Facts
from kernel.money import grouped
from kernel.sealing import seal
from kernel.text import localised_digits
from loyalty.inbox import notices
from loyalty.inbox.models import CustomerText
from loyalty.inbox.rules import ANSWERS_AN_HOUR, Command, command_of

SENDER = Actor.system("SMS of a customer")
WORDS = "words of a customer's SMS"
MOST_CARDS = 3
MOST_PEOPLE = 5  # who share a number


def take_text(session: Session, incoming: IncomingText) -> bool:
    """Do what a text wants and answer it; False where it was taken before."""
    command, spoken = command_of(incoming.text)
    digest, now = address_digest(incoming.sender), clock.now()
    _lock(session, digest)
    people = session.scalars(select(Person).where(Person.mobile == incoming.sender).order_by(Person.id).limit(MOST_PEOPLE)).all()
    words = incoming.text.strip() if command is Command.UNKNOWN else ""
    row = {
        "key": incoming.key, "from_digest": digest, "command": command.value, "is_answered": False, "at": now,
        "person_id": people[0].id if len(people) == 1 else None,
        "words_sealed": seal(WORDS, words, digest.hex()) if words else None,
    }  # fmt: skip
    made = session.scalar(insert(CustomerText).values(row).on_conflict_do_nothing().returning(CustomerText.id))
    if made is None:
        return False
    language = spoken or (people[0].language if people else "fa")
    notice, facts = _answer(session, incoming.sender, command, [one.id for one in people], language)
    if _answers_in_the_hour(session, digest) < ANSWERS_AN_HOUR:
        send(session, notice, incoming.sender, language, facts, key=f"answer {made}")
        session.get_one(CustomerText, made).is_answered = True
        session.flush()
    return True


def _lock(session: Session, digest: bytes) -> None:
    """Texts of one number are taken one after the other, so that its answers are counted right."""
    key = {"key": int.from_bytes(digest[:8], signed=True)}
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), key)


def _answers_in_the_hour(session: Session, digest: bytes) -> int:
    since = CustomerText.at > clock.now() - timedelta(hours=1)
    answered = (
        select(func.count()).select_from(CustomerText).where(CustomerText.from_digest == digest, since, CustomerText.is_answered)
    )
    return session.scalar(answered) or 0


def _answer(session: Session, sender: str, command: Command, people: list[int], language: str) -> tuple[Notice, Facts]:
    if command is Command.STOP:
        refuse_offers(session, SENDER, sender)
        return notices.NO_OFFERS, {}
    if command is Command.START:
        allow_offers(session, SENDER, sender)
        return notices.OFFERS_AGAIN, {}
    if command is Command.UNKNOWN:
        return notices.NOT_UNDERSTOOD, {}
    lines = _balances(session, people, language)
    return (notices.BALANCE, {"cards": "\n".join(lines)}) if lines else (notices.NO_CARD, {})


def _balances(session: Session, people: list[int], language: str) -> list[str]:
    """A line for each card that pays, the newest first: its last four digits, its money, and the credit that may be spent."""
    cards = [
        card
        for person_id in people
        for card in cards_of_person(session, person_id)
        if card.status is CardStatus.ACTIVE and card.holds_money
    ]
    lines = []
    for card in sorted(cards, key=lambda one: one.card_id, reverse=True)[:MOST_CARDS]:
        if card.wallet_id is not None:
            held = balances(session, card.wallet_id, clock.now())
            figures = f"{grouped(held.money_rial)} + {grouped(held.credit_rial)}"
            lines.append(localised_digits(f"…{card.masked[-4:]}: {figures}", language))
    return lines
