"""Bounds of activations and of merges: never exceeded, and as sharp as they say."""

from __future__ import annotations

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from quadrics.errors import UnknownActivationError
from quadrics.expansion.activations.bounds import (
    CURVATURE,
    DISPERSION,
    DISPLACEMENT,
    FIRST_ORDER,
    LIPSCHITZ,
    MOMENT,
    NAMES,
    RADIUS,
    SECOND_ORDER,
    activation_with_bounds,
    bounds_of,
    supremum,
)
from quadrics.expansion.reduction import reduce
from quadrics.network import Parameters
from quadrics.smooth_activation import Z

SUMS_OF_PARTS = {"soft_sigmoid"}
GRID = [mpmath.mpf(k) / 50 for k in range(-1000, 1001)]


def highest(name: str, order: int) -> mpmath.mpf:
    """The largest |σ^(order)| on a grid of [-20, 20], refined around the best point."""
    f = sympy.lambdify(Z, sympy.diff(activation_with_bounds(name).formula, Z, order), "mpmath")
    best, step = max(GRID, key=lambda z: abs(f(z))), mpmath.mpf(1) / 50
    for _ in range(20):
        best = max((best + k * step for k in (-1, 0, 1)), key=lambda z: abs(f(z)))
        step /= 2
    return abs(f(best))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "relu"])
def test_suprema(name: str) -> None:
    bounds = bounds_of(name)
    for order, bound in ((1, bounds.lipschitz), (2, bounds.curvature)):
        with mpmath.workdps(30):
            ratio = highest(name, order) / real(bound)
            assert ratio <= 1 + mpmath.mpf(10) ** -25
            if name not in SUMS_OF_PARTS:
                assert ratio >= 1 - (mpmath.mpf(10) ** -3 if name == "silu" else mpmath.mpf(10) ** -6)


@pytest.mark.parametrize("name", NAMES)
def test_values_stay_below_their_bounds(name: str) -> None:
    sigma, bounds = activation_with_bounds(name), bounds_of(name)
    for reach in (sympy.Integer(0), sympy.Rational(1, 7), sympy.Integer(2), sympy.Integer(30)):
        bound = bounds.on(reach).evalf(30)
        for at in (-reach, -reach / 3, reach / 2, reach):
            assert abs(sigma(at)).evalf(30) <= bound * (1 + sympy.Float("1e-25"))
    assert bounds.on(0) == abs(sigma(0))


def test_the_proof_of_the_bounds_of_silu() -> None:
    sigma, t = activation_with_bounds("silu"), sympy.tanh(Z / 2)
    slope, bend = (1 + t) / 2 + Z * (1 - t**2) / 4, (1 - t**2) * (2 - Z * t) / 4
    assert sympy.simplify((sigma.derivative(Z) - slope).rewrite(sympy.exp)) == 0
    assert sympy.simplify((sigma.derivative(Z, 2) - bend).rewrite(sympy.exp)) == 0
    z, T = sympy.symbols("z T", nonzero=True)  # where σ'' = 0: T = 2/z
    assert sympy.simplify(((1 + T) / 2 + z * (1 - T**2) / 4 - sympy.Rational(1, 2) - z / 4).subs(T, 2 / z)) == 0
    assert (sympy.Rational(12, 5) * sympy.tanh(sympy.Rational(6, 5))).evalf(30) > 2
    assert sympy.Rational(1, 2) + sympy.Rational(12, 5) / 4 == bounds_of("silu").lipschitz
    u = sympy.Symbol("u", positive=True)
    # cosh u ≥ 1 + u²/2: every term of the series is positive; so cosh²u ≥ 1 + u².
    assert all(sympy.cosh(u).series(u, 0, 12).removeO().coeff(u, k) > 0 for k in range(0, 12, 2))


def test_a_supremum_that_is_missed_by_the_critical_points_alone() -> None:
    assert supremum(sympy.tanh(Z)) == 1  # a limit, no value
    assert supremum(1 / (1 + sympy.exp(-Z)) - 2) == 2  # at -∞


numbers = st.integers(-20, 20).map(lambda k: k / 8)
small = st.integers(-20, 20).map(lambda k: k / 64)


@given(
    st.sampled_from(NAMES),
    st.lists(st.tuples(small, small, numbers, numbers), min_size=1, max_size=4),
    st.tuples(numbers, numbers),
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4),
)
def test_a_merge_changes_no_more_than_its_bounds(name: str, neurons, center, inputs) -> None:
    """Two inputs, two outputs; every neuron moved to the same center."""
    bounds, sigma = bounds_of(name), sympy.lambdify(Z, activation_with_bounds(name).formula, "mpmath")
    first, second = (
        sympy.lambdify([LIPSCHITZ, CURVATURE, RADIUS, DISPLACEMENT, MOMENT, DISPERSION], bound, "mpmath")
        for bound in (FIRST_ORDER, SECOND_ORDER)
    )
    with mpmath.workdps(30):
        neurons = [[mpmath.mpf(v) for v in neuron] for neuron in neurons]
        tensor = [sum(neuron[i] * neuron[2 + j] for neuron in neurons) for i in (0, 1) for j in (0, 1)]
        sizes = [(mpmath.hypot(p, q), mpmath.hypot(*a)) for p, q, *a in neurons]
        values = (
            real(bounds.lipschitz),
            real(bounds.curvature or 0),
            max(mpmath.hypot(*x) for x in inputs),
            sum(moved * length for moved, length in sizes),
            mpmath.norm(tensor),
            sum(moved**2 * length for moved, length in sizes),
        )
        bound = first(*values) if bounds.curvature is None else min(first(*values), second(*values))
        for u, v in inputs:
            after = sigma(center[0] * u + center[1] * v)
            steps = [sigma((center[0] + p) * u + (center[1] + q) * v) - after for p, q, *_ in neurons]
            change = [sum(step * neuron[2 + k] for step, neuron in zip(steps, neurons, strict=True)) for k in (0, 1)]
            assert mpmath.hypot(*change) <= bound + mpmath.mpf(10) ** -25


def real(value: object) -> mpmath.mpf:
    """A SymPy number to the working precision."""
    return mpmath.mpf(sympy.sympify(value).evalf(mpmath.mp.dps + 5)._to_mpmath(mpmath.mp.prec))


def test_the_bounds_are_sharp_to_their_order() -> None:
    """Near z = 0 tanh moves at slope 1, and sigmoid's curvature is found where it is largest: less would be wrong."""
    step = sympy.Rational(1, 1000)
    values = {LIPSCHITZ: 1, RADIUS: 1, DISPLACEMENT: step}
    assert sympy.tanh(step).evalf() > sympy.Rational(999, 1000) * FIRST_ORDER.subs(values)
    at = sympy.log(2 + sympy.sqrt(3))  # |σ''| is largest here
    sigma, bounds = activation_with_bounds("sigmoid"), bounds_of("sigmoid")
    change = abs(sigma(at + step) + sigma(at - step) - 2 * sigma(at)).evalf(30)
    values = {LIPSCHITZ: bounds.lipschitz, CURVATURE: bounds.curvature, RADIUS: 1, MOMENT: 0, DISPERSION: 2 * step**2}
    bound = SECOND_ORDER.subs(values).evalf(30)
    assert sympy.Rational(999, 1000) * bound < change <= bound


def test_the_first_bound_is_that_of_the_reduction() -> None:
    theta = Parameters([[1], [sympy.Rational(11, 10)]], [[1, 3]])
    found = reduce(theta, tolerance=sympy.Rational(1, 5))
    values = {LIPSCHITZ: 2, RADIUS: 5, DISPLACEMENT: found.displacement}
    assert FIRST_ORDER.subs(values) == found.error_bound(2, 5, 7)


@pytest.mark.parametrize("name", ["", "sin", "Sigmoid", "__import__('os')", "[red]"])
def test_unknown_names(name: str) -> None:
    for call in (bounds_of, activation_with_bounds):
        with pytest.raises(UnknownActivationError, match="expected one of erf, gelu, relu"):
            call(name)
