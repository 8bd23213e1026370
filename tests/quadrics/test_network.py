"""Networks and parameters: what they compute, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.activation import absolute_value
from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.network import Neuron, Parameters, TwoLayer


@settings(max_examples=25)
@given(st.data())
def test_output_matches_numpy(data: st.DataObject) -> None:
    d, width, e = (data.draw(st.integers(1, 3)) for _ in range(3))
    bias = data.draw(st.booleans())
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    W1, W2 = rng.integers(-4, 5, (width, d)), rng.integers(-4, 5, (e, width))
    b1, b2 = rng.integers(-4, 5, width), rng.integers(-4, 5, e)
    x = rng.integers(-4, 5, (d, 3))
    theta = Parameters(W1, W2, b1 if bias else None, b2 if bias else None)
    got = TwoLayer(d, width, e, absolute_value, bias).output(x, theta)
    hidden = np.abs(W1 @ x + (b1[:, None] if bias else 0))
    assert got.tolist() == (W2 @ hidden + (b2[:, None] if bias else 0)).tolist()


def test_blocks_sum_to_the_network_and_outputs_add() -> None:
    net = TwoLayer(2, 3, 2)
    theta = net.symbols()
    blocks = [theta.block(k) for k in range(3)]
    assert blocks[0] + blocks[1] + blocks[2] == theta
    x = [1, -2]
    total = sum((net.output(x, b) for b in blocks), sympy.zeros(2, 1))
    assert (total - net.output(x, theta)).applyfunc(sympy.simplify) == sympy.zeros(2, 1)


def test_block_leaves_the_output_bias_out() -> None:
    theta = TwoLayer(1, 2, 1, bias=True).symbols()
    assert theta.block(0).b2 is None
    assert (theta.block(0) + theta).b2 == theta.b2


def test_neurons_round_trip() -> None:
    theta = TwoLayer(2, 3, 2, bias=True).symbols()
    assert Parameters.from_neurons(theta.neurons(), theta.b2) == theta
    assert hash(theta) == hash(Parameters.from_neurons(theta.neurons(), theta.b2))


def test_symbols_are_real_and_counted() -> None:
    net = TwoLayer(2, 3, 2, bias=True)
    entries = net.symbols().entries()
    assert len(set(entries)) == len(entries) == net.number_of_parameters
    assert all(v.is_real for v in entries)
    assert set(entries).isdisjoint(net.symbols("'").entries())


def test_prints_as_latex() -> None:
    theta = Parameters([[1, 2]], [[3]])
    for thing in (theta, TwoLayer(2, 1), TwoLayer(2, 1, bias=True)):
        assert thing._repr_latex_().startswith("$\\displaystyle")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), sympy.nan, sympy.zoo, 1j, sympy.I, "1", None, True])
def test_entries_must_be_real_and_finite(bad: object) -> None:
    with pytest.raises(NonFiniteError, match="expected"):
        Parameters([[bad]], [[1]])
    with pytest.raises(NonFiniteError):
        Neuron((1,), (bad,))


@pytest.mark.parametrize("bad", [0, -1, 1.5, "2", None, True, 10**400 * -1])
def test_dimensions_must_be_positive_integers(bad: object) -> None:
    for sizes in ((bad, 1, 1), (1, bad, 1), (1, 1, bad)):
        with pytest.raises(DimensionError, match="expected an integer"):
            TwoLayer(*sizes)


@pytest.mark.parametrize(
    ("W1", "W2", "b1", "b2"),
    [
        ([[1, 2], [3]], [[1, 1]], None, None),
        ([[1, 2]], [[1, 1]], None, None),
        ([], [[1]], None, None),
        ([[]], [[1]], None, None),
        ([1, 2], [[1]], None, None),
        ("ab", [[1]], None, None),
        ([[1]], [[1]], [1, 2], None),
        ([[1]], [[1]], [1], [1, 2]),
        (3, [[1]], None, None),
    ],
)
def test_shapes_must_fit(W1: object, W2: object, b1: object, b2: object) -> None:
    with pytest.raises(ShapeError, match="got"):
        Parameters(W1, W2, b1, b2)


def test_architecture_refuses_what_does_not_belong() -> None:
    net = TwoLayer(2, 1)
    with pytest.raises(ShapeError, match="expected"):
        net.output([1, 2], Parameters([[1, 2]], [[1]], b1=[0]))
    with pytest.raises(ShapeError, match="expected"):
        net.output([1, 2, 3], Parameters([[1, 2]], [[1]]))
    with pytest.raises(ShapeError, match="same architecture"):
        Parameters([[1]], [[1]]) + Parameters([[1, 2]], [[1]])
    with pytest.raises(DimensionError):
        Parameters([[1]], [[1]]).neuron(1)
    with pytest.raises(DimensionError, match="no neurons"):
        Parameters.from_neurons([])
    with pytest.raises(ShapeError, match="different sizes"):
        Parameters.from_neurons([Neuron((1,), (1,)), Neuron((1, 2), (1,))])
    with pytest.raises(DimensionError, match="InvariantSet"):
        TwoLayer(1000, 1000).symbols()
