"""From the bytes of one message to the bytes of its answer: read, check who speaks, run the flow, reply.

Only what may be posted or not gets no reply: the terminal then reverses it.
"""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager, nullcontext
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from cardbank.ledger.errors import OutcomeUnknown
from cardbank.reasons import Reason
from kernel import clock
from kernel.audit import Actor
from kernel.errors import DomainError
from merchants.sales.services import Office
from merchants.services import suspend_terminal
from pos_gateway.bank import BankUnavailable
from pos_gateway.context import Context, Refused
from pos_gateway.flows import flow_of, is_financial, is_reversal
from pos_gateway.replies import is_answerable, reply_to, response_code
from pos_gateway.security import FAILURES_CLOSE, Keyring, Serial, SerialJournal, Suspicion
from pos_gateway.wire import mac
from pos_gateway.wire.codec import Message, decode, encode
from pos_gateway.wire.dukpt import Usage
from pos_gateway.wire.errors import FormatError, KeySerialError
from pos_gateway.wire.presence import check_presence

log = logging.getLogger("pos_gateway.messages")

GATEWAY = Actor.system("POS gateway")
MOST_STRAYS = 3


class Peer:
    """What the gateway holds against one connection. `codes` are the terminals its certificate names; None = all."""

    def __init__(self, codes: frozenset[str] | None = None) -> None:
        self.codes = codes
        self.failures = 0
        self.strays = 0
        self.must_close = False

    def count_stray(self) -> None:
        """A message that nobody may send to a gateway: no answer."""
        self.strays += 1
        self.must_close = self.must_close or self.strays >= MOST_STRAYS


class Dispatcher:
    """Shared by all connections of the process."""

    def __init__(self, office: Office, journal: SerialJournal, zone: ZoneInfo) -> None:
        self._office = office
        self._journal = journal
        self._zone = zone
        self._keyring = Keyring(office.keystore)
        self._suspicion = Suspicion()
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def answer(self, body: bytes, peer: Peer) -> bytes | None:
        """The answer to a message (what follows the TPDU); None where nothing may be answered."""
        message, fault = _read(body)
        if message is None or not is_answerable(message.mti):
            peer.count_stray()
            log.warning("message not answered", extra={"facts": {"mti": message.mti if message else None}})
            return None
        context = Context(message, self._office, clock.now())
        serial = self._keyring.serial_of(message)
        try:
            if fault is not None:
                raise fault
            check_presence(message)
            await self._identify(context, serial, peer)
            async with self._queue(context):
                await _run(context)
        except (Refused, FormatError) as refused:
            context.refuse(refused)
        except OutcomeUnknown:
            log.warning("message not answered: its outcome is unknown", extra={"facts": _named(context)})
            return None
        except BankUnavailable:
            context.reason = Reason.LEDGER_UNAVAILABLE
        except Exception:
            log.exception("flow failed")
            context.reason = Reason.MALFUNCTION
        reply = self._reply(context, serial)
        context.passed("reply")
        _write_log(context)
        return reply

    async def _identify(self, context: Context, serial: Serial | None, peer: Peer) -> None:
        """MAC over the received bytes first, without any read; then the counter; then the terminal. Raises Refused.

        Only a terminal that the connection's certificate names is looked at, and only its failures are counted: nobody
        gets another shop's terminal suspended.
        """
        code = context.text(41).rstrip()
        if peer.codes is not None and code not in peer.codes:
            peer.must_close = True
            raise Refused(Reason.TERMINAL_UNKNOWN)
        if serial is None or not _is_authentic(context.message, serial):
            raise await self._suspect(code, peer)
        if not self._journal.unwritten:
            # In the next turn of the loop: before anything that asked the teller can have been answered.
            asyncio.get_running_loop().call_soon(self._journal.flush)
        if not self._journal.accept(serial.key_id, serial.counter):
            raise Refused(Reason.KEY_SERIAL_REPLAYED)
        context.passed("mac")
        terminal = await self._office.directory.terminal(code)
        if terminal is None:
            raise Refused(Reason.TERMINAL_UNKNOWN)
        if terminal.initial_key_id != serial.key_id.hex():
            raise await self._suspect(code, peer)
        peer.failures = 0
        self._keyring.trust(serial)
        context.terminal = terminal
        if terminal.acceptor_id != context.text(42).rstrip():
            raise Refused(Reason.INVALID_SHOP)
        # A card that was charged when no answer came is not left so: who may no longer sell may still undo.
        if terminal.status != "active" and not (terminal.status == "suspended" and is_reversal(context.message)):
            raise Refused(Reason.TERMINAL_SUSPENDED)

    async def _suspect(self, code: str, peer: Peer) -> Refused:
        """Count a message that its terminal's key did not make; ten within an hour suspend the terminal."""
        peer.failures += 1
        peer.must_close = peer.must_close or peer.failures >= FAILURES_CLOSE
        log.warning("MAC refused", extra={"facts": {"event": "mac_invalid", "terminal": code}})
        if self._suspicion.is_over(code, clock.now()):
            try:
                await self._office.run(lambda session: suspend_terminal(session, GATEWAY, code, "ten failed MACs within an hour"))
            except (DomainError, BankUnavailable) as error:
                log.warning("terminal not suspended: %s", type(error).__name__)
        return Refused(Reason.MAC_INVALID)

    def _queue(self, context: Context) -> AbstractAsyncContextManager[None]:
        """One financial message at a time for a terminal, whatever connections it comes by."""
        if not is_financial(context.message):
            return nullcontext()
        code = context.of_terminal().code
        queue = self._queues.get(code)
        if queue is None:
            queue = self._queues[code] = asyncio.Lock()
        return queue

    def _reply(self, context: Context, serial: Serial | None) -> bytes | None:
        """The signed answer; without a MAC only where no key is known to make one."""
        try:
            message = reply_to(context, self._zone)
            if serial is None:
                return encode(message)
            return mac.sign(message, serial.keys.derive(serial.counter, Usage.MAC_TO_TERMINAL))
        except KeySerialError:
            return encode(message)
        except (FormatError, ValueError):
            log.exception("answer cannot be written")
            return None


async def _run(context: Context) -> None:
    if clock.now() >= context.deadline:
        if context.is_repeat:  # what it repeats may be posted, and only the teller knows
            raise OutcomeUnknown
        raise Refused(Reason.LEDGER_UNAVAILABLE)
    for step in flow_of(context.message):
        await step(context)


def _read(body: bytes) -> tuple[Message | None, FormatError | None]:
    try:
        return decode(body), None
    except FormatError as fault:
        return fault.partial, fault


def _is_authentic(message: Message, serial: Serial) -> bool:
    try:
        return mac.verify(message, serial.keys.derive(serial.counter, Usage.MAC_TO_HOST))
    except KeySerialError:
        return False


def _named(context: Context) -> dict[str, object]:
    """Which message it is: no card data, no amounts."""
    return {
        "mti": context.message.mti,
        "code": context.text(3) or context.text(70),
        "terminal": context.text(41).rstrip(),
        "stan": context.text(11),
    }


def _write_log(context: Context) -> None:
    """One line a message."""
    facts = _named(context) | {
        "reason": int(context.reason),
        "de39": response_code(context.reason),
        "replayed": bool(context.answer and context.answer.replayed),
        "ms": context.stages,
    }
    log.info("message", extra={"facts": facts})
