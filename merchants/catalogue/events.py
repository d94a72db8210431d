"""What happened to goods and their prices. Ids and facts only: who is told, and how, is for those who listen."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PriceSet:
    product_id: int
    branch_id: int | None
    list_rial: int
    card_rial: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class PriceEnded:
    """One was taken back before it began, or a branch sells at the shop's price again."""

    product_id: int
    branch_id: int | None


@dataclass(frozen=True, slots=True)
class CeilingSet:
    trade_group_id: int
    amount_rial: int
    starts_at: datetime
