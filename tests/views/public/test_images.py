from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import make_image
from tests.support.pictures import opened
from webapp.content import shelf
from webapp.content.images.models import Image


def test_an_image_is_for_everybody_and_for_ever(client: FlaskClient) -> None:
    image = make_image("Lampe på bordet", size=(400, 300))
    answer = client.get(image.address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Vary" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert opened(answer.data).size == (400, 300)
    again = client.get(image.address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_who_is_signed_in_gets_no_cookie_with_it(
    signed_in: Callable[..., FlaskClient],
) -> None:
    assert "Set-Cookie" not in signed_in().get(make_image().address).headers


def test_the_small_one_is_webp(client: FlaskClient) -> None:
    answer = client.get(make_image(size=(800, 600)).small_address)
    assert answer.headers["Content-Type"] == "image/webp"
    assert opened(answer.data).size == (320, 240)


def test_what_was_sent_goes_on_showing_a_deleted_image_under_any_name(client: FlaskClient) -> None:
    image = make_image()
    shelf.remove(Image, [image.id], by=None)
    assert client.get(image.address).status_code == 200
    assert client.get(f"/i/{image.key}/an-older-name.png").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/i/00000000000000000000000000000000/lamp.png",
        "/i/..%2f..%2fsecret_key/lamp.png",
        "/i/{key}/lamp.jpg",
        "/i/{key}/lamp.html",
        "/i/{key}/lamp",
    ],
)
def test_nothing_else_is_found(client: FlaskClient, address: str) -> None:
    answer = client.get(address.format(key=make_image().key))
    assert answer.status_code == 404


def test_without_the_database_it_is_there(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = make_image().address

    def away(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("asked the database")

    monkeypatch.setattr("sqlalchemy.orm.Session.execute", away)
    monkeypatch.setattr("sqlalchemy.orm.Session.scalar", away)
    monkeypatch.setattr("sqlalchemy.orm.Session.get", away)
    assert client.get(address).status_code == 200
