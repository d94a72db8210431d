"""What happens to quotas by itself: shops are told of their shares, and what they did not take falls back."""

from collections.abc import Mapping

from kernel.background import Errand, Step
from merchants.quotas.services.falling import fall_back_next
from merchants.quotas.services.telling import tell_next

STEPS: Mapping[str, tuple[Step | Errand, float]] = {
    "fall_back_of_quotas": (fall_back_next, 600.0),
    "tell_of_quotas": (tell_next, 5.0),
}
