"""The order of the tests: whatever takes long is begun early, in every process, and nothing is left out."""

from itertools import product

import pytest

from tests.conftest import in_shares


def runs_of(order: list, processes: int) -> list[list]:
    """What each process is given at first, as xdist shares it out."""
    runs, rest = [], order
    for left in range(processes, 0, -1):
        size = len(rest) // left
        runs.append(rest[:size])
        rest = rest[size:]
    return runs


@pytest.mark.parametrize(("processes", "long", "short"), list(product((1, 2, 3), (0, 1, 5, 6), (0, 1, 40))))
def test_each_process_begins_with_its_part_of_what_is_long(processes, long, short):
    longs, shorts = [f"long {number}" for number in range(long)], [f"short {number}" for number in range(short)]
    order = in_shares(longs, shorts, processes)
    assert sorted(order) == sorted(longs + shorts) and [one for one in order if one in shorts] == shorts
    if short >= 2 * long:
        parts = [[one for one in run if one in longs] for run in runs_of(order, processes)]
        assert all(run[: len(part)] == part for run, part in zip(runs_of(order, processes), parts, strict=True))
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
