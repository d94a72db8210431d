"""What happens to batches by itself: a batch that its terminal leaves open for 36 hours is closed."""

from contextlib import closing

from sqlalchemy.orm import Session

from cardbank.ledger.client import SyncTellerClient
from kernel.settings import load_settings
from merchants.batches import services


def close_old_batches(session: Session) -> None:
    with closing(SyncTellerClient(load_settings().teller_socket)) as client:
        services.close_old_batches(session, client.post)
