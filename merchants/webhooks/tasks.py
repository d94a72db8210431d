"""What happens by itself: due deliveries every second, old ones forgotten."""

from collections.abc import Mapping

from kernel.background import Errand, Step
from merchants.webhooks import services

SEND = Errand(services.take_due, services.send, services.note_outcome)
STEPS: Mapping[str, tuple[Step | Errand, float]] = {
    "send_webhooks": (SEND, 1.0),
    "forget_webhook_deliveries": (services.forget_old_deliveries, 3_600.0),
}
