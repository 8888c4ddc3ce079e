"""Changes of many people at once."""

from webapp.targets import updates


def run(request_id: int) -> None:
    updates.run(request_id)
