"""`python -m pos_gateway`: the door of the terminals. Stops on SIGTERM or SIGINT after answering what is at work."""

import asyncio
import gc
import logging
import signal
import sys

import uvloop
from redis.asyncio import Redis

from cardbank.cards.challenges import LiveProofs
from cardbank.keystore.services import open_keystore
from cardbank.ledger.client import TellerClient
from kernel.errors import DomainError, StartRefused
from kernel.logs import set_up_logging
from kernel.settings import Settings, load_settings
from merchants.instalments.services.returning import WithSchedules
from merchants.sales.directory import AsyncSnapshots, Directory
from merchants.sales.services import Office
from pos_gateway.bank import DeskRunner, UnitOfWorkRunner, follow_changes
from pos_gateway.dispatch import Dispatcher
from pos_gateway.security import SerialJournal
from pos_gateway.server import Door, tls_context

log = logging.getLogger("pos_gateway")

REDIS_SECONDS = 1.0
JOURNAL_FILE = "gateway-serials.journal"


async def serve(settings: Settings) -> None:
    """Run until told to stop. Raises StartRefused with one sentence."""
    keystore = open_keystore(settings)
    journal = SerialJournal(settings.run_dir / JOURNAL_FILE)
    run = UnitOfWorkRunner()
    snapshots = AsyncSnapshots()
    redis = Redis.from_url(settings.redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
    teller = TellerClient(settings.teller_socket)
    office = Office(Directory(snapshots, run), keystore, WithSchedules(teller, DeskRunner(run)), LiveProofs(redis), run)
    door = Door(Dispatcher(office, journal, settings.zone))
    chores = [
        asyncio.create_task(follow_changes(settings.database_url, snapshots)),
        asyncio.create_task(door.sweep_for_ever()),
    ]
    try:
        await _listen(door, settings)
        gc.collect()
        gc.freeze()
        await _told_to_stop()
    finally:
        await door.close()
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        await teller.close()
        await redis.aclose()
        run.close()
        journal.close()


async def _listen(door: Door, settings: Settings) -> None:
    if settings.is_laboratory:
        host, port = await _open(door, settings.gateway_bind)
        log.info("listening on %s:%s", host, port)
    if settings.gateway_tls_bind:
        files = (settings.gateway_tls_certificate, settings.gateway_tls_key, settings.gateway_tls_client_ca)
        if None in files:
            raise StartRefused("PILGRIM_GATEWAY_TLS_BIND needs the settings of certificate, key and client CA.")
        certificate, key, authority = map(str, files)
        host, port = await _open(door, settings.gateway_tls_bind, (certificate, key, authority))
        log.info("listening with TLS on %s:%s", host, port)


async def _open(door: Door, bind: str, tls: tuple[str, str, str] | None = None) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    try:
        return await door.listen(host.strip("[]"), int(port), tls_context(*tls) if tls else None)
    except (OSError, ValueError) as error:
        raise StartRefused(f"The gateway cannot listen on {bind}: {error}.") from None


async def _told_to_stop() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()


def main() -> int:
    try:
        settings = load_settings()
        set_up_logging(settings.log_level)
        uvloop.run(serve(settings))
    except StartRefused as refused:
        print(refused, file=sys.stderr)
        return 3
    except DomainError as refused:
        print(str(refused), file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
