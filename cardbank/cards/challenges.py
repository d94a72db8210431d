"""The online tap's challenge: made for one card at one terminal, single-use as a proof, dead after five seconds.

The pair challenge → card stays in PostgreSQL as long as a reversal may name it. The live proof stands in Redis alone: with
Redis lost the till is told that the challenge is unknown, and taps again.
"""

import logging
import secrets
from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import delete
from sqlalchemy.orm import Session

from cardbank.cards.application import ONLINE
from cardbank.cards.models import CardChallenge
from cardbank.cards.rules import CardProfile
from cardbank.keystore.ports import CardKey
from kernel import clock
from kernel.db import rows_changed

log = logging.getLogger(__name__)

ID_BYTES = 8
PROOF_LIVES_SECONDS = 5
CODE_KEPT_SECONDS = 120  # longer than a holder's code lives
KEPT_DAYS = 35


def new_challenge_id() -> bytes:
    return secrets.token_bytes(ID_BYTES)


def online_key(card: CardProfile) -> CardKey:
    """The key that proves this card in an online tap. Raises ValueError for a card without a chip."""
    if card.uid is None:
        raise ValueError("a card without a chip cannot be challenged")
    return CardKey(card.key_version, card.uid, ONLINE)


def record_challenge(session: Session, challenge_id: bytes, card_id: int, terminal_id: int) -> None:
    session.add(CardChallenge(id=challenge_id, card_id=card_id, terminal_id=terminal_id, created_at=clock.now()))


def forget_old_challenges(session: Session, now: datetime) -> int:
    """Drop what no reversal may name any more; returns how many."""
    return rows_changed(session, delete(CardChallenge).where(CardChallenge.created_at < now - timedelta(days=KEPT_DAYS)))


class LiveProofs:
    """Sealed proofs waiting for their card's answer, and the holders' codes that were used."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, challenge_id: bytes, sealed_state: bytes) -> bool:
        """False where Redis is lost: the till is told to try again later."""
        try:
            await self._redis.set(_name(challenge_id), sealed_state, ex=PROOF_LIVES_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("live proofs are lost: %s", type(error).__name__)
            return False
        return True

    async def take(self, challenge_id: bytes) -> bytes | None:
        """The sealed state, once; None when used, late, unknown, or lost with Redis."""
        try:
            sealed = await self._redis.getdel(_name(challenge_id))
        except (RedisError, OSError) as error:
            log.warning("live proofs are lost: %s", type(error).__name__)
            return None
        return sealed if isinstance(sealed, bytes) else None

    async def spend_code(self, digits: str) -> bool:
        """Whether a holder's code is used for the first time. With Redis lost nobody can say so, and it is not used."""
        try:
            return bool(await self._redis.set(_spent(digits), b"1", ex=CODE_KEPT_SECONDS, nx=True))
        except (RedisError, OSError) as error:
            log.warning("used codes are lost: %s", type(error).__name__)
            return False


def _spent(digits: str) -> str:
    return f"code:{digits}"


def _name(challenge_id: bytes) -> str:
    return f"proof:{challenge_id.hex()}"
