"""Section 5.3: how far segments inside an orbit run from it, copies of bounded norm, and how large orbits are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from quadrics.activation import leaky_relu
from quadrics.connectivity.balanced_distance import is_farther_than, middle_factor
from quadrics.connectivity.barriers import between, loss, output, rescale_last, squared_norm
from quadrics.connectivity.bounded_barrier import factor_range, loss_bound

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Outcome, Scope, decided
from . import barrier_derivations, distance_derivations
from .barrier_checks import networks
from .section_3_topology import PAPER

HALF = sp.Rational(1, 2)


# -- Proposition 5.5 --------------------------------------------------------------------------------------------------
Middle = Callable[[Any], tuple[Any, Any]]


def _far_away(middle: Middle, context: Context) -> Outcome:
    """n = 1, A = 1: for radii 1, 10, 100 some β gives a middle farther than that from all (x, 1/x), by Sturm."""
    for radius in (1, 10, 100):
        if not any(is_farther_than(radius, *middle(beta)) for beta in (2, 20, 200, 2000)):
            return decided(False, radius=radius)
    return decided(True)


def _of_copies(beta: Any) -> tuple[Any, Any]:
    """The middle of (1/β, β) and (β, 1/β)."""
    kappa = middle_factor(beta)
    return kappa, kappa


def _bounded_copies(beta: Any) -> tuple[Any, Any]:
    """A mutant: copies with β at most 2."""
    return _of_copies(min(beta, 2))


def exact_in_one_dimension(square: Callable[[Any], Any], context: Context) -> Outcome:
    """n = 1, A = 1: the distance is between rationals 10^-6 apart around the root of the formula, by Sturm."""
    width = sp.Rational(1, 10**6)
    for kappa in (sp.Rational(5, 4), sp.Rational(7, 4), 2, sp.Rational(9, 4), 5, 40):
        root = sp.Rational(sp.floor(sp.sqrt(square(kappa)) / width)) * width
        if not is_farther_than(root - width, kappa, kappa) or is_farther_than(root + 2 * width, kappa, kappa):
            return decided(False, kappa=str(kappa))
    return decided(True)


Targets = dict[str, Callable[[Any], tuple[Any, Any]]]


def _unbounded_for(targets: Targets, context: Context) -> Outcome:
    """Targets (u, v) that g and 1/g cannot both equal (uv ≥ 2): is the distance from all (g, 1/g) above 2, 20, 200?"""
    for name, target in targets.items():
        points = [target(kappa) for kappa in (10, 100, 1000)]
        if any(u * v < 2 for u, v in points):
            return decided(None, premise=name)
        for radius in (2, 20, 200):
            if not any(is_farther_than(radius, u, v) for u, v in points):
                return decided(False, targets=name, radius=radius)
    return decided(True)


def _equal_values(targets: Targets) -> Targets:
    return {name: target for name, target in targets.items() if target(10)[0] == target(10)[1]}


def _two_targets() -> Targets:
    return {
        "(κ, κ)": lambda kappa: (kappa, kappa),
        "(κ, 1/κ + 1)": lambda kappa: (kappa, sp.Rational(1, kappa) + 1),
    }


def _distance_is(second: Callable[[Any, Any], Any], context: Context) -> Outcome:
    """Eq. (23) for 2 by 2 matrices: ‖((1-α) g_1 + α g_2) W_2 - g W_2‖² against ‖second(W_2, M)‖², M = ... - g."""
    W2, g = sp.Matrix([[1, 2], [0, 1]]), sp.Matrix([[0, 1], [1, 1]])
    g1, g2 = sp.Matrix([[2, 1], [0, 1]]), sp.Matrix([[1, 0], [3, 1]])
    for alpha in (sp.Rational(1, 3), HALF):
        found = squared_norm((1 - alpha) * g1 * W2 + alpha * g2 * W2 - g * W2)
        said = squared_norm(second(W2, (1 - alpha) * g1 + alpha * g2 - g))
        if found != said:
            return decided(False, alpha=str(alpha), distance=str(found), printed=str(said))
    return decided(True)


# -- Proposition 5.6 --------------------------------------------------------------------------------------------------
Bound = Callable[[Any, Any, Any, Any, Any], Any]


def _never_above(bound: Bound, context: Context) -> Outcome:
    """Exact networks: segments to copies at five factors inside the interval, five points each."""
    for weights, X, activation in networks():
        Y, k = output(weights, X, activation), activation.degree
        A, B, N = (sp.sqrt(squared_norm(matrix)) for matrix in (weights[-2], weights[-1], Y))
        c = A + B
        low, high = (sp.Rational(str(sp.N(end, 12))) for end in factor_range(A, B, c, k))
        limit = sp.Rational(str(sp.N(bound(A, B, c, N, k), 30)))
        for j in (1, 3, 50, 97, 99):
            copy = rescale_last(weights, low + (high - low) * sp.Rational(j, 100), k)
            for i in (1, 3, 5, 7, 9):
                found = loss(between(weights, copy, sp.Rational(i, 10)), X, Y, activation)
                if found > limit:
                    return decided(False, norms_below=str(c), k=str(k), factor=j)
    return decided(True)


# -- how large orbits are ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Sizes:
    """Dimensions at a minimum of the network of Figure 3: all parameters, the minimum, and what symmetry reaches."""

    parameters: int
    minimum: int
    rescalings: int
    image_of_6: int


def figure_3_sizes() -> Sizes:
    """Exact ranks for W_1: 32 x 16, W_2: 64 x 32, X: 16 x 8, leaky ReLU."""
    h, d, e, N = 32, 16, 64, 8
    W1 = sp.Matrix(h, d, lambda i, j: (i + 2) ** (j + 1) % 31 - 15)
    X = sp.Matrix(d, N, lambda i, j: (i + 3) ** (j + 2) % 29 - 14)
    hidden = (W1 * X).applyfunc(leaky_relu(sp.Rational(1, 10)))
    # The outputs depend on W_2 through W_2 H, each row of W_2 on its own: rank e · rank H, at most all e N equations.
    rank = e * _rank(hidden)
    if rank < e * N:
        raise ArithmeticError(f"rank {rank}: expected {e * N}, a regular point")
    # The tangent of a rescaling moves the weights of one neuron, which are not zero: h independent directions.
    alive = sum(1 for i in range(h) if any(W1[i, :]))
    # (6) sends (U, V) to a function of gV alone, gV of all g near I: h · rank V dimensions.
    return Sizes(h * (d + e), h * (d + e) - rank, alive, h * _rank(W1))


def _rank(matrix: Any) -> int:
    return int(matrix.to_DM().to_field().rank())


def _reaches(relation: Callable[[Sizes], bool], context: Context) -> Outcome:
    sizes = context.once("zhao figure 3 sizes", figure_3_sizes)
    return decided(relation(sizes), sizes=str(sizes))


def _expected() -> Sizes:
    return Sizes(parameters=2560, minimum=2048, rescalings=32, image_of_6=512)


def _claims() -> Iterator[Claim]:
    yield Claim(
        "zhao.prop5.5",
        Kind.THEOREM,
        "A segment inside an orbit of basis changes may run far from it",
        Source(PAPER, "Proposition 5.5, eq. (23) and (24)", "5.3"),
        r"For $A \in \mathrm{GL}_n$ and $S = \{W_1 W_2 = A\}$: for every $b$ there are $W', W'' \in S$ and $0 < \alpha "
        r"< 1$ with $\operatorname{dist}((1-\alpha) W' + \alpha W'', S) > b$ (Frobenius). From any $W \in S$, take "
        r"$(W_1/\beta, \beta W_2)$ and $(\beta W_1, W_2/\beta)$, $\alpha = 1/2$ and $\beta$ large.",
        evidence=(
            Derivation("the middle of two copies", distance_derivations.middle_of_two_copies),
            Derivation("a bound that grows, for every W and n", distance_derivations.any_factorization),
            enumeration(
                "n = 1, radii 1, 10 and 100: decided by Sturm's theorem",
                lambda: _of_copies,
                _far_away,
                [Control("copies with β at most 2", lambda middle: _bounded_copies)],
                scope=Scope.INSTANCE,
            ),
        ),
    )
    yield Claim(
        "zhao.prop5.5.proof",
        Kind.THEOREM,
        "Two steps of the proof of Proposition 5.5",
        Source(PAPER, "eq. (23) and (24)", "C"),
        r"The squared distance has the term $\lVert W_2 ((1-\alpha) g_1 + \alpha g_2 - g) \rVert^2$; and since $g$ and "
        r"$g^{-1}$ cannot approach $\kappa I$ simultaneously, it is unbounded.",
        label=Label.GAP,
        erratum=r"$W_2$ stands on the right: $\lVert ((1-\alpha) g_1 + \alpha g_2 - g) W_2 \rVert^2$. And that two "
        "targets cannot be approached simultaneously shows only that the distance does not tend to 0: no $g$ has "
        r"$g = \kappa$ and $1/g = 1/\kappa + 1$, yet the distance is at most 1. That it is unbounded needs a lower "
        r"bound that grows with $\kappa$. The proposition is true.",
        uses=("zhao.prop5.5",),
        evidence=(
            counterexample(
                "eq. (23), n = 2: matrices that do not commute",
                lambda: lambda W2, M: W2 * M,
                _distance_is,
                [Control("W_2 on the right", lambda second: lambda W2, M: M * W2)],
            ),
            counterexample(
                "n = 1: targets (κ, κ) and (κ, 1/κ + 1), neither attainable",
                _two_targets,
                _unbounded_for,
                [Control("the targets (κ, κ) alone", _equal_values)],
            ),
        ),
    )
    yield Claim(
        "zhao.prop5.6",
        Kind.THEOREM,
        "Copies of bounded norm have bounded barriers",
        Source(PAPER, "Proposition 5.6, eq. (22)", "5.3"),
        r"Let $W \in L^{-1}(0)$, $Y \ne 0$, and $c > 0$ (given before $b$; the print leaves the order open). On all "
        r"segments from $W$ to copies $W' = (\dots, m W_{l-1}, m^{-k} W_l)$ with $\lVert W'_i \rVert < c$ the loss is "
        r"at most $b = \lVert Y \rVert^2 \max\{(\varphi^*(m_0) - 1)^2, (\varphi^*(m_1) - 1)^2\}$ with "
        r"$m_0 = (\lVert W_l \rVert / c)^{1/k}$, $m_1 = c / \lVert W_{l-1} \rVert$ and $\varphi^*$ the highest output "
        "factor.",
        uses=("zhao.prop5.3", "beyond.zhao.barrier-height"),
        evidence=(
            Derivation("the interval of factors", distance_derivations.bounded_factors),
            Derivation("the largest barrier is at one of its ends", barrier_derivations.grows_with_the_factor),
            enumeration(
                "exact losses of four networks, degrees 1, 2 and 3, five factors in the interval each",
                lambda: loss_bound,
                _never_above,
                [
                    Control("half the bound on the norms", lambda f: lambda A, B, c, N, k: f(A, B, c / 2, N, k)),
                    Control("‖Y‖ in place of ‖Y‖²", lambda f: lambda A, B, c, N, k: f(A, B, c, sp.sqrt(N), k) / 4),
                ],
            ),
        ),
    )
    yield Claim(
        "zhao.rem5.large",
        Kind.REMARK,
        "How much of the minimum symmetry reaches",
        Source(PAPER, "abstract and section 5.3", "5.3"),
        r"For the network of Figure 3 ($16 - 32 - 64$, eight samples) the minimum has, of 2560 parameters, dimension "
        r"2048 at points where the Jacobian has full rank; the orbits of rescalings have dimension 32, and the image "
        r"of a point under the map (6) has 512.",
        uses=("zhao.eq6",),
        evidence=(
            enumeration(
                "exact ranks at integer weights",
                _expected,
                lambda sizes, context: _reaches(lambda found: found == sizes, context),
                [
                    Control("as many as equations", lambda s: Sizes(s.parameters, 512, s.rescalings, s.image_of_6)),
                    Control("all of GL_h", lambda s: Sizes(s.parameters, s.minimum, s.rescalings, 32 * 32)),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    )
    yield Claim(
        "zhao.rem5.large.printed",
        Kind.REMARK,
        "Symmetry accounts for a large part of the minimum",
        Source(PAPER, "abstract and section 5.3", "5.3"),
        "Orbits of known symmetries make up a large part of the minimum (read as: a part of its dimension).",
        label=Label.GAP,
        erratum="True for linear networks with square invertible data, where the minimum is one orbit (section 4.1). "
        "At the paper's own size (Figure 3) a rescaling orbit has 32 of 2048 dimensions, and the images under (6) 512: "
        "sets of measure zero in the minimum.",
        uses=("zhao.rem5.large",),
        evidence=(
            counterexample(
                "the network of Figure 3, exact ranks",
                lambda: lambda s: s.rescalings == s.minimum or s.image_of_6 == s.minimum,
                _reaches,
                [Control("less", lambda relation: lambda s: max(s.rescalings, s.image_of_6) < s.minimum)],
            ),
        ),
    )


CLAIMS: tuple[Claim, ...] = tuple(_claims())
