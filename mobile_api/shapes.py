"""Types that many endpoints share."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Instant = Annotated[datetime, Meta(tz=True)]
Rial = Annotated[int, Meta(description="Whole Rial.")]
Text = Annotated[str, Meta(max_length=200)]
Typed = Annotated[str, Meta(max_length=80)]
Cursor = Annotated[str, Meta(max_length=80, description="`next` of the page before.")]
