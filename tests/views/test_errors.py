from collections.abc import Callable
from typing import NoReturn

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError


@pytest.mark.parametrize(
    "path",
    [
        "/mailings/?q=a%00b",
        "/selections/?q=%00",
        "/contacts/9223372036854775808",
        "/mailings/99999999999999999999/draft/setup",
        "/contacts/imports/99999999999999999999/rejected",
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_what_the_database_cannot_hold_is_no_fault_of_ours(
    signed_in: Callable[..., FlaskClient], path: str, headers: dict[str, str]
) -> None:
    answer = signed_in().get(path, headers=headers)
    assert answer.status_code == 400
    assert "That could not be read" in answer.text


def test_a_nul_that_was_pasted_into_a_name_is_cleaned_away(
    signed_in: Callable[..., FlaskClient],
) -> None:
    client = signed_in()
    setup = client.post("/mailings/new").location
    details = {"name": "A\0B", "from_address": "news@x.dk", "goal": "inform", "track_links": "all"}
    assert client.post(setup, data=details).status_code == 303
    assert 'value="AB"' in client.get(setup).text


def test_without_the_database_one_sentence_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_words: object) -> NoReturn:
        raise OperationalError("SELECT", {}, ConnectionError("the server is gone"))

    monkeypatch.setattr("webapp.accounts.users.nobody_yet", away)
    monkeypatch.setattr("webapp.organisation", away)
    answer = client.get("/sign-in", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert answer.text.startswith("The database does not answer.")
    assert answer.headers["Retry-After"] == "10"
