"""`card new`: an active card with money on it, for a card in software or a keyed purchase. The laboratory only."""

import argparse
import json
import secrets
from typing import Any

from sqlalchemy.orm import Session

from cardbank.cards.export import card_export
from cardbank.cards.services import activate_card, issue_card, stock_card
from cardbank.keystore.ports import KeyStore
from cardbank.keystore.services import open_keystore
from cardbank.services import MOST_TOP_UP_RIAL, new_request_key, top_up_at_desk
from deploy.commands import _demo
from deploy.commands._laboratory import laboratory_settings
from kernel.audit import Actor
from kernel.db import unit_of_work
from kernel.errors import StartRefused
from kernel.languages import LANGUAGES

LABORATORY = Actor.system("laboratory")
KEYS = ("card_keys", "token")


def run(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    if not 0 <= options.balance_rial <= MOST_TOP_UP_RIAL:
        raise StartRefused(f"--balance-rial is from 0 to {MOST_TOP_UP_RIAL}.")
    settings = laboratory_settings("a card with its keys")
    with unit_of_work() as session:
        keystore = open_keystore(settings)
        if options.stock:
            card = new_stock_card(session, keystore)
        else:
            card = new_card(session, keystore, options.balance_rial, options.language)
    if not options.export_keys:
        card = {name: value for name, value in card.items() if name not in KEYS}
    if options.json:
        print(json.dumps(card))
    else:
        print("\n".join(f"{name}: {value}" for name, value in card.items()))
    return 0


def new_card(session: Session, keystore: KeyStore, balance_rial: int, language: str = "fa") -> dict[str, Any]:
    """Issue, activate and load an anonymous card; returns its export with `balance_rial`."""
    uid = bytes([_demo.NATIONAL_CHIP_MAKER]) + secrets.token_bytes(6)
    card = issue_card(session, keystore, LABORATORY, person_id=None, language=language, uid=uid)
    activate_card(session, LABORATORY, card.id)
    exported = card_export(session, keystore, card.id) | {"balance_rial": balance_rial}
    if balance_rial:
        top_up_at_desk(session, LABORATORY, card.id, balance_rial, new_request_key())
    return exported


def new_stock_card(session: Session, keystore: KeyStore) -> dict[str, Any]:
    """A personalised card that nobody holds yet, for a till that enrols; returns its export."""
    uid = bytes([_demo.NATIONAL_CHIP_MAKER]) + secrets.token_bytes(6)
    return card_export(session, keystore, stock_card(session, keystore, LABORATORY, uid).id)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="card new", description=__doc__)
    parser.add_argument("--export-keys", action="store_true", help="print the card's keys and token too")
    parser.add_argument("--stock", action="store_true", help="a card that nobody holds yet: a till hands it out by --enrol")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--balance-rial", type=int, default=5_000_000)
    parser.add_argument("--language", choices=LANGUAGES, default="fa")
    return parser
