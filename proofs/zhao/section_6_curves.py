"""Section 6.1: curves that symmetries induce, when they exist, and the map that is not quite an action."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, product
from typing import Any

import sympy as sp

from quadrics.connectivity.approximate_action import (
    TwoLayerWeights,
    composes,
    identity_fixes,
    keeps_output,
    move,
)
from quadrics.connectivity.linear_networks import chain_product
from quadrics.connectivity.symmetry_curves import (
    has_real_logarithm,
    polar_power,
    real_power,
    symmetry_curve,
    transport,
)

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, Truth, decided, undecided
from ..exact import is_zero
from ..matrix_rules import given, matrix_equal
from ..rules import entails, equal, recompute
from ..smt import valid
from .action_instances import ELEMENTS, Condition, Instance, continuous_along, identity, instances
from .curve_rules import products_given
from .section_3_topology import PAPER

_t = sp.Symbol("t", real=True)


# -- eq. (4) ----------------------------------------------------------------------------------------------------------
def _constant_product() -> list[Step]:
    n, b, c, m = sp.symbols("n b c m", integer=True, positive=True)
    M, N = sp.MatrixSymbol("M", b, b), sp.MatrixSymbol("N", c, c)
    W, P, Z = sp.MatrixSymbol("W", c, b), sp.MatrixSymbol("P", b, n), sp.MatrixSymbol("Z", m, c)
    k, tau, z = sp.symbols("k tau z", positive=True)
    return [
        step(
            matrix_equal,
            (N * W - W * M) * P + W * (M * P),
            N * (W * P),
            "W_i' = M_i W_i - W_i M_{i-1}: if the layers below have (P)' = M_{i-1} P, then (W_i P)' = M_i W_i P,",
            mutants=(M * P, N * (W * P) + W * M * P),
        ),
        step(
            matrix_equal,
            -(Z * N) * (W * P) + Z * (N * (W * P)),
            sp.ZeroMatrix(m, n),
            "and with the last layer the derivative is zero: the product is constant, for any widths and depth",
            mutants=(Z * N * (W * P),),
        ),
        step(
            equal,
            sp.exp(-k * tau) * (sp.exp(tau) * z) ** k,
            z**k,
            "rescaling a homogeneous activation of degree k: e^{-kτ} σ(e^τ z) = σ(z)",
            mutants=(sp.exp(tau) * z**k,),
        ),
    ]


Inverse = Callable[[object, object], Any]

_GENERATED = (
    [[1, 1], [0, 1]],
    [[0, -1], [1, 0]],
    [[-1, 0], [0, -1]],
    [[2, 0], [0, sp.Rational(1, 3)]],
    [[1, -1], [1, 1]],
    [[3, 1], [0, 2]],
)
_WEIGHTS = ([[1, 2], [3, 5]], [[2, -1], [0, 1]], [[1, 1], [-1, 3]])


def _exactly_constant(inverse: Inverse, context: Context) -> Outcome:
    """Three layers: the product along the curve, symbolic in t; the curve begins at W."""
    weights = tuple(sp.Matrix(W) for W in _WEIGHTS)
    for g, k in pairwise(_GENERATED):
        curve = transport([real_power(g, _t), real_power(k, _t)], [inverse(g, _t), inverse(k, _t)], weights)
        start = [is_zero(W.subs(_t, 0) - V) for W, V in zip(curve, weights, strict=True)]
        if not all(start):
            return decided(False if False in start else None, start=str(g))
        for time in (sp.Rational(1, 3), sp.Integer(-2)):
            product_ = chain_product([W.subs(_t, time) for W in curve]) - chain_product(weights)
            constant = is_zero(product_)
            if not constant:
                return decided(constant, g=str(g), t=str(time))
    return decided(True)


# -- eq. (5) ----------------------------------------------------------------------------------------------------------
def _logarithm_of_blocks() -> list[Step]:
    lam, t = sp.symbols("lambda t", positive=True)
    N = sp.Matrix(5, 5, lambda i, j: int(j == i + 1))
    log = sum((((-1) ** (n - 1)) * (N / lam) ** n / n for n in range(1, 5)), sp.zeros(5))
    power = sum((log**n / sp.factorial(n) for n in range(5)), sp.zeros(5))
    J = sp.Matrix([[0, -1], [1, 0]])
    return [
        step(
            equal,
            sp.ImmutableMatrix(power),
            sp.ImmutableMatrix(sp.eye(5) + N / lam),
            "a block λ(I + N/λ) has the logarithm log λ + log(I + N/λ), a finite sum (here of size 5)",
            mutants=(sp.ImmutableMatrix(sp.eye(5) - N / lam),),
        ),
        step(
            recompute("the matrix exponential", lambda M: sp.ImmutableMatrix((t * M).exp().applyfunc(sp.simplify))),
            sp.ImmutableMatrix(J),
            sp.ImmutableMatrix([[sp.cos(t), -sp.sin(t)], [sp.sin(t), sp.cos(t)]]),
            "two equal blocks of a negative λ: exp(π J) = -I in each plane, times a logarithm for -λ",
            mutants=(sp.ImmutableMatrix([[sp.cos(t), sp.sin(t)], [sp.sin(t), sp.cos(t)]]),),
        ),
        argued(
            "conversely, a block of exp(M) with a negative eigenvalue comes from a block of M of the same size whose "
            "eigenvalue is not real, and the conjugate block of M gives an equal one (Culver, 1966)"
        ),
    ]


Exists = Callable[[Any], bool]


def _square_roots(exists: Exists, context: Context) -> Outcome:
    """All 496 invertible 2 by 2 matrices with entries from -2 to 2: a real logarithm exactly when a real square root.

    X² = g with g no multiple of I means (tr X) X = g + (det X) I with (tr X)² = tr g + 2 det X, det X = ±√(det g).
    """
    found = 0
    for entries in product(range(-2, 3), repeat=4):
        g = sp.Matrix(2, 2, entries)
        determinant, trace = g.det(), g.trace()
        if determinant == 0:
            continue
        scalar = g == g[0, 0] * sp.eye(2)
        has_root = determinant > 0 and (scalar or bool(trace + 2 * sp.sqrt(determinant) > 0))
        if exists(g) != has_root:
            return decided(False, g=str(entries))
        found += 1
    return decided(found == 496, matrices=found)


Curve = Callable[[Any, Any, Any], Sequence[Any]]


def _joins(curve: Curve, context: Context) -> Outcome:
    """γ(0) = w, γ(1) = g·w, exactly, and W_2 W_1 is the same at t = 1/3."""
    W1, W2 = (sp.Matrix(W) for W in _WEIGHTS[:2])
    for g in (*_GENERATED, [[3]]):
        first, second = (W1, W2) if len(g) == 2 else (sp.Matrix([[2]]), sp.Matrix([[5]]))
        element = sp.Matrix(g)
        ends = [curve(g, (first, second), sp.Integer(t)) for t in (0, 1)]
        wanted = [(first, second), (element * first, second * element.inv())]
        pairs = [a - b for end, right in zip(ends, wanted, strict=True) for a, b in zip(end, right, strict=True)]
        below, above = curve(g, (first, second), sp.Rational(1, 3))
        pairs.append(above * below - second * first)
        answers = [is_zero(pair) for pair in pairs]
        if not all(answers):
            return decided(False if False in answers else None, g=str(g))
    return decided(True)


def _polar_ends(curve: Curve, context: Context) -> Outcome:
    """All 24 matrices with entries -1, 0, 1 and positive determinant (quick: 2 of them), logarithm or not."""
    W1, W2 = (sp.Matrix(W) for W in _WEIGHTS[:2])
    elements = [sp.Matrix(2, 2, e) for e in product((-1, 0, 1), repeat=4)]
    elements = [g for g in elements if g.det() > 0][:: context.pick(quick=12, full=1)]
    for g in [*elements, sp.Matrix([[-1, 0], [0, -2]])]:
        first, second = curve(g, (W1, W2), sp.Integer(1))
        start, _ = curve(g, (W1, W2), sp.Integer(0))
        answers = [is_zero(first - g * W1), is_zero(second - W2 * g.inv()), is_zero(start - W1)]
        if not all(answers):
            return decided(False if False in answers else None, g=str(g))
    return decided(True)


def _no_square_root(exists: Exists, context: Context) -> Outcome:
    """Where a real logarithm M is said to exist, exp(M/2) would be a real square root: z3 looks for one."""
    entries = sp.symbols("a b c d")
    X = sp.Matrix(2, 2, entries)
    for g in ([[0, -1], [1, 0]], [[-1, 0], [0, -1]], [[-1, 0], [0, -2]], [[1, 0], [0, -1]], [[-1, 1], [0, -1]]):
        if not exists(g):
            continue
        equations = [sp.Eq(sp.expand(e), value) for e, value in zip(X * X, sp.Matrix(g), strict=True)]
        answer = valid(sp.Not(sp.And(*equations)))
        if answer.truth is Truth.HOLDS:
            return decided(False, g=str(g), real_square_roots=0)
        if answer.truth is Truth.UNDECIDED:
            return undecided(g=str(g))
    return decided(True)


# -- eq. (6) ----------------------------------------------------------------------------------------------------------
def _when_it_acts() -> list[Step]:
    m, h, k = sp.symbols("m h k", integer=True, positive=True)
    U, C, S = sp.MatrixSymbol("U", m, h), sp.MatrixSymbol("C", m, k), sp.MatrixSymbol("S", h, k)
    Z, S2, Z2, Z12 = (sp.MatrixSymbol(name, *shape) for name, shape in _NAMED(h, k))
    D = sp.MatrixSymbol("D", m, h)
    return [
        step(
            given({S.T * S * Z: S.T}),
            (C * S.T) * S * Z,
            C * S.T,
            "rows of U in the column space of S, U = C Sᵀ: U S S⁺ = U, as Sᵀ S S⁺ = (S S⁺ S)ᵀ = Sᵀ",
            mutants=(C * S.T * S * S.T,),
        ),
        step(
            matrix_equal,
            U * (Z.T * S.T),
            (U * Z.T) * S.T,
            "conversely U = U S S⁺ = U (S S⁺)ᵀ = (U (S⁺)ᵀ) Sᵀ has its rows there",
            mutants=(U,),
        ),
        step(
            given({Z2 * S2: sp.Identity(k)}),
            (U * S * Z2) * S2 * Z12,
            U * S * Z12,
            "g_1·(g_2·w) = (g_1 g_2)·w if S_2 = σ(g_2 VX) has rank k: then S_2⁺ S_2 = I",
            mutants=(U * S * Z2,),
        ),
        step(
            given({S2 * Z2 * S2: S2}),
            (D * S2) * Z2 * S2,
            D * S2,
            "rows of U S in the row space of S_2, U S = D S_2: the output U S S_2⁺ S_2 is U S; the converse is plain",
            mutants=(D * S2 * Z2 * S2 * Z2 * S,),
        ),
    ]


def _NAMED(h: Any, k: Any) -> list[tuple[str, tuple[Any, Any]]]:
    return [("Z", (k, h)), ("S2", (h, k)), ("Z2", (k, h)), ("Z12", (k, h))]


def _identity_activation() -> list[Step]:
    m, h, k = sp.symbols("m h k", integer=True, positive=True)
    U, A, Z = sp.MatrixSymbol("U", m, h), sp.MatrixSymbol("A", h, k), sp.MatrixSymbol("Z", k, h)
    g = sp.MatrixSymbol("g", h, h)
    return [
        step(
            given({g.inv() * g: sp.Identity(h)}),
            g.inv() * (g * A) * Z * (g * A),
            A * Z * (g * A),
            "σ = id, A = VX: the rows of U A = (U g⁻¹)(gA) lie in the row space of gA, so that the output is kept",
            mutants=(A * Z * A,),
        ),
        step(
            given({A * Z: sp.Identity(h)}),
            U * A * (Z * g.inv()),
            U * g.inv(),
            "rank A = h: A A⁺ = I and (gA)⁺ = A⁺ g⁻¹, so that the map is (U g⁻¹, gV)",
            mutants=(U * g,),
        ),
    ]


Facts = dict[str, Callable[[Instance, Any], bool]]


def _facts() -> Facts:
    return {
        "identity": lambda one, g: identity_fixes(*one),
        "output": lambda one, g: keeps_output(g, *one),
        "action": lambda one, g: one.sigma is not identity or _rank(one) < one.weights.width,
        "composition": lambda one, g: _rank_after(one, g) == one.features.cols,
    }


def _rank(one: Instance) -> int:
    return int(one.features.rank())


def _rank_after(one: Instance, g: Any) -> int:
    return int(TwoLayerWeights(one.weights.U, g * one.weights.V).features(one.X, one.sigma).rank())


def _criteria(facts: Facts, context: Context) -> Outcome:
    """Whether the criteria say when id·w = w and the output stays (both ways), and when axiom and GL action follow."""
    for one in instances():
        w, h = one.weights, one.weights.width
        fixed = move(sp.eye(h), *one) == w
        g, k = ELEMENTS[h]
        moved = move(g, *one)
        if facts["identity"](one, g) != fixed:
            return decided(False, criterion="identity", weights=str(w))
        if facts["output"](one, g) != (moved.output(one.X, one.sigma) == w.output(one.X, one.sigma)):
            return decided(False, criterion="output", weights=str(w))
        if not facts["action"](one, g) and moved != TwoLayerWeights(w.U * g.inv(), g * w.V):
            return decided(False, criterion="GL action", weights=str(w))
        if facts["composition"](one, k) and not composes(g, k, *one):
            return decided(False, criterion="composition", weights=str(w))
    return decided(True)


def _identity_everywhere(condition: Condition, context: Context) -> Outcome:
    """Whether id·w = w for the exact networks that satisfy a condition."""
    for one in instances():
        if condition(one) and move(sp.eye(one.weights.width), *one) != one.weights:
            h, k = one.features.shape
            return decided(False, h=h, k=k, weights=str(one.weights))
    return decided(True)


# -- Proposition 6.1 --------------------------------------------------------------------------------------------------
def _pythagoras() -> list[Step]:
    m, h, k = sp.symbols("m h k", integer=True, positive=True)
    A, S, Z, P = (
        sp.MatrixSymbol(name, *shape) for name, shape in (("A", (m, k)), ("S", (h, k)), ("Z", (k, h)), ("P", (k, k)))
    )
    v = sp.MatrixSymbol("v", m, 1)
    R = A * (sp.Identity(k) - P)
    total, rest, part = sp.symbols("N_A N_R N_P")
    keeps = products_given({P.T: P, P**2: P})
    loss, moved, d, size = sp.symbols("r r1 d s")
    return [
        step(
            given({Z * S * Z: Z}),
            Z * S * Z * S,
            Z * S,
            "P = S⁺ S, S = σ(gVX), is idempotent,",
            mutants=(2 * Z * S,),
        ),
        step(
            keeps,
            R * R.T + (A * P) * (A * P).T,
            A * A.T,
            "and symmetric, a property of the pseudo-inverse: with A = U σ(VX), A Aᵀ splits into two parts",
            mutants=(A * P * A.T,),
        ),
        step(
            keeps,
            v.T * R * R.T * v + (v.T * A * P) * (v.T * A * P).T,
            v.T * A * A.T * v,
            "|(A(I-P))ᵀ v|² + |(AP)ᵀ v|² = |Aᵀ v|² for every v: no singular value of A(I-P) exceeds that of A,",
            mutants=(v.T * A * P * A.T * v,),
        ),
        step(
            entails,
            sp.And(sp.Eq(total, rest + part), part >= 0),
            rest <= total,
            "nor does its Frobenius norm, whose square is the sum of these over a basis",
            mutants=(rest <= total / 2,),
        ),
        step(
            entails,
            sp.And(loss <= moved + d, moved <= loss + d, d <= size),
            sp.And(loss - moved <= size, moved - loss <= size),
            "so the loss |U σ(VX) - Y|, not squared, changes by at most |U σ(VX)|, by the triangle inequality",
            mutants=(loss - moved <= size / 2,),
        ),
    ]


Projection = Callable[[Any], bool]


def _does_not_enlarge(is_projection: Projection, context: Context) -> Outcome:
    """Whether |M (I - P)| <= |M| for the matrices P with a property, among G A with G a generalized inverse of A."""
    fifth = sp.Rational(1, 5)
    for A, G in (([1, 0], [1, 5]), ([1, 0], [1, 0]), ([1, 2], [fifth, 2 * fifth])):
        P = sp.Matrix(G) * sp.Matrix([A])
        if not is_projection(P):
            continue
        for M in (sp.Matrix([[0, 1]]), sp.Matrix([[1, 0]]), sp.Matrix([[1, 1]])):
            before, after = (sum(e**2 for e in one) for one in (M, M * (sp.eye(2) - P)))
            if after > before:
                return decided(False, ratio=str(sp.sqrt(after / before)))
    return decided(True)


Shapes = dict[str, tuple[int, ...]]


def _fit(shapes: Shapes, context: Context) -> Outcome:
    """Whether W_2 σ(W_1 X) - Y makes sense."""
    rows, inner = shapes["W1"]
    if len(shapes["W2"]) != 2:
        return decided(False, W2=str(shapes["W2"]))
    outputs, width = shapes["W2"]
    return decided(inner == shapes["X"][0] and width == rows and (outputs, shapes["X"][1]) == shapes["Y"])


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.eq4",
        Kind.THEOREM,
        "One-parameter groups of symmetries run inside level sets",
        Source(PAPER, "eq. (4)", "6.1"),
        r"$\gamma_M(t, w) = \exp(tM)\cdot w$ stays in the level set of $w$ for $M$ in the Lie algebra of a group that "
        "keeps the loss: by definition, as exp(tM) belongs to the group, and here by computation for the basis changes "
        "of deep linear networks and for rescaling.",
        uses=("zhao.act4.1",),
        evidence=(
            Derivation("the product of the layers is constant, for any widths and depth", _constant_product),
            enumeration(
                "three layers of width 2 along exact curves (shears, rotations, stretches)",
                lambda: lambda g, t: real_power(g, -t),
                _exactly_constant,
                [Control("g^t for its inverse", lambda inverse: real_power)],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "zhao.eq5",
        Kind.THEOREM,
        "The curve from w to g·w",
        Source(PAPER, "eq. (5)", "6.1"),
        r"If $g$ has a real logarithm, $\gamma(t) = \exp(t \log g)\cdot w$ joins $w$ to $g\cdot w$ in the level set. "
        "A real logarithm exists exactly when $g$ is invertible and each Jordan block of a negative eigenvalue occurs "
        r"an even number of times. For $\det g > 0$ the polar factors $g = OP$ always give $\exp(t\log O)\exp(t\log P)"
        r"\cdot w$.",
        uses=("zhao.eq4", "zhao.factGL"),
        evidence=(
            Derivation("logarithms of Jordan blocks", _logarithm_of_blocks),
            enumeration(
                "the criterion against real square roots: all invertible 2 by 2 matrices with entries -2, ..., 2",
                lambda: has_real_logarithm,
                _square_roots,
                [
                    Control("det g > 0", lambda exists: lambda g: g.det() > 0),
                    Control(
                        "no negative eigenvalue at all",
                        lambda exists: lambda g: exists(g) and g != -sp.eye(2) and g != -2 * sp.eye(2),
                    ),
                ],
            ),
            enumeration(
                "both ends and a point between, exactly",
                lambda: lambda g, w, t: symmetry_curve([g], w, t),
                _joins,
                [Control("half the logarithm", lambda curve: lambda g, w, t: curve(g, w, t / 2))],
                scope=Scope.INSTANCE,
            ),
            enumeration(
                "polar curves for matrices with positive determinant, with or without a logarithm",
                lambda: lambda g, w, t: symmetry_curve([g], w, t, polar_power),
                _polar_ends,
                [Control("the rotation alone", lambda curve: lambda g, w, t: _rotated(g, w, t))],
            ),
        ),
    ),
    Claim(
        "zhao.eq5.printed",
        Kind.THEOREM,
        "A curve from w to g·w for every g",
        Source(PAPER, "eq. (5)", "6.1"),
        r"$\exp(t \log g)$ is a curve of real matrices from $I$ to $g$, for every $g$.",
        label=Label.GAP,
        erratum=r"There is no real $\log g$ if $\det g < 0$ (then $g\cdot w$ may lie in another component), nor for "
        r"many $g$ with $\det g > 0$ such as $\operatorname{diag}(-1,-2)$. A real logarithm must be assumed.",
        uses=("zhao.eq5",),
        evidence=(
            counterexample(
                "a rotation, -I, diag(-1, -2), diag(1, -1) and one Jordan block for -1: z3 looks for real square roots",
                lambda: lambda g: True,
                _no_square_root,
                [Control("blocks of negative eigenvalues in pairs", lambda exists: has_real_logarithm)],
            ),
        ),
    ),
    Claim(
        "zhao.eq6",
        Kind.DEFINITION,
        "The map that is almost an action",
        Source(PAPER, "eq. (6)", "6.1"),
        r"$g\cdot(U,V) = (U\sigma(VX)\sigma(gVX)^+, gV)$. With $S = \sigma(VX)$, $S_2 = \sigma(g_2VX)$: the identity "
        r"fixes $w$ iff the rows of $U$ lie in the column space of $S$; $g_1\cdot(g_2\cdot w) = (g_1g_2)\cdot w$ if "
        r"$S_2$ has full column rank; the output is kept iff the rows of $US$ lie in the row space of $S_2$. For "
        r"$\sigma = \mathrm{id}$ the output is always kept, and the map is $(Ug^{-1}, gV)$ when $VX$ has rank $h$.",
        evidence=(
            Derivation("identity, composition and output, for all sizes", _when_it_acts),
            Derivation("the identity as activation", _identity_activation),
            enumeration(
                "exact networks, (h, k) = (1,2), (2,3), (2,2), (3,2), (3,3), three activations: criteria and the map",
                _facts,
                _criteria,
                [
                    Control("the identity always fixes w", lambda facts: {**facts, "identity": lambda one, g: True}),
                    Control("the output never changes", lambda facts: {**facts, "output": lambda one, g: True}),
                    Control("GL action for every activation", lambda facts: {**facts, "action": lambda one, g: False}),
                    Control("always an action", lambda facts: {**facts, "composition": lambda one, g: True}),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "zhao.eq6.printed",
        Kind.DEFINITION,
        "The curve along the map (6) begins at w and is continuous",
        Source(PAPER, "eqs. (5), (6)", "6.1"),
        r"The map (6) is continuous with $\mathrm{id}\cdot w = w$ for all $w$, so that eq. (5) gives a curve from $w$.",
        label=Label.GAP,
        erratum=r"For $h > k$, as in figure 3(b,c), $\mathrm{id}\cdot w \ne w$ in general: $\gamma(0)$ has another $U$ "
        r"(with the same output). And where the rank of $\sigma(g_tVX)$ drops, $U(t)$ tends to infinity.",
        uses=("zhao.eq6",),
        evidence=(
            counterexample(
                "exact networks with more neurons than inputs",
                lambda: lambda one: True,
                _identity_everywhere,
                [Control("S of rank h", lambda condition: lambda one: _rank(one) == one.weights.width)],
            ),
            counterexample(
                "leaky ReLU, h = k = 2, g_t a shear: a pole at t = 16/33",
                lambda: (sp.Integer(0), sp.Rational(1, 2)),
                continuous_along,
                [Control("only up to t = 2/5", lambda interval: (interval[0], sp.Rational(2, 5)))],
            ),
        ),
    ),
    Claim(
        "zhao.prop6.1",
        Kind.THEOREM,
        "The approximate action moves the output by at most its norm",
        Source(PAPER, "Proposition 6.1, eqs. (7), (25), (26)", "6.1, D"),
        r"$\|U\sigma(VX) - U'\sigma(V'X)\| \le \|U\sigma(VX)\|$ for $(U',V') = g\cdot(U,V)$, in the Frobenius and the "
        r"spectral norm. Hence $\|U\sigma(VX) - Y\|$ (not squared) changes by at most that.",
        uses=("zhao.eq6",),
        evidence=(Derivation("an orthogonal projector and Pythagoras, for all sizes", _pythagoras),),
    ),
    Claim(
        "zhao.prop6.1.proof",
        Kind.THEOREM,
        "An idempotent matrix does not enlarge",
        Source(PAPER, "proof of Proposition 6.1, eq. (26)", "D"),
        r"Because $I - P$ is idempotent, $\|M(I - P)\| \le \|M\|$.",
        label=Label.GAP,
        erratum=r"Idempotent is not enough: with $A = (1\ 0)$ and its generalized inverse $G = (1, 5)^\top$, $GA$ is "
        r"idempotent and $M = (0\ 1)$ grows by $\sqrt{26}$. The pseudo-inverse makes $P$ symmetric as well, an "
        "orthogonal projector.",
        uses=("zhao.prop6.1",),
        evidence=(
            counterexample(
                "generalized inverses of rows, exactly",
                lambda: lambda P: P * P == P,
                _does_not_enlarge,
                [Control("idempotent and symmetric", lambda is_projection: lambda P: P * P == P and P.T == P)],
            ),
        ),
    ),
    Claim(
        "zhao.fig3a",
        Kind.EXPERIMENT,
        "The change of the output against its norm, 100 networks",
        Source(PAPER, "Figure 3(a)", "6.1"),
        r"For 100 networks with $m, h, n, k$ from 2 to 100, sigmoid, trained by SGD, and random invertible $g$: all "
        r"points lie above $y = x$. The change is zero exactly where $\sigma(gVX)$ has rank $k$: where $h \ge k$.",
        uses=("zhao.prop6.1",),
        missing="learning rate, number of steps, initialization, and the distribution of g",
    ),
    Claim(
        "zhao.fig3bc",
        Kind.EXPERIMENT,
        "The loss along approximate symmetries and along segments",
        Source(PAPER, "Figure 3(b,c)", "6.1"),
        r"$W_1 \in \mathbb R^{32\times16}$, $W_2 \in \mathbb R^{64\times32}$, $X \in \mathbb R^{16\times8}$, leaky "
        r"ReLU: the loss on $\gamma$ is lower than on the segment. With $k = 8 < h = 32$ it is constant (eq. (6) keeps "
        r"the output); only $k > h$ tests the bound.",
        uses=("zhao.eq5", "zhao.eq6", "zhao.prop6.1"),
        missing="slope of the leaky ReLU, learning rate, number of steps, and the distributions of the data and of g",
    ),
    Claim(
        "zhao.fig3bc.printed",
        Kind.EXPERIMENT,
        "The sizes of the network of figure 3(b,c)",
        Source(PAPER, "Figure 3(b,c)", "6.1"),
        r"$(W_1, W_2) \in \mathbb R^{32\times16} \times \mathbb R^{32}$ with $X \in \mathbb R^{16\times8}$, $Y \in "
        r"\mathbb R^{64\times8}$.",
        label=Label.TYPO,
        erratum=r"$W_2\sigma(W_1X) - Y$ needs $W_2 \in \mathbb R^{64\times32}$.",
        uses=("zhao.fig3bc",),
        evidence=(
            counterexample(
                "the shapes of W_2 σ(W_1 X) and Y",
                lambda: {"W1": (32, 16), "W2": (32,), "X": (16, 8), "Y": (64, 8)},
                _fit,
                [Control("W_2 is 64 by 32", lambda shapes: {**shapes, "W2": (64, 32)})],
            ),
        ),
    ),
)


def _rotated(g: Any, weights: Sequence[Any], t: Any) -> Sequence[Any]:
    """A mutant: the curve of the orthogonal factor alone, g (gᵀg)^{-1/2}, run for the whole time."""
    turn = polar_power(g, 1) * polar_power(g.T * g, -sp.Rational(1, 2))
    move_ = sp.eye(2) if t == 0 else turn
    return transport([move_], [move_.inv()], weights)
