"""What happens by itself to proofs of signing in and to what pilgrims said before their journey."""

from collections.abc import Mapping

from identity.coming import forget_coming
from identity.emails import forget_email_codes
from identity.sessions import forget_ended
from kernel.background import Step

STEPS: Mapping[str, tuple[Step, float]] = {
    "forget_coming": (forget_coming, 3_600.0),
    "forget_email_codes": (forget_email_codes, 3_600.0),
    "forget_ended_sessions": (forget_ended, 3_600.0),
}
