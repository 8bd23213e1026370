"""The counterexamples to Theorem 6.2: sampled points lie on the level sets, and distances are as proved."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from numerics.experiments.zhao import theorem_6_2
from proofs.zhao.chord_counterexamples import level_function
from quadrics.errors import DimensionError


@pytest.fixture(scope="module")
def data():
    return theorem_6_2.run()


def test_the_printed_bound_fails_and_the_proved_one_holds(data):
    assert (data.distance > data.printed).all()
    assert (data.distance >= data.exact).all()


def test_the_points_lie_on_the_level_sets(data):
    arc, helix, level = (np.asarray(data.level.sel(case=name)).T for name in data.case.values)
    assert abs(np.hypot(*arc[:2]) - 1).max() < 1e-15 * 4
    assert abs(helix[0] - np.cos(10 * helix[2])).max() < 1e-14
    # F has a gradient below 10 there, and the coordinates are right to a few units in the last place.
    delta = float(theorem_6_2.DELTA)
    assert abs(level_function(delta, level[0].astype(object), level[1].astype(object))).max() < 1e-13
    assert level[0].max() <= float(theorem_6_2.CUT)


def test_more_points_come_closer_but_not_below_the_bound(data):
    coarse = theorem_6_2.run(size=theorem_6_2.Size(points=200))
    assert (data.distance <= coarse.distance + 1e-12).all()


def test_it_can_be_shown(data):
    drawn = theorem_6_2.figure(data)
    assert isinstance(drawn, Figure)
    assert len(drawn.axes) == 3
    assert theorem_6_2.table(data).row_count == 3


def test_too_few_points():
    with pytest.raises(DimensionError, match="at least 8"):
        theorem_6_2.run(size=theorem_6_2.Size(points=7))
