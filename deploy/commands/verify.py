"""`verify [--json]`: proves the ledger from its rows and says so, a line or an object per check. Exit 0 = all hold, else 1."""

import json
import sys

import psycopg
from msgspec import to_builtins

from cardbank.families.verify import FAMILIES
from cardbank.ledger.tasks import SEALS
from cardbank.ledger.verify import verify
from cardbank.ledger.verify_seals import exported_faults
from kernel.errors import StartRefused
from kernel.settings import load_settings
from merchants.batches.verify import TERMINAL_BATCHES
from merchants.benefits.verify import BENEFITS
from merchants.instalments.verify import CREDIT_LINES
from merchants.leaving.verify import LEAVINGS
from merchants.settlement.verify import SETTLEMENT


def run(arguments: list[str]) -> int:
    """Raises StartRefused when an argument is unknown or the database cannot be reached."""
    if set(arguments) - {"--json"}:
        raise StartRefused("Usage: verify [--json].")
    try:
        settings = load_settings()
        exported = (11, "exported seals are those of the chain", exported_faults(settings.run_dir / SEALS))
        with psycopg.connect(settings.owner_database_url, autocommit=True) as connection:
            checks = verify(connection, (exported, CREDIT_LINES, SETTLEMENT, TERMINAL_BATCHES, BENEFITS, FAMILIES, LEAVINGS))
    except psycopg.OperationalError:
        raise StartRefused("The database cannot be reached: start it with ./pilgrim up.") from None
    ok = all(check.ok for check in checks)
    if arguments:
        print(json.dumps({"ok": ok, "checks": to_builtins(checks)}))
        return 0 if ok else 1
    for check in checks:
        print(f"{'ok   ' if check.ok else 'FAULT'} {check.number:>2} {check.name}: {check.detail}")
    print("The ledger holds." if ok else "The ledger does not hold.", file=sys.stdout if ok else sys.stderr)
    return 0 if ok else 1
