"""Prints the demonstration's accounts: role, name, password, and the masked card of pilgrims."""

import argparse
import json

from cardbank.cards.queries import find_by_uid
from deploy.commands import _demo
from kernel.db import unit_of_work
from kernel.settings import load_settings


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sign-ins", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one list and nothing else")
    options = parser.parse_args(argv)
    settings = load_settings()
    _demo.check_laboratory(settings, "a list of passwords")
    accounts = []
    with unit_of_work() as session:
        for account in _demo.SIGN_INS:
            facts = {
                "role": account.role,
                "name": account.name,
                "password": _demo.password_of(settings, account.name),
            }
            if account.cardholder is not None:
                card = find_by_uid(session, _demo.chip_of(account.cardholder))
                facts["card"] = card.masked if card else None
            accounts.append(facts)
    if options.json:
        print(json.dumps(accounts))
    else:
        for facts in accounts:
            print(f"{facts['role']:<14} {facts['name']:<14} {facts['password']}  {facts.get('card') or ''}".rstrip())
    return 0
