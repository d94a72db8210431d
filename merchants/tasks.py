"""What happens by itself at shops and with what is spent there: licences watched, benefits funded, instalments collected,
sales priced and settled, complaints that are late shown to the municipality, their software told.
"""

from collections.abc import Mapping

from kernel.background import Errand, Step
from loyalty import tasks as loyalty
from merchants.branches.services.licences import watch_branch_licences
from merchants.complaints import tasks as complaints
from merchants.directory.services import make_packs, publish_shops
from merchants.dues.telling import tell_of_dues
from merchants.enrolment.tasks import expire_enrolments
from merchants.gifts.tasks import send_back_stranded
from merchants.instalments import tasks as instalments
from merchants.leaving import tasks as leaving
from merchants.onboarding.services.deciding import watch_licences
from merchants.outages.services import tell_next as tell_of_outages
from merchants.permits.services import remind as remind_of_permits
from merchants.quotas import tasks as quotas
from merchants.settlement import tasks as settlement
from merchants.webhooks import tasks as webhooks
from merchants.works.services import tell_next as tell_of_works

STEPS: Mapping[str, tuple[Step | Errand, float]] = {
    "expire_enrolments": (expire_enrolments, 60.0),
    "make_place_packs": (make_packs, 3_600.0),
    "publish_shops": (publish_shops, 300.0),
    "remind_of_permits": (remind_of_permits, 3_600.0),
    "send_back_stranded": (send_back_stranded, 900.0),
    "tell_of_dues": (tell_of_dues, 600.0),
    "tell_of_outages": (tell_of_outages, 1.0),
    "tell_of_works": (tell_of_works, 1.0),
    "watch_branch_licences": (watch_branch_licences, 3_600.0),
    "watch_licences": (watch_licences, 3_600.0),
    **complaints.STEPS,
    **instalments.STEPS,
    **leaving.STEPS,
    **loyalty.STEPS,
    **quotas.STEPS,
    **settlement.STEPS,
    **webhooks.STEPS,
}
