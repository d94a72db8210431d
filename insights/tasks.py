"""What happens by itself in statistics: long files are made, shops' data and the demand for places looked at, closed days counted."""

from collections.abc import Mapping

from insights.demand import tasks as demand
from insights.quality import tasks as quality
from insights.reports import tasks as reports
from insights.visitors import tasks as visitors
from kernel.background import Errand, Step

STEPS: Mapping[str, tuple[Step | Errand, float]] = {**demand.STEPS, **quality.STEPS, **reports.STEPS, **visitors.STEPS}
