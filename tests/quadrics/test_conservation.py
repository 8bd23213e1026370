"""From symmetries to conserved quantities, and the identity behind them for symbolic networks."""

from __future__ import annotations

from random import Random

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.activation import Activation
from quadrics.conservation import (
    conservation_residual,
    conserved_quantities,
    conserved_quantity,
    gradient,
    invariance_residual,
    symbolic_gradient,
)
from quadrics.errors import ShapeError, SymmetryError
from quadrics.forms import imbalance
from quadrics.network import Parameters, TwoLayer
from quadrics.symmetry import rescaling_generator

x, y, z = sympy.symbols("x y z", real=True)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("degree", [1, 2])
def test_rescaling_gives_the_imbalance(bias: bool, degree: int) -> None:
    theta = TwoLayer(2, 2, 2, bias=bias).symbols()
    for k in range(2):
        M = rescaling_generator(theta, k, degree)
        q = conserved_quantity(M, theta.entries())
        assert sympy.expand(q - imbalance(theta, degree)[k]) == 0


def test_learning_rates_give_the_weighted_form() -> None:
    theta = TwoLayer(2, 1, 1).symbols()
    rates = sympy.symbols("eta1 eta2", positive=True)
    metric = sympy.diag(rates[0], rates[0], rates[1])
    q = conserved_quantity(rescaling_generator(theta, 0), theta.entries(), metric)
    assert sympy.expand(q - imbalance(theta, learning_rates=rates)[0]) == 0


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_conserved_along_preconditioned_flow(seed: int) -> None:
    """Any loss of the invariant w·a, any positive metric that commutes with the scaling."""
    rng = Random(seed)
    p = sum(rng.randint(-3, 3) * (x * y) ** i for i in range(4))
    metric = sympy.diag(rng.randint(1, 5), rng.randint(1, 5))
    M = sympy.diag(1, -1)
    assert invariance_residual(p, M, [x, y]) == 0
    q = conserved_quantity(M, [x, y], metric)
    velocity = -metric * sympy.Matrix([sympy.diff(p, v) for v in (x, y)])
    assert sympy.expand((sympy.Matrix([[sympy.diff(q, v) for v in (x, y)]]) * velocity)[0]) == 0


def test_rotations_and_mixed_generators_give_none() -> None:
    with pytest.raises(SymmetryError, match="rotation"):
        conserved_quantity(sympy.Matrix([[0, -1, 0], [1, 0, 0], [0, 0, 0]]), [x, y, z])
    with pytest.raises(SymmetryError, match="not symmetric"):
        conserved_quantity(sympy.Matrix([[0, 1], [0, 0]]), [x, y])
    # A symmetric generator stops being one in a metric that does not commute with it.
    with pytest.raises(SymmetryError, match="not symmetric"):
        conserved_quantity(sympy.diag(1, -1), [x, y], sympy.Matrix([[2, 1], [1, 2]]))


def test_boosts_give_their_hyperbolic_partner() -> None:
    assert conserved_quantity(sympy.Matrix([[0, 1], [1, 0]]), [x, y]) == 2 * x * y


def test_linear_networks_conserve_a_symmetric_matrix() -> None:
    theta = TwoLayer(2, 2, 2).symbols()
    loss = sum((theta.W2 * theta.W1).applyfunc(lambda v: (v - 1) ** 2))
    generators = []
    for i in range(2):
        for j in range(2):
            A = sympy.zeros(2, 2)
            A[i, j] = 1
            moved = [*(A * theta.W1), *(-theta.W2 * A)]
            M = sympy.Matrix(moved).jacobian(theta.entries())
            assert invariance_residual(loss, M, theta.entries()) == 0
            generators.append(M)
    found = conserved_quantities(generators, theta.entries())
    matrix = theta.W1 * theta.W1.T - theta.W2.T * theta.W2
    assert len(found) == 3
    assert {sympy.expand(matrix[0, 0]), sympy.expand(matrix[1, 1]), sympy.expand(2 * matrix[0, 1])} == set(found)


@pytest.mark.parametrize(
    ("d", "width", "e", "n", "bias"), [(1, 1, 1, 1, False), (2, 2, 2, 2, True), (3, 1, 1, 2, False)]
)
@pytest.mark.parametrize("degree", [1, 2])
def test_identity_of_eq_9(d: int, width: int, e: int, n: int, bias: bool, degree: int) -> None:
    theta = TwoLayer(d, width, e, bias=bias).symbols()
    g = symbolic_gradient(theta, n, degree)
    for k in range(width):
        assert sympy.expand(conservation_residual(theta, g, k, degree)) == 0
        assert sympy.expand(conservation_residual(theta, g, k, degree + 1)) != 0


@settings(max_examples=25)
@given(st.data())
def test_gradient_is_the_derivative_of_a_loss(data: st.DataObject) -> None:
    """Against SymPy's own differentiation of a squared loss of the Piecewise network, at a random point."""
    degree = data.draw(st.integers(1, 2))
    sigma = Activation(data.draw(st.integers(-3, 3)), data.draw(st.integers(-3, 3)), degree)
    net = TwoLayer(1, 2, 2, sigma, bias=True)
    numbers = st.integers(-5, 5).map(lambda v: sympy.Rational(2 * v + 1, 2))
    values = [data.draw(numbers) for _ in range(net.number_of_parameters)]
    inputs = sympy.Matrix([[data.draw(numbers), data.draw(numbers)]])
    symbols = net.symbols()
    point = dict(zip(symbols.entries(), values, strict=True))
    theta = symbols.subs(point)
    pre = theta.W1 * inputs + theta.b1 * sympy.ones(1, 2)
    if any(v == 0 for v in pre):
        return
    residuals = net.output(inputs, theta)
    g = gradient(theta, inputs, pre.applyfunc(sigma.derivative), residuals, degree)
    loss = sum(v**2 for v in net.output(inputs, symbols)) / 2
    assert list(g.entries()) == [sympy.diff(loss, v).subs(point) for v in symbols.entries()]


def test_refusals() -> None:
    theta = Parameters([[1]], [[1]])
    with pytest.raises(ShapeError, match="generator"):
        conserved_quantity(sympy.eye(2), [x])
    with pytest.raises(ShapeError, match="metric"):
        conserved_quantity(sympy.eye(2), [x, y], sympy.Matrix([[1, 2], [3, 4]]))
    with pytest.raises(ShapeError, match="metric"):
        conserved_quantity(sympy.eye(2), [x, y], sympy.zeros(2, 2))
    for shapes in (([[1], [1]], [[1]], [[1]]), ([[1]], [[1, 2]], [[1]]), ([[1]], [[1]], [[1], [1]])):
        with pytest.raises(ShapeError, match="expected"):
            gradient(theta, *shapes)
    assert conserved_quantities([], [x]) == []
