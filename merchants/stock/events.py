"""What happened to stock. Ids and facts only: who is told, and how, is for those who listen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StockRanLow:
    """A level came to its warning from above; it is told once until it has been above it again."""

    branch_id: int
    product_id: int
    milli: int
    reorder_milli: int


@dataclass(frozen=True, slots=True)
class CountPosted:
    count_id: int
    branch_id: int
    differences: int
