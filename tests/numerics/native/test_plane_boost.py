"""The kernel of boosts against the same in torch."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.batch import Batch
from numerics.field import Field
from numerics.flow.boosting import Boosts, combined
from numerics.native import plane_boost
from numerics.native.compiler import SWITCH, library, read_source, why_not
from quadrics.activation import relu_power

needs_kernel = pytest.mark.skipif(why_not() is not None, reason="no kernels here")


def moved_by(engine: str, boosts: Boosts, batch: Batch, field: Field, h: torch.Tensor) -> Batch:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "1" if engine == "native" else "0")
        return boosts.boosted(batch, field, h)


def sizes(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """(n, l): |(w, b)| and |a|."""
    w = batch.W1 if batch.b1 is None else torch.cat([batch.W1, batch.b1[..., None]], 2)
    return w.norm(dim=2), batch.W2[:, 0].abs()


@needs_kernel
@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    d=st.sampled_from([1, 2, 3, 17]),
    log_h=st.floats(-4, 1),
    log_size=st.floats(-3, 3),
    bias=st.booleans(),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    degree=st.sampled_from([1, 2]),
    rates=st.sampled_from([(1.0, 1.0), (0.5, 3.0)]),
    cap=st.sampled_from([None, 0.5]),
    threads=st.sampled_from([1, 2]),
)
def test_the_kernel_is_the_boost(seed, d, log_h, log_size, bias, dtype, degree, rates, cap, threads):
    """The two differ by roundings of sums over d + 1 terms, of m and of the rapidity x, and e^x enlarges them.

    Some neurons are on the light cone, some parallel to the field, some of c < 0 as small as numbers can tell.
    """
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)

    n, l = 5, 12
    W, v, a = 10**log_size * normal(n, l, d + bias), normal(n, l, 1, d + bias), 10**log_size * normal(n, 1, l)
    W[:, :4] = v[:, :4, 0] * 10**log_size
    norms = W.norm(dim=2) * (rates[1] / (degree * rates[0])) ** 0.5
    a[:, 0, 2:6] = norms[:, 2:6] * a[:, 0, 2:6].sign()
    a[:, 0, 6:8] *= 1e-3
    v[:, 8] = 0
    if bias:
        batch = Batch(W[..., :-1].contiguous(), a, W[..., -1].contiguous(), normal(n, 1), activation=relu_power(degree))
        field = Field(v[..., :-1].contiguous(), v[..., -1].contiguous(), normal(n, 1))
    else:
        batch, field = Batch(W, a, activation=relu_power(degree)), Field(v)
    h = (10**log_h * (0.5 + torch.rand(n, generator=generator))).to(dtype)
    boosts = Boosts.of(batch, rates, neuron_cap=cap)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(plane_boost, "FEW", 0)
            found = moved_by("native", boosts, batch, field, h)
    finally:
        torch.set_num_threads(before)
    expected = moved_by("torch", boosts, batch, field, h)
    x = boosts.speeds(field) * h[:, None]
    x = x if cap is None else x.clamp(max=cap)
    size = sum(one * max(boosts.inward, boosts.outward) / scale
               for one, scale in zip(sizes(batch), (boosts.inward, boosts.outward), strict=True))  # fmt: skip
    bound = 8 * (3 * (d + bias) + 12) * torch.finfo(dtype).eps * (1 + x) * x.exp() * size
    for ours, theirs in zip(found.parameters, expected.parameters, strict=True):
        assert ours.dtype == dtype
        assert torch.equal(ours.isfinite(), theirs.isfinite())
    for i, (ours, theirs) in enumerate(((found.W1, expected.W1), (found.W2, expected.W2), (found.b1, expected.b1))):
        if ours is not None and theirs is not None:
            error = (ours - theirs).abs()
            error = error.amax(2) if i == 0 else error.reshape(n, l)
            assert (error <= bound)[bound.isfinite()].all()
    if bias:
        assert torch.equal(found.b2, expected.b2)


@needs_kernel
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("d", [1, 2, 20])
def test_a_combination_of_fields(d, bias, dtype):
    """As if it had been made before: to roundings of its terms, which the rapidity and e^x hand on (as above)."""
    generator = torch.Generator().manual_seed(d)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)

    n, l, weights = 70, 3, (0.25, -0.5, 1.0)
    biases = (normal(n, l), normal(n, 1)) if bias else ()
    batch = Batch(normal(n, l, d), normal(n, 1, l), *biases)
    more = [(normal(n, l, 1), normal(n, 1)) if bias else () for _ in weights]
    fields = [Field(normal(n, l, 1, d), *others) for others in more]
    h = torch.full((n,), 0.2, dtype=dtype)
    boosts = Boosts.of(batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "1")
        found = boosts.boosted_by(batch, weights, fields, h)
        wrong = boosts.boosted_by(batch, (0.25, -0.5, 1.01), fields, h)
    expected = moved_by("torch", boosts, batch, combined(weights, fields), h)
    largest = [Field(*(None if t is None else t.abs() for t in field)) for field in fields]
    x = boosts.speeds(combined([abs(weight) for weight in weights], largest)) * h[:, None]
    bound = 8 * (3 * (d + bias) + 15) * torch.finfo(dtype).eps * (1 + x) * x.exp() * sum(sizes(batch))
    assert ((found.W1 - expected.W1).abs().amax(2) <= bound).all()
    assert ((found.W2 - expected.W2).abs()[:, 0] <= bound).all()
    if bias:
        assert ((found.b1 - expected.b1).abs() <= bound).all()
        torch.testing.assert_close(found.b2, expected.b2)
    assert not ((wrong.W1 - expected.W1).abs().amax(2) <= bound).all()


@needs_kernel
def test_numbers_that_are_not_finite_stay_in_their_neuron():
    w, a, v = torch.ones(2, 3, 2), torch.ones(2, 1, 3), torch.ones(2, 3, 1, 2)
    w[0, 0, 0], a[0, 0, 1], v[1, 2, 0, 1] = torch.nan, torch.inf, torch.nan
    batch = Batch(torch.ones(2, 3, 2), torch.ones(2, 1, 3))
    moved = moved_by("native", Boosts.of(batch, neuron_cap=1.0), batch.replace(w, a), Field(v), torch.full((2,), 0.1))
    lost = ~torch.isfinite(torch.cat([moved.W1, moved.W2.transpose(1, 2)], 2)).all(2)
    assert lost.tolist() == [[True, True, False], [False, False, True]]


@needs_kernel
@pytest.mark.parametrize(("c", "is_thin"), [(0.0, True), (-1e-12, True), (1e-12, False)])
def test_a_neuron_on_the_cone_is_thin(c, is_thin):
    """At c = 0 too, and m = 5 = a: q = a - m has lost all digits."""
    w = torch.tensor([[[3.0, 4.0]]], dtype=torch.float64)
    batch, field = Batch(w, torch.full((1, 1, 1), 5.0, dtype=torch.float64)), Field(2 * w[:, :, None])
    h, imbalance = torch.full((1,), 0.1, dtype=torch.float64), torch.full((1, 1), c, dtype=torch.float64)
    moved = plane_boost.plane_boost(batch, (1.0,), (field,), h, imbalance, (1.0, 1.0), None, 1 - 1e-8)
    assert (moved.thin is not None) == is_thin


@needs_kernel
def test_forward_derivatives_and_wrappers_are_left_to_torch():
    batch, field, h = Batch(torch.ones(2, 1, 1), torch.ones(2, 1, 1)), Field(torch.ones(2, 1, 1, 1)), torch.ones(2)

    def moved(W1: torch.Tensor) -> torch.Tensor:
        return moved_by("native", Boosts(1.0, 1.0), batch.replace(W1, batch.W2), field, h).W1

    _, slope = torch.func.jvp(moved, (batch.W1,), (torch.ones_like(batch.W1),))
    torch.testing.assert_close(slope, torch.ones(()).cosh().expand(2, 1, 1))
    many = torch.func.vmap(moved)(torch.stack([batch.W1, 2 * batch.W1]))
    torch.testing.assert_close(many[1], moved(2 * batch.W1))
    torch.testing.assert_close(moved(torch._neg_view(batch.W1)), moved(-batch.W1))


@needs_kernel
@pytest.mark.parametrize("part", ["W1", "W2", "field", "h"])
def test_gradients_flow_through_torch(part):
    """The kernel has no derivative: where one is asked for, torch does the work. w+ = w cosh h - a sinh h."""
    given = {"W1": torch.ones(1, 1, 1), "W2": torch.ones(1, 1, 1), "field": torch.ones(1, 1, 1, 1), "h": torch.ones(1)}
    given[part].requires_grad_()
    batch = Batch(given["W1"], given["W2"])
    moved = moved_by("native", Boosts(1.0, 1.0), batch, Field(given["field"]), given["h"])
    (slope,) = torch.autograd.grad(moved.W1.sum(), given[part])
    cosh, sinh = torch.ones(()).cosh(), torch.ones(()).sinh()
    expected = {"W1": cosh, "W2": -sinh, "field": sinh - cosh, "h": sinh - cosh}[part]
    torch.testing.assert_close(slope.squeeze(), expected)
    with torch.no_grad():  # no derivative: the kernel
        assert not moved_by("native", Boosts(1.0, 1.0), batch, Field(given["field"]), given["h"]).W1.requires_grad


@needs_kernel
def test_tensors_that_do_not_fit_are_left_to_torch():
    """One time for all networks, or a type of its own: torch broadcasts and promotes, the kernel would read beyond."""
    batch, field = Batch(torch.ones(3, 2, 2), torch.ones(3, 1, 2)), Field(torch.ones(3, 2, 1, 2))
    expected = moved_by("native", Boosts.of(batch), batch, field, torch.full((3,), 0.1))
    for h in (torch.full((1,), 0.1), torch.tensor([0.1] * 3, dtype=torch.float64)):
        moved = moved_by("native", Boosts.of(batch), batch, field, h)
        torch.testing.assert_close(moved.W1, expected.W1.to(moved.W1), rtol=1e-6, atol=1e-6)
    with pytest.raises(RuntimeError, match="size"):
        moved_by("native", Boosts.of(batch), batch, Field(torch.ones(3, 2, 1, 5)), torch.full((3,), 0.1))


def test_the_formula_is_printed():
    """From SymPy: a change of the formula is a change of the kernel."""
    source = plane_boost._source()
    assert source.index("return q*exponential_minus_one<T>(x);") < source.index("change_of_q<T>(at_p, at_q, at_x)")


EACH = """
template <class T> void each(const T* x, T* y, int64_t n) {
  for (int64_t i = 0; i < n; i += LANES<T>) store(y + i, exponential_minus_one<T>(load(x + i)));
}
extern "C" void each_float32(const float* x, float* y, int64_t n) { each(x, y, n); }
extern "C" void each_float64(const double* x, double* y, int64_t n) { each(x, y, n); }
"""


@needs_kernel
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_exponential_minus_one(dtype):
    """Within four roundings of itself, from the smallest numbers to the largest: of r, its polynomial, two sums."""
    code = library("\n".join([read_source("vectors.hpp"), read_source("expm1.hpp"), EACH]))
    limits = np.finfo(dtype)
    large = float(np.log(limits.max))
    sizes = np.concatenate([np.geomspace(1e3 * limits.tiny, 1, 4000), np.linspace(0, large, 40_000)])
    edges = [0.0, large * (1 + 1e-3), 1e5, np.inf, np.nan, 0.34657359, 0.34657360, 1.03972077]
    x = np.concatenate([sizes, edges]).astype(dtype)
    x = np.concatenate([x, -x])
    x = np.concatenate([x, np.zeros(-len(x) % 64, dtype)])
    y = np.empty_like(x)
    code[f"each_{x.dtype}"](*(ctypes.c_void_p(t.ctypes.data) for t in (x, y)), ctypes.c_int64(len(x)))
    with np.errstate(over="ignore"):
        exact = np.expm1(x.astype(np.longdouble))
        rounded = exact.astype(dtype)
    finite = np.isfinite(rounded)
    assert (np.abs(y[finite] - exact[finite]) <= 4 * limits.eps * np.abs(exact[finite])).all()
    np.testing.assert_array_equal(y[~finite], rounded[~finite])
    assert y[x == -np.inf] == -1
