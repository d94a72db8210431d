"""What happened to complaints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComplaintOpened:
    complaint_id: int
    merchant_id: int


@dataclass(frozen=True, slots=True)
class PicturesForgotten:
    """Their rows are gone; `names` are those of the stored files."""

    names: list[str]
