"""The inertia at symmetry-induced critical points: the formula against the Hessian itself, exactly."""

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, NonFiniteError, OffManifoldError, ReducibleError, ShapeError
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.critical.hessian import (
    Replication,
    copies,
    critical_inertia,
    is_strict_saddle,
    restricted_inertia,
    shares_form,
    shares_inertia,
    transverse_inertia,
)
from quadrics.expansion.critical.inertia import Inertia, inertia
from quadrics.expansion.critical.smooth_loss import SmoothLoss, critical_slopes
from quadrics.network import Parameters
from quadrics.smooth_activation import sigmoid

LOG2 = sympy.log(2)
HALF = sympy.Rational(1, 2)


@st.composite
def replications(draw):
    """A critical point of least squares, and copies of its neurons."""
    d, e = draw(st.sampled_from([(1, 1), (2, 1), (1, 2), (2, 2)]))
    word = draw(st.sampled_from([(1, 1), (1, 1, 1), (1, 2, 1), (2, 1, 2)]))
    r, integers = max(word), st.integers(-2, 2)
    W = draw(st.lists(st.tuples(*[integers] * d), min_size=r, max_size=r, unique=True))
    A = [[draw(st.sampled_from([-2, -1, 1, 2])) for _ in range(r)] for _ in range(e)]
    core = Parameters([[LOG2 * v for v in w] for w in W], A)
    x = (
        draw(st.lists(st.tuples(*[integers] * d), min_size=4, max_size=6, unique=True))
        if d > 1
        else [[v] for v in range(-3, 3)]
    )
    basis = critical_slopes(core, x, sigmoid)
    assume(basis)
    size = draw(st.sampled_from([1, sympy.Rational(1, 20), 20]))
    slopes = sum((draw(integers) * b * size for b in basis), sympy.zeros(len(x), e))
    loss = SmoothLoss(x, slopes, (sympy.eye(e),) * len(x), sigmoid)
    shares = []
    for t in range(1, r + 1):
        betas = [draw(st.integers(-3, 3)) * HALF for _ in range(word.count(t) - 1)]
        shares.append((*betas, 1 - sum(betas)))
    return loss, Replication(core, Configuration(r, word), tuple(shares))


@settings(deadline=None, max_examples=40)
@given(replications())
def test_the_formula_is_the_inertia(data):
    loss, found = data
    theta = found.network()
    H = loss.hessian(theta)
    whole = inertia(H)
    assert critical_inertia(loss, theta) == whole
    assert whole.zero >= theta.width - found.core.width
    assert is_strict_saddle(loss, theta) == (whole.negative > 0)
    if inertia(loss.hessian(found.core)).negative:
        assert is_strict_saddle(loss, theta)


@settings(deadline=None, max_examples=20)
@given(replications())
def test_the_coordinates_split_the_hessian(data):
    """At any point, critical or not: here the loss of another network's slopes."""
    loss, found = data
    bent = SmoothLoss(loss.inputs, loss.slopes + sympy.ones(*loss.slopes.shape), loss.curvatures, sigmoid)
    M = found.coordinates()
    assert abs(M.det()) == 1
    blocks = [found.transverse_form(bent, t) for t in range(found.core.width)]
    expected = sympy.diag(bent.hessian(found.core), *blocks)
    assert (M.T * bent.hessian(found.network()) * M - expected).expand() == sympy.zeros(*M.shape)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=4))
def test_shares(values):
    betas = [*(v * HALF for v in values), 1 - sum(values) * HALF]
    assert shares_inertia(betas) == inertia(shares_form(betas))


@settings(deadline=None, max_examples=20)
@given(replications())
def test_a_network_as_copies(data):
    _, found = data
    again = Replication.of(found.network())
    assert again.network() == found.network()
    order = [next(i for i, n in enumerate(found.core.neurons()) if n == m) for m in again.core.neurons()]
    assert again.shares == tuple(found.shares[i] for i in order)


def test_symbolic_shares_split_as_well():
    b = sympy.Symbol("b", real=True)
    loss, core = SmoothLoss.symbols(1, 1, 1), Parameters([[1]], [[2]])
    found = Replication(core, Configuration(1, (1, 1)), ((1 - b, b),))
    M = found.coordinates()
    expected = sympy.diag(loss.hessian(core), found.transverse_form(loss, 0))
    assert (M.T * loss.hessian(found.network()) * M - expected).expand() == sympy.zeros(4)
    with pytest.raises(NonFiniteError, match="symbols of known sign"):
        shares_inertia((1 - b, b))


def test_restriction_to_the_kernel():
    S = sympy.Matrix([[1, 2], [2, -1]])
    assert restricted_inertia(S, sympy.zeros(1, 2)) == (0, Inertia(1, 0, 1))
    assert restricted_inertia(S, sympy.Matrix([[1, 0]])) == (1, Inertia(1, 0, 0))
    assert restricted_inertia(S, sympy.eye(2)) == (2, Inertia(0, 0, 0))


def test_what_is_no_symmetry_induced_critical_point():
    core = Parameters([[LOG2], [0]], [[1, 2], [1, -1]])
    x = [[v] for v in range(-3, 4)]
    loss = SmoothLoss(x, critical_slopes(core, x, sigmoid)[0], (sympy.eye(2),) * 7, sigmoid)
    with pytest.raises(OffManifoldError, match="zero-type"):
        critical_inertia(loss, Parameters([[LOG2], [0], [1]], [[1, 2, 0], [1, -1, 0]]))
    with pytest.raises(OffManifoldError, match="outside the critical union"):
        critical_inertia(loss, Parameters([[LOG2], [LOG2], [0]], [[1, 0, 2], [0, 1, -1]]))
    with pytest.raises(OffManifoldError, match="gradient"):
        critical_inertia(loss, Parameters([[LOG2], [LOG2], [0]], [[1, 1, 2], [2, 2, -1]]))
    with pytest.raises(NonFiniteError, match="floats"):
        critical_inertia(loss, Parameters([[0.5], [0.5], [0]], [[1, 1, 2], [1, 1, -1]]))
    with pytest.raises(ShapeError, match="add up to 1"):
        copies(core, (1, 1, 2), [[1, 1], [1]])
    with pytest.raises(ShapeError):
        copies(core, (1, 2, -1), [[1], [1]])
    with pytest.raises(ReducibleError):
        copies(Parameters([[1], [1]], [[1, 2]]), (1, 2), [[1], [1]])
    with pytest.raises(DimensionError):
        Replication.of(core).transverse_form(loss, 2)
    with pytest.raises(DimensionError):
        transverse_inertia(Inertia(0, 0, 1), 3, Inertia(0, 0, 1), 2)
    with pytest.raises(ShapeError):
        shares_inertia([1, 1])
