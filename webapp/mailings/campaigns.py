"""The campaign tags of a mailing: by them the statistics of a web site know who came from it."""

from webapp.accounts.organisation import organisation
from webapp.content.addresses import slug
from webapp.content.links.link_tracking import CampaignTags
from webapp.mailings.models import Mailing

MEDIUM = "email"


def usual(mailing: Mailing) -> CampaignTags:
    """What stands where nothing else is chosen."""
    return CampaignTags(MEDIUM, slug(organisation().name), slug(mailing.name))


def of(mailing: Mailing) -> CampaignTags | None:
    if not mailing.campaign_tags:
        return None
    otherwise = usual(mailing)
    return CampaignTags(
        mailing.utm_medium or otherwise.medium,
        mailing.utm_source or otherwise.source,
        mailing.utm_campaign or otherwise.campaign,
    )
