"""What has happened to programmes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProgrammeChanged:
    """A rule began or ended, or the programme was suspended or resumed: snapshots of it are stale."""

    programme_id: int
