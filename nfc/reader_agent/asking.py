"""What a proven card is asked for where nothing is sold: may its holder come in, and what does a lost one let us see."""

from reader_agent.answer import Answer
from reader_agent.sale import Ask

PROCESSING_CODES = {"entry": "970000", "help": "970100"}


def private_of(order: Ask) -> dict[int, bytes]:
    """DF1A, where not everybody of the party comes."""
    return {0xDF1A: f"{order.people:02d}".encode()} if order.people else {}


def facts_of(answer: Answer) -> dict[str, object]:
    """What is reported: the sentence and, at a door, how many come in and how many are still to come. No name."""
    counts = answer.private.get(0xDF5C, b"")
    facts: dict[str, object] = {
        "outcome": "approved" if answer.is_approved else "declined",
        "code": answer.code,
        "reason": answer.reason,
        "told": answer.private.get(0xDF4A, b"").decode(errors="replace"),
    }
    if len(counts) == 6 and counts.isdigit():
        facts |= {"people": int(counts[:3]), "waiting": int(counts[3:])}
    return facts
