"""`python -m cardbank.ledger.teller`"""

import asyncio
import gc
import logging
import signal
import sys
from contextlib import suppress

import uvloop

from cardbank.ledger.teller.database import Database
from cardbank.ledger.teller.server import serve
from cardbank.ledger.teller.work import Work
from kernel.errors import StartRefused
from kernel.logs import set_up_logging
from kernel.settings import Settings, load_settings

log = logging.getLogger("cardbank.ledger.teller")


async def teller(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. The socket appears once the pen is held."""
    work = Work(Database(settings.database_url, settings.ledger_partitions), settings.zone)
    working = asyncio.create_task(work.run())
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    ready = asyncio.create_task(work.is_ready.wait())
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait([ready, stopping, working], return_when=asyncio.FIRST_COMPLETED)
    if ready.done():
        server = await serve(work.desk, settings.teller_socket)
        await asyncio.wait([stopping, working], return_when=asyncio.FIRST_COMPLETED)
        server.close()
        settings.teller_socket.unlink(missing_ok=True)
    for task in (working, ready, stopping):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await working


def main() -> int:
    try:
        settings = load_settings()
    except StartRefused as refused:
        print(refused, file=sys.stderr)
        return 3
    set_up_logging(settings.log_level)
    # Cached wallets live long and make no cycles: looking through them again and again would cost every batch.
    gc.set_threshold(200_000, 50, 1_000)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(teller(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
