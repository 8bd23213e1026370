"""The gradient and the Hessian by blocks against SymPy's own derivatives."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.expansion.coordinates import from_vector, to_vector
from quadrics.expansion.critical.smooth_loss import SmoothLoss, critical_slopes, is_critical
from quadrics.expansion.critical.unknown_activation import UNKNOWN, SigmaDerivative
from quadrics.network import Parameters, TwoLayer
from quadrics.smooth_activation import sigmoid, softplus, tanh


@pytest.mark.parametrize(("d", "m", "e", "N"), [(1, 1, 1, 2), (2, 2, 1, 1), (1, 2, 2, 2), (2, 1, 2, 2)])
def test_blocks_are_the_derivatives(d, m, e, N):
    """For an unknown activation and an unknown loss, at unknown weights."""
    loss, theta = SmoothLoss.symbols(N, d, e), TwoLayer(d, m, e).symbols()
    names = to_vector(theta)
    moved = from_vector([sympy.Symbol(f"{v}_moved", real=True) for v in names], d, e)
    value = loss.value(moved, theta)
    back = dict(zip(to_vector(moved), names, strict=True))
    gradient = sympy.Matrix([value.diff(v) for v in to_vector(moved)])
    assert (gradient.xreplace(back) - loss.gradient(theta)).expand() == sympy.zeros(len(names), 1)
    hessian = sympy.hessian(value, to_vector(moved)).xreplace(back)
    assert (hessian - loss.hessian(theta)).expand() == sympy.zeros(len(names), len(names))


@pytest.mark.parametrize("activation", [sigmoid, softplus, tanh])
def test_least_squares(activation):
    """Against derivatives of the mean square itself."""
    w, a = sympy.symbols("w a", real=True)
    at = {w: sympy.Rational(1, 2), a: sympy.Integer(3)}
    theta, x, y = Parameters([[at[w]]], [[at[a]]]), [1, -2], [1, 0]
    value = sum((a * activation(w * xn) - yn) ** 2 / 2 for xn, yn in zip(x, y, strict=True)) / 2
    loss = SmoothLoss.least_squares(theta, [[v] for v in x], [[v] for v in y], activation)
    gradient = sympy.Matrix([value.diff(v).subs(at) for v in (w, a)])
    assert (gradient - loss.gradient(theta)).applyfunc(sympy.simplify) == sympy.zeros(2, 1)
    assert (sympy.hessian(value, (w, a)).subs(at) - loss.hessian(theta)).applyfunc(sympy.simplify) == sympy.zeros(2)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_every_network_is_critical_for_some_targets(data):
    d, r, e = (data.draw(st.integers(1, 2)) for _ in range(3))
    integers = st.integers(-2, 2)
    W = data.draw(st.lists(st.tuples(*[integers] * d), min_size=r, max_size=r, unique=True))
    A = data.draw(st.lists(st.tuples(*[st.sampled_from([-2, -1, 1, 3])] * r), min_size=e, max_size=e))
    x = data.draw(st.lists(st.tuples(*[integers] * d), min_size=1, max_size=6))
    theta = Parameters([[sympy.log(2) * v for v in w] for w in W], A)
    basis = critical_slopes(theta, x, sigmoid)
    assert len(basis) >= len(x) * e - r * (e + d)
    for slopes in basis:
        loss = SmoothLoss(x, slopes, (sympy.eye(e),) * len(x), sigmoid)
        assert is_critical(loss, theta)
        assert all(entry.is_Rational for entry in loss.hessian(theta))
        bent = slopes + sympy.Matrix(len(x), e, lambda n, o: int(n == o == 0))
        bent_loss = SmoothLoss(x, bent, (sympy.eye(e),) * len(x), sigmoid)
        assert not is_critical(bent_loss, theta)  # V of the first neuron is σ(w·x_1)/N > 0 in its first entry


def test_unknown_activation():
    z = sympy.Symbol("z", real=True)
    assert UNKNOWN(z).diff(z, 2) == UNKNOWN.derivative(z, 2) == SigmaDerivative(2, z)
    assert UNKNOWN(3 * z).diff(z) == 3 * UNKNOWN.derivative(3 * z)
    assert sympy.latex(UNKNOWN.derivative(z)) == r"\sigma'\left(z\right)"
    with pytest.raises(DimensionError):
        UNKNOWN.derivative(z, -1)
    with pytest.raises(NonFiniteError):
        UNKNOWN("z")


@pytest.mark.parametrize(
    ("inputs", "slopes", "curvatures", "error"),
    [
        ([[1]], [[1], [2]], [[[1]]], ShapeError),
        ([[1]], [[1]], [], ShapeError),
        ([[1]], [[1, 1]], [[[1, 2], [3, 1]]], ShapeError),
        ([[1], [1, 2]], [[1], [1]], [[[1]]] * 2, ShapeError),
        ([[float("nan")]], [[1]], [[[1]]], NonFiniteError),
        ([["1"]], [[1]], [[[1]]], NonFiniteError),
        ([], [], [], ShapeError),
    ],
)
def test_bad_losses(inputs, slopes, curvatures, error):
    with pytest.raises(error):
        SmoothLoss(inputs, slopes, curvatures)


def test_bad_networks():
    loss = SmoothLoss([[1]], [[1]], [[[1]]], sigmoid)
    with pytest.raises(ShapeError, match="append a constant"):
        loss.gradient(Parameters([[1]], [[1]], b1=[[0]]))
    with pytest.raises(ShapeError):
        loss.hessian(Parameters([[1, 2]], [[1]]))
    with pytest.raises(DimensionError, match="at most 200"):
        loss.hessian(Parameters([[i] for i in range(101)], [[1] * 101]))
    with pytest.raises(ShapeError):
        loss.V([1, 2])
    with pytest.raises(ShapeError):
        SmoothLoss.least_squares(Parameters([[1]], [[1]]), [[1]], [[1, 2]], sigmoid)
    with pytest.raises(DimensionError):
        SmoothLoss.symbols(0, 1, 1)
    with pytest.raises(ShapeError, match="expected \\(N, 1\\)"):
        critical_slopes(Parameters([[1]], [[1]]), [[1, 2]], sigmoid)
    with pytest.raises(ShapeError, match="no biases"):
        critical_slopes(Parameters([[1]], [[1]], b1=[[0]]), [[1]], sigmoid)
    with pytest.raises(ShapeError):
        loss.value(Parameters([[1]], [[1]]), Parameters([[1]], [[1], [1]]))
