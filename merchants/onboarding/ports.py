"""What onboarding needs of the outside."""

from typing import Protocol


class PaperStore(Protocol):
    """Keeps uploaded papers under names it draws itself; nobody reads one but through `get`."""

    def put(self, content: bytes) -> str:
        """Keep the content; returns its random name (hex)."""

    def get(self, name: str) -> bytes:
        """Raises PaperNotFound."""

    def drop(self, name: str) -> None:
        """Keep it no longer; one that is gone already is no fault."""
