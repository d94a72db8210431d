"""What happens by itself after somebody left."""

from collections.abc import Mapping

from kernel.background import Step
from merchants.leaving.forgetting import forget_accounts

STEPS: Mapping[str, tuple[Step, float]] = {"forget_payout_accounts": (forget_accounts, 3_600.0)}
