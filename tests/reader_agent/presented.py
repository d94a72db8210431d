"""A card held to a till, with a reader between them or without one."""

from typing import Any

from reader_agent.tap import CardProof
from reader_agent.terminal import Terminal
from virtual_card.card import Card, CardProfile


def tap(field: Any, till: Any, card: dict[str, Any], sale: object) -> dict[str, Any]:
    """Key the sale, present the card, take it away after the result."""
    till.send(sale)
    field.send({"place": card["uid"]})
    result = till.read()
    field.send({"remove": card["uid"]})
    return result


class Tapped:
    """A purchase by a genuine card against the harness bank, without a reader."""

    def __init__(self, exported: dict[str, Any]) -> None:
        self.card = Card(CardProfile.from_export(exported))

    def prove(self, terminal: Terminal) -> CardProof:
        self.card.power_off()
        self.card.process(b"\x00\xa4\x04\x0c\x0e" + self.card.profile.df_name)
        e_rnd_b = self.card.process(bytes.fromhex("9071000002010000"))[:-2]
        challenge = terminal.challenge(self.card.profile.uid, e_rnd_b)
        answer = self.card.process(b"\x90\xaf\x00\x00\x20" + challenge.part2 + b"\x00")[:-2]
        return CardProof(challenge.id, answer)
