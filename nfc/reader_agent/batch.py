"""What the terminal counts between two closes: a journal beside its flash, one sealed line for each approved message.

The totals are sums over the journal and stand nowhere else, so that a power cut cannot leave the two apart. A line belongs to
a *period*, the terminal's own number for what it counts; the *batch* number is the bank's, and may be set right by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reader_agent.flash import Flash

REVERSAL = "04"
# Processing codes by their first two digits: purchase, refund, cash top-up, gift card, void of a purchase, void of a refund.
SIDES = {"00": "debits", "20": "credits", "21": "credits", "28": "credits", "02": "debit_reversals", "22": "credit_reversals"}
TAKEN_BACK = {
    "debits": "debit_reversals", "credits": "credit_reversals", "debit_reversals": "credit_reversals",
    "credit_reversals": "debit_reversals",
}  # fmt: skip
ORDER = ("credits", "credit_reversals", "debits", "debit_reversals")  # DE74 to DE77 and DE86 to DE89
TOP_UP = "21"


@dataclass(frozen=True)
class Counted:
    """One message that moved money: `card` names its card as its reversal would; no reference = its answer was lost."""

    mti: str
    stan: str
    code: str
    amount_rial: int
    reference: str = ""
    credit_rial: int = 0
    card: dict[str, str] | None = None

    @property
    def side(self) -> str:
        side = SIDES[self.code[:2]]
        return TAKEN_BACK[side] if self.mti[:2] == REVERSAL else side


class Batch:
    """The terminal's open batch. Raises FlashError where the journal cannot be read."""

    def __init__(self, flash: Flash) -> None:
        self._flash = flash
        self._state = flash.read_batch() or {"number": 1, "period": 1}

    @property
    def number(self) -> int:
        return int(self._state["number"])

    @property
    def close_due(self) -> dict[str, str] | None:
        """The close that has been sent and is not settled: its repeat must say the same."""
        due: dict[str, str] | None = self._state.get("close")
        return due

    def add(self, counted: Counted) -> None:
        if counted.code[:2] in SIDES:
            self._flash.append_counted({"period": self._state["period"], **counted.__dict__})

    def counted(self) -> list[Counted]:
        lines = (line for line in self._flash.read_counted() if line.pop("period") == self._state["period"])
        return [Counted(**line) for line in lines]

    def has(self, stan: str) -> bool:
        return any(one.stan == stan for one in self.counted())

    def keep_close(self, due: dict[str, str] | None) -> None:
        """Remember a close before it is sent; None forgets it."""
        self._write({"number": self.number, "period": self._state["period"]} | ({"close": due} if due else {}))

    def renumber(self, number: int) -> None:
        """The bank counts otherwise: what is counted belongs to its open batch."""
        self._write({"number": number, "period": self._state["period"]})

    def end(self) -> None:
        """Closed: count on in the next one."""
        self._write({"number": self.number % 999_999 + 1, "period": self._state["period"] + 1})
        self._flash.clear_counted()

    def _write(self, state: dict[str, object]) -> None:
        self._flash.write_batch(state)
        self._state = state


def totals(counted: Iterable[Counted]) -> dict[str, str]:
    """The elements and tags of 0500, by number: what the terminal says its batch adds up to."""
    counts, sums = dict.fromkeys(ORDER, 0), dict.fromkeys(ORDER, 0)
    credit = top_ups = 0
    for one in counted:
        counts[one.side] += 1
        sums[one.side] += one.amount_rial
        credit += one.credit_rial if one.side == "debits" else 0
        top_ups += one.amount_rial if one.side == "credits" and one.code[:2] == TOP_UP else 0
    net = sums["debits"] - sums["debit_reversals"] - sums["credits"] + sums["credit_reversals"]
    said = {str(74 + place): f"{counts[side]:010d}" for place, side in enumerate(ORDER)}
    said |= {str(86 + place): f"{sums[side]:016d}" for place, side in enumerate(ORDER)}
    said |= {"97": f"{'C' if net < 0 else 'D'}{abs(net):016d}"}
    return said | {"DF52": f"{credit:012d}", "DF53": f"{top_ups:012d}"}
