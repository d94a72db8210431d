"""Sending notices, and who wants no offers."""

import hmac
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.messages.adapters import providers_of
from kernel.messages.models import Message, OfferRefusal
from kernel.messages.rules import LEASE, Channel, Notice, channel_of, quiet_hours, send_at, shown
from kernel.messages.texts import Facts
from kernel.sealing import open_sealed, seal
from kernel.settings import load_settings

ADDRESS = "message address"
FACTS = "message facts"


def send(session: Session, notice: Notice, to: str, language: str, facts: Facts | None = None, *, key: str | None = None) -> None:
    """Send a notice when this transaction is committed; `to` is a mobile number with its `+`, or an e-mail address.

    Nothing happens where `key` was sent before, or as many of the kind within a day as one address gets. Raises WrongAddress.
    """
    settings, now = load_settings(), clock.now()
    channel, digest = channel_of(to), address_digest(to)
    if notice.most_a_day is not None and _sent_since(session, notice, digest, now - timedelta(days=1)) >= notice.most_a_day:
        return
    row = {
        "key": key,
        "notice": notice.code,
        "purpose": notice.purpose.value,
        "channel": channel.value,
        "language": language,
        "to_sealed": seal(ADDRESS, to, channel.value),
        "to_digest": digest,
        "to_shown": shown(to),
        "facts_sealed": seal(FACTS, msgspec.json.encode(facts or {}).decode(), digest.hex()),
        "created_at": now,
        "due_at": send_at(notice.purpose, channel, now, quiet_hours(settings.quiet_hours), settings.zone),
        "expires_at": now + notice.lives,
    }
    session.execute(insert(Message).values(row).on_conflict_do_nothing(index_elements=["key"]))


def _sent_since(session: Session, notice: Notice, digest: bytes, since: datetime) -> int:
    here = (Message.to_digest == digest) & (Message.notice == notice.code) & (Message.created_at > since)
    return session.scalar(select(func.count()).where(here)) or 0


def withdraw(session: Session, keys: Select[str]) -> int:
    """Messages under these keys do not leave any more, but for those that a worker has in its hands; how many were kept back."""
    now = clock.now()
    here = Message.key.in_(keys) & (Message.state == "waiting")
    is_free = or_(Message.due_at <= now, Message.due_at > now + LEASE)
    waiting = select(Message.id).where(here, is_free).with_for_update(skip_locked=True)
    ended = update(Message).where(Message.id.in_(waiting)).values(state="expired", fault="stopped", facts_sealed=None)
    return len(session.scalars(ended.returning(Message.id)).all())


def is_open(channel: Channel) -> bool:
    """Whether anybody carries messages of this channel."""
    return bool(providers_of(load_settings())[channel])


def refuse_offers(session: Session, actor: Actor, to: str) -> None:
    """No offer reaches this address from now on."""
    refusal = insert(OfferRefusal).values(to_digest=address_digest(to), at=clock.now()).on_conflict_do_nothing()
    if session.scalar(refusal.returning(OfferRefusal.at)):
        audit.record(session, actor, "refuse", "offers", shown(to))


def allow_offers(session: Session, actor: Actor, to: str) -> None:
    ended = delete(OfferRefusal).where(OfferRefusal.to_digest == address_digest(to)).returning(OfferRefusal.at)
    if session.scalar(ended):
        audit.record(session, actor, "allow", "offers", shown(to))


def refuses_offers(session: Session, to: str) -> bool:
    return session.scalar(select(OfferRefusal.at).where(OfferRefusal.to_digest == address_digest(to))) is not None


def address_digest(address: str) -> bytes:
    """What an address is found by: keyed, as all mobile numbers could be tried out."""
    return hmac.digest(load_settings().secret_key.encode(), f"message address:{address}".encode(), "sha256")


def facts_of(message: Message) -> Facts | None:
    """The facts, while they are kept."""
    if message.facts_sealed is None:
        return None
    opened = open_sealed(FACTS, message.facts_sealed, message.to_digest.hex())
    return msgspec.json.decode(opened, type=dict[str, str | int])


def address_of(message: Message) -> str:
    return open_sealed(ADDRESS, message.to_sealed, message.channel)
