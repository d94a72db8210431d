"""Prints all that drives the demonstration: tills with their keys, cards with theirs, and the baskets to replay."""

import argparse
import json

from cardbank.cards.export import card_export
from cardbank.cards.queries import find_by_uid
from cardbank.keystore.services import open_keystore
from deploy.commands import _demo
from deploy.commands._terminal import terminal_config
from kernel.db import unit_of_work
from kernel.settings import load_settings
from merchants.queries import terminals_page

MOST_TERMINALS = 64


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="demo-kit", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the default and only form")
    parser.parse_args(argv)
    settings = load_settings()
    _demo.check_laboratory(settings, "an export of keys")
    keystore = open_keystore(settings)
    with unit_of_work() as session:
        terminals = terminals_page(session, limit=MOST_TERMINALS)
        chips = [_demo.chip_of(number) for number in range(len(_demo.read("cardholders.json")))]
        found = [card for chip in chips if (card := find_by_uid(session, chip)) is not None]
        kit = {
            "terminals": [
                terminal_config(settings, keystore, till) for till in terminals if till.status == "active" and till.kind != "web"
            ],
            "cards": [card_export(session, keystore, card.card_id) for card in found],
            "baskets": list(_demo.baskets()),
        }
    print(json.dumps(kit, ensure_ascii=False))
    return 0
