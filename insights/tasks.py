"""What happens by itself in statistics: long files of reports are made, shops' data is looked at, and closed days are counted."""

from collections.abc import Mapping

from insights.quality import tasks as quality
from insights.reports import tasks as reports
from insights.visitors import tasks as visitors
from kernel.background import Step

STEPS: Mapping[str, tuple[Step, float]] = {**quality.STEPS, **reports.STEPS, **visitors.STEPS}
