"""Ledger entries become priced lines: each exactly once, whenever its posting batch becomes visible."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select, text
from sqlalchemy.orm import Session

from cardbank.ledger.types import EntryKind
from kernel.outbox import publish
from merchants.discounts.rules import discount_back
from merchants.settlement.events import LinesPriced
from merchants.settlement.models import (
    CommissionTerm,
    PricedBatch,
    PricedDay,
    PricedLine,
    PricedShare,
)
from merchants.settlement.rules.prices import (
    ALL_GOODS,
    PARTS,
    Bearer,
    Part,
    Share,
    Term,
    Tiers,
    charges,
    charges_back,
    part_of,
    shares_of,
    term_at,
)
from merchants.settlement.services.baskets import Ref, baskets

MOST_BATCHES = 2_000
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('merchants.settlement', 0))")

NO_TERM = (Share(0, None),)  # of what is no sale

# A watermark over ids would lose a desk's posting, which takes its ids early and commits late: what is visible and not
# noted is taken, among the days that are not whole yet.
_WAITING = text("""
    SELECT b.business_date, b.id FROM ledger.post_batch b
    WHERE b.business_date > coalesce((SELECT max(business_date) FROM priced_day), DATE '-infinity')
      AND NOT EXISTS (SELECT FROM priced_batch p WHERE p.business_date = b.business_date AND p.batch_id = b.id)
    ORDER BY b.business_date, b.id LIMIT :most
""")
_ENTRIES = text("""
    WITH legs AS (
        SELECT p.business_date, p.entry_id, p.account_id, p.amount, p.rule_id
        FROM unnest(CAST(:days AS date[]), CAST(:batches AS bigint[])) AS wanted (business_date, id)
        JOIN ledger.post_batch b USING (business_date, id)
        JOIN ledger.posting p ON p.business_date = b.business_date AND p.entry_id BETWEEN b.first_entry AND b.last_entry
        WHERE p.unit = 1
    )
    SELECT e.business_date, e.id, e.kind, e.terminal_id, e.decided_at, e.original_date, e.original_id,
           m.id AS merchant_id, m.kind AS shop_kind,
           sum(legs.amount) FILTER (WHERE a.kind = 20)::bigint AS gross_rial,
           (-coalesce(sum(legs.amount) FILTER (WHERE a.kind = 4 AND legs.rule_id IS NULL), 0))::bigint AS credit_rial,
           coalesce(sum(legs.amount) FILTER (WHERE a.kind IN (4, 11) AND legs.rule_id IS NOT NULL), 0)::bigint AS earned_rial,
           coalesce(bool_or(a.kind = 9), false) AS on_instalments, coalesce(max(d.discount_rial), 0) AS discount_rial
    FROM legs
    JOIN ledger.account a ON a.id = legs.account_id
    JOIN ledger.entry e ON e.business_date = legs.business_date AND e.id = legs.entry_id AND e.kind <> 12
    JOIN LATERAL (
        SELECT s.wallet_id FROM legs other JOIN ledger.account s ON s.id = other.account_id
        WHERE other.business_date = e.business_date AND other.entry_id = e.id AND s.kind = 20 LIMIT 1
    ) AS shop ON true
    JOIN merchant m ON m.wallet_id = shop.wallet_id
    LEFT JOIN sale_discount d ON e.kind = 1 AND d.key_date = e.key_date AND d.source = e.source AND d.source_id = e.terminal_id
         AND d.source_key = e.source_key AND d.price_rial - d.discount_rial = e.amount
    GROUP BY e.business_date, e.id, m.id
""")
_ORIGINAL_BATCHES = text("""
    SELECT DISTINCT e.business_date, e.batch_id AS id
    FROM unnest(CAST(:days AS date[]), CAST(:entries AS bigint[])) AS wanted (business_date, id)
    JOIN ledger.entry e USING (business_date, id)
""")
# The lines that entries name as their originals, and those that these name, up to the sales.
_SOLD = text("""
    WITH RECURSIVE sold AS (
        SELECT l.business_date, l.entry_id, l.part, l.gross_rial, l.discount_rial, l.term_id, l.original_date, l.original_id
        FROM unnest(CAST(:days AS date[]), CAST(:entries AS bigint[])) AS wanted (business_date, entry_id)
        JOIN priced_line l USING (business_date, entry_id)
        UNION
        SELECT l.business_date, l.entry_id, l.part, l.gross_rial, l.discount_rial, l.term_id, l.original_date, l.original_id
        FROM sold JOIN priced_line l ON l.business_date = sold.original_date AND l.entry_id = sold.original_id
    )
    SELECT * FROM sold
""")
_SHARES = text("""
    SELECT s.business_date, s.entry_id, s.term_id, s.gross_rial
    FROM unnest(CAST(:days AS date[]), CAST(:entries AS bigint[])) AS wanted (business_date, entry_id)
    JOIN priced_share s USING (business_date, entry_id)
    ORDER BY s.business_date, s.entry_id, s.place
""")
# What came back of each sale: its returns, less those undone, and again what was undone of that.
_GIVEN_BACK = text("""
    WITH RECURSIVE given AS (
        SELECT wanted.business_date AS sale_date, wanted.entry_id AS sale_id, l.business_date, l.entry_id, l.gross_rial
        FROM unnest(CAST(:days AS date[]), CAST(:entries AS bigint[])) AS wanted (business_date, entry_id)
        JOIN priced_line l ON l.original_date = wanted.business_date AND l.original_id = wanted.entry_id
        UNION ALL
        SELECT given.sale_date, given.sale_id, l.business_date, l.entry_id, l.gross_rial
        FROM given JOIN priced_line l ON l.original_date = given.business_date AND l.original_id = given.entry_id
    )
    SELECT sale_date, sale_id, -sum(gross_rial)::bigint AS returned_rial FROM given GROUP BY sale_date, sale_id
""")
# Nothing can be posted into a closed day, so once each of its batches is priced it is done with for ever.
_WHOLE_DAYS = text("""
    SELECT d.day FROM ledger.business_day d
    WHERE d.closed_at IS NOT NULL AND d.day > coalesce((SELECT max(business_date) FROM priced_day), DATE '-infinity')
      AND NOT EXISTS (SELECT FROM ledger.business_day e WHERE e.day < d.day AND e.closed_at IS NULL)
      AND NOT EXISTS (SELECT FROM ledger.post_batch b
                      LEFT JOIN priced_batch p ON p.business_date = b.business_date AND p.batch_id = b.id
                      WHERE b.business_date <= d.day AND p.batch_id IS NULL
                        AND b.business_date > coalesce((SELECT max(business_date) FROM priced_day), DATE '-infinity'))
""")


def price_lines(session: Session, most_batches: int = MOST_BATCHES) -> int:
    """Price what was posted and is not priced yet, up to so many posting batches. Returns how many lines were written."""
    session.execute(LOCK)
    waiting: list[Ref] = [(row.business_date, row.id) for row in session.execute(_WAITING, {"most": most_batches})]
    lines = _price(session, waiting) if waiting else []
    _note_whole_days(session)
    return len(lines)


def price_everything(session: Session) -> None:
    """Price until nothing visible waits, as a batch does before it closes."""
    session.execute(LOCK)
    while waiting := [(row.business_date, row.id) for row in session.execute(_WAITING, {"most": MOST_BATCHES})]:
        _price(session, waiting)
    _note_whole_days(session)


def _price(session: Session, batches: list[Ref]) -> list[dict[str, Any]]:
    entries = _entries(session, batches)
    originals = _originals(session, entries)
    while earlier := _batches_of_missing(session, batches, entries, originals):
        # A sale whose return came into this turn before it: its own batch is taken now, too.
        batches = [*batches, *earlier]
        entries += _entries(session, earlier)
        originals = _originals(session, entries)
    shares = _shares(session, entries)
    lines: list[dict[str, Any]] = []
    for entry in _sales_first(entries):
        ref = entry.business_date, entry.id
        line = _line(entry, shares.get(ref, NO_TERM), originals)
        originals[ref] = _Sold(line, shares.get(ref, NO_TERM), originals)
        lines.append(line)
    if lines:
        session.execute(insert(PricedLine), lines)
        _keep_shares(session, shares)
        publish(session, LinesPriced(tuple(batches)))
    session.execute(insert(PricedBatch), [{"business_date": day, "batch_id": batch} for day, batch in batches])
    return lines


def _batches_of_missing(
    session: Session, batches: Sequence[Ref], entries: Sequence[Row[Any]], originals: Collection[Ref]
) -> list[Ref]:
    taken = {(entry.business_date, entry.id) for entry in entries}
    missing = {ref for entry in entries if (ref := _original_of(entry)) and ref not in taken and ref not in originals}
    return sorted(_batches_of(session, missing) - set(batches)) if missing else []


def _sales_first(entries: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Sales, then what returns them, then what undoes a return, and so on."""
    by_ref = {(entry.business_date, entry.id): entry for entry in entries}

    def depth(entry: Row[Any] | None) -> int:
        ref = _original_of(entry) if entry is not None else None
        return 0 if ref is None else 1 + depth(by_ref.get(ref))

    return sorted(entries, key=lambda entry: (depth(entry), entry.business_date, entry.id))


class _Terms:
    """The terms of the shops in hand and of their kinds."""

    def __init__(self, rows: Iterable[CommissionTerm]) -> None:
        self.by_id: dict[int, Term] = {}
        self.by_owner: dict[tuple[int | str | None, bool], list[Term]] = {}
        for row in rows:
            term = Term(row.id, row.starts_at, row.basis_points, row.most_rial, Bearer(row.borne_by), row.goods, row.ends_at)
            self.by_id[row.id] = term
            self.by_owner.setdefault((row.merchant_id or row.shop_kind, row.on_instalments), []).append(term)
        self._by_goods = {owner for (owner, _), terms in self.by_owner.items() if any(term.goods for term in terms)}

    def ask_for_goods(self, entry: Row[Any]) -> bool:
        """Whether what the sale consisted of may change its commission."""
        return not entry.on_instalments and not self._by_goods.isdisjoint((entry.merchant_id, entry.shop_kind))

    def at(self, entry: Row[Any], tiers: Tiers = ALL_GOODS) -> Term | None:
        """What was sold in instalments has its own term where one is agreed, else the usual one."""
        agreed = self._at(entry, tiers, on_instalments=True) if entry.on_instalments else None
        return agreed or self._at(entry, tiers, on_instalments=False)

    def _at(self, entry: Row[Any], tiers: Tiers, *, on_instalments: bool) -> Term | None:
        own, of_kind = (self.by_owner.get((owner, on_instalments), ()) for owner in (entry.merchant_id, entry.shop_kind))
        return term_at(own, of_kind, entry.decided_at, tiers)

    def shares(self, entry: Row[Any], basket: Sequence[tuple[Tiers, int]]) -> tuple[Share, ...]:
        """The sale by the terms that price it: the closest one of each of its goods, or one where nobody knows its goods."""
        if not basket:
            return (Share(entry.gross_rial, self.at(entry)),)
        return shares_of(entry.gross_rial, [(self.at(entry, tiers), worth) for tiers, worth in basket])


class _Sold:
    """What a return must know of its original: its column and its sale, and of a sale its shares and what came back so far."""

    def __init__(
        self,
        line: Mapping[str, Any],
        shares: tuple[Share, ...],
        originals: Mapping[Ref, "_Sold"],
        returned_rial: int = 0,
    ) -> None:
        self.part = Part(line["part"])
        self.gross_rial: int = line["gross_rial"]
        self.discount_rial: int = line["discount_rial"]
        self.shares = shares
        self.returned_rial = returned_rial
        before = originals.get((line["original_date"], line["original_id"]))
        self.sale: _Sold = before.sale if before is not None else self


def _line(entry: Row[Any], shares: tuple[Share, ...], originals: dict[Ref, _Sold]) -> dict[str, Any]:
    ref = _original_of(entry)
    sold = originals.get(ref) if ref else None
    part = part_of(EntryKind(entry.kind), sold.part if sold else None)
    if sold is None:
        charged, discount = charges(shares, entry.gross_rial), entry.discount_rial
    else:
        sale = sold.sale
        shares = sale.shares
        charged = charges_back(shares, sale.returned_rial, -entry.gross_rial)
        discount = discount_back(sale.discount_rial, sale.gross_rial, sale.returned_rial, -entry.gross_rial)
        sale.returned_rial -= entry.gross_rial
    term = shares[0].term if len(shares) == 1 else None
    return {
        "business_date": entry.business_date, "entry_id": entry.id, "merchant_id": entry.merchant_id,
        "terminal_id": entry.terminal_id, "kind": entry.kind, "part": part, "decided_at": entry.decided_at,
        "gross_rial": entry.gross_rial, "credit_rial": entry.credit_rial,
        "earned_rial": entry.earned_rial, "discount_rial": discount,
        "commission_rial": charged.shop_rial, "spared_rial": charged.network_rial,
        "term_id": term.term_id if term else None,
        "original_date": entry.original_date, "original_id": entry.original_id,
    }  # fmt: skip


def _original_of(entry: Row[Any]) -> Ref | None:
    return (entry.original_date, entry.original_id) if entry.original_id is not None else None


def _entries(session: Session, batches: Sequence[Ref]) -> list[Row[Any]]:
    if not batches:
        return []
    days, ids = zip(*batches, strict=True)
    return list(session.execute(_ENTRIES, {"days": list(days), "batches": list(ids)}))


def _batches_of(session: Session, refs: Collection[Ref]) -> set[Ref]:
    return {(row.business_date, row.id) for row in session.execute(_ORIGINAL_BATCHES, _columns(refs))}


def _originals(session: Session, entries: Iterable[Row[Any]]) -> dict[Ref, _Sold]:
    """The priced lines that these entries return or undo, and the sales behind them with what came back before."""
    refs = {ref for entry in entries if (ref := _original_of(entry))}
    if not refs:
        return {}
    lines = {(row.business_date, row.entry_id): row._asdict() for row in session.execute(_SOLD, _columns(refs))}
    sales = {ref for ref, line in lines.items() if line["original_id"] is None}
    returned = {(row.sale_date, row.sale_id): row.returned_rial for row in session.execute(_GIVEN_BACK, _columns(sales))}
    shares = _kept_shares(session, lines, sales)
    sold: dict[Ref, _Sold] = {}
    waiting = sorted(lines, key=lambda ref: ref not in sales)
    while waiting:
        ref = waiting.pop(0)
        before = (lines[ref]["original_date"], lines[ref]["original_id"])
        if before in lines and before not in sold:
            waiting.append(ref)
            continue
        sold[ref] = _Sold(lines[ref], shares.get(ref, NO_TERM), sold, returned.get(ref, 0))
    return sold


def _kept_shares(session: Session, lines: Mapping[Ref, Mapping[str, Any]], sales: Collection[Ref]) -> dict[Ref, tuple[Share, ...]]:
    """The shares by which sales were priced: several that stand on record, or the whole under the one term of its line."""
    rows = session.execute(_SHARES, _columns(sales)).all()
    used = {line["term_id"] for line in lines.values()} | {row.term_id for row in rows}
    found = select(CommissionTerm).where(CommissionTerm.id.in_(used - {None}))
    by_id = _Terms(session.scalars(found) if used - {None} else ()).by_id
    shares: dict[Ref, tuple[Share, ...]] = {
        ref: (Share(lines[ref]["gross_rial"], by_id.get(lines[ref]["term_id"])),) for ref in sales
    }
    by_sale: dict[Ref, list[Share]] = {}
    for row in rows:
        by_sale.setdefault((row.business_date, row.entry_id), []).append(Share(row.gross_rial, by_id.get(row.term_id)))
    return shares | {ref: tuple(several) for ref, several in by_sale.items()}


def _keep_shares(session: Session, shares: Mapping[Ref, Sequence[Share]]) -> None:
    rows = [
        {
            "business_date": ref[0], "entry_id": ref[1], "place": place, "gross_rial": share.amount_rial,
            "term_id": share.term.term_id if share.term else None,
        }
        for ref, several in shares.items() if len(several) > 1 for place, share in enumerate(several)
    ]  # fmt: skip
    if rows:
        session.execute(insert(PricedShare), rows)


def _columns(refs: Collection[Ref]) -> dict[str, list[Any]]:
    return {"days": [day for day, _ in refs], "entries": [entry_id for _, entry_id in refs]}


def _shares(session: Session, entries: Sequence[Row[Any]]) -> dict[Ref, tuple[Share, ...]]:
    """Each sale by the terms that price it. What was sold is asked for only where a term names goods."""
    terms = _terms(session, entries)
    sales = [one for one in entries if PARTS.get(EntryKind(one.kind)) is Part.SALE]
    found = baskets(session, [(one.business_date, one.id) for one in sales if terms.ask_for_goods(one)])
    return {(one.business_date, one.id): terms.shares(one, found.get((one.business_date, one.id), ())) for one in sales}


def _terms(session: Session, entries: Sequence[Row[Any]]) -> _Terms:
    shops = {entry.merchant_id for entry in entries}
    kinds = {entry.shop_kind for entry in entries}
    return _Terms(
        session.scalars(select(CommissionTerm).where(CommissionTerm.merchant_id.in_(shops) | CommissionTerm.shop_kind.in_(kinds)))
    )


def _note_whole_days(session: Session) -> None:
    days = [row.day for row in session.execute(_WHOLE_DAYS)]
    if days:
        session.execute(insert(PricedDay), [{"business_date": day} for day in days])
        session.execute(delete(PricedBatch).where(PricedBatch.business_date <= max(days)))
