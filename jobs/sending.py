"""What the senders run. Ids only; it may run zero, one or two times."""

from webapp.delivery import engine


def send(mailing_id: int, slot: int) -> None:
    engine.work_slice(mailing_id, slot)
