import asyncio
import secrets

from redis import Redis as SyncRedis
from redis.asyncio import Redis

from cardbank.cards.challenges import PROOF_LIVES_SECONDS, LiveProofs, new_challenge_id

SEALED = b"sealed state"


def test_a_proof_is_taken_once(redis_url: str) -> None:
    async def scenario() -> list[bytes | None]:
        redis = Redis.from_url(redis_url)
        proofs, challenge = LiveProofs(redis), new_challenge_id()
        assert await proofs.keep(challenge, SEALED)
        taken = await asyncio.gather(*(proofs.take(challenge) for _ in range(8)))
        taken.append(await proofs.take(new_challenge_id()))
        await redis.aclose()
        return taken

    assert sorted(asyncio.run(scenario()), key=lambda value: value is None) == [SEALED] + [None] * 8


def test_a_proof_dies_after_five_seconds(redis_url: str) -> None:
    challenge = new_challenge_id()

    async def keep() -> None:
        redis = Redis.from_url(redis_url)
        await LiveProofs(redis).keep(challenge, SEALED)
        await redis.aclose()

    asyncio.run(keep())
    with SyncRedis.from_url(redis_url) as redis:
        [name] = redis.keys(f"*{challenge.hex()}")
        assert 0 < redis.pttl(name) <= PROOF_LIVES_SECONDS * 1000 == 5000
        redis.delete(name)


def test_without_redis_a_challenge_is_not_kept_and_a_proof_is_unknown() -> None:
    async def scenario() -> tuple[bool, bytes | None]:
        redis = Redis(unix_socket_path=f"/nowhere/{secrets.token_hex(4)}.sock")
        proofs = LiveProofs(redis)
        outcome = await proofs.keep(new_challenge_id(), SEALED), await proofs.take(new_challenge_id())
        await redis.aclose()
        return outcome

    assert asyncio.run(scenario()) == (False, None)
