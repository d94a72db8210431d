"""A card as an independent card in software needs it. The laboratory only."""

from typing import Any

from sqlalchemy.orm import Session

from cardbank.cards.application import AID, DF_NAME, OFFLINE, ONLINE
from cardbank.cards.models import Card
from cardbank.errors import CardNotFound
from cardbank.keystore.ports import KeyStore


def card_export(session: Session, keystore: KeyStore, card_id: int) -> dict[str, Any]:
    """UID, names, key numbers, keys, token, number and state, hex where binary. Raises LaboratoryOnly, CardNotFound."""
    card = session.get(Card, card_id)
    if card is None or card.uid is None:
        raise CardNotFound(card_id=card_id)
    keys = keystore.export_card_keys(card.key_version, card.uid)
    return {
        "uid": card.uid.hex(),
        "df_name": DF_NAME.hex(),
        "aid": AID.hex(),
        "key_numbers": {"online": ONLINE, "offline": OFFLINE},
        "card_keys": {str(number): key.hex() for number, key in keys.items()},
        "token": card.token.hex(),
        "card_number": keystore.open_card_number(card.number_sealed, card.token),
        "masked": card.masked,
        "status": card.status,
        "wallet_id": card.wallet_id,
    }
