"""How often one may ask: a steady rate with a burst (GCRA), counted in Redis for all web processes together.

Without Redis nobody is held back: what guards passwords and codes counts in the database.
"""

import hashlib
import logging
from dataclasses import dataclass
from functools import cache

from redis import Redis
from redis.commands.core import Script
from redis.exceptions import RedisError

from kernel.errors import DomainError
from kernel.settings import load_settings

log = logging.getLogger(__name__)

REDIS_SECONDS = 0.2

# KEYS[1]: when the next request would be in step. ARGV: milliseconds between two in step, milliseconds of burst.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
if due - now > tonumber(ARGV[2]) then return due - now - ARGV[2] end
redis.call('SET', KEYS[1], string.format('%.0f', due + ARGV[1]), 'PX', math.ceil(due + ARGV[1] - now))
return 0
"""


class TooManyRequests(DomainError):
    """Facts: `wait_seconds` until the next request is taken."""

    code = "too_many_requests"
    status = 429


@dataclass(frozen=True, slots=True)
class Limit:
    """`a_minute` on average, all of them at once at most."""

    name: str
    a_minute: int


SIGN_INS = Limit("sign-in", 60)  # what an address may try in a minute by pages and API: a hotel full of pilgrims has one


def check_limit(limit: Limit, who: str) -> None:
    """Count one request of somebody. Raises TooManyRequests."""
    step = 60_000 / limit.a_minute
    try:
        wait = _counter(load_settings().redis_url)(keys=[_key(limit, who)], args=[step, 60_000 - step])
    except RedisError as error:
        log.warning("requests are not counted: %s", type(error).__name__)
        return
    if wait > 0:
        raise TooManyRequests(wait_seconds=-(-wait // 1000))


def _key(limit: Limit, who: str) -> str:
    """No address of anybody stands in Redis, and two installations that share one do not count together."""
    told = f"{load_settings().database_url} {load_settings().secret_key} {who}"
    return f"limit:{limit.name}:{hashlib.sha256(told.encode()).hexdigest()[:24]}"


@cache
def _counter(address: str) -> Script:
    redis = Redis.from_url(address, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
    return redis.register_script(_TAKE)
