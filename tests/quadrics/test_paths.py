"""Paths: concatenation, reversal, evaluation."""

from __future__ import annotations

import pytest
from sympy import Rational

from quadrics.errors import DimensionError, ShapeError
from quadrics.network import Neuron
from quadrics.paths import NeuronPath, ParameterPath, T

UP = NeuronPath.from_pieces([Neuron((T,), (1,), 2 * T)])
ON = NeuronPath.from_pieces([Neuron((1,), (1 + T,), 2)])


def test_there_and_back() -> None:
    path = UP.then(ON)
    assert path.is_continuous()
    assert path.at(Rational(1, 4)) == UP.at(Rational(1, 2))
    assert path.at(Rational(3, 4)) == ON.at(Rational(1, 2))
    assert path.reversed().start == path.end
    assert path.reversed().at(Rational(1, 8)) == path.at(Rational(7, 8))
    assert path.reversed().reversed() == path
    assert not ON.then(UP).is_continuous()


def test_piecewise_weights_agree_with_evaluation() -> None:
    weights = UP.then(ON).weights()
    for i in range(9):
        time = Rational(i, 8)
        assert weights.w[0].subs(T, time) == UP.then(ON).at(time).w[0]
        assert weights.b is not None
        assert weights.b.subs(T, time) == UP.then(ON).at(time).b
    assert UP.weights() == UP.segments[0].neuron


def test_parameter_paths_run_together() -> None:
    path = ParameterPath((UP, UP.then(ON)))
    assert path.breakpoints == (0, Rational(1, 2), 1)
    assert path.at(1).W1 == path.end.W1
    assert path.start.W1[0] == 0
    assert path.weights().W2[1].subs(T, 1) == 2


@pytest.mark.parametrize("time", [-1, 2, Rational(-1, 9)])
def test_times_outside(time: object) -> None:
    with pytest.raises(DimensionError, match="from 0 to 1"):
        UP.at(time)


def test_no_pieces() -> None:
    with pytest.raises(ShapeError):
        NeuronPath.from_pieces([])
