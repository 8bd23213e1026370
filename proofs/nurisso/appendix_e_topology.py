"""Appendix E: quadrics and invariant sets with biases."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import sympy as sp

from quadrics.forms import imbalance
from quadrics.invariant_shape import InvariantShape
from quadrics.network import Parameters, TwoLayer
from quadrics.quadric import Quadric
from quadrics.quadric_shape import QuadricShape
from quadrics.simplicial import product_of_spheres
from quadrics.topology import X

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..matrix_rules import delta_sum
from ..rules import differentiate, equal
from .quadric_checks import (
    HOMOLOGY_CASES,
    agrees_with_homology,
    charts_are_inverse,
    counts_agree,
    library_betti,
    library_betti_with_biases,
    library_charts,
    without_root,
)
from .quadric_geometry import NEGATIVE, POSITIVE, chart_steps, cone_steps
from .section_4_components import L_MINUS, L_PLUS, L_ZERO, MORE_E, at_zero
from .section_4_topology import D_IN, D_OUT


def _dimensions() -> list[Step]:
    """The sphere and the space of Proposition 5, corrected, and that their dimensions add up."""
    steps = []
    for c, sphere, space in ((POSITIVE, D_IN, D_OUT), (NEGATIVE, D_OUT - 1, D_IN + 1)):
        Q = QuadricShape(D_IN, D_OUT, c, bias=True)
        steps += [
            step(equal, Q.sphere_dimension, sphere, f"the sphere S^({sphere})"),
            step(equal, Q.euclidean_dimension, space, f"the space R^({space})"),
            step(
                equal, sphere + space, Q.dimension, "together the dimension of Q(c): one equation in d + 1 + e weights"
            ),
        ]
    return steps


def _factor_dimension(model: Callable[[int, int], int], context: Context) -> Outcome:
    """The dimension of the model of Q(-1) with bias against the ambient dimension less the rank of ∇q at a point."""
    for d, e in product((1, 2, 3), repeat=2):
        theta = TwoLayer(d, 1, e, bias=True).symbols()
        weights = [v for v in theta.entries() if not str(v).startswith("o")]
        gradient = sp.Matrix([[sp.diff(imbalance(theta)[0], v) for v in weights]])
        point = dict.fromkeys(weights, 0) | {theta.W2[0]: 1}
        dimension = len(weights) - gradient.subs(point).rank()
        if imbalance(theta)[0].subs(point) != -1:
            return decided(None, reason="the point is not on Q(-1)")
        if model(d, e) != dimension:
            return decided(False, d=d, e=e, dimension=dimension, model=model(d, e))
    return decided(True, model=str(model))


def _output_bias_is_free() -> list[Step]:
    k, m, i, j, width, d, e = sp.symbols("k m i j l d e", integer=True, positive=True)
    W, A, b, o = (sp.IndexedBase(name) for name in ("W", "A", "b", "o"))
    delta = sp.KroneckerDelta
    q = sp.Sum(W[m, i] ** 2, (i, 1, d)) + b[m] ** 2 - sp.Sum(A[i, m] ** 2, (i, 1, e))
    of_block = (
        sp.Sum((delta(k, m) * W[m, i]) ** 2, (i, 1, d))
        + (delta(k, m) * b[m]) ** 2
        - sp.Sum((delta(k, m) * A[i, m]) ** 2, (i, 1, e))
    )
    H = InvariantShape(D_IN, D_OUT, L_PLUS, L_MINUS, L_ZERO, bias=True)
    Q = QuadricShape(D_IN, D_OUT, POSITIVE, bias=True)
    return [
        step(
            delta_sum(m, k, upper=width),
            sp.Sum(delta(k, m) * delta(j, m) * b[j], (j, 1, width)),
            delta(k, m) * b[m],
            "the block θ_m keeps the bias of neuron m",
        ),
        step(equal, of_block, delta(k, m) * q, "equation k is one about the block θ_k alone"),
        step(differentiate(o[j]), q, sp.Integer(0), "and no equation contains the output bias: the factor R^e"),
        step(
            equal,
            H.dimension,
            (L_PLUS + L_MINUS + L_ZERO) * Q.dimension + D_OUT,
            "the library's dimension of H(c): that of the factors, and e",
        ),
    ]


Involved = Callable[[Parameters, int], Any]


def _free_of_output_bias(q: Involved, context: Context) -> Outcome:
    cases = 0
    for d, width, e in product((1, 2), (1, 2, 3), (1, 2)):
        theta = TwoLayer(d, width, e, bias=True).symbols()
        for k in range(width):
            cases += 1
            own = {v for v in theta.block(k).entries() if v != 0}
            if sp.sympify(q(theta, k)).free_symbols != own:
                return decided(False, at=(d, width, e), neuron=k)
    return decided(True, equations=cases)


def _with_biases(plus: Any, minus: Any, zero: Any) -> Any:
    return InvariantShape(D_IN, D_OUT, plus, minus, zero, bias=True).poincare_polynomial(X)


def proposition_6() -> Any:
    """The right-hand side of eq. (29), as printed."""
    return (1 + X**D_IN) ** L_PLUS * (1 + X ** (D_OUT - 1)) ** L_MINUS


def _induction() -> list[Step]:
    P = _with_biases(L_PLUS, L_MINUS, L_ZERO)
    p_plus, p_minus = (QuadricShape(D_IN, D_OUT, c, bias=True).poincare_polynomial(X) for c in (POSITIVE, NEGATIVE))
    return [
        step(equal, p_plus, 1 + X**D_IN, "one factor, c > 0: the sphere S^d"),
        step(equal, p_minus, 1 + X ** (D_OUT - 1), "one factor, c < 0: the sphere S^(e-1)"),
        step(equal, _with_biases(1, 0, 0), p_plus, "one neuron; b2 adds a contractible factor"),
        step(equal, _with_biases(0, 1, 0), p_minus, "the same for c < 0"),
        step(equal, _with_biases(0, 0, 1), sp.Integer(1), "and for c = 0"),
        step(equal, P * p_plus, _with_biases(L_PLUS + 1, L_MINUS, L_ZERO), "one more neuron with c > 0 (Künneth)"),
        step(equal, P * p_minus, _with_biases(L_PLUS, L_MINUS + 1, L_ZERO), "one more with c < 0"),
        step(equal, P, _with_biases(L_PLUS, L_MINUS, L_ZERO + 1), "one more with c = 0"),
        step(equal, P, proposition_6(), "so by induction eq. (29), whatever l_0"),
    ]


# One input more than in the cases without biases: the bias is the last one.
BIASED_CASES = tuple(case for case in HOMOLOGY_CASES if case[0] >= 2)


def _needed(hypothesis: Callable[[tuple[int, ...]], bool], context: Context) -> Outcome:
    """Does eq. (29) hold exactly where the hypothesis does? Asked of c in {-1, 0, 1}^l, l <= 2, d = e = 1."""
    for c in (*product((-1, 0, 1), repeat=1), *product((-1, 0, 1), repeat=2)):
        plus, minus, zero = c.count(1), c.count(-1), c.count(0)
        equation_29 = InvariantShape(1, 1, plus, minus, zero, bias=True).betti_numbers()
        homology = product_of_spheres([1] * plus + [0] * minus).betti_numbers()
        if (equation_29 == homology) != hypothesis(c):
            return decided(False, c=c, equation_29=equation_29, homology=homology)
    return decided(True)


def _two_cases() -> list[Step]:
    steps = []
    for e, count, words in ((MORE_E + 1, sp.Integer(1), "e > 1"), (1, 2**L_MINUS, "e = 1")):
        H = InvariantShape(D_IN, e, L_PLUS, L_MINUS, L_ZERO, bias=True)
        steps.append(
            step(at_zero, H.poincare_polynomial(X), count, f"the coefficient of degree 0, any d >= 1, {words}")
        )
        steps.append(step(equal, sp.sympify(H.number_of_components()), count, "and the library's count"))
    return steps


def _library_count(d: int, e: int, plus: int, minus: int, zero: int) -> Any:
    return InvariantShape(d, e, plus, minus, zero, bias=True).number_of_components()


CLAIMS = (
    Claim(
        "nurisso.prop5",
        Kind.THEOREM,
        "The topology of one quadric with bias",
        Source("nurisso", "Proposition 5", "E"),
        r"With a bias, $\mathcal{Q}(c)\cong\mathbb{R}^e\times S^d$ for $c>0$, "
        r"$\mathcal{Q}(c)\cong\mathbb{R}^{d+1}\times S^{e-1}$ "
        r"for $c<0$, and $\mathcal{Q}(0)$ is contractible.",
        relation=lambda: Quadric(2, 1, NEGATIVE, bias=True).equation(),
        uses=("nurisso.prop2", "nurisso.eq28"),
        evidence=[
            Derivation("c > 0: the chart (18) with (w, b) in place of w", lambda: chart_steps(POSITIVE)),
            Derivation("c < 0: the same with the roles exchanged", lambda: chart_steps(NEGATIVE)),
            Derivation("c = 0: θ -> (1 - λ)θ contracts Q(0)", cone_steps),
            Derivation("the dimensions, symbolic d and e", _dimensions),
            enumeration(
                "the library's charts with bias at exact rational points, d, e <= 3",
                lambda: library_charts,
                charts_are_inverse(bias=True),
                [Control("the square root in eq. (18) forgotten", without_root)],
            ),
        ],
    ),
    Claim(
        "nurisso.prop5.printed",
        Kind.THEOREM,
        "Proposition 5 for c < 0, as printed",
        Source("nurisso", "Proposition 5", "E"),
        r"With a bias and $c<0$, $\mathcal{Q}(c)$ is homeomorphic to $\mathbb{R}^d\times S^{e-1}$.",
        label=Label.FALSE,
        erratum="The dimensions d + e - 1 and d + e differ (dimension is a topological invariant). It is R^{d+1} × "
        "S^{e-1}.",
        evidence=[
            counterexample(
                "c = -1: ∇q ≠ 0 at (0, 0, (1, 0, ...)), so Q(c) is a hypersurface of dimension d + e",
                lambda: lambda d, e: d + (e - 1),
                _factor_dimension,
                [
                    Control(
                        "the library's R^{d+1} × S^{e-1}",
                        lambda _: (
                            lambda d, e: (
                                Quadric(d, e, -1, bias=True).euclidean_dimension
                                + Quadric(d, e, -1, bias=True).sphere_dimension
                            )
                        ),
                    )
                ],
            )
        ],
    ),
    Claim(
        "nurisso.appE.factor",
        Kind.THEOREM,
        "The invariant set with biases is a product",
        Source("nurisso", "before Proposition 6", "E"),
        r"$\mathcal{H}(c)\cong\mathcal{Q}(c_1)\times\dots\times\mathcal{Q}(c_l)\times\mathbb{R}^e$; the last "
        r"factor is $b^{(2)}$.",
        uses=("nurisso.lemma1", "nurisso.eq28"),
        evidence=[
            Derivation("every equation is about one block, none about the output bias", _output_bias_is_free),
            enumeration(
                "the variables of the library's equations, d, e <= 2 and l <= 3",
                lambda: lambda theta, k: imbalance(theta)[k],
                _free_of_output_bias,
                [
                    Control("an output bias in the form", lambda q: lambda theta, k: q(theta, k) - theta.b2[0] ** 2),
                    Control(
                        "the hidden bias left out", lambda q: lambda theta, k: sp.expand(q(theta, k) - theta.b1[k] ** 2)
                    ),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.prop6",
        Kind.THEOREM,
        "The Poincaré polynomial with biases",
        Source("nurisso", "Proposition 6", "E"),
        r"$p_{\mathcal{H}(c)}(x)=(1+x^d)^{l_+}(1+x^{e-1})^{l_-}$ for all $d,e\ge1$ and every $c$.",
        relation=lambda: sp.Eq(sp.Function("p")(X), InvariantShape.generic(bias=True).poincare_polynomial(X)),
        uses=("nurisso.appE.factor", "nurisso.prop5", "nurisso.appB.kunneth"),
        evidence=[
            Derivation("by Künneth's formula, neuron by neuron", _induction),
            enumeration(
                "homology of the product of spheres by exact ranks",
                lambda: library_betti_with_biases,
                partial(agrees_with_homology, cases=BIASED_CASES),
                [
                    Control("the bias forgotten", lambda b: lambda d, e, p, m, z: library_betti(d - 1, e, p, m, z)),
                    Control(
                        "the bias in the spheres of c < 0",
                        lambda b: lambda d, e, p, m, z: library_betti(d - 1, e + 1, p, m, z),
                    ),
                    Control("c = 0 counted as c < 0", lambda b: lambda d, e, p, m, z: b(d, e, p, m + z, 0)),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.prop6.printed",
        Kind.THEOREM,
        "The hypothesis of Proposition 6, as printed",
        Source("nurisso", "Proposition 6", "E"),
        r"Eq. (29) is for $c_k\ne0$ for all $k$ (with $l_0$ the number of zero entries of $c$).",
        label=Label.TYPO,
        erratum="The hypothesis is not needed, and with it l_0 would always be 0: neurons with c_k = 0 contribute "
        "contractible cones.",
        evidence=[
            counterexample(
                "c = (0), d = e = 1: eq. (29) says 1, and Q(0) is contractible",
                lambda: lambda c: 0 not in c,
                _needed,
                [Control("no hypothesis", lambda _: lambda c: True)],
            )
        ],
    ),
    Claim(
        "nurisso.cor4",
        Kind.THEOREM,
        "The number of components with biases",
        Source("nurisso", "Corollary 4, Eq. (30)", "E"),
        r"With biases $\beta_0(\mathcal{H}(c))$ is $1$ for $e>1$ and $2^{l_-}$ for $e=1$, for every $d\ge1$.",
        relation=lambda: sp.Eq(sp.Symbol("beta_0"), InvariantShape.generic(bias=True).number_of_components()),
        uses=("nurisso.prop6",),
        evidence=[
            Derivation("the constant coefficient in both cases, symbolic d and counts", _two_cases),
            enumeration(
                "combinations of the factors' components (joined by verified paths or kept apart by signs), d, e "
                "<= 3, l <= 5",
                lambda: _library_count,
                partial(counts_agree, bias=True),
                [
                    Control("one component too many", lambda f: lambda *n: f(*n) + 1),
                    Control("c = 0 counted as c < 0", lambda f: lambda d, e, p, m, z: f(d, e, p, m + z, 0)),
                    Control(
                        "without biases (d = 1 disconnects)",
                        lambda _: lambda d, e, p, m, z: InvariantShape(d, e, p, m, z).number_of_components(),
                    ),
                ],
            ),
        ],
    ),
)
