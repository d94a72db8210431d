"""An ISO 8583 terminal: dialect A over a persistent connection, AES-DUKPT MACs both ways, reversals.

A repeat keeps its number (DE11) and its times (DE7, DE12, DE13), for the host knows it by its content, and takes
a fresh key serial number. What the host's MAC does not prove counts as not answered.
"""

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hmac import compare_digest
from typing import Literal
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from reader_agent.answer import REPEAT_LATER, Answer, Declined, NoAnswer
from reader_agent.batch import Batch, Counted
from reader_agent.closing import Closed, close
from reader_agent.config import TerminalConfig
from reader_agent.connection import is_closed_by_peer, receive_frame
from reader_agent.discount import PRICE, CashDiscount
from reader_agent.dukpt import TerminalKeys, Usage
from reader_agent.enrol import ENROLMENT, enrol, sealed
from reader_agent.flash import Flash
from reader_agent.reference import day_of_reference
from reader_agent.sealed import opened
from reader_agent.tap import CardProof, Challenge
from reader_agent.wire import Message, Value, WireError, decode, decode_tlv, encode, encode_tlv

APP_VERSION = b"1.0.0"
SHOP_ZONE = ZoneInfo("Asia/Tehran")
MAC_LENGTH = 8
CARD_CHECK, PURCHASE, TOP_UP = "330000", "000000", "210000"
REFUND, VOID, VOID_OF_REFUND = "200000", "020000", "220000"
INSTALMENTS = "003000"
ENTRY_KEYED, ENTRY_CONTACTLESS = "011", "071"
CONDITION_POS = "14"
SIGN_ON, ECHO = "001", "301"
MAX_AMOUNT = 10**12 - 1

# Answers to a purchase that do not say whether it was posted: the host could not read, prove or post this copy of
# it, and another copy may have gone through.
UNDECIDED = {"30", "63", "68", "91", "96"}
Credit = int | Literal["most"]


class Terminal:
    """One DE41 with its keys, its flash and its connection. `now` gives an aware UTC datetime."""

    def __init__(
        self,
        config: TerminalConfig,
        flash: Flash,
        keys: TerminalKeys,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        response_seconds: float = 30.0,
        connect_seconds: float = 10.0,
    ) -> None:
        self._config, self._flash, self._keys, self._now = config, flash, keys, now
        self._response_seconds, self._connect_seconds = response_seconds, connect_seconds
        self._socket: socket.socket | None = None
        self._tls = config.certified.context() if config.certified else None
        self._last_completed = "000000"
        self._invoice = "000000"
        self.batch = Batch(flash)
        self.discount = CashDiscount()

    def close(self) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None

    def sign_on(self) -> Answer:
        """0800 with DE70 001. Raises NoAnswer."""
        return self._network(SIGN_ON, {0xDF01: APP_VERSION})

    def echo(self) -> Answer:
        """0800 with DE70 301, which keeps the connection alive. Raises NoAnswer."""
        return self._network(ECHO, {})

    def start_sale(self) -> None:
        """A new receipt number for the messages that follow. Raises NoAnswer while a reversal is due."""
        if not self.settle_reversal():
            raise NoAnswer("a reversal is due and the host does not take it", is_reversed=False)
        if self.batch.close_due and not self.close_batch().is_closed:
            raise NoAnswer("the batch is being closed and the host does not take it")
        self._invoice = self._flash.next_invoice()

    def challenge(self, uid: bytes, e_rnd_b: bytes) -> Challenge:
        """0100 330000: let the bank answer the card's challenge. Raises Declined, NoAnswer."""
        fields = self._card_message(CARD_CHECK, ENTRY_CONTACTLESS)
        answer = self._ask("0100", fields, {0xDF01: APP_VERSION, 0xDF33: b"\x01" + uid + e_rnd_b})
        if not answer.is_approved:
            raise Declined(answer)
        card_data = answer.private.get(0xDF33, b"")
        if len(card_data) != 41 or card_data[0] != 0x02:
            raise NoAnswer("the approved card check holds no challenge")
        return Challenge(card_data[1:9], card_data[9:])

    def purchase(self, amount_rial: int, credit: Credit, card: CardProof | str, price_rial: int | None = None) -> Answer:
        """0200: pay `amount_rial` by a proven card or a keyed card number. `price_rial` is what it was before the discount.

        `credit` is the part to pay by loyalty credit: exactly so many Rial, or as much as possible. The reversal
        is on flash before the message leaves. After an answer that decides nothing the purchase is reversed or its
        reversal is due, as it is when this raises NoAnswer.
        """
        private = {0xDF01: APP_VERSION, 0xDF05: self._last_completed.encode()}
        if credit == "most":
            private[0xDF04] = b"\x01"
        elif credit:
            private |= {0xDF02: f"{credit:012d}".encode(), 0xDF04: b"\x02"}
        if price_rial is not None:
            private[PRICE] = f"{price_rial:012d}".encode()
        answer = self._post(PURCHASE, amount_rial, private, card)
        self.discount.hear(answer)
        return answer

    def buy_in_instalments(self, price_rial: int, count: int, card: CardProof | str) -> Answer:
        """0100 003000, then 0200 003000 for all that the bank says it comes to. Raises Declined, NoAnswer."""
        fields = self._card_message(INSTALMENTS, ENTRY_CONTACTLESS if isinstance(card, CardProof) else ENTRY_KEYED)
        private = {0xDF01: APP_VERSION, 0xDF11: f"{count:02d}".encode()}
        if isinstance(card, CardProof):
            private[0xDF33] = b"\x03" + card.challenge_id + card.answer
        else:
            fields[2] = card
        quote = self._ask("0100", fields | {4: f"{price_rial:012d}"}, private)
        if not quote.is_approved:
            raise Declined(quote)
        token, total = quote.private.get(0xDF4F, b""), quote.message.text(4)
        if len(token) != 16 or not total.isdigit():
            raise NoAnswer("the approved quote holds no token")
        return self._post(INSTALMENTS, int(total), {0xDF01: APP_VERSION, 0xDF4F: token}, card, is_proven=True)

    def top_up(self, amount_rial: int, card: CardProof | str) -> Answer:
        """0200 210000: put cash that the shop has taken on a card. As safe as a purchase."""
        return self._post(TOP_UP, amount_rial, {0xDF01: APP_VERSION}, card)

    def refund(self, reference: str, original_rial: int, amount_rial: int) -> Answer:
        """0200 200000: give back `amount_rial` of the purchase of that reference, which came to `original_rial`."""
        private = {
            0xDF01: APP_VERSION,
            0xDF15: f"{day_of_reference(reference, self._now().date()):%Y%m%d}".encode(),
            0xDF16: f"{original_rial:012d}".encode(),
        }
        return self._post(REFUND, amount_rial, private, None, reference)

    def void(self, reference: str, amount_rial: int, *, of_refund: bool = False) -> Answer:
        """0200 020000 or 220000: take back a whole purchase or refund of this terminal's open batch."""
        code = VOID_OF_REFUND if of_refund else VOID
        return self._post(code, amount_rial, {0xDF01: APP_VERSION}, None, reference)

    def enrol(self, form: Mapping[str, str], uid: bytes, *, is_agreed: bool) -> Answer:
        """0100 and 0220 940000: the card of that chip for the pilgrim of the form. Raises NoAnswer."""
        counter = self._flash.next_counter()
        key = self._keys.working_key(counter, Usage.DATA)
        message = partial(self._card_message, ENROLMENT, ENTRY_CONTACTLESS)
        return enrol(uid, lambda fields: sealed(form, key, counter, fields), message, self._ask, is_agreed=is_agreed)

    def ask_about(self, code: str, card: CardProof, private: Mapping[int, bytes]) -> Answer:
        """0200 of what moves no money, for a card that proved itself; 0201 when no answer came. Raises NoAnswer."""
        said = {0xDF01: APP_VERSION, 0xDF33: b"\x03" + card.challenge_id + card.answer, **private}
        fields = self._card_message(code, ENTRY_CONTACTLESS)
        try:
            answer = self._ask("0200", fields, said)
        except NoAnswer:
            answer = self._ask("0201", fields, said)
        return replace(answer, shown=opened(answer, self._keys, fields))

    def _post(
        self,
        code: str,
        amount_rial: int,
        private: dict[int, bytes],
        card: CardProof | str | None,
        reference: str | None = None,
        *,
        is_proven: bool = False,
    ) -> Answer:
        """Send what moves money, with its reversal on flash first. A return names its original instead of a card.

        A card that `is_proven` by an earlier message is named by its challenge.
        """
        fields = self._card_message(code, ENTRY_CONTACTLESS if isinstance(card, CardProof) else ENTRY_KEYED)
        named_by: dict[str, str] = {}
        if isinstance(card, CardProof):
            name = b"\x04" + card.challenge_id
            private[0xDF33] = name if is_proven else b"\x03" + card.challenge_id + card.answer
            named_by = {"card_data": name.hex()}
        elif card is not None:
            fields[2] = card
            named_by = {"card_number": card}
        if reference is not None:
            fields[37] = reference
        fields[4] = f"{amount_rial:012d}"
        self._connect()
        self._open_purchase = {
            **{str(element): str(fields[element]) for element in (3, 4, 22, 25, 62)},
            **named_by,
            "original": "".join(("0200", str(fields[11]), str(fields[7]))).ljust(42, "0"),
        }
        self._flash.write_reversal(self._open_purchase)
        try:
            answer = self._ask("0200", fields, private)
        except NoAnswer as failure:
            raise NoAnswer(str(failure), is_reversed=self.settle_reversal()) from None
        if answer.code in UNDECIDED:
            return replace(answer, is_reversed=self.settle_reversal())
        if answer.is_approved:
            credit = answer.private.get(0xDF44, b"0")
            self._count("0200", str(fields[11]), self._open_purchase, answer, int(credit))
        self._flash.clear_reversal()
        self._last_completed = str(fields[11])
        return answer

    def _count(self, mti: str, stan: str, of: dict[str, str], answer: Answer | None, credit_rial: int = 0) -> None:
        """Put what was posted into the batch; without an answer to it, only that it was."""
        card: dict[str, str] = {name: of[name] for name in ("card_data", "card_number") if name in of}
        reference = answer.message.text(37) if answer else ""
        self.batch.add(Counted(mti, stan, of["3"], int(of["4"]), reference, credit_rial, card))

    def cancel(self) -> bool:
        """Take back the last approved purchase, as when its receipt cannot be printed. True when settled."""
        self._flash.write_reversal(self._open_purchase)
        return self.settle_reversal()

    def close_batch(self) -> Closed:
        """0500: compare the batch with the bank's, and upload it where they differ. Raises NoAnswer; then it goes on next time."""
        if not self.settle_reversal():
            raise NoAnswer("a reversal is due and the host does not take it", is_reversed=False)
        return close(self.batch, self._say)

    def _say(
        self,
        mti: str,
        fields: dict[int, Value],
        private: dict[int, bytes],
        before: Callable[[dict[int, Value]], None] | None = None,
    ) -> Answer:
        """A message of the batch's close; a repeat brings its times and number. `before` hears what is about to leave."""
        said = self._stamped(self._flash.next_stan(), self._utc_time()) | self._shop_time()
        if mti == "0320":
            said |= {22: ENTRY_KEYED, 25: CONDITION_POS, 62: self._invoice}
        said |= {49: self._config.currency} | fields
        if before:
            before(said)
        return self._ask(mti, said, {0xDF01: APP_VERSION} | private)

    @property
    def is_reversal_due(self) -> bool:
        return self._flash.read_reversal() is not None

    def settle_reversal(self) -> bool:
        """Send the reversal that is due: 0400 the first time, 0401 after. True when none is due any more."""
        due = self._flash.read_reversal()
        if due is None:
            return True
        mti = "0401" if "11" in due else "0400"
        if mti == "0400":
            times = self._shop_time() | {7: self._utc_time()}
            due |= {str(element): time for element, time in times.items()} | {"11": self._flash.next_stan()}
            self._flash.write_reversal(due)
        try:
            answer = self._ask(mti, *self._reversal_message(due))
        except NoAnswer:
            return False
        if answer.code in REPEAT_LATER:
            return False
        if answer.is_approved:
            if not answer.reason:  # it was posted, and is taken back: both count
                stan = due["original"][4:10]
                if not self.batch.has(stan):
                    self._count("0200", stan, due, None)
                if not self.batch.has(due["11"]):
                    self._count("0400", due["11"], due, answer)
            self._flash.clear_reversal()
        else:
            facts = {"original": due["original"][:20], "amount_rial": due["4"], "code": answer.code}
            self._flash.park_reversal(facts | {"stan": due["11"]})
        return True

    def _reversal_message(self, due: dict[str, str]) -> tuple[dict[int, Value], dict[int, bytes]]:
        fields = self._stamped(due["11"], due["7"]) | {49: self._config.currency, 90: due["original"]}
        fields |= {element: due[str(element)] for element in (3, 4, 12, 13, 22, 25, 62)}
        if "card_number" in due:
            return fields | {2: due["card_number"]}, {}
        return fields, {0xDF33: bytes.fromhex(due["card_data"])} if "card_data" in due else {}

    def _stamped(self, stan: str, sent_at: str) -> dict[int, Value]:
        return {
            7: sent_at,
            11: stan,
            24: self._config.tpdu.hex()[3:6],
            41: self._config.terminal,
            42: self._config.acceptor,
        }

    def _utc_time(self) -> str:
        return f"{self._now():%m%d%H%M%S}"

    def _shop_time(self) -> dict[int, str]:
        local = self._now().astimezone(SHOP_ZONE)
        return {12: f"{local:%H%M%S}", 13: f"{local:%m%d}"}

    def _card_message(self, processing_code: str, entry_mode: str) -> dict[int, Value]:
        return (
            self._stamped(self._flash.next_stan(), self._utc_time())
            | self._shop_time()
            | {3: processing_code, 22: entry_mode, 25: CONDITION_POS}
            | {49: self._config.currency, 62: self._invoice}
        )

    def _network(self, code: str, private: dict[int, bytes]) -> Answer:
        fields = self._stamped(self._flash.next_stan(), self._utc_time()) | {70: code}
        answer = self._ask("0800", fields, private)
        self.discount.hear(answer)
        return answer

    def _ask(self, mti: str, fields: dict[int, Value], private: dict[int, bytes]) -> Answer:
        """Send one message under a fresh key serial number and wait for its verified answer."""
        counter = self._flash.next_counter()
        serial_number = self._keys.serial_number(counter)
        body = encode(mti, fields | {48: encode_tlv(private | {0xDF31: serial_number})})
        body += _mac(self._keys.working_key(counter, Usage.MAC_TO_HOST), body)
        frame = self._config.tpdu + body
        connection = self._connect()
        try:
            connection.settimeout(self._response_seconds)
            connection.sendall(len(frame).to_bytes(2) + frame)
            deadline = time.monotonic() + self._response_seconds
            while True:
                message = decode(receive_frame(connection, deadline))
                if self._is_answer(message, mti, fields):
                    return self._verified(message, counter, serial_number)
        except (OSError, WireError) as error:
            self.close()
            raise NoAnswer(str(error) or type(error).__name__) from None
        except NoAnswer:
            self.close()
            raise

    def _is_answer(self, message: Message, mti: str, fields: Mapping[int, Value]) -> bool:
        """Other messages on the connection are late answers to what was already given up."""
        expected = mti[:2] + str(int(mti[2]) + 1) + "0"
        return (message.mti, message.text(11), message.text(41)) == (expected, fields[11], fields[41])

    def _verified(self, message: Message, counter: int, serial_number: bytes) -> Answer:
        key = self._keys.working_key(counter, Usage.MAC_FROM_HOST)
        if not compare_digest(_mac(key, message.covered), message.mac):
            raise NoAnswer("the answer's MAC is wrong")
        private = decode_tlv(_binary(message, 48))
        if private.get(0xDF31) != serial_number:
            raise NoAnswer("the answer carries another key serial number")
        reason = private.get(0xDF4D, b"").decode("ascii", "replace")
        return Answer(message.text(39), reason, message, private, decode_tlv(_binary(message, 63)))

    def _connect(self) -> socket.socket:
        """The open connection, or a new one. Raises NoAnswer, with nothing sent."""
        if self._socket and is_closed_by_peer(self._socket):
            self.close()
        if self._socket is None:
            try:
                address = (self._config.host, self._config.port)
                self._socket = socket.create_connection(address, self._connect_seconds)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._tls:
                    self._socket = self._tls.wrap_socket(self._socket, server_hostname=self._config.host)
            except OSError:
                self.close()
                raise NoAnswer("the gateway cannot be reached") from None
        return self._socket


def _binary(message: Message, element: int) -> bytes:
    value = message.fields.get(element, b"")
    return value if isinstance(value, bytes) else b""


def _mac(key: bytes, covered: bytes) -> bytes:
    cmac = CMAC(algorithms.AES(key))
    cmac.update(covered)
    return cmac.finalize()[:MAC_LENGTH]
