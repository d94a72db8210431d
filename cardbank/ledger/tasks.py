"""The ledger's upkeep as steps of background work: each is one unit of work, and how often it runs in seconds."""

from collections.abc import Callable, Mapping
from contextlib import closing

from sqlalchemy.orm import Session

from cardbank.ledger import upkeep
from cardbank.ledger.client import SyncTellerClient
from kernel import clock
from kernel.calendar import local_day
from kernel.settings import load_settings

SEALS = "seals.jsonl"


def make_partitions(session: Session) -> None:
    upkeep.make_partitions(session, clock.now().date(), load_settings().ledger_partitions)


def drop_old_requests(session: Session) -> None:
    """Works on a connection of its own, as the owner of the tables."""
    upkeep.drop_old_requests(load_settings().owner_database_url, clock.now().date())


def open_business_day(session: Session) -> None:
    upkeep.open_day(session, local_day(clock.now(), load_settings().zone))


def close_business_days(session: Session) -> None:
    upkeep.close_days(session)


def settle_business_days(session: Session) -> None:
    upkeep.settle_days(session)


def export_seals(session: Session) -> None:
    upkeep.export_seals(session, load_settings().run_dir / SEALS)


def sweep_lots(session: Session) -> None:
    with closing(SyncTellerClient(load_settings().teller_socket)) as client:
        upkeep.sweep_lots(session, clock.now(), client.post)


STEPS: Mapping[str, tuple[Callable[[Session], object], float]] = {
    "ledger_roll_up": (upkeep.roll_up, 2.0),
    "ledger_open_business_day": (open_business_day, 15.0),
    "ledger_close_business_days": (close_business_days, 15.0),
    "ledger_settle_business_days": (settle_business_days, 60.0),
    "ledger_seal_open_day": (upkeep.seal_open_day, 3_600.0),
    "ledger_export_seals": (export_seals, 300.0),
    "ledger_sweep_lots": (sweep_lots, 600.0),
    "ledger_make_partitions": (make_partitions, 3_600.0),
    "ledger_drop_old_requests": (drop_old_requests, 86_400.0),
}
