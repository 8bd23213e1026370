"""Measurements for section 4.1 and appendix B.3: null spaces by singular values, networks with a teacher's function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import sympy
import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement, undecided
from quadrics.expansion.activations.extended_manifold import computes_same_function, excess
from quadrics.expansion.activations.null_functions import null_dimension
from quadrics.expansion.enumeration import affine_subspaces
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Parameters
from quadrics.smooth_activation import NAMED, SmoothActivation, Z, gelu, sigmoid, soft_sigmoid, softplus, tanh

from ...bridge import torch_function
from ..sampling import EPS, Sigma, generator

GRAIN = 64  # weights are multiples of 1/64, so that floats hold exactly what the exact conditions are about
GAP = 1000.0


@lru_cache(maxsize=16)
def on_tensors(activation: SmoothActivation, order: int = 0) -> Sigma:
    """The activation, or a derivative, as a function of tensors, through the bridge."""
    return torch_function(activation.derivative(Z, order) if order else activation.formula, (Z,))


# -- null spaces ------------------------------------------------------------------------------------------------------
class Columns(NamedTuple):
    """The matrix [σ(z_il)], and a bound of what rounding changes in its singular values."""

    matrix: Tensor
    tolerance: float


def columns(activation: SmoothActivation, z: Tensor, constant: bool = False) -> Columns:
    """σ at z (N, k), with a column of ones if asked.

    Each entry is wrong by at most 8 eps (|σ| + |z σ'| + 1): the product z is rounded, and σ is a handful of operations
    on numbers of the size of 1 and |σ|. By Weyl's inequality singular values move by no more than the Frobenius norm of
    these errors; the decomposition itself adds k eps times the largest one.
    """
    matrix = on_tensors(activation)(z)
    errors = 8 * EPS * (matrix.abs() + (z * on_tensors(activation, 1)(z)).abs() + 1)
    if constant:
        matrix = torch.cat([matrix, torch.ones_like(matrix[:, :1])], 1)
    k = matrix.shape[1]
    largest = float(torch.linalg.matrix_norm(matrix, 2))
    return Columns(matrix, float(torch.linalg.matrix_norm(errors)) + k * EPS * largest)


def nullity(found: Columns) -> tuple[int | None, float]:
    """The number of singular values within the tolerance; ``None`` if some are less than 1000 times larger."""
    values = torch.linalg.svdvals(found.matrix) / found.tolerance
    if bool(((values > 1) & (values < GAP)).any()):
        return None, float(values.min())
    above = values[values > 1]
    return int((values <= 1).sum()), float(above.min()) if len(above) else 0.0


Dimension = Callable[[SmoothActivation, int, bool], int]


def _null_dimensions(dimension: Dimension, context: Context) -> Outcome:
    """p ≤ 3 pairs ±β with random β, each at least 1.6 times the one before, on 400 points of [-6, 6]."""
    source, gap = generator(context, "null functions"), float("inf")
    x = torch.linspace(-6, 6, 400, dtype=torch.float64)
    for activation in (sigmoid, softplus, tanh, soft_sigmoid(1, 4), gelu):
        for p in (1, 2, 3):
            for zero in (False, True):
                for _ in range(context.pick(quick=3, full=20)):
                    ratios = 1.6 + 0.4 * torch.rand(p, generator=source, dtype=torch.float64)
                    beta = 0.4 * ratios.cumprod(0)
                    scales = torch.cat([beta, -beta, torch.zeros(int(zero), dtype=torch.float64)])
                    found, least = nullity(columns(activation, x[:, None] * scales))
                    if found is None:
                        return undecided(activation=activation.name, p=p)
                    gap = min(gap, least or gap)
                    if found != dimension(activation, p, zero):
                        return decided(False, activation=activation.name, p=p, zero=zero, found=found)
    return decided(True, least_over_tolerance=gap)


def _independent(activation: SmoothActivation, context: Context) -> Outcome:
    """Are σ(±β_l x), l ≤ 3, and 1 linearly independent on [-6, 6]?"""
    source = generator(context, "independence")
    x = torch.linspace(-6, 6, 400, dtype=torch.float64)
    least = float("inf")
    for _ in range(context.pick(quick=5, full=50)):
        beta = 0.4 * (1.6 + 0.4 * torch.rand(3, generator=source, dtype=torch.float64)).cumprod(0)
        found, gap = nullity(columns(activation, x[:, None] * torch.cat([beta, -beta]), constant=True))
        if found is None:
            return undecided(activation=activation.name)
        least = min(least, gap)
        if found:
            return decided(False, nullity=found)
    return decided(True, least_over_tolerance=least)


def _independent_vectors(activation: SmoothActivation, context: Context) -> Outcome:
    """σ(W·x) for five random vectors W of the plane, two of them with -W, and W = 0, at 2000 random inputs."""
    source = generator(context, "independent vectors")
    x = 2 * torch.randn(2000, 2, generator=source, dtype=torch.float64)
    least = float("inf")
    for _ in range(context.pick(quick=5, full=30)):
        angle = torch.arange(5, dtype=torch.float64) * (torch.pi / 5)
        angle = angle + 0.3 * torch.rand(5, generator=source, dtype=torch.float64)
        W = (1 + torch.rand(5, 1, generator=source, dtype=torch.float64)) * torch.stack([angle.cos(), angle.sin()], 1)
        vectors = torch.cat([W, -W[:2], torch.zeros(1, 2, dtype=torch.float64)])
        found, gap = nullity(columns(activation, x @ vectors.T))
        if found is None:
            return undecided(activation=activation.name)
        least = min(least, gap)
        if found:
            return decided(False, nullity=found)
    return decided(True, least_over_tolerance=least)


# -- networks with a teacher's function -------------------------------------------------------------------------------
Member = Callable[[Parameters, Parameters, SmoothActivation], bool]
RULES: dict[str, tuple[int, str]] = {
    "sigmoid": (1, "sum"),
    "tanh": (1, ""),
    "softplus": (-1, "moment"),
    "silu": (-1, "moment"),
}


def relative_gap(theta: Parameters, teacher: Parameters, activation: SmoothActivation, x: Tensor) -> float:
    """The largest difference of the two functions over the tolerance of rounding.

    Each of the m terms a σ(w·x) is wrong by (d + 8) eps |a| (|σ| + |w|·|x| |σ'| + 1), and their sum adds m eps.
    """
    totals, sizes = [], torch.zeros(x.shape[0], teacher.d_out, dtype=torch.float64)
    for network in (theta, teacher):
        W1, W2 = (torch.tensor(M.tolist(), dtype=torch.float64) for M in (network.W1, network.W2))
        z = x @ W1.T
        value = on_tensors(activation)(z)
        totals.append(value @ W2.T)
        terms = value.abs() + (x.abs() @ W1.abs().T) * on_tensors(activation, 1)(z).abs() + 1
        sizes += (theta.d_in + theta.width + 8) * EPS * (terms @ W2.abs().T)
    return float(((totals[0] - totals[1]).abs() / sizes).max())


def _draw(source: torch.Generator, *shape: int) -> Any:
    """Random multiples of 1/64 in (-2, 2), not zero, as a matrix of rationals."""
    size = torch.randint(1, 2 * GRAIN, shape, generator=source)
    sign = 2 * torch.randint(0, 2, shape, generator=source) - 1
    return sympy.Matrix((size * sign).tolist()) / GRAIN


def students(source: torch.Generator, rule: tuple[int, str], teacher: Parameters) -> Iterator[Parameters]:
    """A student on the extended manifold, with free pairs ±W, and three that miss one condition each."""
    sign, balance = rule
    d, e = teacher.d_in, teacher.d_out
    W, A = _draw(source, 3, d), _draw(source, e, 3)
    if balance == "sum":
        A[:, 2] = -A[:, 0] - A[:, 1]
    elif balance == "moment":
        W[2, :] = -(W[0, :] + 3 * W[1, :])
        A[:, 1], A[:, 2] = 3 * A[:, 0], A[:, 0]
    column, row = _draw(source, e, 1), _draw(source, 1, d)

    def student(outgoing: Any, opposite: Any, extra: Any) -> Parameters:
        W1 = sympy.Matrix.vstack(teacher.W1, W, -W, row)
        return Parameters(W1, sympy.Matrix.hstack(teacher.W2, outgoing, opposite, extra))

    zero = sympy.zeros(e, 1)
    yield student(A, sign * A, zero)
    yield student(A, -sign * A, zero)  # pairs of the wrong sign
    yield student(A, sign * A, column)  # a neuron that is not balanced
    B = A.copy()
    B[:, 0] += column
    yield student(B, sign * B, zero)  # pairs that miss the sum or the moment (for tanh: still on the manifold)


def _function_or_not(member: Member, context: Context) -> Outcome:
    """Exact membership of random students against the functions in float64: at rounding level, or far above it."""
    source, on, off = generator(context, "extended manifold"), 0.0, float("inf")
    x = 3 * torch.randn(200, 2, generator=source, dtype=torch.float64)
    for name, rule in RULES.items():
        for _ in range(context.pick(quick=3, full=40)):
            teacher = Parameters(_draw(source, 3, 2), _draw(source, 2, 3))
            for theta in students(source, rule, teacher):
                gap = relative_gap(theta, teacher, NAMED[name], x)
                if 1 < gap < GAP:
                    return undecided(activation=name, gap=gap)
                same = gap <= 1
                on, off = (max(on, gap), off) if same else (on, min(off, gap))
                if member(theta, teacher, NAMED[name]) != same:
                    return decided(False, activation=name, gap=gap)
    return decided(True, largest_on=on, least_off=off)


def _exact(theta: Parameters, teacher: Parameters, activation: SmoothActivation) -> bool:
    return computes_same_function(theta, teacher, activation).same


def _pairs_alone(theta: Parameters, teacher: Parameters, activation: SmoothActivation) -> bool:
    """A mutant: only A_W = ± A_{-W}, without sum and moment."""
    sign = RULES[activation.name][0]
    total = excess(theta, teacher)
    return all(
        a == tuple(sign * v for v in total.get(tuple(-u for u in w), (sympy.Integer(0),) * len(a)))
        for w, a in total.items()
    )


def _expansion_alone(theta: Parameters, teacher: Parameters, activation: SmoothActivation) -> bool:
    """A mutant: the classical expansion manifold."""
    return not any(any(a) for a in excess(theta, teacher).values())


Points = Callable[[ExpansionSubspace, torch.Generator], Parameters]


def _a_point(S: ExpansionSubspace, source: torch.Generator) -> Parameters:
    return S.point(list(_draw(source, S.dimension, 1))) if S.dimension else S.base_point


def _moved(S: ExpansionSubspace, source: torch.Generator) -> Parameters:
    """A mutant: one outgoing weight is changed by 1/64."""
    theta = _a_point(S, source)
    change = sympy.zeros(theta.d_out, theta.width)
    change[0, 0] = sympy.Rational(1, GRAIN)
    return Parameters(theta.W1, theta.W2 + change)


def _members_compute_the_function(points: Points, context: Context) -> Outcome:
    """Random points of random subspaces of the expansion of random teachers, 2 to 4 neurons; g_{1,4}."""
    source, worst = generator(context, "expansion in floats"), 0.0
    x = 3 * torch.randn(200, 2, generator=source, dtype=torch.float64)
    for _ in range(context.pick(quick=3, full=30)):
        teacher = Parameters(_draw(source, 2, 2), _draw(source, 2, 2))
        subspaces = list(affine_subspaces(2, 4))
        for index in torch.randperm(len(subspaces), generator=source)[:5].tolist():
            theta = points(ExpansionSubspace(teacher, subspaces[index]), source)
            worst = max(worst, relative_gap(theta, teacher, soft_sigmoid(1, 4), x))
    return decided(worst <= 1, worst_in_tolerances=worst)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.cor4.1": (
        measurement(
            "random points of the expansion of random teachers compute the teacher's function, in float64",
            lambda: _a_point,
            _members_compute_the_function,
            [Control("one outgoing weight changed by 1/64", lambda _: _moved)],
        ),
    ),
    "simsek.thm4.2": (
        measurement(
            "singular values of [σ(W·x)] for random vectors, opposite ones and 0, at 2000 inputs: no null space",
            lambda: soft_sigmoid(1, 4),
            _independent_vectors,
            [
                Control("sigmoid", lambda _: sigmoid),
                Control("tanh", lambda _: tanh),
                Control("GELU, which is zero at 0", lambda _: gelu),
            ],
        ),
    ),
    "simsek.lemB.5": (
        measurement(
            "singular values of [σ(±β_l x), 1] for three random pairs: no null space",
            lambda: soft_sigmoid(1, 4),
            _independent,
            [
                Control("sigmoid", lambda _: sigmoid),
                Control("softplus", lambda _: softplus),
                Control("tanh", lambda _: tanh),
            ],
        ),
    ),
    "simsek.B3.noother": (
        measurement(
            "null spaces of [σ(β_l x)] by singular values for up to three random pairs, with and without β = 0",
            lambda: null_dimension,
            _null_dimensions,
            [
                Control("one more", lambda f: lambda s, p, zero: f(s, p, zero) + 1),
                Control("nothing for β = 0", lambda f: lambda s, p, zero: f(s, p, False)),
                Control("pairs alone for softplus", lambda f: lambda s, p, zero: f(s, p, zero) + (s == softplus)),
            ],
        ),
    ),
    "simsek.remB.3": (
        measurement(
            "random students on and off the extended manifold; sigmoid, tanh, softplus, SiLU; two inputs and outputs",
            lambda: _exact,
            _function_or_not,
            [
                Control("pairs alone", lambda _: _pairs_alone),
                Control("the expansion manifold alone", lambda _: _expansion_alone),
            ],
        ),
    ),
}
