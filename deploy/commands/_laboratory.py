"""What is given out in the laboratory only, because a key in the open goes with it."""

import os

from deploy.commands._demo import check_laboratory
from kernel.errors import StartRefused
from kernel.settings import Settings, load_settings


def laboratory_settings(act: str) -> Settings:
    """The settings of this process. Raises StartRefused outside the laboratory, whatever else is missing there."""
    named = os.environ.get("PILGRIM_ENVIRONMENT", "laboratory")
    if named != "laboratory":
        raise StartRefused(f"PILGRIM_ENVIRONMENT is {named}: {act} is for the laboratory only.")
    settings = load_settings()
    check_laboratory(settings, act)
    return settings
