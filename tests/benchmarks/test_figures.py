import pytest

from benchmarks.figures import Better, Figure, table


def figure(better: Better = Better.HIGHER, goal: float = 12) -> Figure:
    return Figure("sending-loop", [5000, 7000, 6000], "messages/s", "loop", [500], goal, better)


def test_a_figure_is_the_median_of_its_runs() -> None:
    assert figure().value == 6000
    assert figure().ratio == 12


@pytest.mark.parametrize(
    ("better", "goal", "met"),
    [
        (Better.HIGHER, 12, True),
        (Better.HIGHER, 12.1, False),
        (Better.LOWER, 12, True),
        (Better.LOWER, 11.9, False),
    ],
)
def test_a_goal_is_met_on_its_better_side(better: Better, goal: float, met: bool) -> None:
    assert figure(better, goal).met is met


def test_as_json_it_has_what_the_readers_of_the_file_expect() -> None:
    assert figure().as_json() == {
        "name": "sending-loop",
        "value": 6000,
        "unit": "messages/s",
        "reference": "loop",
        "reference_value": 500,
        "ratio": 12,
        "goal": 12,
        "better": "higher",
        "met": True,
    }


def test_the_table_shows_worst_and_best_of_the_runs() -> None:
    heading, _line, row = table([figure()]).splitlines()
    assert len(heading) == len(row)
    assert "5,000 … 7,000" in row
    assert "≥ 12" in row
