"""What happened to cards, in the past tense; no event carries a card number."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardIssued:
    card_id: int
    wallet_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class CardActivated:
    card_id: int


@dataclass(frozen=True, slots=True)
class CardBlocked:
    card_id: int
    why: str


@dataclass(frozen=True, slots=True)
class CardUnblocked:
    card_id: int


@dataclass(frozen=True, slots=True)
class CardReplaced:
    card_id: int
    by_card_id: int


@dataclass(frozen=True, slots=True)
class CardExpired:
    card_id: int


@dataclass(frozen=True, slots=True)
class CardRefunded:
    card_id: int
