import pytest
from sqlalchemy import delete

from tests.factories import make_contact, make_link, make_mailing, make_recipient
from webapp.mailings import values
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Mailing, Recipient
from webapp.platform.database import db
from webapp.platform.tokens import Purpose
from webapp.response import tracking
from webapp.response.models import HitKind
from webapp.response.recorder import NewHit
from webapp.response.tracking import DeadLink, Visit

VISIT = Visit("GET", "Firefox")


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[NewHit]:
    """What goes to the recorder."""
    hits: list[NewHit] = []

    class Notebook:
        record = staticmethod(hits.append)

    monkeypatch.setattr(tracking, "recorder", Notebook)
    return hits


def test_an_open_names_its_recipient(recorded: list[NewHit]) -> None:
    recipient = _recipient()

    tracking.opened(_token(Purpose.OPEN, recipient.mailing_id, recipient.id), VISIT)

    (hit,) = recorded
    assert (hit.kind, hit.mailing_id, hit.recipient_id) == (
        HitKind.OPEN,
        recipient.mailing_id,
        recipient.id,
    )


def test_a_click_leads_to_the_address_in_the_database(recorded: list[NewHit]) -> None:
    recipient = _recipient("https://www.fjordlys.example/lumo?a=1&b=2#c")

    address = tracking.clicked(_click(recipient), VISIT)

    assert address == "https://www.fjordlys.example/lumo?a=1&b=2#c"
    assert (recorded[0].kind, recorded[0].link_number) == (HitKind.CLICK, 1)


def test_merge_tags_in_an_address_are_filled_for_the_one_who_clicks(
    recorded: list[NewHit],
) -> None:
    recipient = _recipient("https://www.fjordlys.example/?e=[[customer.email]]&n=[[customer.name]]")

    address = tracking.clicked(_click(recipient), VISIT)

    assert address.endswith("/?e=karen%40blichfeldtlys.example&n=Karen%20Blichfeldt")


def test_a_value_in_an_address_cannot_lead_elsewhere(recorded: list[NewHit]) -> None:
    recipient = _recipient("https://www.fjordlys.example/[[customer.name]]")
    recipient.name = "../\r\nSet-Cookie: a=b//evil.example"

    address = tracking.clicked(_click(recipient), VISIT)

    assert address.startswith("https://www.fjordlys.example/..%2F%20Set-Cookie")
    assert "\r" not in address


def test_only_web_addresses_are_gone_to(recorded: list[NewHit]) -> None:
    recipient = _recipient("javascript:alert(1)")

    with pytest.raises(DeadLink):
        tracking.clicked(_click(recipient), VISIT)
    assert recorded == []


def test_a_test_or_preview_works_and_never_counts(recorded: list[NewHit]) -> None:
    recipient = _recipient("https://www.fjordlys.example/?e=[[customer.email]]")
    mailing_id = recipient.mailing_id

    address = tracking.clicked(_token(Purpose.CLICK, mailing_id, PREVIEW, 1), VISIT)
    tracking.opened(_token(Purpose.OPEN, mailing_id, PREVIEW), VISIT)
    reader = tracking.viewed(_token(Purpose.VIEW, mailing_id, PREVIEW), VISIT)

    assert address.startswith("https://www.fjordlys.example/?e=")
    assert reader.recipient is None
    assert recorded == []


def test_a_token_of_another_purpose_is_dead() -> None:
    recipient = _recipient()

    with pytest.raises(DeadLink):
        tracking.opened(_token(Purpose.VIEW, recipient.mailing_id, recipient.id), VISIT)


@pytest.mark.parametrize("token", ["", "x", "A" * 30, "æøå", "AAAA" * 1000])
def test_a_forged_token_is_dead(token: str) -> None:
    with pytest.raises(DeadLink):
        tracking.opened(token, VISIT)


def test_the_links_of_a_deleted_mailing_are_dead(recorded: list[NewHit]) -> None:
    recipient = _recipient()
    click, view = _click(recipient), _token(Purpose.VIEW, recipient.mailing_id, recipient.id)
    db.session.execute(delete(Mailing))

    with pytest.raises(DeadLink):
        tracking.clicked(click, VISIT)
    with pytest.raises(DeadLink):
        tracking.viewed(view, VISIT)
    assert recorded == []


def test_a_long_user_agent_is_cut(recorded: list[NewHit]) -> None:
    recipient = _recipient()

    tracking.clicked(_click(recipient), Visit("GET", "Moz\0illa" * 1000))

    assert recorded[0].user_agent.startswith("Mozilla")
    assert len(recorded[0].user_agent) == tracking.LONGEST_USER_AGENT


def _recipient(url: str = "https://www.fjordlys.example/") -> Recipient:
    mailing = make_mailing()
    make_link(mailing, 1, url=url)
    return make_recipient(mailing, make_contact())


def _click(recipient: Recipient) -> str:
    return _token(Purpose.CLICK, recipient.mailing_id, recipient.id, 1)


def _token(purpose: Purpose, *numbers: int) -> str:
    return values.public_links().signer.sign(purpose, *numbers)
