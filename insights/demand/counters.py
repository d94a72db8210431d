"""Counters of searches in Redis, shared by all web processes, and how the database takes them over.

A search never waits for the table, and is answered where Redis is away; it is not counted then. What is counted stands in one hash
until a turn renames it to a batch with a number. The turn after the one that has written the batch down throws it away, so that
a turn that dies, before or after its commit, neither loses nor doubles anything.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError

from kernel.settings import load_settings

log = logging.getLogger(__name__)

REDIS_SECONDS = 0.2
KEPT = timedelta(days=7)  # where nothing takes them over
NUMBER = "number"
MEASURES = ("searches", "people", "nothing")

# KEYS: what is being counted, the batch. ARGV: the number of the batch that is written down already, a number for the next one.
_TAKE = """
if redis.call('HGET', KEYS[2], 'number') == ARGV[1] then redis.call('DEL', KEYS[2]) end
if redis.call('EXISTS', KEYS[2]) == 0 then
    if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
    redis.call('RENAME', KEYS[1], KEYS[2])
    redis.call('PERSIST', KEYS[2])
    redis.call('HSET', KEYS[2], 'number', ARGV[2])
end
return redis.call('HGETALL', KEYS[2])
"""


class Way(NamedTuple):
    """What was searched for, on which day; the columns that make a row of `search_count` one."""

    searched_on: date
    kind: str
    city_id: int | None
    wanted_on: date | None
    party: str
    is_accessible: bool


Counts = Mapping[str, int]


class Batch(NamedTuple):
    number: str
    counts: dict[Way, dict[str, int]]


def count(ways: Iterable[tuple[Way, Counts]]) -> None:
    """Add to the counters of some ways to search, all or none of them."""
    try:
        with _redis().pipeline(transaction=True) as pipe:
            for way, counts in ways:
                for measure in MEASURES:
                    if counts[measure]:
                        pipe.hincrby(_name("live"), f"{_text(way)}|{measure}", counts[measure])
            pipe.expire(_name("live"), KEPT)
            pipe.execute()
    except RedisError as error:
        log.warning("searches are not counted: %s", type(error).__name__)


def take(written: str | None) -> Batch | None:
    """The batch that is to be written down next; the one that is `written` is thrown away. None where nothing was counted.

    Raises RedisError.
    """
    found: list[bytes] = _redis().eval(_TAKE, 2, _name("live"), _name("batch"), written or "", str(uuid4()))
    fields = {name.decode(): value.decode() for name, value in zip(found[::2], found[1::2], strict=True)}
    if not fields:
        return None
    number = fields.pop(NUMBER)
    counts: dict[Way, dict[str, int]] = {}
    for name, value in fields.items():
        text, _, measure = name.rpartition("|")
        counts.setdefault(_way(text), dict.fromkeys(MEASURES, 0))[measure] = int(value)
    return Batch(number, counts)


def _text(way: Way) -> str:
    city, wanted = way.city_id or "", way.wanted_on.isoformat() if way.wanted_on else ""
    return f"{way.searched_on.isoformat()}|{way.kind}|{city}|{wanted}|{way.party}|{int(way.is_accessible)}"


def _way(text: str) -> Way:
    searched, kind, city, wanted, party, accessible = text.split("|")
    return Way(
        date.fromisoformat(searched), kind, int(city) if city else None, date.fromisoformat(wanted) if wanted else None, party,
        accessible == "1",
    )  # fmt: skip


def _name(part: str) -> str:
    """Two installations that share a Redis do not count together."""
    told = f"{load_settings().database_url} {load_settings().secret_key}"
    return f"searched:{hashlib.sha256(told.encode()).hexdigest()[:24]}:{part}"


def _redis() -> Redis:
    return _at(load_settings().redis_url)


@cache
def _at(address: str) -> Redis:
    return Redis.from_url(address, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
