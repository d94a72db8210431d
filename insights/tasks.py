"""What happens by itself in statistics: long files of reports are made, and shops' data and the demand for places are looked at."""

from collections.abc import Mapping

from insights.demand import tasks as demand
from insights.quality import tasks as quality
from insights.reports import tasks as reports
from kernel.background import Step

STEPS: Mapping[str, tuple[Step, float]] = {**demand.STEPS, **quality.STEPS, **reports.STEPS}
