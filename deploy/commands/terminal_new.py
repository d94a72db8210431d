"""Opens a till of the demonstration's first shop and prints its configuration."""

import argparse
import json

from cardbank.keystore.services import open_keystore
from deploy.commands import _demo
from deploy.commands._laboratory import laboratory_settings
from deploy.commands._terminal import terminal_config
from kernel.audit import Actor
from kernel.db import unit_of_work
from kernel.errors import StartRefused
from kernel.languages import LANGUAGES
from merchants.services import open_terminal
from merchants.shops_on_map import shops_page


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="pilgrim terminal new", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object and nothing else")
    parser.add_argument("--language", choices=LANGUAGES, default="fa", help="of the till's own texts")
    options = parser.parse_args(argv)
    settings = laboratory_settings("a terminal with its key in the open")
    keystore = open_keystore(settings)
    with unit_of_work() as session:
        shops = shops_page(session, _demo.CITY, limit=1)
        if not shops:
            raise StartRefused("There is no shop yet: run ./pilgrim seed first.")
        terminal = open_terminal(
            session,
            Actor.system("terminal new"),
            shops[0].branch_id,
            language=options.language,
            kind="portable",
        )
        config = terminal_config(settings, keystore, terminal)
    if options.json:
        print(json.dumps(config))
    else:
        print("\n".join(f"{name}: {value}" for name, value in config.items()))
    return 0
