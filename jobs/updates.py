"""Changes of many people at once."""

from webapp.targets import updates


def run(update_id: int) -> None:
    updates.run(update_id)
