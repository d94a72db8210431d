"""`python -m deploy.bench teller|gateway|tap|pages|places|packs|visitors [--json]`"""

import importlib
import sys

NAMES = ("teller", "gateway", "tap", "pages", "places", "packs", "visitors")


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in NAMES:
        print(f"Say which benchmark to run: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    run = importlib.import_module(f"deploy.bench.{arguments[0]}").run
    return int(run(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
