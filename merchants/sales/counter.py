"""The office of a door that answers one request at a time on a thread, such as the portal.

The use cases are the gateway's own. Here nothing that they wait for needs an event loop: reads run in the session of the
visit, the teller is asked over a connection of the visit, and nothing is kept between two visits.
"""

from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from msgspec.structs import replace
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from sqlalchemy.orm import Session

from cardbank.cards.challenges import LiveProofs
from cardbank.keystore.services import open_keystore
from cardbank.ledger import services as ledger
from cardbank.ledger.client import SyncTellerClient
from cardbank.ledger.types import Answer, PostingRequest
from kernel.settings import Settings
from merchants.instalments.services.posting import at_desk
from merchants.instalments.services.returning import WithSchedules
from merchants.sales.directory import AsyncSnapshots, Directory
from merchants.sales.services import Office

T = TypeVar("T")

REDIS_SECONDS = 1.0


class _VisitRunner:
    """Runs work in the unit of work that is open already: what it writes is committed with the visit."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def __call__(self, work: Callable[[Session], T]) -> T:
        return work(self._session)


class _VisitTeller:
    """Asks over a connection of its own: one that a restarted teller has left cannot blur an outcome."""

    def __init__(self, socket_path: Path) -> None:
        self._socket_path = socket_path

    async def post(self, request: PostingRequest) -> Answer:
        client = SyncTellerClient(self._socket_path)
        try:
            return client.post(request)
        finally:
            client.close()


class _DeskTeller:
    """Posts within the visit's own transaction: the entry and the rows that speak of it are committed together."""

    def __init__(self, runner: _VisitRunner) -> None:
        self._run = runner

    async def post(self, request: PostingRequest) -> Answer:
        return await at_desk(self._run, lambda session: ledger.post(session, [request])[0])


class _ThreadRedis:
    """The commands of live proofs, answered before they are awaited."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def set(self, name: str, value: bytes, ex: int, *, nx: bool = False) -> object:
        return self._redis.set(name, value, ex=ex, nx=nx)

    async def getdel(self, name: str) -> object:
        return self._redis.getdel(name)


def counter_office(session: Session, settings: Settings) -> Office:
    """What a use case needs at hand during one visit."""
    runner = _VisitRunner(session)
    proofs = LiveProofs(cast("AsyncRedis", _ThreadRedis(_redis(settings.redis_url))))
    teller = WithSchedules(_VisitTeller(settings.teller_socket), runner)
    return Office(Directory(AsyncSnapshots(), runner), open_keystore(settings), teller, proofs, runner)


def desk_office(session: Session, settings: Settings) -> Office:
    """The same for an act whose own rows must agree with the ledger, such as an order: both stand, or neither."""
    runner = _VisitRunner(session)
    return replace(counter_office(session, settings), teller=WithSchedules(_DeskTeller(runner), runner))


def at_once(use_case: Coroutine[Any, Any, T]) -> T:
    """The result of a use case over a `counter_office`. Raises RuntimeError for one that would wait for an event loop."""
    try:
        use_case.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    use_case.close()
    raise RuntimeError("a use case of the counter waits for an event loop")


@cache
def _redis(address: str) -> Redis:
    return Redis.from_url(address, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
