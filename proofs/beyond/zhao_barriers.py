"""Beyond Zhao et al.: exact barriers, segments without any, exact distances, and barriers against all permutations."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import sympy as sp

from quadrics.activation import Activation, leaky_relu, relu
from quadrics.connectivity.balanced_distance import distance_to_diagonal, nearest_factors, squared_distance
from quadrics.connectivity.barriers import barrier, loss_between, peak, peak_factor
from quadrics.connectivity.chords import chord_error, is_straight
from quadrics.connectivity.gl_paths import determinant
from quadrics.connectivity.permuted_barriers import awaken, has_silent_permutation, spread

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation
from ..evidence import Outcome, Scope, decided
from ..exact import same
from ..zhao import barrier_derivations, chord_derivations, distance_derivations, permuted_derivations
from ..zhao.section_5_distance import exact_in_one_dimension

PAPER = "beyond"


def _highest(height: Callable[[Any, Any], Any], context: Context) -> Outcome:
    """Degrees 1, 2, 3 and four factors: reached at α*, and not exceeded at 99 points of the segment."""
    for k, m in product((1, 2, 3), (sp.Rational(1, 3), 2, 5, 20)):
        claimed = height(m, k)
        if same(loss_between(peak(m, k), m, k), claimed) is not True:
            return decided(False, m=str(m), k=k)
        if any(loss_between(sp.Rational(j, 100), m, k) > claimed for j in range(1, 100)):
            return decided(False, m=str(m), k=k, exceeded=True)
    return decided(True)


Straight = Callable[[Any], bool]


def _all_of_one_function(straight: Straight, context: Context) -> Outcome:
    """All invertible 2 by 2 matrices with entries -1 to 2 and some of size 3: error 0 at α = 1/2, or not."""
    W1, W2 = sp.Matrix([[1, 2], [0, 1]]), sp.Matrix([[2, 1], [1, 1]])
    tried = flat = 0
    for entries in product(range(-1, 3), repeat=4):
        g = sp.ImmutableDenseMatrix(2, 2, entries)
        if determinant(g) == 0:
            continue
        zero = chord_error(W2, W1, g, sp.Rational(1, 2)) == sp.zeros(2)
        tried, flat = tried + 1, flat + zero
        if zero != straight(g):
            return decided(False, g=str(g.tolist()))
    return decided(True, tried=tried, straight=flat)


Formula = Callable[[Any, Any], Any]


def _reached(formula: Formula, context: Context) -> Outcome:
    """The diagonal factors have the product A and the claimed distance; singular values 1, 4, 9/4."""
    values = [sp.Integer(1), sp.Integer(4), sp.Rational(9, 4)]
    for kappa in (sp.Rational(5, 4), 2, sp.Rational(5, 2), 7):
        pairs = nearest_factors(kappa, values)
        if any(same(x * y, s) is not True for (x, y), s in zip(pairs, values, strict=True)):
            return decided(False, product=str(pairs))
        if same(distance_to_diagonal(kappa, pairs), formula(kappa, sum(values))) is not True:
            return decided(False, kappa=str(kappa))
    return decided(True)


Repair = Callable[[Any, Any, Activation], tuple[Any, Any]]


def _every_output_has_one(repair: Repair, context: Context) -> Outcome:
    """All (V, Z) of so many neurons with these entries and V σ(Z) ≠ 0: same output, no silent permutation left."""
    tried = silent = 0
    grids = [(2, (-2, -1, 0, 1)), *context.pick(quick=[], full=[(3, (-1, 0, 1))])]
    for sigma, (n, values) in product((relu, leaky_relu(sp.Rational(1, 2))), grids):
        for entries in product(values, repeat=2 * n):
            V, Z = sp.ImmutableDenseMatrix([entries[:n]]), sp.ImmutableDenseMatrix(n, 1, entries[n:])
            Y = V * Z.applyfunc(sigma)
            if not any(Y):
                continue
            tried, silent = tried + 1, silent + has_silent_permutation(V, Z, sigma)
            new_V, new_Z = repair(V, Z, sigma)
            if new_V * new_Z.applyfunc(sigma) != Y or has_silent_permutation(new_V, new_Z, sigma):
                return decided(False, V=str(V.tolist()), Z=str(list(Z)))
    return decided(True, minima=tried, with_a_silent_permutation=silent)


def _repair(V: Any, Z: Any, sigma: Activation) -> tuple[Any, Any]:
    return spread(*awaken(V, Z, sigma), 7, sigma)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.zhao.barrier-height",
        Kind.THEOREM,
        "The exact height of the barrier between rescaled minima",
        Source(PAPER, "Proposition 5.3 of Zhao et al., made exact"),
        r"The largest loss on the segment from $W$ to $m \cdot W$, $m \ne 1$, is $\lVert Y \rVert^2 (\varphi^* - 1)^2$"
        r", reached only at $\alpha^* = \frac{k(m-1) + m^{-k} - 1}{(k+1)(m-1)(1 - m^{-k})}$, with $\varphi^* = "
        r"\frac{k^k}{(k+1)^{k+1}} \frac{(m - m^{-k})^{k+1}}{(m-1)(1 - m^{-k})^k} > 1$ (for $m < 1$ the three "
        r"differences with the other sign). It grows with $|\log m|$. As $m \to \infty$: $\alpha^* \to \frac{k}{k+1}$ "
        r"and $\varphi^* / m^k \to \frac{k^k}{(k+1)^{k+1}}$; as $m \to 1$: "
        r"$\varphi^* - 1 \sim \frac{k(k+1)}{8} (m-1)^2$.",
        relation=lambda: peak_factor(sp.Symbol("m", positive=True), sp.Symbol("k", positive=True)),
        uses=("zhao.prop5.3",),
        evidence=(
            Derivation("the one maximum of a concave function", barrier_derivations.highest_point),
            Derivation("growth with the factor", barrier_derivations.grows_with_the_factor),
            enumeration(
                "exact losses on the segment for k = 1, 2, 3 and four factors",
                lambda: barrier,
                _highest,
                [
                    Control("a tenth less", lambda height: lambda m, k: height(m, k) * sp.Rational(9, 10)),
                    Control("a degree less", lambda height: lambda m, k: height(m, k - sp.Rational(1, 2))),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "beyond.zhao.permuted-barrier",
        Kind.THEOREM,
        "Barriers against all permutations, whatever the minimum",
        Source(PAPER, "Proposition 5.4 of Zhao et al., without its hypothesis"),
        r"If $Y \ne 0$ and $L^{-1}(0) \ne \emptyset$, then for every $b$ there are $W, W' \in L^{-1}(0)$ as in "
        r"Proposition 5.4: its hypothesis may be dropped. It may not be dropped for a given $W$: with outgoing weights "
        r"$(1, 0)$ and pre-activations $(1, 0)^T$ the barrier to a permuted copy is at most 1/4 for all $m$.",
        uses=("zhao.prop5.4",),
        evidence=(
            Derivation("idle neurons share work, sizes tell neurons apart", permuted_derivations.every_neuron_busy),
            Derivation("a minimum with a silent permutation", permuted_derivations.given_minimum, Scope.INSTANCE),
            enumeration(
                "all minima of two neurons with entries from -2 to 1; in full, of three with entries -1, 0, 1",
                lambda: _repair,
                _every_output_has_one,
                [
                    Control("without sharing", lambda repair: lambda V, Z, sigma: spread(V, Z, 7, sigma)),
                    Control("without rescaling", lambda repair: awaken),
                ],
            ),
        ),
    ),
    Claim(
        "beyond.zhao.lmc",
        Kind.THEOREM,
        "Linear mode connectivity of two linear layers",
        Source(PAPER, "section 5.2 of Zhao et al."),
        r"Between $(W_1, W_2)$ and $(g W_1, W_2 g^{-1})$ the product $W_2 W_1$ is off by $\alpha(1-\alpha) W_2 (g + "
        r"g^{-1} - 2I) W_1$: a barrier $\frac14 \lVert W_2 (g + g^{-1} - 2I) W_1 X \rVert$ for the unsquared loss. If "
        r"$W_2$ has independent columns and $W_1 X$ independent rows, the segment stays in the minimum exactly when "
        r"$(g - I)^2 = 0$; such $g$ may be arbitrarily far from $I$ as soon as $h \ge 2$.",
        uses=("zhao.act4.1",),
        evidence=(
            Derivation("the error, for layers of any size", chord_derivations.chord_identity),
            enumeration(
                "all invertible 2 by 2 matrices with entries from -1 to 2",
                lambda: is_straight,
                _all_of_one_function,
                [
                    Control("g = I only", lambda straight: lambda g: g == sp.eye(2)),
                    Control("g² = I", lambda straight: lambda g: g * g == sp.eye(2)),
                    Control("determinant 1", lambda straight: lambda g: determinant(g) == 1),
                ],
            ),
            Derivation("scalars and shears", chord_derivations.scalars_and_shears, scope=Scope.INSTANCE),
        ),
    ),
    Claim(
        "beyond.zhao.balanced-distance",
        Kind.THEOREM,
        "The exact distance of a segment's middle from all factorizations",
        Source(PAPER, "Proposition 5.5 of Zhao et al., made exact"),
        r"For the balanced $W = (U \sqrt\Sigma, \sqrt\Sigma V^\top) \in S = \{W_1 W_2 = A\}$, $A = U \Sigma V^\top$, "
        r"and $\kappa = (\beta + 1/\beta)/2$: "
        r"$\operatorname{dist}(\kappa W, S)^2 = (\kappa^2 - 2) \lVert A \rVert_*$ for $\kappa \ge 2$ and "
        r"$2(\kappa - 1)^2 \lVert A \rVert_*$ for $\kappa \le 2$, with the nuclear norm.",
        uses=("zhao.prop5.5",),
        evidence=(
            Derivation("from below, and reached", distance_derivations.balanced_distance),
            Derivation("n = 1: the stationary points", distance_derivations.one_dimension),
            enumeration(
                "reached by diagonal factors of the singular values, exactly",
                lambda: squared_distance,
                _reached,
                [
                    Control("κ² - 1", lambda formula: lambda kappa, norm: formula(kappa, norm) + norm),
                    Control("the Frobenius norm", lambda f: lambda kappa, norm: f(kappa, sp.sqrt(norm))),
                ],
                scope=Scope.INSTANCE,
            ),
            enumeration(
                "n = 1: between rationals 10^-6 apart, by Sturm's theorem",
                lambda: lambda kappa: squared_distance(kappa, 1),
                exact_in_one_dimension,
                [
                    Control("κ² - 2 throughout", lambda f: lambda kappa: sp.Abs(kappa**2 - 2)),
                    Control("2(κ - 1)² throughout", lambda f: lambda kappa: 2 * (kappa - 1) ** 2),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
