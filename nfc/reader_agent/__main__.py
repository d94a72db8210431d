"""python -m reader_agent --config FILE [--device PATH] (--amounts stdin | --amount N | --close-batch | --enrol | --door | --help-mode) [--credit …] [--loop]
    [--no-discount] [--top-up | --refund REFERENCE --of RIAL | --void REFERENCE | --void-refund REFERENCE]

--enrol reads the pilgrim's form as one JSON line from stdin, so that it stands in no list of processes. --door asks for one card
whether its holder may come in, --help-mode for one card what its lost holder lets us see; with --loop for every card until it is
stopped. Who it is stands on the screen alone, never in the JSON.
Prints one JSON line for each sale; on a terminal, sentences in the terminal's language instead.
Exit codes: 0 the last sale was approved or taken back as asked, 1 it was not, or nobody reads the results any
more, 3 the till cannot work, 143 stopped by SIGTERM. A purchase that a stop leaves open is reversed at the next start.
"""

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from reader_agent.answer import NoAnswer
from reader_agent.config import ConfigError, TerminalConfig
from reader_agent.device import NfcpyReader, ReaderFailed
from reader_agent.dukpt import KeysExhausted, TerminalKeys
from reader_agent.flash import Flash, FlashError
from reader_agent.sale import (
    RETURNS,
    Ask,
    Close,
    Order,
    Return,
    Sale,
    SaleQueue,
    SaleRefused,
    Standing,
    read_amount,
    read_count,
    read_credit,
    read_enrolment,
    read_people,
    read_reference,
)
from reader_agent.screen import Screen
from reader_agent.terminal import Credit, Terminal
from reader_agent.till import Result, Till

SUCCESSES = {"approved", "reversed", "balanced", "different"}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="reader_agent", description="The reader and terminal beside a till.")
    parser.add_argument("--config", type=Path, required=True, help="what `pilgrim terminal new --json` printed")
    parser.add_argument("--device", default="usb", help="nfcpy path: usb, tty:…, udp:HOST:PORT")
    parser.add_argument("--flash", type=Path, help="the terminal's memory; default: beside the configuration")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--amounts", choices=["stdin"], help="take sales from the lines of stdin")
    source.add_argument("--amount", help="one sale of so many Rial")
    source.add_argument("--close-batch", action="store_true", help="close the batch and compare with the bank")
    source.add_argument("--enrol", action="store_true", help="a card of the stock for the pilgrim of a form on stdin")
    source.add_argument("--door", action="store_true", help="stand at a door: may the holder of the card come in?")
    source.add_argument("--help-mode", action="store_true", help="somebody is lost: what does the holder of the card let us see?")
    parser.add_argument("--people", metavar="N", help="how many come in by --door; default: all that are booked")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--top-up", action="store_true", help="put --amount, taken as cash, on the card")
    way.add_argument("--instalments", metavar="N", help="sell --amount in so many instalments, on the card's credit line")
    way.add_argument("--refund", metavar="REFERENCE", help="give back --amount of that purchase; see --of")
    way.add_argument("--void", metavar="REFERENCE", help="undo that purchase; --amount is the whole of it")
    way.add_argument("--void-refund", metavar="REFERENCE", help="undo that refund; --amount is the whole of it")
    parser.add_argument("--no-discount", action="store_true", help="sell --amount without the shop's discount for paying at once")
    parser.add_argument("--of", metavar="RIAL", help="what the refunded purchase came to")
    parser.add_argument("--credit", nargs="+", default=["none"], metavar="none | most | exact N")
    parser.add_argument("--loop", action="store_true", help="serve until stdin ends, not one sale only")
    parser.add_argument("--card-seconds", type=float, default=30.0, help="how long a sale waits for its card")
    parser.add_argument("--response-seconds", type=float, default=30.0)
    return parser.parse_args()


def _sales(options: argparse.Namespace) -> SaleQueue | Standing:
    words = options.credit
    if len(words) > 2 or (len(words) == 2) != (words[0] == "exact"):
        raise SaleRefused("credit")
    credit = read_credit(words[-1])
    if options.close_batch:
        return SaleQueue(None, sales=(Close(),))
    if options.door or options.help_mode:
        asked = Ask("help") if options.help_mode else Ask("entry", read_people(options.people) if options.people else 0)
        return Standing(asked) if options.loop else SaleQueue(None, sales=(asked,))
    if options.enrol:
        return SaleQueue(None, sales=(read_enrolment(sys.stdin.readline()),))
    if options.amount is not None:
        return SaleQueue(None, sales=(_one(options, read_amount(options.amount), credit),))
    return SaleQueue(sys.stdin.fileno(), credit, limit=None if options.loop else 1)


def _one(options: argparse.Namespace, amount_rial: int, credit: Credit) -> Order:
    for what in RETURNS:
        reference = getattr(options, what)
        if reference is not None:
            original_rial = read_amount(options.of) if what == "refund" else 0
            return Return(what, read_reference(reference), amount_rial, original_rial)
    count = None if options.instalments is None else read_count(options.instalments)
    return Sale(amount_rial, credit, is_top_up=options.top_up, instalments=count, is_discounted=not options.no_discount)


def _serve(options: argparse.Namespace) -> int:
    config = TerminalConfig.from_file(options.config)
    sales = _sales(options)
    keys = TerminalKeys(config.initial_key, config.initial_key_id)
    flash = Flash(options.flash or options.config.with_suffix(".flash"), config.terminal, keys)
    terminal = Terminal(config, flash, keys, response_seconds=options.response_seconds)
    is_for_people = sys.stdout.isatty()
    if options.help_mode and not is_for_people:
        raise ConfigError("--help-mode shows what is for eyes only; start it where stdout is a screen")
    outcomes: list[object] = []

    def report(result: Result) -> None:
        outcomes[:] = [result["outcome"]]
        if not is_for_people:
            print(json.dumps(result, ensure_ascii=False), flush=True)

    reader = NfcpyReader(options.device)
    try:
        _sign_on(terminal)
        screen = Screen(config.language, sys.stdout if is_for_people else None)
        Till(reader, terminal, sales, screen, report, options.card_seconds).serve()
    finally:
        reader.close()
        terminal.close()
        flash.close()
    return 0 if outcomes and outcomes[0] in SUCCESSES else 1


def _sign_on(terminal: Terminal) -> None:
    """Prove the terminal's key to the gateway. One that does not answer now may do so at the first sale."""
    try:
        answer = terminal.sign_on()
    except NoAnswer as failure:
        print(f"reader_agent: sign-on: {failure}", file=sys.stderr)
        return
    if not answer.is_approved:
        raise ConfigError(f"the gateway does not accept this terminal (DE39 {answer.code})")


def _let_go_of_output() -> None:
    """Whoever read the results has gone; what is still buffered goes nowhere, and without complaint."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        return _serve(_options())
    except (ConfigError, FlashError, KeysExhausted, ReaderFailed, SaleRefused) as error:
        print(f"reader_agent: {error}", file=sys.stderr)
        return 3
    except BrokenPipeError:
        _let_go_of_output()
        return 1
    except KeyboardInterrupt:
        return 1


if __name__ == "__main__":
    sys.exit(main())
