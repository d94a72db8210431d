"""What happens by itself in statistics: long files of reports are made, and shops' data is looked at."""

from collections.abc import Mapping

from insights.quality import tasks as quality
from insights.reports import tasks as reports
from kernel.background import Step

STEPS: Mapping[str, tuple[Step, float]] = {**quality.STEPS, **reports.STEPS}
