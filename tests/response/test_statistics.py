from sqlalchemy import event

from tests.factories import make_contact, make_link, make_mailing, make_recipient
from webapp.mailings.models import LeftOut, Mailing, Recipient, RecipientState
from webapp.platform.database import db, utcnow
from webapp.response import statistics
from webapp.response.models import Hit, HitKind


def test_states_and_reasons_add_up_to_everybody() -> None:
    mailing = make_mailing()
    for number, state in enumerate(
        [RecipientState.SENT] * 3 + [RecipientState.FAILED, RecipientState.READY]
    ):
        make_recipient(mailing, email=f"p{number}@kunde.example", state=state)
    make_recipient(mailing, email="a@left.example", reason=LeftOut.NO_CONSENT)
    make_recipient(mailing, email="b@left.example", reason=LeftOut.DUPLICATE)
    make_recipient(mailing, email="c@left.example", reason=LeftOut.DUPLICATE)

    figures = statistics.of(mailing.id)

    assert figures.sent == 3
    assert figures.in_state(RecipientState.FAILED) == 1
    assert figures.waiting == 1
    assert figures.mailed == 5
    assert figures.left_out == {LeftOut.NO_CONSENT: 1, LeftOut.DUPLICATE: 2}
    assert figures.mailed + figures.not_mailed == 8


def test_deferred_recipients_are_neither_done_nor_waiting() -> None:
    mailing = make_mailing()
    make_recipient(mailing, email="a@kunde.example", state=RecipientState.DEFERRED)
    make_recipient(mailing, email="b@kunde.example", state=RecipientState.UNKNOWN)

    figures = statistics.of(mailing.id)

    assert (figures.done, figures.waiting, figures.mailed) == (1, 0, 2)


def test_refused_messages_are_not_delivered() -> None:
    mailing = make_mailing()
    make_recipient(mailing, email="a@kunde.example")
    make_recipient(mailing, email="b@kunde.example", state=RecipientState.FAILED)

    assert statistics.of(mailing.id).delivered == 1


def test_the_mail_server_was_asked_for_what_is_sent_refused_or_unknown() -> None:
    mailing = make_mailing()
    for number, state in enumerate(RecipientState):
        if state != RecipientState.LEFT_OUT:
            make_recipient(mailing, email=f"{number}@kunde.example", state=state)

    figures = statistics.of(mailing.id)

    assert (figures.attempted, figures.done, figures.mailed) == (3, 4, 6)


def test_people_who_opened_clicked_and_unsubscribed_are_counted_once_each() -> None:
    mailing, now = make_mailing(), utcnow()
    make_recipient(mailing, email="a@kunde.example", opened_at=now)
    make_recipient(mailing, email="b@kunde.example", opened_at=now, clicked_at=now)
    make_recipient(mailing, email="c@kunde.example", opened_at=now, unsubscribed_at=now)
    make_recipient(mailing, email="d@kunde.example")

    figures = statistics.of(mailing.id)

    assert (figures.opened, figures.clicked, figures.unsubscribed) == (3, 1, 1)


def test_a_mailing_without_recipients_has_figures_of_nothing() -> None:
    figures = statistics.of(make_mailing().id)

    assert (figures.mailed, figures.sent, figures.opened, figures.not_mailed) == (0, 0, 0, 0)


def test_several_mailings_are_told_apart() -> None:
    first, second = make_mailing("First"), make_mailing("Second")
    make_recipient(first, email="a@kunde.example", opened_at=utcnow())
    make_recipient(second, email="a@kunde.example", state=RecipientState.FAILED)

    figures = statistics.of_several([first.id, second.id])

    assert (figures[first.id].sent, figures[first.id].opened) == (1, 1)
    assert (figures[second.id].sent, figures[second.id].opened) == (0, 0)


def test_a_link_counts_people_once_and_every_click() -> None:
    mailing = make_mailing()
    make_link(mailing, 1, label="See it")
    make_link(mailing, 2, label="Nobody’s")
    karen = make_recipient(mailing, make_contact())
    mads = make_recipient(mailing, email="mads@kunde.example")
    for recipient in (karen, karen, mads):
        _click(mailing, recipient, 1)

    first, second = statistics.links(mailing.id)

    assert (first.label, first.people, first.clicks) == ("See it", 2, 3)
    assert (second.label, second.people, second.clicks) == ("Nobody’s", 0, 0)


def test_a_head_request_is_no_click() -> None:
    mailing = make_mailing()
    make_link(mailing, 1)
    _click(mailing, make_recipient(mailing), 1, method="HEAD")

    (link,) = statistics.links(mailing.id)

    assert (link.people, link.clicks) == (0, 0)


def test_an_address_with_merge_tags_is_shown_as_it_is_typed() -> None:
    mailing = make_mailing()
    make_link(mailing, 1, url="https://fjordlys.example/book?e=[[customer.email]]")

    (link,) = statistics.links(mailing.id)

    assert link.url == "https://fjordlys.example/book?e=[[customer.email]]"


def _click(mailing: Mailing, recipient: Recipient, number: int, method: str = "GET") -> None:
    db.session.add(
        Hit(
            mailing_id=mailing.id,
            recipient_id=recipient.id,
            kind=HitKind.CLICK,
            link_number=number,
            at=utcnow(),
            method=method,
            user_agent="Firefox",
        )
    )
    db.session.flush()


def test_the_figures_of_a_whole_page_are_two_statements() -> None:
    mailings = [make_mailing(f"Week {number}") for number in range(5)]
    for mailing in mailings:
        make_recipient(mailing)
    statements: list[str] = []

    def count(*seen: object) -> None:
        statements.append(str(seen[2]))

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert len(statistics.of_several([mailing.id for mailing in mailings])) == 5
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert len(statements) == 2
