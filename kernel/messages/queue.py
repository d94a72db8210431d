"""The way of messages out: taken up when due, carried by one provider after the other, asked after until their fate is known."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import clock
from kernel.messages.adapters import providers_of
from kernel.messages.html import as_html
from kernel.messages.models import Message, OfferRefusal
from kernel.messages.ports import Fate, Letter, Outcome, Provider
from kernel.messages.rules import (
    LEASE,
    Channel,
    Purpose,
    ask_again_at,
    parts_of,
    pause_after,
    provider_of,
    quiet_hours,
    send_at,
)
from kernel.messages.services import address_of, facts_of
from kernel.messages.texts import Texts
from kernel.settings import load_settings

MOST_AT_ONCE = 20
MOST_ASKED = 200
KEPT = timedelta(days=90)
STATES = {Fate.DELIVERED: "delivered", Fate.LOST: "failed", Fate.REFUSED: "refused"}


@dataclass(frozen=True, slots=True)
class Try:
    """A letter with the provider whose turn it is; `providers` is how many there are."""

    letter: Letter
    provider: Provider
    providers: int
    parts: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """Letters of one provider by its references."""

    provider: Provider
    messages: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Post:
    """The queue with its words."""

    texts: Texts

    def take_due(self, session: Session) -> list[Try]:
        """Messages whose time has come, codes first. Each is left alone for a while, should this worker die with it."""
        now = clock.now()
        first = case((Message.purpose == Purpose.CODE, 0), else_=1)
        due = session.scalars(
            select(Message)
            .where(Message.state == "waiting", Message.due_at <= now)
            .order_by(first, Message.due_at)
            .limit(MOST_AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        refusing = set(
            session.scalars(select(OfferRefusal.to_digest).where(OfferRefusal.to_digest.in_({one.to_digest for one in due})))
        )
        providers = providers_of(load_settings())
        tries = (self._try(one, providers[Channel(one.channel)], now, refuses=one.to_digest in refusing) for one in due)
        return [one for one in tries if one is not None]

    def _try(self, message: Message, providers: Sequence[Provider], now: datetime, *, refuses: bool) -> Try | None:
        ending = _ending(message, now, refuses=refuses, is_closed=not providers)
        if ending is not None:
            message.fault = "closed" if ending == "failed" else message.fault
            _end(message, ending)
            return None
        message.due_at = now + LEASE
        letter = self._letter(message)
        parts = parts_of(letter.text) if message.channel == Channel.SMS else None
        return Try(letter, providers[provider_of(message.tries, len(providers))], len(providers), parts)

    def _letter(self, message: Message) -> Letter:
        """E-mail as a page too; the fact `unsubscribe` is where its reader ends what it is one of."""
        facts = facts_of(message) or {}
        subject, text = self.texts.words(message.notice, message.language, facts)
        if message.channel == Channel.SMS:
            return Letter(message.id, address_of(message), subject, text)
        subject = " ".join(subject.split())
        html = as_html(subject, text, message.language)
        return Letter(message.id, address_of(message), subject, text, html, str(facts.get("unsubscribe", "")))

    @staticmethod
    def carry(one: Try) -> Outcome:
        """Outside every transaction."""
        return one.provider.send(one.letter)

    @staticmethod
    def note(session: Session, one: Try, outcome: Outcome) -> None:
        """What a try came to: taken, to be tried again later or by another provider, or given up."""
        message = session.get(Message, one.letter.number, with_for_update=True)
        if message is None or message.state != "waiting":
            return  # another try was faster
        now = clock.now()
        message.provider, message.fault = one.provider.name, outcome.fault
        if outcome.reference is not None:
            message.reference, message.parts, message.sent_at = outcome.reference, one.parts, now
            message.ask_at = ask_again_at(now, now) if outcome.is_asked else None
            _end(message, "sent")
            return
        message.tries += 1
        pause = None if outcome.is_final else pause_after(message.tries, one.providers)
        if pause is None:
            _end(message, "failed")
            return
        settings = load_settings()
        message.due_at = send_at(
            Purpose(message.purpose), Channel(message.channel), now + pause, quiet_hours(settings.quiet_hours), settings.zone
        )

    @staticmethod
    def take_asked(session: Session) -> list[Question]:
        """Letters on their way whose fate may be known by now, a question for each provider."""
        now = clock.now()
        providers = {provider.name: provider for carriers in providers_of(load_settings()).values() for provider in carriers}
        asked = session.scalars(
            select(Message)
            .where(Message.state == "sent", Message.ask_at <= now)
            .order_by(Message.ask_at)
            .limit(MOST_ASKED)
            .with_for_update(skip_locked=True)
        ).all()
        questions: dict[str, dict[str, int]] = defaultdict(dict)
        for message in asked:
            is_known = message.provider in providers and message.sent_at is not None
            message.ask_at = ask_again_at(message.sent_at, now) if is_known else None  # type: ignore[arg-type]
            if is_known:
                questions[str(message.provider)][str(message.reference)] = message.id
        return [Question(providers[name], references) for name, references in questions.items()]

    @staticmethod
    def ask(question: Question) -> Mapping[str, Fate]:
        """Outside every transaction."""
        return question.provider.fates(list(question.messages))

    @staticmethod
    def note_fates(session: Session, question: Question, fates: Mapping[str, Fate]) -> None:
        """Who refuses a line refuses the offers that come by it."""
        for reference, fate in sorted(fates.items()):
            told = (
                update(Message)
                .where(Message.id == question.messages[reference], Message.state == "sent")
                .values(state=STATES[fate], ask_at=None, fault=None if fate is Fate.DELIVERED else fate.value)
            )
            digest = session.scalar(told.returning(Message.to_digest))
            if digest is not None and fate is Fate.REFUSED:
                session.execute(insert(OfferRefusal).values(to_digest=digest, at=clock.now()).on_conflict_do_nothing())


def forget_old(session: Session) -> None:
    session.execute(delete(Message).where(Message.created_at < clock.now() - KEPT))


def _ending(message: Message, now: datetime, *, refuses: bool, is_closed: bool) -> str | None:
    """In what a message ends without a try, None where it is to be tried."""
    if message.purpose == Purpose.OFFER and refuses:
        return "refused"
    if message.expires_at <= now:
        return "expired"
    return "failed" if is_closed else None


def _end(message: Message, state: str) -> None:
    """Nothing more is to be sent, so what it said is forgotten; the laboratory's page shows it."""
    message.state = state
    if not load_settings().is_laboratory:
        message.facts_sealed = None
