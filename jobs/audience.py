"""An audience that is too large for a page to wait for."""

from webapp.mailings import gathering


def gather(mailing_id: int) -> None:
    gathering.gather(mailing_id)
