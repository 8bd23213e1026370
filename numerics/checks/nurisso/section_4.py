"""Measurements for section 4: sampled quadrics and invariant sets, and the paths in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
import torch
from sympy import Rational
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.invariant_set import InvariantSet
from quadrics.network import Neuron, Parameters
from quadrics.paths import ParameterPath, T
from quadrics.quadric import Quadric

from ...bridge import torch_function
from ...homology import count_components
from ..nets import Betti, Count, betti_numbers_agree, components_agree, factor_net
from ..sampling import EPS, generator
from . import section_4_flow

# -- Proposition 2: charts ---------------------------------------------------------------------------------------------
InverseChart = Callable[[Quadric, list[Any], list[Any]], Neuron]


def library_inverse_chart(Q: Quadric, u: list[Any], y: list[Any]) -> Neuron:
    """h⁻¹ of eq. (18) as the library has it, on symbols."""
    return Q.inverse_chart(u, y)


def _lands_on_quadric(chart: InverseChart, context: Context) -> Outcome:
    """Random points of sphere × space, through the SymPy chart: |w|² - |a|² = c.

    Tolerance: each weight is known to a relative (k/2 + 3) eps and |u|² to (k + 3) eps, k = d + e, and the squares are
    added with k rounding errors: (4k + 20) eps (|w|² + |a|²) in all.
    """
    source = generator(context, "prop2")
    worst = 0.0
    n = context.pick(quick=2_000, full=100_000)
    for d, e in ((1, 1), (2, 1), (1, 2), (3, 2), (5, 4)):
        for c in (Rational(3, 10), Rational(-3, 10), sympy.Integer(-7)):
            Q = Quadric(d, e, c)
            k, m = Q.sphere_dimension + 1, Q.euclidean_dimension
            u, y = (list(sympy.symbols(f"{name}1:{size + 1}", real=True)) for name, size in (("u", k), ("y", m)))
            neuron = chart(Q, u, y)
            point = torch_function(sympy.Matrix([*neuron.w, *neuron.a]), [*u, *y])
            around = torch.randn(n, k, generator=source, dtype=torch.float64)
            around = around / around.norm(dim=1, keepdim=True)
            along = 3 * torch.randn(n, m, generator=source, dtype=torch.float64)
            weights = point(*around.unbind(1), *along.unbind(1)).flatten(1)
            inward, outward = weights[:, :d].square().sum(1), weights[:, d:].square().sum(1)
            tolerance = (4 * (d + e) + 20) * EPS * (inward + outward)
            worst = max(worst, float(((inward - outward - float(c)).abs() / tolerance).max()))
    return decided(worst <= 1, worst_in_tolerances=worst, points=15 * n)


def _root_forgotten(chart: InverseChart) -> InverseChart:
    return lambda Q, u, y: Neuron(
        tuple(chart(Q, u, y).w), tuple(v * sympy.sqrt(1 + sum(x**2 for x in y)) for v in chart(Q, u, y).a)
    )


# -- Theorem 1, Corollaries 1 and 2 ------------------------------------------------------------------------------------
def library_betti(d: int, e: int, c: Sequence[int]) -> list[int]:
    """Theorem 1, as the library has it."""
    return InvariantSet(d, e, c).betti_numbers()


def library_count(d: int, e: int, c: Sequence[int], bias: bool) -> Any:
    """Corollary 1, and Corollary 4 with biases, as the library has them."""
    return InvariantSet(d, e, c, bias=bias).number_of_components()


def zero_as_negative(count: Count) -> Count:
    """The count with every c_k = 0 taken for negative."""
    return lambda d, e, c, bias: count(d, e, [min(v, -1) if v == 0 else v for v in c], bias)


def other_sign(count: Count) -> Count:
    """The count with l_+ and l_- exchanged."""
    return lambda d, e, c, bias: count(d, e, [-v for v in c], bias)


def _shifted(betti: Betti) -> Betti:
    return lambda d, e, c: betti(d + 1, e, c)


def _disconnects(count: Count, context: Context) -> Outcome:
    """Corollary 2's case alone: e = 1, d = 2, some c_k < 0."""

    def restricted(d: int, e: int, c: Sequence[int], bias: bool) -> Any:
        inside = e == 1 and d > 1 and min(c) < 0
        return count(d, e, c, bias) if inside else library_count(d, e, c, bias)

    return components_agree(restricted, context, "components")


def _sheets(count: Callable[[int], int], context: Context) -> Outcome:
    """Figure 2a: the clusters of a net of Q(c) in R³ at a distance below 2, how far apart two sheets are at least."""
    found = {}
    for c in (-1, 1):
        net = factor_net(Quadric(2, 1, c), generator(context, "fig2a"))
        if net.link >= 2:
            return decided(None, reason="the net is too coarse")
        found[f"c = {c}"] = sheets = count_components(net)
        if sheets != count(c):
            return decided(False, c=c, sheets=sheets)
    return decided(True, **found)


# -- Proposition 3: paths ----------------------------------------------------------------------------------------------
Join = Callable[[InvariantSet, Parameters, Parameters], Any]
BASES = {-1: (Rational(3, 4), 0, Rational(5, 4)), 0: (1, 0, 1), 1: (Rational(5, 4), 0, Rational(3, 4))}


def rational_neuron(c: int, along: Sequence[Any]) -> Neuron:
    """A rational point of Q(c), d = 2, e = 1: the base point reflected in the form along a direction."""
    base, signs, direction = BASES[c], (1, 1, -1), [Rational(v) for v in along]
    across = sum(s * p * v for s, p, v in zip(signs, base, direction, strict=True))
    size = sum(s * v * v for s, v in zip(signs, direction, strict=True))
    w1, w2, a = (p - 2 * across / size * v for p, v in zip(base, direction, strict=True))
    return Neuron((w1, w2), (a,))


def rational_parameters(c: Sequence[int], source: torch.Generator) -> Parameters:
    """A random rational point of H(c)."""
    neurons = []
    for value in c:
        drawn = [Rational(int(v), 7) for v in torch.randint(-9, 10, (3,), generator=source)]
        if drawn[0] ** 2 + drawn[1] ** 2 == drawn[2] ** 2:
            drawn[2] += 1 if drawn[2] != -1 else 2
        neurons.append(rational_neuron(value, drawn))
    return Parameters.from_neurons(neurons)


def _columns(theta: Parameters) -> Tensor:
    """(3, l): the rows w_1, w_2, a of a network with two inputs and one output, in float64."""
    rows = (theta.W1.col(0), theta.W1.col(1), theta.W2.row(0))
    return torch.tensor([[float(v) for v in row] for row in rows], dtype=torch.float64)


def library_path(H: InvariantSet, theta: Parameters, theta_prime: Parameters) -> ParameterPath:
    """The library's path."""
    return H.path(theta, theta_prime)


@dataclass(frozen=True)
class _Straight:
    """The straight segment, which leaves H(c)."""

    theta: Parameters
    theta_prime: Parameters

    def weights(self) -> Parameters:
        return Parameters(
            (1 - T) * self.theta.W1 + T * self.theta_prime.W1, (1 - T) * self.theta.W2 + T * self.theta_prime.W2
        )


def _stays(join: Join, context: Context) -> Outcome:
    """Random pairs of rational points with the same signs: the path, compiled through the bridge, at 401 times.

    Tolerance: (20 + 8) eps relative for the formula, as for the charts, and the same of |θ_k| + |θ'_k| for the segment
    p + t (q - p), which may cancel; together 28 eps (|θ_k(t)|² + |θ_k(t)| (|θ_k| + |θ'_k|)) on the equation. s(θ) never
    changes.
    """
    source = generator(context, "prop3")
    times = torch.linspace(0, 1, 401, dtype=torch.float64)
    worst, pairs, c = 0.0, 0, (-1, 1, 0)
    H = InvariantSet(2, 1, c)
    while pairs < context.pick(quick=6, full=60):
        first, second = rational_parameters(c, source), rational_parameters(c, source)
        if H.component_of(first) != H.component_of(second):
            continue
        pairs += 1
        weights = join(H, first, second).weights()
        w1, w2, a = (
            torch.stack([torch_function(v, T)(times) for v in column], 1)
            for column in (weights.W1.col(0), weights.W1.col(1), weights.W2.row(0))
        )
        exact = torch.stack([_columns(theta) for theta in (first, second)])
        reach = exact.norm(dim=1).sum(0)
        size = w1.square() + w2.square() + a.square()
        tolerance = 28 * EPS * (size + size.sqrt() * reach)
        gap = (w1.square() + w2.square() - a.square() - torch.tensor(c)).abs() / tolerance.clamp(min=EPS**2)
        ends = torch.stack([w1[[0, -1]], w2[[0, -1]], a[[0, -1]]])
        arrives = (ends.transpose(0, 1) - exact).abs() / (28 * EPS * reach)
        worst = max(worst, float(gap.max()), float(arrives.max()))
        if not bool((a[:, 0].sign() == a[0, 0].sign()).all()):
            return decided(False, signs="changed along the path")
    return decided(worst <= 1, worst_in_tolerances=worst, pairs=pairs)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.prop2": (
        measurement(
            "the SymPy charts at random points, d <= 5, e <= 4, c of both signs",
            lambda: library_inverse_chart,
            _lands_on_quadric,
            [
                Control("another root on the output weights", _root_forgotten),
                Control("the chart of Q(2c)", lambda h: lambda Q, u, y: h(Quadric(Q.d_in, Q.d_out, 2 * Q.c), u, y)),
            ],
        ),
    ),
    "nurisso.thm1": (
        measurement(
            "persistent homology of sampled quadrics and of a product, against Theorem 1",
            lambda: library_betti,
            lambda betti, context: betti_numbers_agree(betti, context, "betti"),
            [
                Control("the sphere of c > 0 one dimension up", _shifted),
                Control("d and e exchanged", lambda b: lambda d, e, c: b(e, d, c)),
            ],
        ),
    ),
    "nurisso.fig2a": (
        measurement(
            "union-find on nets of Q(1) and Q(-1) in R³",
            lambda: lambda c: Quadric(2, 1, c).number_of_components(),
            _sheets,
            [
                Control("the signs exchanged", lambda f: lambda c: f(-c)),
                Control("one sheet each", lambda f: lambda c: 1),
            ],
        ),
    ),
    "nurisso.cor1": (
        measurement(
            "union-find on sampled invariant sets, d, e <= 2 and l <= 3",
            lambda: library_count,
            lambda count, context: components_agree(count, context, "components"),
            [
                Control("one component too many", lambda f: lambda d, e, c, b: f(d, e, c, b) + 1),
                Control("c = 0 counted as c < 0", zero_as_negative),
                Control("l_+ and l_- exchanged", other_sign),
            ],
        ),
    ),
    "nurisso.cor2": (
        measurement(
            "union-find on sampled invariant sets with e = 1, d = 2 and a pathological neuron",
            lambda: library_count,
            _disconnects,
            [
                Control("l_- + 1 components", lambda f: lambda d, e, c, b: 1 + sum(v < 0 for v in c)),
                Control("connected", lambda f: lambda d, e, c, b: 1),
            ],
        ),
    ),
    "nurisso.prop3": (
        measurement(
            "the library's paths between random rational points, compiled to torch",
            lambda: library_path,
            _stays,
            [Control("straight segments", lambda _: lambda H, first, second: _Straight(first, second))],
        ),
    ),
    **section_4_flow.CHECKS,
}
