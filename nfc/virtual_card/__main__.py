"""python -m virtual_card --keys FILE --udp PORT            one card that listens by itself
python -m virtual_card --field --keys FILE… --udp PORT   a field; cards come and go by JSON lines on stdin

Lines for the field: {"place": "<uid>", "faults": {"3": "lose_answer"}, "extensions": 0}, {"tag": "<uid>", "text": "…"} or {"tag": "<uid>", "address":
"…"} for a tag on goods, {"remove": "<uid>"}, and {"say": "<word>"},
which it says back when all before it is done.
It prints {"port": N} when it serves, and with --trace every APDU. A port of 0 takes a free one.
"""

import argparse
import json
import sys
from pathlib import Path

from virtual_card.card import Card, CardProfile, KeyFileError
from virtual_card.field import Fault, Field
from virtual_card.goods_tag import Ntag, address_record, text_record


def _say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def _trace(uid: bytes, command: bytes, answer: bytes) -> None:
    _say(uid=uid.hex(), apdu=command.hex(), answer=answer.hex())


def _control(field: Field, cards: dict[bytes, Card], line: bytes) -> None:
    """Obey one line of stdin; a bad one is answered on stderr and changes nothing."""
    try:
        order = json.loads(line)
        if "place" in order:
            faults = {int(number): Fault(name) for number, name in order.get("faults", {}).items()}
            field.place(cards[bytes.fromhex(order["place"])], faults, int(order.get("extensions", 0)))
        elif "tag" in order:
            message = (
                address_record(order["address"]) if "address" in order else text_record(order["text"]) if "text" in order else b""
            )
            field.place_tag(Ntag(bytes.fromhex(order["tag"]), message))
        elif "say" in order:
            _say(said=str(order["say"]))
        else:
            field.remove(bytes.fromhex(order["remove"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        print("virtual_card: an order was not understood or names no card of this field", file=sys.stderr)


def _serve_field(port: int, cards: dict[bytes, Card], trace: bool) -> None:
    field = Field(port, _trace if trace else None)
    _say(port=field.port)
    field.run(sys.stdin.fileno(), lambda line: _control(field, cards, line))


def main() -> int:
    parser = argparse.ArgumentParser(prog="virtual_card", description="A contactless card in software.")
    parser.add_argument("--keys", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--udp", type=int, required=True, metavar="PORT")
    parser.add_argument("--field", action="store_true", help="serve a field that cards enter and leave")
    parser.add_argument("--trace", action="store_true", help="with --field: print every APDU")
    options = parser.parse_args()
    if not options.field and len(options.keys) > 1:
        parser.error("one listening card takes one key file; several cards need --field")
    try:
        cards = {card.profile.uid: card for card in map(Card, map(CardProfile.from_file, options.keys))}
        if options.field:
            _serve_field(options.udp, cards, options.trace)
        else:
            # Only a card that listens by itself needs nfcpy, which takes a third of a second to import.
            from virtual_card.listener import listen

            listen(next(iter(cards.values())), options.udp)
    except (KeyFileError, OSError, OverflowError) as error:
        print(f"virtual_card: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
