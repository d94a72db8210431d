"""Finds the verb's file and runs it. A verb of two words (`terminal new`) is one file (`terminal_new`)."""

import importlib
import pkgutil
import sys

import deploy.commands
from kernel.errors import DomainError, StartRefused
from kernel.logs import set_up_logging

USAGE = 2
REFUSED = 3


def verbs() -> dict[str, str]:
    """Words as typed → module name. Two-word verbs may be typed with a space or a dash."""
    names = [module.name for module in pkgutil.iter_modules(deploy.commands.__path__) if not module.name.startswith("_")]
    return {name.replace("_", "-"): name for name in names} | {name.replace("_", " "): name for name in names}


def main(arguments: list[str]) -> int:
    known = verbs()
    for words in (2, 1):
        verb = " ".join(arguments[:words])
        if verb in known:
            return run(known[verb], arguments[words:])
    listed = ", ".join(sorted(name.replace("_", " ") for name in set(known.values())))
    print(f"Unknown command. There are: {listed}.", file=sys.stderr)
    return USAGE


def run(module: str, arguments: list[str]) -> int:
    set_up_logging("WARNING")
    try:
        return int(importlib.import_module(f"deploy.commands.{module}").run(arguments))
    except StartRefused as refusal:
        print(refusal, file=sys.stderr)
    except DomainError as refusal:
        facts = ", ".join(f"{name}: {value}" for name, value in refusal.facts.items())
        print(f"Refused: {refusal.code}" + (f" ({facts})." if facts else "."), file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
