"""What readers have seen. Numbers of goods only, nothing personal."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TagsRead:
    """`event_id` is the reader's own; `numbers` are those of items that the shop has bound, in the order of the alphabet."""

    merchant_id: int
    branch_id: int
    reader_id: int
    event_id: str
    sweep_id: int | None
    read_at: datetime
    numbers: tuple[str, ...]
