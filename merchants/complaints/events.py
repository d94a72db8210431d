"""What happened to complaints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComplaintOpened:
    complaint_id: int
    merchant_id: int
