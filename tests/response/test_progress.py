from datetime import datetime, timedelta

from webapp.mailings.models import Mailing, RecipientState, State
from webapp.response.progress import Progress, progress
from webapp.response.statistics import Figures

STARTED = datetime.fromisoformat("2026-11-10T09:30:00+00:00")


def test_the_pace_is_the_average_and_tells_the_end() -> None:
    figures = _figures(sent=1800, ready=900)

    found = progress(_mailing(), figures, STARTED + timedelta(minutes=10))

    assert found.per_minute == 180
    assert found.done_about == STARTED + timedelta(minutes=15)


def test_people_who_are_tried_again_later_are_not_waited_for() -> None:
    figures = _figures(sent=10, deferred=5)
    now = STARTED + timedelta(minutes=1)

    assert progress(_mailing(), figures, now).done_about == now


def test_in_the_first_seconds_nothing_is_guessed() -> None:
    assert progress(_mailing(), _figures(sent=3), STARTED + timedelta(seconds=4)) == Progress()


def test_without_anybody_done_nothing_is_guessed() -> None:
    assert progress(_mailing(), _figures(ready=9), STARTED + timedelta(hours=1)) == Progress()


def test_a_mailing_that_stands_still_has_no_pace() -> None:
    mailing = _mailing(State.PAUSED)

    assert progress(mailing, _figures(sent=9), STARTED + timedelta(hours=1)) == Progress()


def _mailing(state: State = State.SENDING) -> Mailing:
    return Mailing(name="November newsletter", state=state, started_at=STARTED)


def _figures(**states: int) -> Figures:
    return Figures({RecipientState(name): count for name, count in states.items()})
