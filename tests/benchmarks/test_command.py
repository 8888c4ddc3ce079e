import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.__main__ import MEASURES, Taken, parsed, report, take
from benchmarks.figures import Better, CannotMeasure, Figure

MISSED = Figure("delay", [10], "messages/s", "best", [400], 0.9, Better.HIGHER)


def half() -> Iterator[Figure]:
    yield MISSED
    raise CannotMeasure("there is no smtp-source")


def broken() -> Iterator[Figure]:
    yield MISSED
    raise ZeroDivisionError("of ours")


def test_no_name_means_all_of_them() -> None:
    assert parsed([]).names == []
    assert set(MEASURES) == {"sending", "delay", "audience", "memory", "import", "lists"}


@pytest.mark.parametrize(
    "words",
    [
        ["sendign"],
        ["--senders", "0"],
        ["--runs", "many"],
        ["--json", "nowhere/at/all/figures.json"],
    ],
)
def test_wrong_words_end_it_before_anything_is_started(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(words)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_what_came_before_a_failure_counts_and_the_others_go_on() -> None:
    taken = take({"sending": half, "memory": broken, "delay": lambda: [MISSED]})
    assert taken.figures == [MISSED, MISSED, MISSED]
    assert taken.missing["sending"] == "there is no smtp-source"
    assert "of ours" in taken.missing["memory"]


def test_a_goal_that_is_missed_is_no_failure_of_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    assert report(Taken([MISSED]), file, quick=False) == 0
    assert json.loads(file.read_text()) == [MISSED.as_json()]
    assert "QUICK" not in capsys.readouterr().out


def test_a_figure_that_is_missing_is_named_and_fails_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    assert report(Taken([], {"sending": "no smtp-source"}), file, quick=True) == 1
    assert json.loads(file.read_text()) == []
    out, err = capsys.readouterr()
    assert "QUICK" in out
    assert "sending: no smtp-source" in err
