"""What happened to a shop's file. Ids and facts only: who is told, and how, is for those who listen."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ApplicationHandedIn:
    application_id: int
    state: str


@dataclass(frozen=True, slots=True)
class ApplicationDecided:
    application_id: int
    act: str
    state: str


@dataclass(frozen=True, slots=True)
class LicenceExpiresSoon:
    """`days` is 30, 7 or 1: the notice this is, each sent once for one date of expiry."""

    application_id: int
    expires_on: date
    days: int


@dataclass(frozen=True, slots=True)
class LicenceExpired:
    application_id: int
    expires_on: date


@dataclass(frozen=True, slots=True)
class MembersImported:
    import_id: int
    application_ids: tuple[int, ...]
