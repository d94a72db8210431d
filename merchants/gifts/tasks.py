"""What happens to gifts by itself: money that left for one and never arrived goes back."""

from contextlib import closing

from sqlalchemy.orm import Session

from cardbank.ledger.client import SyncTellerClient
from kernel.settings import load_settings
from merchants.gifts import stranded


def send_back_stranded(session: Session) -> None:
    with closing(SyncTellerClient(load_settings().teller_socket)) as client:
        stranded.send_back(session, client.post)
