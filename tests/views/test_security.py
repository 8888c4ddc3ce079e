from collections.abc import Callable

from flask.testing import FlaskClient

from tests.conftest import make_user


def test_pages_run_only_scripts_and_styles_of_our_own(client: FlaskClient) -> None:
    make_user()
    policy = client.get("/sign-in").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_every_answer_carries_the_other_headers(signed_in: Callable[..., FlaskClient]) -> None:
    client = signed_in()
    for path in ("/", "/nowhere", "/static/img/mark.svg"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_page_and_its_fragment_are_never_mixed_up(
    signed_in: Callable[..., FlaskClient],
) -> None:
    client = signed_in()
    page = client.get("/contacts/")
    fragment = client.get("/contacts/", headers={"HX-Request": "true"})
    boosted = client.get("/contacts/", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert "HX-Request" in page.headers["Vary"]
    assert "<html" in page.text
    assert "<html" not in fragment.text
    assert "<html" in boosted.text


def test_no_template_holds_a_script_or_style_of_its_own(client: FlaskClient) -> None:
    make_user()
    page = client.get("/sign-in").text
    assert " style=" not in page
    assert "<script>" not in page
    assert " onclick=" not in page


def test_a_form_is_small_also_for_somebody_who_has_a_token(client: FlaskClient) -> None:
    make_user()
    answer = client.post("/sign-in", data={"email": "x" * 9_000_000})
    assert answer.status_code == 413
