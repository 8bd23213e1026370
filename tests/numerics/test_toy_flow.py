"""Flows in the plane: derivatives against the formula, ends, and bad input."""

import numpy as np
import pytest
import sympy

from numerics.toy_flow import PlaneFlow, nearest, toy_flow
from quadrics.errors import NonFiniteError, ShapeError
from quadrics.expansion.losses.rough import rough_loss
from quadrics.expansion.losses.symmetric import UnitLoss, units
from quadrics.expansion.losses.toy import W1, W2, ToyLoss


def test_derivatives_are_those_of_the_formula():
    loss = ToyLoss(3, 2)
    flow, point = toy_flow(loss), {W1: sympy.Rational(1, 2), W2: -3}
    gradient = [float(sympy.diff(loss.expression, w).subs(point)) for w in (W1, W2)]
    hessian = np.array(sympy.hessian(loss.expression, (W1, W2)).subs(point).tolist(), dtype=float)
    assert np.allclose(flow.gradient((0.5, -3.0)), gradient, rtol=1e-13)
    assert np.allclose(flow.hessian((0.5, -3.0)), hessian, rtol=1e-12)
    assert flow.gradient(np.zeros((5, 4, 2))).shape == (5, 4, 2)
    assert flow.hessian(np.zeros((5, 2))).shape == (5, 2, 2)


def test_an_explicit_flow():
    w = units(2, 1)
    flow = PlaneFlow(UnitLoss((w[0] - w[1]) ** 2 / 2 + (w[0] + w[1]) ** 2 / 2, w))  # w' = -2 w
    for method in ("LSODA", "Radau", "DOP853"):
        line = flow.line((1.0, -2.0), time=1.0, method=method, stop=1e-12)
        assert not line.reached
        assert np.abs(line.w[-1] - np.exp(-2) * np.array([1.0, -2.0])).max() <= line.budget
    assert flow.line((1.0, -2.0)).reached


def test_nearest():
    points = ToyLoss(3, 2).critical_points()
    assert nearest(points, (2.0, 1.0)) == (1, 0.0)
    with pytest.raises(ShapeError, match="got none"):
        nearest((), (0, 0))


def test_bad_input():
    flow = PlaneFlow(rough_loss(1))
    with pytest.raises(ShapeError, match="two weights"):
        flow.line((1.0, 2.0, 3.0))
    for arguments in ({"start": (np.nan, 0)}, {"start": (0, 1), "time": -1.0}, {"start": (0, 1), "rtol": 0.0}):
        with pytest.raises(NonFiniteError):
            flow.line(**arguments)
    with pytest.raises(ShapeError, match="two of dimension 1"):
        PlaneFlow(UnitLoss(0, units(3, 1)))
