import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from tests.factories import make_contact
from tests.support.smtp import ScriptedSmtp
from webapp.mailings.models import Mailing, State
from webapp.people.models import Consent
from webapp.platform.database import db
from webapp.targets import selections

HTML = """<html><body><p>Hej [[customer.firstname|"ven"]]</p>
<a href="https://fjordlys.example/lumo">Se den</a></body></html>"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mail.html"
    path.write_text(HTML)
    return path


def flask(app: Flask, *words: object) -> Result:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=[str(word) for word in words])
    db.session.expire_all()
    return result


def friends() -> None:
    selection = selections.create("Friends", owner_id=None)
    silent = make_contact("Bo", email="bo@x.dk", e_marketing=Consent.UNKNOWN)
    people = [make_contact("Karen Lys", email="karen@x.dk"), silent]
    selections.add_members(selection.id, [person.id for person in people])


def create(app: Flask, file: Path, *more: str) -> Result:
    words = ["--name", "News", "--subject", "Hi", "--html", file, "--selection", "Friends"]
    return flask(app, "mailing", "create", *words, *more)


def test_a_mailing_is_created_sent_and_counted(app: Flask, smtp: ScriptedSmtp, file: Path) -> None:
    friends()
    created = json.loads(create(app, file, "--json").output)
    assert (created["mailed"], created["left_out"]) == (1, {"no_consent": 1})
    assert len(created["notes"]) == 1
    sent = flask(app, "mailing", "send", created["id"], "--wait")
    assert sent.exit_code == 0
    assert smtp.count_by_recipient() == {"karen@x.dk": 1}
    body = smtp.to("karen@x.dk")[0].get_body(("html",))
    assert body is not None
    assert "Hej Karen" in body.get_content()
    assert "/u/" in body.get_content()
    counted = json.loads(flask(app, "mailing", "stats", created["id"], "--json").output)
    assert counted["state"] == "sent"
    assert counted["recipients"] == {
        "total": 2,
        "by_state": {"left_out": 1, "sent": 1},
        "by_reason": {"no_consent": 1},
    }
    assert counted["links"][0]["url"] == "https://fjordlys.example/lumo"


def test_sending_twice_is_refused(app: Flask, smtp: ScriptedSmtp, file: Path) -> None:
    friends()
    number = json.loads(create(app, file, "--json").output)["id"]
    assert flask(app, "mailing", "send", number, "--wait").exit_code == 0
    again = flask(app, "mailing", "send", number, "--wait")
    assert again.exit_code == 1
    assert len(smtp.messages) == 1


def test_a_mailing_that_is_not_ready_is_not_sent(app: Flask, file: Path) -> None:
    selections.create("Friends", owner_id=None)
    number = json.loads(create(app, file, "--json").output)["id"]
    refused = flask(app, "mailing", "send", number)
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: The mailing cannot be sent yet.")
    assert db.session.scalars(select(Mailing.state)).all() == [State.DRAFT]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["create", "--selection", "Nobody"], "There is no selection called “Nobody”."),
        (["create", "--selection", "Friends", "--html", "none.html"], "cannot be read"),
        (["send", "4711"], "does not exist"),
        (["stats", "4711"], "does not exist"),
    ],
)
def test_a_mistake_is_one_clear_sentence(
    app: Flask, file: Path, words: list[str], says: str
) -> None:
    friends()
    rest = ["--name", "N", "--subject", "S"] if words[0] == "create" else []
    html = ["--html", str(file)] if rest and "--html" not in words else []
    result = flask(app, "mailing", *words, *rest, *html)
    assert result.exit_code == 1
    assert says in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("option", "text"), [("--name", "N" * 201), ("--subject", "S" * 301), ("--subject", " \n ")]
)
def test_a_name_or_subject_that_no_page_would_take_is_refused(
    app: Flask, file: Path, option: str, text: str
) -> None:
    friends()
    refused = create(app, file, option, text)
    assert refused.exit_code == 2
    assert "Write from 1 to" in refused.output
    assert db.session.scalars(select(Mailing)).all() == []


def test_a_subject_is_one_line(app: Flask, file: Path) -> None:
    friends()
    assert create(app, file, "--subject", "Hi\r\nBcc: evil@x.dk").exit_code == 0
    assert db.session.scalars(select(Mailing.subject)).one() == "Hi Bcc: evil@x.dk"


def test_a_number_that_no_mailing_can_have_is_refused(app: Flask) -> None:
    for command in ("send", "stats"):
        assert flask(app, "mailing", command, 10**20).exit_code == 2
