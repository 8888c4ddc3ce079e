import os
from pathlib import Path

import pytest
from flask import Flask

from tests.support.pictures import picture
from webapp.content.images import files
from webapp.content.images.pictures import drawn


def stored(app: Flask) -> list[Path]:
    return list(Path(app.config["MEDIA_DIR"]).rglob("images/*/*"))


@pytest.fixture(autouse=True)
def _folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "MEDIA_DIR", tmp_path)


def test_the_same_picture_is_kept_once_beside_its_small_one(app: Flask) -> None:
    key = files.keep(drawn(picture("JPEG"), "a.jpg"))
    assert files.keep(drawn(picture("JPEG"), "b.jpg")) == key
    assert sorted(path.name for path in stored(app)) == [f"{key}.jpg", f"{key}.webp"]
    assert files.read(key, "jpg") == drawn(picture("JPEG"), "a.jpg").content


def test_a_file_that_could_not_be_finished_leaves_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.keep(drawn(picture(), "a.png"))
    assert stored(app) == []


@pytest.mark.parametrize(
    ("key", "ending"),
    [("../../../etc/passwd", "png"), ("0" * 32, "png"), ("", ""), ("a" * 31 + "\n", "png")],
)
def test_only_a_key_of_ours_finds_a_file(key: str, ending: str) -> None:
    assert files.find(key, ending) is None


def test_a_picture_is_found_only_by_its_own_ending() -> None:
    key = files.keep(drawn(picture(), "a.png"))
    assert files.find(key, "png")
    assert files.find(key, "jpg") is None
    assert files.find(key, "png/..") is None
