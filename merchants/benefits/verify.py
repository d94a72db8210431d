"""Check 19 of the proof: benefits were spent in shops of their trades and cities only, and funders' books agree."""

from cardbank.ledger.verify import Connection, Faults, Finder, by_sql
from loyalty.benefits.verify import FUNDERS
from merchants.rules import KIND_NUMBERS

_NUMBERS = ", ".join(f"('{kind.value}', {number})" for kind, number in KIND_NUMBERS.items())

# The same number as `rules.category`, from the till that sold.
SCOPES = f"""
    SELECT format('entry %s/%s spent purse %s in another trade or city', e.business_date, e.id, a.id)
    FROM ledger.posting p
    JOIN ledger.account a ON a.id = p.account_id AND a.kind = 3
    JOIN ledger.entry e ON e.business_date = p.business_date AND e.id = p.entry_id AND e.kind IN (1, 6)
    JOIN ledger.scope s ON s.id = a.scope_id AND s.categories IS NOT NULL
    JOIN benefit_grant g ON g.account_id = a.id
    LEFT JOIN (terminal t JOIN branch b ON b.id = t.branch_id JOIN merchant m ON m.id = b.merchant_id
               JOIN place ON place.id = b.place_id JOIN (VALUES {_NUMBERS}) AS trade (kind, number) ON trade.kind = m.kind)
           ON t.id = e.terminal_id
    WHERE p.amount < 0 AND (place.city_id * 100 + trade.number = ANY(s.categories)) IS NOT TRUE"""

_spent_elsewhere = by_sql(SCOPES)


def _faults(connection: Connection) -> Faults:
    yield from _spent_elsewhere(connection)
    yield from FUNDERS(connection)


BENEFITS: Finder = (19, "benefits are spent where they are meant for, and their funders' books agree", _faults)
