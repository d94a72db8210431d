"""What can be wrong with a campaign."""

from kernel.errors import BadInput, DomainError, NotFound


class CampaignNotFound(NotFound):
    """There is none of this municipality, none that the shop fits, or it is over."""

    code = "campaign_not_found"


class WrongCampaign(BadInput):
    """Facts: `field` (title_fa …, text_fa …, starts_on, ends_on, zone, kind), `fault`, `most`."""

    code = "wrong_campaign"


class CampaignBegun(DomainError):
    """It runs: a shop that takes part stays in it."""

    code = "campaign_begun"
