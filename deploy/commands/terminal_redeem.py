"""Uses a terminal's one-time code up and prints the till's configuration: what the till's own set-up will do."""

import argparse
import json

from cardbank.keystore.services import open_keystore
from deploy.commands import _demo
from deploy.commands._terminal import terminal_config
from kernel.db import unit_of_work
from kernel.settings import load_settings
from merchants.onboarding.services.issuing import redeem_code


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="pilgrim terminal redeem", description=__doc__)
    parser.add_argument("code", help="twelve letters and digits, as shown in the portal")
    parser.add_argument("--json", action="store_true", help="print one object and nothing else")
    options = parser.parse_args(argv)
    settings = load_settings()
    _demo.check_laboratory(settings, "a terminal with its key in the open")
    keystore = open_keystore(settings)
    with unit_of_work() as session:
        terminal, _ = redeem_code(session, options.code)
        config = terminal_config(settings, keystore, terminal)
    print(json.dumps(config) if options.json else "\n".join(f"{name}: {value}" for name, value in config.items()))
    return 0
