"""What the senders run. Ids only; each may run zero, one or two times."""

from webapp.delivery import engine, preparing


def prepare(mailing_id: int) -> None:
    preparing.prepare(mailing_id)


def send(mailing_id: int, slot: int) -> None:
    engine.work_slice(mailing_id, slot)
