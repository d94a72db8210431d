"""What a holder, a shop and an operator read of the ledger: balances, statements, receipts and the feed of taps.

Reads only. All amounts are whole Rial. A statement always carries a range of business days, so that only its partitions are
read. Shops and programmes are given as wallet ids; their names are known higher up.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from cardbank.ledger.types import RIAL, AccountKind, Answer, EntryKind, Source
from cardbank.reasons import Reason
from kernel.calendar import TEHRAN, end_of_day
from kernel.errors import NotFound

LONGEST_PERIOD = timedelta(days=366)
AT_A_TERMINAL = frozenset({Source.TERMINAL, Source.WEB_TILL})  # their source_id is the terminal's
FEED_OVERLAP = timedelta(seconds=5)  # a desk posting is decided early and seen late: each reading goes back this far


class Lot(Struct, frozen=True):
    """Credit with one set of terms; spendable at t when usable_from <= t < usable_until."""

    account_id: int
    programme_id: int | None
    balance_rial: int
    usable_from: datetime
    usable_until: datetime


class Benefit(Struct, frozen=True):
    """What a funder (its wallet) has given one member to spend where it is meant for, until its time is over."""

    account_id: int
    funder_id: int
    balance_rial: int
    usable_from: datetime
    usable_until: datetime


class Balances(Struct, frozen=True):
    """A wallet at one instant. `credit_rial` is what can be spent now, `pending_rial` what can be later."""

    money_rial: int
    credit_rial: int
    pending_rial: int
    gift_rial: int
    owed_rial: int
    lots: tuple[Lot, ...]
    benefits: tuple[Benefit, ...] = ()

    @property
    def benefit_rial(self) -> int:
        return sum(benefit.balance_rial for benefit in self.benefits)

    @property
    def expires_next(self) -> Lot | None:
        return self.lots[0] if self.lots else None


class StatementLine(Struct, frozen=True):
    """One entry as its wallet sees it: `money_rial` and `benefit_rial` are signed; the two credit figures are not negative."""

    business_date: date
    entry_id: int
    decided_at: datetime
    kind: EntryKind
    amount_rial: int
    money_rial: int
    credit_spent_rial: int
    credit_earned_rial: int
    is_reversed: bool
    shop_id: int | None
    terminal_id: int | None
    card_id: int | None
    benefit_rial: int = 0
    member_id: int | None = None


class StatementPage(Struct, frozen=True):
    """Newest first; `older` is the position to continue from, None on the last page."""

    lines: tuple[StatementLine, ...]
    older: str | None


class ReceiptLeg(Struct, frozen=True):
    kind: AccountKind
    amount_rial: int
    programme_id: int | None
    rule_id: int | None
    usable_until: datetime | None
    account_id: int


class Receipt(Struct, frozen=True):
    """Paid, earned, spent, balance, expires next. `answer` is what the till was told; it is kept 35 days, then None."""

    wallet_id: int
    line: StatementLine
    legs: tuple[ReceiptLeg, ...]
    answer: Answer | None

    @property
    def paid_money_rial(self) -> int:
        return max(0, -self.line.money_rial)

    @property
    def credit_back_rial(self) -> int:
        """Credit that had paid and came back; what was earned stands under a rule."""
        return sum(
            leg.amount_rial
            for leg in self.legs
            if leg.kind is AccountKind.CREDIT_LOT and leg.amount_rial > 0 and leg.rule_id is None
        )

    @property
    def benefits(self) -> dict[int, int]:
        """Benefit purse → Rial that the entry moved of it, signed."""
        moved: dict[int, int] = {}
        for leg in self.legs:
            if leg.kind is AccountKind.BENEFIT:
                moved[leg.account_id] = moved.get(leg.account_id, 0) + leg.amount_rial
        return moved

    @property
    def credit_taken_back_rial(self) -> int:
        """Credit that had been earned and was taken again, or is owed."""
        owed = (AccountKind.CREDIT_LOT, AccountKind.CREDIT_OWED)
        return -sum(leg.amount_rial for leg in self.legs if leg.kind in owed and leg.amount_rial < 0 and leg.rule_id is not None)

    @property
    def credit_earned_rial(self) -> int:
        return self.line.credit_earned_rial - self.credit_back_rial

    @property
    def rule_ids(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(leg.rule_id for leg in self.legs if leg.rule_id is not None and leg.amount_rial > 0))


class Tap(Struct, frozen=True):
    """One answered request of any door, declines among them. `id` is the request key: unique, never a card number."""

    id: str
    decided_at: datetime
    kind: EntryKind
    reason: Reason
    amount_rial: int
    earned_rial: int
    terminal_id: int | None
    card_id: int | None
    business_date: date
    entry_id: int


class DayTotals(Struct, frozen=True):
    """What was answered in one Tehran day: purchases accepted, their amount, top-ups, and declines by reason."""

    purchases: int
    purchased_rial: int
    top_ups: int
    topped_up_rial: int
    reversals: int
    declines: dict[Reason, int]

    @property
    def declined(self) -> int:
        return sum(self.declines.values())


_ACCOUNTS = text("""
    SELECT id, kind, balance, programme_id, funder_id, usable_from, usable_until
    FROM ledger.account
    WHERE wallet_id = :wallet_id AND unit = :unit AND closed_at IS NULL AND balance <> 0
    ORDER BY usable_until, id
""")


def balances(session: Session, wallet_id: int, at: datetime) -> Balances:
    """The wallet's purses at `at`; a wallet without accounts reads as nothing at all."""
    rows = session.execute(_ACCOUNTS, {"wallet_id": wallet_id, "unit": RIAL}).all()
    total = dict.fromkeys(AccountKind, 0)
    for row in rows:
        total[AccountKind(row.kind)] += row.balance
    alive = [row for row in rows if row.kind == AccountKind.CREDIT_LOT and row.usable_until > at]
    lots = tuple(Lot(row.id, row.programme_id, row.balance, row.usable_from, row.usable_until) for row in alive)
    benefits = tuple(
        Benefit(row.id, row.funder_id, row.balance, row.usable_from, row.usable_until)
        for row in rows
        if row.kind == AccountKind.BENEFIT and row.usable_until > at
    )
    return Balances(
        money_rial=total[AccountKind.MONEY],
        credit_rial=sum(lot.balance_rial for lot in lots if lot.usable_from <= at),
        pending_rial=sum(lot.balance_rial for lot in lots if lot.usable_from > at),
        gift_rial=total[AccountKind.GIFT],
        owed_rial=-total[AccountKind.OWED] - total[AccountKind.CREDIT_OWED],
        lots=lots,
        benefits=benefits,
    )


_LINE = """
    SELECT e.business_date, e.id AS entry_id, e.decided_at, e.kind, e.amount AS amount_rial, e.shop_id, e.terminal_id,
           e.card_id, e.member_id, legs.*, coalesce(amend.reversed_by IS NOT NULL, false) AS is_reversed
    FROM ({entries}) AS e
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(p.amount) FILTER (WHERE a.kind = 1), 0)::bigint AS money_rial,
               coalesce(sum(p.amount) FILTER (WHERE a.kind = 3), 0)::bigint AS benefit_rial,
               coalesce(-sum(p.amount) FILTER (WHERE a.kind = 4 AND p.amount < 0), 0)::bigint AS credit_spent_rial,
               coalesce(sum(p.amount) FILTER (WHERE a.kind = 4 AND p.amount > 0), 0)::bigint AS credit_earned_rial
        FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id
        WHERE p.business_date = e.business_date AND p.entry_id = e.id AND a.wallet_id = {wallet} AND p.unit = 1
    ) AS legs
    LEFT JOIN ledger.entry_amend amend ON amend.original_date = e.business_date AND amend.original_id = e.id
    ORDER BY e.decided_at DESC, e.id DESC
"""
_PAGE = """
    SELECT * FROM ledger.entry
    WHERE {column} = :wallet_id AND business_date BETWEEN :first AND :last
      AND (decided_at, id) < (:before_at, :before_id)
      AND (CAST(:members AS bigint[]) IS NULL OR member_id IS NULL OR member_id = ANY(CAST(:members AS bigint[])))
    ORDER BY decided_at DESC, id DESC LIMIT :most
"""
_STATEMENT = text(_LINE.format(wallet="e.wallet_id", entries=_PAGE.format(column="wallet_id")))
_ONE = text(_LINE.format(
    wallet="e.wallet_id", entries="SELECT * FROM ledger.entry WHERE business_date = :business_date AND id = :entry_id"
))  # fmt: skip
_FAR = datetime(9999, 1, 1, tzinfo=UTC)


def statement(
    session: Session,
    wallet_id: int,
    first: date,
    last: date,
    *,
    before: str | None = None,
    most: int = 20,
    members: Collection[int] | None = None,
) -> StatementPage:
    """Entries of a holder's wallet between two business days, both included, newest first; of these members where they are given.

    Raises ValueError when the period is longer than a year or `before` is not a position this function gave.
    """
    if last - first > LONGEST_PERIOD:
        raise ValueError("a statement covers at most a year")
    before_at, before_id = _position(before) if before else (_FAR, 0)
    facts = {
        "wallet_id": wallet_id, "first": first, "last": last,
        "before_at": before_at, "before_id": before_id, "most": most + 1, "members": None if members is None else list(members),
    }  # fmt: skip
    lines = [_line(row) for row in session.execute(_STATEMENT, facts).mappings()]
    shown = tuple(lines[:most])
    older = f"{shown[-1].decided_at.isoformat()}_{shown[-1].entry_id}" if len(lines) > most else None
    return StatementPage(shown, older)


def _position(before: str) -> tuple[datetime, int]:
    instant, _, entry_id = before.rpartition("_")
    moment = datetime.fromisoformat(instant)
    if moment.tzinfo is None:
        raise ValueError("a position carries its time zone")
    return moment, int(entry_id)


def _line(row: RowMapping) -> StatementLine:
    return StatementLine(
        **{name: row[name] for name in StatementLine.__struct_fields__ if name != "kind"}, kind=EntryKind(row["kind"])
    )


_LEGS = text("""
    SELECT a.kind, p.amount AS amount_rial, a.programme_id, p.rule_id, a.usable_until, a.id AS account_id
    FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id
    WHERE p.business_date = :business_date AND p.entry_id = :entry_id AND a.wallet_id = :wallet_id
    ORDER BY p.leg
""")
_ENTRY = text("""
    SELECT wallet_id, key_date, source, source_key, terminal_id FROM ledger.entry
    WHERE business_date = :business_date AND id = :entry_id
""")
_ANSWER = text("""
    SELECT answer FROM ledger.request
    WHERE key_date = :key_date AND source = :source AND source_key = :source_key AND entry_id = :entry_id
      AND (source <> :terminal OR source_id = :terminal_id)
""")


def receipt(session: Session, business_date: date, entry_id: int) -> Receipt:
    """One entry with its legs, whoever made it: the caller checks `wallet_id` or the shop before showing it.

    Raises NotFound.
    """
    place = {"business_date": business_date, "entry_id": entry_id}
    entry = session.execute(_ENTRY, place).mappings().one_or_none()
    if entry is None:
        raise NotFound(entry=entry_id)
    row = session.execute(_ONE, place).mappings().one()
    legs = session.execute(_LEGS, place | {"wallet_id": entry["wallet_id"]}).mappings()
    answer = session.execute(_ANSWER, {**entry, "entry_id": entry_id, "terminal": Source.TERMINAL}).scalar()
    return Receipt(
        wallet_id=entry["wallet_id"],
        line=_line(row),
        legs=tuple(ReceiptLeg(**{**leg, "kind": AccountKind(leg["kind"])}) for leg in legs),
        answer=msgspec.msgpack.decode(answer, type=Answer) if answer else None,
    )


def card_of_entry(session: Session, business_date: date, entry_id: int) -> int | None:
    """The card that an entry was made with; None where there is no such entry, or no card was used."""
    found = text("SELECT card_id FROM ledger.entry WHERE business_date = :day AND id = :entry_id")
    card_id: int | None = session.execute(found, {"day": business_date, "entry_id": entry_id}).scalar()
    return card_id


# A terminal's close (kind 13) is no tap, nor is a benefit that is given by itself (kind 7 of source 5), hundreds at once.
# Reason 1914 is a purchase given up before it arrived: its tombstone has no answer, and nothing was moved or refused.
_FEED = text("""
    SELECT key_date, source, source_id, source_key, decided_at, kind, reason, card_id, business_date, entry_id, answer
    FROM ledger.request
    WHERE key_date >= :first AND decided_at > :after AND kind <> 13 AND NOT (source = 5 AND kind = 7) AND reason <> 1914
      AND (CAST(:terminal_id AS bigint) IS NULL OR (source IN (1, 3) AND source_id = :terminal_id))
    ORDER BY decided_at DESC LIMIT :most
""")


def feed(session: Session, after: datetime, *, most: int = 40, terminal_id: int | None = None) -> list[Tap]:
    """The newest answered requests decided after `after` less a few seconds, newest first; the reader drops what it has."""
    since = after - FEED_OVERLAP
    facts = {"after": since, "first": (since - timedelta(days=1)).date(), "most": most, "terminal_id": terminal_id}
    return [_tap(row) for row in session.execute(_FEED, facts).mappings()]


def _tap(row: RowMapping) -> Tap:
    answer = msgspec.msgpack.decode(row["answer"], type=Answer)
    return Tap(
        id="-".join(str(row[name]) for name in ("key_date", "source", "source_id", "source_key")),
        decided_at=row["decided_at"],
        kind=EntryKind(row["kind"]),
        reason=Reason(row["reason"]),
        amount_rial=answer.amount,
        earned_rial=answer.earned,
        terminal_id=row["source_id"] if row["source"] in AT_A_TERMINAL else None,
        card_id=row["card_id"],
        business_date=row["business_date"],
        entry_id=row["entry_id"],
    )


_DAY_ENTRIES = text("""
    SELECT kind, count(*) AS entries, coalesce(sum(amount), 0)::bigint AS amount_rial
    FROM ledger.entry WHERE business_date = :day AND unit = 1 GROUP BY kind
""")
_DAY_DECLINES = text("""
    SELECT reason, count(*) AS requests FROM ledger.request
    WHERE key_date BETWEEN :before AND :after AND decided_at >= :starts AND decided_at < :ends AND reason >= 1000
      AND kind <> 13 AND reason <> 1914
    GROUP BY reason
""")


def day_totals(session: Session, day: date) -> DayTotals:
    """What the whole network answered on one business day."""
    entries = {row.kind: row for row in session.execute(_DAY_ENTRIES, {"day": day})}
    starts, ends = end_of_day(day - timedelta(days=1), TEHRAN), end_of_day(day, TEHRAN)
    facts = {"before": day - timedelta(days=10), "after": day + timedelta(days=1), "starts": starts, "ends": ends}
    declines = {Reason(row.reason): row.requests for row in session.execute(_DAY_DECLINES, facts)}
    purchase, top_up, reversal = (entries.get(kind) for kind in (EntryKind.PURCHASE, EntryKind.TOP_UP, EntryKind.REVERSAL))
    return DayTotals(
        purchases=purchase.entries if purchase else 0,
        purchased_rial=purchase.amount_rial if purchase else 0,
        top_ups=top_up.entries if top_up else 0,
        topped_up_rial=top_up.amount_rial if top_up else 0,
        reversals=reversal.entries if reversal else 0,
        declines=declines,
    )
