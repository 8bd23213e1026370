"""Beyond Şimşek et al.: uniqueness without assuming it, and all global minima for every analytic activation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from quadrics.expansion.activations.function_equations import function_equations
from quadrics.expansion.activations.parts import taylor_coefficients
from quadrics.network import Parameters
from quadrics.smooth_activation import NAMED, SmoothActivation, Z, sigmoid, soft_sigmoid, softplus, tanh

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..rules import equal
from ..simsek.function_checks import EXP, EXP_MINUS_ONE, ORDER, irreducible_networks
from ..simsek.minima_checks import uniqueness_steps

LINE = [(-2,), (-1,), (0,), (1,), (2,)]
OUTGOING = (-1, 1, 2)
CUBIC = SmoothActivation("cubic", Z**3 + Z**2 + 2)


# -- uniqueness -------------------------------------------------------------------------------------------------------
def _moments(theta: Parameters, activation: SmoothActivation) -> tuple[Any, ...]:
    """Σ a w^n for the orders n ≤ 12 with σ^(n)(0) ≠ 0: they determine the function of up to 6 neurons."""
    orders = [n for n, c in enumerate(taylor_coefficients(activation.formula, ORDER)) if c != 0]
    neurons = [(int(w), int(a)) for w, a in zip(theta.W1, theta.W2, strict=True)]
    return tuple(sum(a * w**n for w, a in neurons) for n in orders)


def _one_network_a_function(activation: SmoothActivation, context: Context) -> Outcome:
    """Irreducible networks of up to 2 (quick) or 3 (full) neurons: no two with one function, none with that of none."""
    seen: dict[tuple[Any, ...], Parameters] = {}
    for r in range(1, context.pick(quick=3, full=4)):
        for theta in irreducible_networks(r, LINE, OUTGOING):
            key = _moments(theta, activation)
            if key in seen or not any(key):
                twin = seen.get(key)
                return decided(False, W1=str(list(theta.W1)), twin="none" if twin is None else str(list(twin.W1)))
            seen[key] = theta
    return decided(True, networks=len(seen))


def _unique_steps() -> list[Step]:
    return [
        argued(
            "let two irreducible networks of any widths r, r' have the same function near 0 (on a set that is dense "
            "there, and both are continuous); all that the proof of Theorem 4.2 uses are derivatives at 0:"
        ),
        *uniqueness_steps(),
        argued(
            "an irreducible network lists the W whose sum is not zero, each once with this sum: the two lists agree up "
            "to their order, so r = r'. A network of m neurons with the function has it as its core, so m ≥ r, and it "
            "lies in the expansion manifold; for m = r it is a permutation"
        ),
    ]


# -- extended manifolds -----------------------------------------------------------------------------------------------
VECTORS: tuple[list[tuple[int, ...]], ...] = (
    [(1,), (-1,), (2,), (-2,), (0,)],
    [(1,), (2,), (-3,)],
    [(1,), (-1,), (2,), (-2,), (3,), (-3,)],
    [(1, 0), (-1, 0), (1, 2), (-1, -2), (0, 0)],
    [(1, 1), (-1, -1), (1, -1), (2, 0), (0, 2)],
)
Equations = Callable[[SmoothActivation, list[tuple[int, ...]]], list[tuple[Any, ...]]]


def _equations(activation: SmoothActivation, vectors: list[tuple[int, ...]]) -> list[tuple[Any, ...]]:
    return [e.coefficients for e in function_equations(activation, vectors)]


def _same_row_space(equations: Equations, context: Context) -> Outcome:
    """The equations span the rows of the Taylor coefficients: all monomials up to degree 12 that occur."""
    activations = [*NAMED.values(), EXP, EXP_MINUS_ONE, CUBIC]
    for activation in activations:
        orders = [n for n, c in enumerate(taylor_coefficients(activation.formula, ORDER)) if c != 0]
        for vectors in VECTORS[: context.pick(quick=4, full=5)]:
            rows = [tuple(sp.Integer(w[0]) ** n for w in vectors) for n in orders]
            if len(vectors[0]) == 2:
                rows = [
                    tuple(sp.Integer(u) ** i * sp.Integer(v) ** (n - i) for u, v in vectors)
                    for n in orders
                    for i in range(n + 1)
                ]
            found = equations(activation, vectors)
            ranks = {_rank(found, vectors), _rank(rows, vectors), _rank([*found, *rows], vectors)}
            if len(ranks) > 1:
                return decided(False, activation=activation.name, vectors=vectors, ranks=sorted(ranks))
    return decided(True, activations=len(activations))


def _rank(rows: Sequence[Sequence[Any]], vectors: list[tuple[int, ...]]) -> int:
    return int(sp.Matrix(len(rows), len(vectors), [v for row in rows for v in row]).rank()) if rows else 0


def _without_the_moments(activation: SmoothActivation, vectors: list[tuple[int, ...]]) -> list[tuple[Any, ...]]:
    """A mutant: polynomial parts ask for nothing."""
    return [e.coefficients for e in function_equations(activation, vectors) if "degree" not in e.reason]


def _zero_neuron_counts(activation: SmoothActivation, vectors: list[tuple[int, ...]]) -> list[tuple[Any, ...]]:
    """A mutant: A_0 = 0 whatever σ(0) is."""
    marks = tuple(sp.Integer(not any(w)) for w in vectors)
    return [*_equations(activation, vectors), *([marks] if any(marks) else [])]


def _extended_steps() -> list[Step]:
    i, p = sp.symbols("i p", integer=True, positive=True)
    a, b, c, u, s, t = sp.symbols("A_plus A_minus c_k u s t", real=True)
    A, W = sp.IndexedBase("A"), sp.IndexedBase("W")
    sigma = sp.Function("sigma")
    even, odd = (sigma(u) + sigma(-u)) / 2, (sigma(u) - sigma(-u)) / 2
    curve = (t, t, -(t**2), sp.Integer(1))  # a, W, b, V in a W + b V = 0
    middle = [(x.subs(t, 1) + x.subs(t, 2)) / 2 for x in curve]
    return [
        step(equal, a * sigma(u) + b * sigma(-u), (a + b) * even + (a - b) * odd, "a pair ±W, u = W·x"),
        step(
            equal,
            sp.Sum(A[i] * c * (s * W[i]) ** 2, (i, 1, p)),
            c * s**2 * sp.Sum(A[i] * W[i] ** 2, (i, 1, p)),
            "a term of a polynomial part (degree 2, one coordinate): the moment of its degree, for all x = s",
        ),
        argued(
            "even and odd part of the sum vanish separately. A part that is no polynomial gives, on the lines α t_ε of "
            "Theorem 4.2, A_W ± A_-W = 0 by peeling, and then (even part) A_0 σ(0) = 0; a polynomial part gives for "
            "each of its degrees k the vanishing of Σ A_W (W·x)^k for all x, that is, of Σ A_W W^{⊗k}"
        ),
        step(
            equal,
            curve[0] * curve[1] + curve[2] * curve[3],
            sp.Integer(0),
            "softplus, GELU, SiLU: (W, -W, V, -V; a, -a, b, -b) may be added if a W + b V = 0, a curve of such points:",
        ),
        step(
            equal,
            middle[0] * middle[1] + middle[2] * middle[3],
            -sp.Rational(1, 4),
            "but the midpoint of t = 1 and t = 2 is none",
        ),
        argued(
            "an analytic curve in a finite union of affine subspaces lies in one of them, with its chords: for "
            "m ≥ r + 4 the set is no such union"
        ),
    ]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.simsek.uniqueness",
        Kind.THEOREM,
        "Irreducible networks are unique and minimal",
        Source("simsek", "beyond Theorem 4.2", "4.1"),
        r"Let $\sigma$ satisfy Assumption A and $\theta$ be irreducible of width $r$. Then, up to permutation, it is "
        r"the only irreducible network of any width with its function near 0, no narrower network has it, and for "
        r"every $m \ge r$ the networks of width $m$ with this function are $\Theta_{r \to m}(\theta)$. So "
        r"uniqueness and minimality of $\theta_*$ need not be assumed in Theorem 4.2, and it is enough that the "
        r"support of $\mu$ contains a neighbourhood of 0.",
        uses=("simsek.thm4.2", "simsek.lemB.5", "simsek.reduce"),
        evidence=(
            Derivation("Theorem 4.2 for two irreducible networks", _unique_steps),
            enumeration(
                "irreducible networks of up to 2 (quick) or 3 (full) neurons, by exact Taylor series; g_{1,4}",
                lambda: soft_sigmoid(1, 4),
                _one_network_a_function,
                [
                    Control("sigmoid", lambda _: sigmoid),
                    Control("softplus", lambda _: softplus),
                    Control("tanh", lambda _: tanh),
                    Control("exp - 1: (0; 1) computes zero", lambda _: EXP_MINUS_ONE),
                ],
            ),
        ),
    ),
    Claim(
        "beyond.simsek.extended-manifolds",
        Kind.THEOREM,
        "All global minima, for every analytic activation",
        Source("simsek", "beyond Remark B.3", "B.3"),
        r"Let $\sigma$ be analytic, $A_W$ the sum of the outgoing weights at $W$ less the teacher's. The functions "
        r"agree exactly if: for the even part, if it is no polynomial, $A_W + A_{-W} = 0$ for $W \ne 0$ and "
        r"$A_0 \sigma(0) = 0$; for the odd part, if it is no polynomial, $A_W - A_{-W} = 0$ for $W \ne 0$; for a "
        r"polynomial part, $\sum_W A_W W^{\otimes k} = 0$ for each of its degrees $k$. Besides sigmoid, tanh and "
        r"softplus: erf is as tanh, GELU and SiLU as softplus with $A_0$ free. For these two and softplus and "
        r"$m \ge r + 4$ the minima are no finite union of affine subspaces.",
        uses=("simsek.remB.3", "simsek.lemB.6", "simsek.thm4.2"),
        evidence=(
            Derivation("even and odd part, polynomial or not", _extended_steps),
            enumeration(
                "seven named activations, exp, exp - 1 and a cubic, four (full: five) sets of vectors with one or two "
                "inputs: row space of all Taylor coefficients up to degree 12",
                lambda: _equations,
                _same_row_space,
                [
                    Control("without moments", lambda _: _without_the_moments),
                    Control("A_0 = 0 always", lambda _: _zero_neuron_counts),
                    Control("without the first equation", lambda f: lambda s, v: f(s, v)[1:]),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
