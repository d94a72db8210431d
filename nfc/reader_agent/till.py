"""The till: brings a sale and a card together in either order, carries the sale out, reports it.

The four steps that people see: card, amount, remove the card, receipt.
"""

import contextlib
import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from reader_agent.answer import Answer, Declined, NoAnswer
from reader_agent.asking import PROCESSING_CODES, facts_of, private_of
from reader_agent.device import CardLost, PresentCard, Reader
from reader_agent.sale import Ask, Close, Enrol, Return, Sale, SaleQueue, SaleRefused, Standing
from reader_agent.screen import Screen
from reader_agent.tap import CardProof, CardRefused, Stopwatch, prove_card
from reader_agent.terminal import Terminal

IDLE_LOOK_SECONDS = 0.2
LEAVING_LOOK_SECONDS = 0.01
LOOK_SECONDS = 0.005
CARD_SECONDS = 30.0
RETURN_SECONDS = 2.0
ATTEMPTS = 3
ECHO_SECONDS = 180.0
REVERSAL_PAUSES = (30, 60, 120, 240, 480, 900)

Result = dict[str, object]


@dataclass
class _SensedCard:
    card: PresentCard
    sense_seconds: float


class Till:
    """Serves sales until the queue ends. `report` gets one JSON-ready result for each; masked data only."""

    def __init__(
        self,
        reader: Reader,
        terminal: Terminal,
        sales: SaleQueue | Standing,
        screen: Screen,
        report: Callable[[Result], None],
        card_seconds: float = CARD_SECONDS,
    ) -> None:
        self._reader, self._terminal, self._sales = reader, terminal, sales
        self._screen, self._report, self._card_seconds = screen, report, card_seconds
        self._served: PresentCard | None = None
        self._last_traffic = time.monotonic()
        self._pauses = iter(REVERSAL_PAUSES)
        self._reversal_at = 0.0

    def serve(self) -> None:
        """Raises ReaderFailed and FlashError, when the till can no longer work."""
        sensed: _SensedCard | None = None
        self._screen.say("hold_card" if isinstance(self._sales, Standing) else "present_card")
        while not self._sales.is_finished:
            try:
                sale = self._sales.next(LEAVING_LOOK_SECONDS if self._served else IDLE_LOOK_SECONDS)
            except SaleRefused as refusal:
                self._finish({"outcome": "refused", "part": refusal.part, "why": str(refusal)})
                continue
            if isinstance(sale, Close):
                self._close_batch()
                continue
            if isinstance(sale, Ask):
                self._ask(sale, sensed)
                sensed = None
                continue
            if isinstance(sale, Enrol):
                self._enrol(sale, sensed)
                sensed = None
                continue
            if sale:
                self._carry_out(sale, sensed)
                sensed = None
                continue
            self._keep_house()
            if sensed is None:
                sensed = self._look()
                if sensed:
                    self._screen.say("key_amount")

    def _look(self) -> _SensedCard | None:
        """One look at the reader; a card that has been served must first have left."""
        if self._served and self._served.is_present():
            return None
        self._served = None
        started = time.perf_counter()
        card = self._reader.poll()
        return _SensedCard(card, time.perf_counter() - started) if card else None

    def _wait_for_card(self, seconds: float) -> _SensedCard | None:
        deadline = time.monotonic() + seconds
        while True:
            sensed = self._look()
            if sensed or time.monotonic() >= deadline:
                return sensed
            time.sleep(LOOK_SECONDS)

    def _close_batch(self) -> None:
        """The end of a shift; a card that waits goes on waiting."""
        number = self._terminal.batch.number
        try:
            closed = self._terminal.close_batch()
        except NoAnswer as failure:
            self._finish({"what": "close", "outcome": "no_answer", "why": str(failure), "batch": number})
            return
        self._last_traffic = time.monotonic()
        outcome = "balanced" if closed.is_in_balance else "different" if closed.is_closed else "declined"
        facts = {"batch": closed.number, "code": closed.code, "uploaded": closed.uploaded}
        self._finish({"what": "close", "outcome": outcome, **facts})

    def _ask(self, order: Ask, sensed: _SensedCard | None) -> None:
        """A door or a helper asks what a card is good for; who it is goes to the screen and into no report."""
        watch = Stopwatch()
        result: Result = {"what": order.what, "entry": "tap", "stages_ms": watch.stages_ms}
        sensed = sensed or self._wait_for_card(self._card_seconds)
        if sensed is None:
            self._keep_house()
            if not isinstance(self._sales, Standing):
                self._finish(result | {"outcome": "no_card"})
            return
        watch.add("sense", sensed.sense_seconds)
        shown: Mapping[str, str] = {}
        try:
            self._terminal.start_sale()
            card = self._prove(sensed, watch)
            with watch.stage(order.what):
                answer = self._terminal.ask_about(PROCESSING_CODES[order.what], card, private_of(order))
        except Declined as declined:
            result |= facts_of(declined.answer)
        except CardLost:
            result |= {"outcome": "card_lost"}
        except CardRefused as refusal:
            result |= {"outcome": "card_refused", "step": refusal.step, "status": refusal.status}
        except NoAnswer as failure:
            result |= {"outcome": "no_answer", "why": str(failure)}
        else:
            result |= facts_of(answer)
            shown = answer.shown
        self._last_traffic = time.monotonic()
        self._screen.show_card_of(shown)
        self._finish(result)

    def _enrol(self, order: Enrol, sensed: _SensedCard | None) -> None:
        """A card of the stock lies on the reader; afterwards it is the pilgrim's and pays."""
        watch = Stopwatch()
        result: Result = {"what": order.what, "entry": "tap", "stages_ms": watch.stages_ms}
        sensed = sensed or self._wait_for_card(self._card_seconds)
        if sensed is None:
            self._finish(result | {"outcome": "no_card"})
            return
        started = time.perf_counter()
        self._served = sensed.card
        try:
            self._terminal.start_sale()
            answer = self._terminal.enrol(order.form, sensed.card.uid, is_agreed=order.is_agreed)
        except NoAnswer as failure:
            self._finish(result | {"outcome": "no_answer", "why": str(failure)})
            return
        watch.add("total", time.perf_counter() - started)
        self._last_traffic = time.monotonic()
        told = answer.private.get(0xDF4A, b"").decode(errors="replace")
        facts = {name: fact for name, fact in _facts(answer).items() if name in ("outcome", "code", "reason", "card")}
        self._finish(result | facts | {"told": told})

    def _carry_out(self, sale: Sale | Return, sensed: _SensedCard | None) -> None:
        watch = Stopwatch()
        is_return = isinstance(sale, Return)
        if isinstance(sale, Sale):
            sale = self._discounted(sale)
        result: Result = {
            "what": sale.what,
            "amount_rial": sale.amount_rial,
            "entry": "reference" if is_return else "keyed" if sale.card_number else "tap",
            "stages_ms": watch.stages_ms,
        }
        if isinstance(sale, Sale) and sale.price_rial is not None:
            result |= {"price_rial": sale.price_rial, "discount_rial": sale.price_rial - sale.amount_rial}
        if not is_return and sale.card_number is None:
            sensed = sensed or self._wait_for_card(self._card_seconds)
            if sensed is None:
                self._finish(result | {"outcome": "no_card"})
                return
            watch.add("sense", sensed.sense_seconds)
        started = time.perf_counter() - (sensed.sense_seconds if sensed else 0.0)
        result |= self._settle(sale, sensed, watch)
        watch.add("total", time.perf_counter() - started)
        if isinstance(sale, Sale) and sale.is_cancelled and result["outcome"] == "approved":
            is_settled = self._terminal.cancel()
            result |= {"outcome": "reversed" if is_settled else "no_answer", "reversed": is_settled}
        self._last_traffic = time.monotonic()
        self._finish(result)

    def _discounted(self, sale: Sale) -> Sale:
        """The sale at what is to be paid, which people see before the card is held to the reader."""
        if not sale.may_have_discount:
            return sale
        if not self._terminal.discount.is_told:
            with contextlib.suppress(NoAnswer):  # a gateway that is away is found out by the sale itself
                self._terminal.sign_on()
        off_rial = self._terminal.discount.of(sale.amount_rial)
        if not off_rial:
            return sale
        self._screen.say("discounted", price=sale.amount_rial, off=off_rial, amount=sale.amount_rial - off_rial)
        return replace(sale, amount_rial=sale.amount_rial - off_rial, price_rial=sale.amount_rial)

    def _finish(self, result: Result) -> None:
        if result.get("entry") == "tap" and result["what"] not in PROCESSING_CODES:
            self._screen.say("remove_card")
        self._screen.show(result)
        self._report(result)
        if not self._sales.is_finished:
            self._screen.say("hold_card" if isinstance(self._sales, Standing) else "present_card")

    def _settle(self, sale: Sale | Return, sensed: _SensedCard | None, watch: Stopwatch) -> Result:
        """Everything between the sensed card and the receipt."""
        try:
            self._terminal.start_sale()
            if isinstance(sale, Return):
                with watch.stage(sale.what):
                    answer = self._give_back(sale)
            else:
                card = sale.card_number or self._prove(sensed, watch)
                with watch.stage(sale.what):
                    answer = self._post(sale, card)
        except Declined as declined:
            return _facts(declined.answer)
        except CardLost:
            return {"outcome": "card_lost"}
        except CardRefused as refusal:
            return {"outcome": "card_refused", "step": refusal.step, "status": refusal.status}
        except NoAnswer as failure:
            return {"outcome": "no_answer", "why": str(failure), "reversed": failure.is_reversed}
        return _facts(answer)

    def _give_back(self, wanted: Return) -> Answer:
        if wanted.what == "refund":
            return self._terminal.refund(wanted.reference, wanted.original_rial, wanted.amount_rial)
        is_of_refund = wanted.what == "void_refund"
        return self._terminal.void(wanted.reference, wanted.amount_rial, of_refund=is_of_refund)

    def _post(self, sale: Sale, card: CardProof | str) -> Answer:
        if sale.is_top_up:
            return self._terminal.top_up(sale.amount_rial, card)
        if sale.instalments is not None:
            return self._terminal.buy_in_instalments(sale.amount_rial, sale.instalments, card)
        return self._terminal.purchase(sale.amount_rial, sale.credit, card, sale.price_rial)

    def _prove(self, sensed: _SensedCard | None, watch: Stopwatch) -> CardProof:
        """A card that was lost may come back: nothing has been charged yet. Raises CardLost at last."""
        for attempt in itertools.count(1):
            if sensed is None:
                raise CardLost("the card did not come back")
            try:
                proof = prove_card(sensed.card, self._terminal, watch)
            except CardLost:
                if attempt == ATTEMPTS:
                    raise
                sensed = self._wait_for_card(min(RETURN_SECONDS, self._card_seconds))
            except (CardRefused, Declined, NoAnswer):
                self._served = sensed.card
                raise
            else:
                self._served = sensed.card
                return proof
        raise AssertionError

    def _keep_house(self) -> None:
        """While nothing else is to do: repeat a due reversal at growing pauses, keep the connection alive."""
        now = time.monotonic()
        if self._terminal.is_reversal_due:
            if now >= self._reversal_at:
                self._reversal_at = now + next(self._pauses, REVERSAL_PAUSES[-1])
                self._terminal.settle_reversal()
            return
        self._pauses, self._reversal_at = iter(REVERSAL_PAUSES), 0.0
        if now - self._last_traffic >= ECHO_SECONDS:
            self._last_traffic = now
            # A gateway that does not answer now is found out, and said, at the next sale.
            with contextlib.suppress(NoAnswer):
                self._terminal.echo()


def _facts(answer: Answer) -> Result:
    """What the till reports of an answer; the card appears masked, as the host sent it.

    An answer that decided nothing is a decline once the purchase is reversed, and no answer until then.
    """
    receipt = answer.receipt.get(0xDF61, b"").decode(errors="replace")
    outcome = "approved" if answer.is_approved else "declined"
    result: Result = {
        "outcome": "no_answer" if answer.is_reversed is False else outcome,
        "code": answer.code,
        "reason": answer.reason,
        "stan": answer.message.text(11),
        "rrn": answer.message.text(37),
        "card": answer.private.get(0xDF49, b"").decode("ascii", "replace"),
        "paid_card_rial": _number(answer, 0xDF43),
        "paid_credit_rial": _number(answer, 0xDF44),
        "earned_rial": _number(answer, 0xDF57),
        "credit_balance_rial": _number(answer, 0xDF58),
        "receipt": receipt.splitlines(),
    }
    return result if answer.is_reversed is None else result | {"reversed": answer.is_reversed}


def _number(answer: Answer, tag: int) -> int:
    text = answer.private.get(tag, b"0")
    return int(text) if text.isdigit() else 0
