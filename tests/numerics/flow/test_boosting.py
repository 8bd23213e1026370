"""Boosts of batches: the SymPy formula, conservation to rounding at any step, and the sheet."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Rational

from numerics.batch import Batch
from numerics.field import Field
from numerics.flow import gradient_descent, integrate, lie_euler
from numerics.flow.boosting import Boosts, combined
from numerics.objective import Objective
from quadrics.activation import Activation, linear, relu, relu_power
from quadrics.boost import boost, boost_outputs
from quadrics.errors import NonFiniteError, SymmetryError
from quadrics.smooth_activation import sigmoid

pytestmark = pytest.mark.usefixtures("engine")
EPS = torch.finfo(torch.float64).eps


def roundings(d: int, e: int) -> float:
    """How many roundings of |w|^2 + |a|^2 a boost may cost: sums over d, three times, and a dozen single operations;
    as many boosts as outputs, with a turn of e entries before and after.
    """
    return 4 * e * (3 * d + 2 * e + 12)


def neurons(W, A, V, degree=1, bias=False):
    """One network for each row: W (n, d), A (n, e), V (n, e, d), and its field; the last input as a bias if wanted."""
    activation = relu if degree == 1 else relu_power(degree)
    if not bias:
        return Batch(W[:, None], A[:, :, None], activation=activation), Field(V[:, None])
    batch = Batch(
        W[:, None, :-1], A[:, :, None], W[:, None, -1], W.new_zeros(len(W), A.shape[1]), activation=activation
    )
    return batch, Field(V[:, None, :, :-1], V[:, None, :, -1], V.new_zeros(len(W), A.shape[1]))


def squares(batch):
    """(n,) |w|^2 + b^2 and |a|^2, in extended precision."""
    parts = [batch.W1, *([] if batch.b1 is None else [batch.b1])]
    w = sum(np.square(t.numpy().astype(np.longdouble)).reshape(batch.n, -1).sum(1) for t in parts)
    return w, np.square(batch.W2.numpy().astype(np.longdouble)).reshape(batch.n, -1).sum(1)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("degree", "rates"), [(1, (1, 1)), (2, (1, 1)), (3, (2, Rational(1, 2)))])
def test_one_output_is_the_formula(degree, rates, bias):
    w, a, v, h = (3, -1, 2), Rational(5, 2), (1, 2, -2), Rational(2, 7)
    after, last = boost(w, a, v, h, degree, rates)
    W, A, V = (torch.tensor(x, dtype=torch.float64) for x in ([w], [[float(a)]], [[v]]))
    batch, field = neurons(W, A, V, degree, bias)
    boosts = Boosts.of(batch, tuple(float(rate) for rate in rates))
    moved = boosts.boosted(batch, field, torch.tensor([float(h)], dtype=torch.float64))
    expected = [float(x) for x in (*after, last)]
    found = [*moved.W1.flatten().tolist(), *([] if moved.b1 is None else moved.b1.flatten().tolist()), moved.W2.item()]
    assert found == pytest.approx(expected, rel=50 * EPS)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    "V", [[[1, 2], [2, 1]], [[1, 1], [1, 1]], [[0, 0], [0, 0]], [[3, 0], [0, 3]], [[1, 2], [3, 1], [-4, -3]]]
)
def test_several_outputs_are_the_formula(V, bias):
    V = sympy.Matrix(V)
    e, d = V.shape
    w, a, h = range(1, d + 1), range(-1, e - 1), Rational(1, 3)
    after, last = boost_outputs(w, a, V, h)
    numbers = (torch.tensor(x, dtype=torch.float64) for x in ([list(w)], [list(a)], [V.tolist()]))
    batch, field = neurons(*numbers, bias=bias)
    moved = Boosts.of(batch).boosted(batch, field, torch.full((1,), float(h), dtype=torch.float64))
    found = [
        *moved.W1.flatten().tolist(),
        *([] if moved.b1 is None else moved.b1.flatten().tolist()),
        *moved.W2.flatten().tolist(),
    ]
    assert found == pytest.approx([float(sympy.re(x.evalf(30))) for x in (*after, *last)], rel=1e-13, abs=1e-13)


def test_output_biases_move_along_lines():
    batch = Batch(
        *(torch.ones(2, 1, 1, dtype=torch.float64),) * 2,
        b2=torch.ones(2, 1, dtype=torch.float64),
        activation=relu_power(2),
    )
    field = Field(torch.zeros(2, 1, 1, 1, dtype=torch.float64), None, torch.full((2, 1), 3.0, dtype=torch.float64))
    moved = Boosts.of(batch, (5.0, 7.0)).boosted(batch, field, torch.tensor([0.1, 0.2], dtype=torch.float64))
    torch.testing.assert_close(moved.b2, torch.tensor([[-1.1], [-3.2]], dtype=torch.float64))
    assert torch.equal(moved.W1, batch.W1)


@settings(max_examples=150)
@given(
    st.integers(0, 2**31),
    st.integers(1, 4),
    st.integers(1, 3),
    st.floats(-3, 2.6),
    st.floats(-4, 4),
    st.booleans(),
)
def test_conserved_to_rounding_at_any_step(seed, d, e, log_h, log_size, bias):
    """|c+ - c| <= K eps (|w|^2 + |a|^2 + |w+|^2 + |a+|^2), from steps of 1/1000 to those that end near overflow.

    Some neurons are on the light cone, some parallel to the field; of some fields all rows are nearly parallel.
    """
    assume(d + bias > 1 or not bias)
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    n, inputs = 40, d + bias
    W, A, V = 10**log_size * normal(n, inputs), 10**log_size * normal(n, e), normal(n, e, inputs)
    W[:10] = V[:10, 0] * 10**log_size
    A[5:15] = A[5:15] * (W[5:15].norm(dim=1, keepdim=True) / A[5:15].norm(dim=1, keepdim=True))
    V[10:20] = V[10:20, :1] * normal(10, e, 1) + 1e-9 * normal(10, e, inputs)
    batch, field = neurons(W, A, V, bias=bias)
    moved = Boosts.of(batch).boosted(batch, field, torch.full((n,), 10**log_h, dtype=torch.float64))
    (w, a), (w_after, a_after) = squares(batch), squares(moved)
    with np.errstate(over="ignore", invalid="ignore"):
        drift, size = np.abs((w_after - a_after) - (w - a)), w + a + w_after + a_after
        finite = torch.isfinite(moved.flatten()).all(1).numpy()
        assert (drift[finite] <= roundings(inputs, e) * EPS * size[finite]).all()
    assert finite.any()


@settings(max_examples=150)
@given(st.integers(0, 2**31), st.integers(1, 4), st.floats(-3, 2.8), st.floats(-2, 8), st.floats(-12, 2), st.booleans())
def test_the_sheet_is_kept_at_any_step(seed, d, log_h, log_size, log_c, bias):
    """For c < 0, as small beside |w|^2 as numbers can tell, the output weight keeps its sign at any step."""
    generator = torch.Generator().manual_seed(seed)
    n, inputs = 40, d + bias
    W = 10**log_size * torch.randn(n, inputs, generator=generator, dtype=torch.float64)
    V = torch.randn(n, 1, inputs, generator=generator, dtype=torch.float64)
    W[:20] = V[:20, 0] * 10**log_size
    A = (W.square().sum(1, keepdim=True) + 10**log_c).sqrt()
    A[::2] *= -1
    batch, field = neurons(W, A, V, bias=bias)
    boosts = Boosts.of(batch)
    assume(boosts.c is not None)
    negative = boosts.c[:, 0] < 0
    moved = boosts.boosted(batch, field, torch.full((n,), 10**log_h, dtype=torch.float64))
    good = negative & torch.isfinite(moved.flatten()).all(1)
    assert torch.equal(moved.W2.sign()[good], batch.W2.sign()[good])


def test_a_state_that_was_large_comes_back_to_its_quadric():
    """|w| grows to 1e7, where c = -0.25 is below rounding, and shrinks again by the opposite field."""
    W, A, V = (torch.tensor(x, dtype=torch.float64) for x in ([[0.3, 0.4]], [[0.5**0.5]], [[[1.0, 2.0]]]))
    batch, field = neurons(W, A, V)
    boosts = Boosts.of(batch)
    h = torch.full((1,), 8.0, dtype=torch.float64)
    large = boosts.boosted(batch, Field(-field.v), h)
    assert large.W1.norm() > 1e7
    kept, forgotten = (some.boosted(large, field, h) for some in (boosts, Boosts.of(large)))
    assert (kept.imbalance() - batch.imbalance()).abs() < 10 * EPS
    assert (forgotten.imbalance() - batch.imbalance()).abs() > 1e-3


def obstructed(c=-0.1, n=200):
    """The task of section 6: negative targets on the positive quadrant, all output weights positive, c < 0."""
    generator = torch.Generator().manual_seed(1)
    W = torch.randn(n, 8, 2, generator=generator, dtype=torch.float64) / 2
    x = torch.rand(200, 2, generator=generator, dtype=torch.float64)
    return Batch(W, (W.square().sum(2) - c).sqrt()[:, None]), Objective(x, -x.sum(1))


@pytest.mark.parametrize("h", [0.5, 1.0, 2.0])
def test_no_sign_changes_where_gradient_descent_changes_them(h):
    batch, objective = obstructed()
    signs = []
    for method in ("lie_euler", "lie_midpoint", "commutator_free", "gradient_descent", "projected"):
        end = integrate(batch, objective, [0.0, 20 * h], method, h=h).final
        signs.append(int((end.W2 < 0).any(2).sum()))
    assert signs[:3] == [0, 0, 0]
    assert min(signs[3:]) > 0


@pytest.mark.parametrize("cap", ["neuron_cap", "network_cap"])
def test_a_cap_keeps_large_steps_bounded_and_exact(cap):
    """Without it the networks of this task with signs of their own diverge; with it c is kept to 1e-12."""
    batch, objective = obstructed()
    signs = torch.randn(200, 1, 8, generator=torch.Generator().manual_seed(2), dtype=torch.float64).sign()
    batch = Batch(batch.W1, batch.W2 * signs)
    free, capped = (
        integrate(batch, objective, [0.0, 200.0], "lie_euler", h=20.0, **options) for options in ({}, {cap: 0.5})
    )
    assert free.final.W1.abs().max() > 1e6
    assert capped.final.W1.abs().max() < 1e3
    assert (capped.final.imbalance() + 0.1).abs().max() < 1e-11
    assert torch.equal(capped.final.W2.sign(), batch.W2.sign())


def test_a_cap_changes_nothing_below_it():
    batch, objective = obstructed(n=5)
    plain = lie_euler.step(batch, objective, 0.01)
    assert torch.equal(lie_euler.step(batch, objective, 0.01, neuron_cap=1.0).W1, plain.W1)


def test_the_cap_of_a_neuron_shortens_its_time_only():
    batch, objective = obstructed(n=5)
    field = objective.field(batch)
    speeds = Boosts.of(batch).speeds(field)
    cap = float(speeds.median())
    moved = lie_euler.step(batch, objective, 1.0, neuron_cap=cap)
    times = (cap / speeds).clamp(max=1.0)
    boosts = Boosts.of(batch)
    for k in range(batch.width):
        alone = boosts.boosted(batch, field, times[:, k])
        torch.testing.assert_close(moved.W1[:, k], alone.W1[:, k], rtol=1e-13, atol=1e-13)


def test_a_field_that_is_not_finite_reaches_no_other_neuron():
    batch, field = neurons(*(torch.ones(3, *shape, dtype=torch.float64) for shape in ((2,), (2,), (2, 2))))
    field.v[1, 0, 0, 0] = float("nan")
    moved = Boosts.of(batch).boosted(batch, field, torch.full((3,), 0.1, dtype=torch.float64))
    assert torch.isfinite(moved.flatten()).all(1).tolist() == [True, False, True]


def test_no_field_no_motion():
    batch, field = neurons(*(torch.ones(3, *shape, dtype=torch.float64) for shape in ((2,), (1,), (1, 2))))
    still = Boosts.of(batch).boosted(batch, Field(0 * field.v), torch.full((3,), 1e10, dtype=torch.float64))
    assert torch.equal(still.flatten(), batch.flatten())


def test_gradient_descent_obeys_its_own_law():
    """``c+ = c + h^2 (a^2 |v|^2 - <v, w>^2)``: what the boosts do not do."""
    batch, objective = obstructed(n=5)
    v = objective.field(batch).v[:, :, 0]
    h, a = 0.3, batch.W2[:, 0]
    law = h**2 * (a.square() * v.square().sum(2) - (v * batch.W1).sum(2).square())
    moved = gradient_descent.step(batch, objective, h)
    torch.testing.assert_close(moved.imbalance(), batch.imbalance() + law, rtol=1e-12, atol=1e-12)
    assert law.min() >= 0
    assert law.max() > 0


def test_combinations():
    one, other = (Field(torch.full((2, 1, 1, 1), x), None, torch.full((2, 1), x)) for x in (1.0, 3.0))
    found = combined(torch.tensor([[1.0, -1.0], [2.0, -1.0]]), (one, other))
    assert found.v.flatten().tolist() == [-2.0, -1.0]
    assert found.b2.flatten().tolist() == [-2.0, -1.0]
    assert found.bias is None
    found = combined((0.0, 2.0, -1.0), (one, one, other))
    assert found.v.flatten().tolist() == [-1.0, -1.0]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"rates": (1.0, 0.0)}, NonFiniteError),
        ({"neuron_cap": 0.0}, NonFiniteError),
        ({"network_cap": float("nan")}, NonFiniteError),
    ],
)
def test_bad_options(options, error):
    with pytest.raises(error):
        Boosts.of(obstructed(n=1)[0], **options)


def test_smooth_activations_have_no_boosts():
    batch, objective = obstructed(n=1)
    with pytest.raises(SymmetryError):
        lie_euler.step(Batch(batch.W1, batch.W2, activation=sigmoid), objective, 0.1)


def test_slopes_may_have_any_sign():
    batch, objective = obstructed(n=3)
    for activation in (Activation(-1, Rational(1, 2)), linear):
        other = Batch(batch.W1, batch.W2, activation=activation)
        moved = lie_euler.step(other, objective, 0.5)
        torch.testing.assert_close(moved.imbalance(), other.imbalance(), rtol=1e-12, atol=1e-12)
