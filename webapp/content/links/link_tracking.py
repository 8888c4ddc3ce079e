"""How the links of an e-mail are followed: which of them are counted here, and what they tell the
statistics of the site that they lead to."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode


class LinkTracking(StrEnum):
    """Which links are counted, of those that lead to a page on the web."""

    ALL = "all"
    REGISTERED = "registered"
    """Those to a tracked link that was made once for all mailings."""
    NONE = "none"


@dataclass(frozen=True)
class CampaignTags:
    """What analytics programs read out of an address, to tell where a visit came from."""

    medium: str
    source: str
    campaign: str

    def added_to(self, address: str) -> str:
        """At the end of the query, so that what was in it keeps its order; the fragment stays last.
        An address that carries such tags already stays as it is."""
        rest, hash_, fragment = address.partition("#")
        _path, mark, query = rest.partition("?")
        if "utm_" in query.lower():
            return address
        joint = "?" if not mark else "&" if query and not query.endswith("&") else ""
        return f"{rest}{joint}{self._query}{hash_}{fragment}"

    @property
    def _query(self) -> str:
        tags = {
            "utm_medium": self.medium,
            "utm_source": self.source,
            "utm_campaign": self.campaign,
        }
        return urlencode({name: value for name, value in tags.items() if value})
