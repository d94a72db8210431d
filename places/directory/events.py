"""What happened to the directory."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SuggestionAnswered:
    suggestion_id: int
    is_accepted: bool
