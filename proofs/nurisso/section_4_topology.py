"""Section 4: the invariant set is a product of quadrics, and Künneth's formula gives its Betti numbers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import sympy as sp

from quadrics.forms import imbalance
from quadrics.invariant_set import InvariantSet
from quadrics.invariant_shape import InvariantShape
from quadrics.network import Parameters, TwoLayer
from quadrics.quadric import Quadric
from quadrics.quadric_shape import Kind as QuadricKind
from quadrics.quadric_shape import QuadricShape
from quadrics.simplicial import product_of_spheres
from quadrics.topology import X, kunneth, poincare_euclidean, poincare_sphere

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..exact import same
from ..matrix_rules import delta_sum
from ..rules import entails, equal
from .quadric_checks import agrees_with_homology, charts_are_inverse, library_betti, library_charts, without_root
from .quadric_geometry import NEGATIVE, POSITIVE, chart_steps, cone_steps

D_IN, D_OUT = sp.symbols("d e", integer=True, positive=True)
L_PLUS, L_MINUS, L_ZERO = sp.symbols("l_plus l_minus l_zero", integer=True, nonnegative=True)


def _one_neuron_at_a_time() -> list[Step]:
    k, m, i, j, width, d, e = sp.symbols("k m i j l d e", integer=True, positive=True)
    W, A = sp.IndexedBase("W"), sp.IndexedBase("A")
    delta = sp.KroneckerDelta
    inputs, outputs = sp.Sum(W[m, i] ** 2, (i, 1, d)), sp.Sum(A[i, m] ** 2, (i, 1, e))
    in_block = sp.Sum((delta(k, m) * W[m, i]) ** 2, (i, 1, d))
    out_block = sp.Sum((delta(k, m) * A[i, m]) ** 2, (i, 1, e))
    return [
        step(
            delta_sum(m, k, upper=width),
            sp.Sum(delta(k, m) * delta(j, m) * W[j, i], (j, 1, width)),
            delta(k, m) * W[m, i],
            "the entries of e_mm W1: row k is that of W1 when k = m, else 0",
        ),
        step(
            delta_sum(m, k, upper=width),
            sp.Sum(A[i, j] * delta(j, m) * delta(k, m), (j, 1, width)),
            delta(k, m) * A[i, m],
            "and those of W2 e_mm",
        ),
        step(equal, in_block, delta(k, m) * inputs, "so |w_k|² of the block θ_m is δ_km |w_m|²"),
        step(equal, out_block, delta(k, m) * outputs, "and |a_k|² is δ_km |a_m|²"),
        step(
            equal,
            in_block - out_block,
            delta(k, m) * (inputs - outputs),
            "⟨⟨θ_m, θ_m⟩⟩_k = δ_km ⟨⟨θ, θ⟩⟩_m: equation k is one about the block θ_k alone",
        ),
    ]


Equations = Callable[[Parameters, int], Any]


def _library_equation(theta: Parameters, k: int) -> Any:
    return imbalance(theta)[k]


def _equations_split(q: Equations, context: Context) -> Outcome:
    """q_k(θ) = q_k(θ_k), no variable is in two equations, and the library's factors have these equations."""
    cases = 0
    for d, width, e, bias in product((1, 2, 3), (1, 2, 3), (1, 2), (False, True)):
        theta = TwoLayer(d, width, e, bias=bias).symbols()
        seen: set[Any] = set()
        for k in range(width):
            equation = sp.expand(q(theta, k))
            if sp.expand(q(theta.block(k), k) - equation) != 0 or equation.free_symbols & seen:
                return decided(False, at=(d, width, e, bias), neuron=k)
            seen |= equation.free_symbols
            if same(Quadric(d, e, 5, bias).residual(theta.neuron(k)), equation - 5) is not True:
                return decided(False, at=(d, width, e, bias), neuron=k)
            cases += 1
    return decided(True, cases=cases)


def _direct_sum(members: Callable[[Parameters], bool], context: Context) -> Outcome:
    """Is the set the direct sum of the Θ_k? Then it contains every sum of blocks, here 2θ for one of its points."""
    theta = Parameters([[1, 0]], [[0]])
    doubled = theta + theta
    return decided(members(theta) and members(doubled), c=1, theta=str(theta.entries()), at_twice=imbalance(doubled)[0])


def _dimensions_add_up() -> list[Step]:
    steps = []
    for c in (POSITIVE, NEGATIVE):
        Q = QuadricShape(D_IN, D_OUT, c)
        steps.append(
            step(
                equal,
                Q.sphere_dimension + Q.euclidean_dimension,
                Q.dimension,
                f"dimensions agree: S^({Q.sphere_dimension}) × R^{Q.euclidean_dimension}",
            )
        )
    return steps


def factor_steps() -> list[Step]:
    """Eq. (19) and (20): the polynomial of each quadric, from those of spheres and Euclidean spaces."""
    d, e = D_IN, D_OUT
    at_zero = QuadricShape(d, e, 0).poincare_polynomial(X)
    return [
        step(equal, kunneth(poincare_euclidean(e, X), poincare_sphere(d - 1, X)), 1 + X ** (d - 1), "eq. (19), c > 0"),
        step(equal, QuadricShape(d, e, POSITIVE).poincare_polynomial(X), 1 + X ** (d - 1), "eq. (20), c > 0"),
        step(equal, QuadricShape(d, e, NEGATIVE).poincare_polynomial(X), 1 + X ** (e - 1), "eq. (20), c < 0"),
        step(equal, at_zero, sp.Integer(1), "eq. (20), c = 0: contractible"),
    ]


def _polynomial(plus: Any, minus: Any, zero: Any) -> Any:
    return InvariantShape(D_IN, D_OUT, plus, minus, zero).poincare_polynomial(X)


def theorem_1() -> Any:
    """The right-hand side of eq. (14), as printed."""
    return (1 + X ** (D_IN - 1)) ** L_PLUS * (1 + X ** (D_OUT - 1)) ** L_MINUS


def _induction() -> list[Step]:
    P = _polynomial(L_PLUS, L_MINUS, L_ZERO)
    p_plus, p_minus = (QuadricShape(D_IN, D_OUT, c).poincare_polynomial(X) for c in (POSITIVE, NEGATIVE))
    return [
        *factor_steps(),
        step(equal, _polynomial(1, 0, 0), p_plus, "one neuron, c > 0"),
        step(equal, _polynomial(0, 1, 0), p_minus, "one neuron, c < 0"),
        step(equal, _polynomial(0, 0, 1), sp.Integer(1), "one neuron, c = 0"),
        step(equal, P * p_plus, _polynomial(L_PLUS + 1, L_MINUS, L_ZERO), "one more neuron with c > 0 (Künneth)"),
        step(equal, P * p_minus, _polynomial(L_PLUS, L_MINUS + 1, L_ZERO), "one more with c < 0"),
        step(equal, P, _polynomial(L_PLUS, L_MINUS, L_ZERO + 1), "one more with c = 0"),
        step(equal, P, theorem_1(), "so by induction on the number of neurons, eq. (14)"),
    ]


def _kunneth_for_the_torus(rule: Callable[[Any, Any, Any], Any], context: Context) -> Outcome:
    """The rule, applied to two circles, against the homology of the torus."""
    y = sp.Symbol("y")
    circle = poincare_sphere(1, X)
    torus = product_of_spheres([1, 1]).betti_numbers()
    predicted = sp.Poly(rule(circle, circle, y), X, y)
    claimed = sp.Poly(sum(b * X**i for i, b in enumerate(torus)), X, y)
    return decided(predicted == claimed, torus=torus, predicted=predicted.as_expr())


def _sections(kind: Callable[[Any], Any]) -> list[Step]:
    """The plane sections a = const of Q(c) in R³ are circles of squared radius c + a²."""
    a = sp.Symbol("a")
    c = sp.Symbol("c")
    radius = c + a**2
    steps = [
        step(entails, c > 0, radius > 0, "c > 0: at every height a circle, so one sheet"),
        step(entails, sp.And(c < 0, a**2 < -c), radius < 0, "c < 0: empty for |a| < √(-c), so two sheets"),
        step(entails, sp.And(c < 0, a**2 > -c), radius > 0, "c < 0: circles above and below"),
    ]
    for value, name, sheets in ((POSITIVE, QuadricKind.ONE_SHEET, 1), (NEGATIVE, QuadricKind.TWO_SHEETS, 2)):
        Q = kind(value)
        steps.append(
            step(
                equal,
                sp.Symbol(Q.kind.name),
                sp.Symbol(name.name),
                f"the library's name: {name.value}",
                mutants=[sp.Symbol("CONE")],
            )
        )
        steps.append(step(equal, sp.Integer(Q.number_of_components()), sp.Integer(sheets), "and counts its sheets"))
    return steps


CLAIMS = (
    Claim(
        "nurisso.lemma1",
        Kind.THEOREM,
        "The invariant set is a product of quadrics",
        Source("nurisso", "Lemma 1", "4 and D.1"),
        r"$\mathcal{H}(c)\cong\mathcal{Q}(c_1)\times\dots\times\mathcal{Q}(c_l)$ through "
        r"$(\theta_1,\dots,\theta_l)\mapsto\theta_1+\dots+\theta_l$: equation $k$ of $\mathcal{H}(c)$ involves the "
        r"block $\theta_k$ alone.",
        uses=("nurisso.prop1", "nurisso.def1"),
        evidence=[
            Derivation("⟨⟨·,·⟩⟩_k sees only the block θ_k, in every dimension and width", _one_neuron_at_a_time),
            enumeration(
                "the library's equations for symbolic networks with d, l <= 3 and e <= 2, with and without biases",
                lambda: _library_equation,
                _equations_split,
                [
                    Control(
                        "the product of two neurons' equations", lambda q: lambda t, k: q(t, k) + q(t, 0) * q(t, -1)
                    ),
                    Control("the sign of |a|² flipped", lambda q: lambda t, k: q(t, k) + 2 * t.neuron(k).output_square),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.lemma1.proof",
        Kind.THEOREM,
        "The first sentence of appendix D.1, as printed",
        Source("nurisso", "Lemma 1, proof", "D.1"),
        r"The invariant set is the direct sum of the hidden neurons' parameter spaces $\Theta_k$.",
        label=Label.TYPO,
        erratum="It is the parameter space Θ that Proposition 1 decomposes; H(c) is no linear space.",
        evidence=[
            counterexample(
                "θ = (w, a) = ((1, 0), 0) is in H(1), twice it is not",
                lambda: InvariantSet(2, 1, [1]).contains,
                _direct_sum,
                [Control("the parameter space Θ", lambda _: lambda theta: True)],
            )
        ],
    ),
    Claim(
        "nurisso.prop2",
        Kind.THEOREM,
        "The topology of one quadric",
        Source("nurisso", "Proposition 2", "4 and D.2"),
        r"$\mathcal{Q}(c)\cong\mathbb{R}^e\times S^{d-1}$ for $c>0$ and "
        r"$\mathcal{Q}(c)\cong\mathbb{R}^d\times S^{e-1}$ for $c<0$, by the charts of eq. (18); $\mathcal{Q}(0)$ is "
        r"contractible. For $d,e\ge1$ ($S^0$ is two points).",
        relation=lambda: Quadric(2, 1, POSITIVE).equation(),
        uses=("nurisso.eq12",),
        evidence=[
            Derivation("c > 0: the chart (18) is a homeomorphism, in every dimension", lambda: chart_steps(POSITIVE)),
            Derivation("c < 0: the same with the weights' roles exchanged", lambda: chart_steps(NEGATIVE)),
            Derivation("c = 0: θ -> (1 - λ)θ contracts Q(0)", cone_steps),
            Derivation("the library's dimensions, symbolic d and e", _dimensions_add_up),
            enumeration(
                "the library's charts at exact rational points, d, e <= 3",
                lambda: library_charts,
                charts_are_inverse(bias=False),
                [Control("the square root in eq. (18) forgotten", without_root)],
            ),
        ],
    ),
    Claim(
        "nurisso.thm1",
        Kind.THEOREM,
        "The Poincaré polynomial of the invariant set",
        Source("nurisso", "Theorem 1", "4 and D.3"),
        r"$p_{\mathcal{H}(c)}(x)=(1+x^{d-1})^{l_+}(1+x^{e-1})^{l_-}$ for all $d,e\ge1$, whatever $l_0$. It counts the "
        r"topological components of $\mathcal{H}(c)$; when some $c_k=0$ gradient flow is confined to smaller pieces.",
        relation=lambda: sp.Eq(sp.Function("p")(X), InvariantShape.generic().poincare_polynomial(X)),
        uses=("nurisso.lemma1", "nurisso.prop2", "nurisso.appB.kunneth"),
        evidence=[
            Derivation("by Künneth's formula, neuron by neuron", _induction),
            enumeration(
                "homology of the product of spheres by exact ranks, nine cases with d = 1 and e = 1 among them",
                lambda: library_betti,
                agrees_with_homology,
                [
                    Control(
                        "the sphere of c > 0 one dimension up", lambda b: lambda d, e, p, m, z: b(d + 1, e, p, m, z)
                    ),
                    Control("d and e exchanged", lambda b: lambda d, e, p, m, z: b(e, d, p, m, z)),
                    Control("one neuron with c > 0 too many", lambda b: lambda d, e, p, m, z: b(d, e, p + 1, m, z)),
                    Control("c = 0 counted as c < 0", lambda b: lambda d, e, p, m, z: b(d, e, p, m + z, 0)),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.thm1.proof",
        Kind.THEOREM,
        "Künneth's formula as printed in appendix D.3",
        Source("nurisso", "Theorem 1, proof", "D.3"),
        r"$p_{X\times Y}(x)=p_X(x)\,p_Y(y)$.",
        label=Label.TYPO,
        erratum="Both polynomials are in the same variable: p_{X×Y}(x) = p_X(x) p_Y(x), as appendix B has it.",
        evidence=[
            counterexample(
                "two circles: the torus has the polynomial 1 + 2x + x², and (1 + x)(1 + y) is another",
                lambda: lambda p, q, y: p * q.subs(X, y),
                _kunneth_for_the_torus,
                [Control("p_X(x) p_Y(x)", lambda _: lambda p, q, y: p * q)],
            )
        ],
    ),
    Claim(
        "nurisso.fig2a",
        Kind.FIGURE,
        "One sheet and two sheets",
        Source("nurisso", "Figure 2a", "4"),
        r"For $d=2$, $e=1$ the quadric $\mathcal{Q}(c)$ is a hyperboloid of one sheet for $c>0$ and of two "
        r"sheets for $c<0$.",
        relation=lambda: Quadric(2, 1, NEGATIVE).equation(),
        uses=("nurisso.prop2",),
        evidence=[
            Derivation("plane sections of Q(c) in R³, for every c", lambda: _sections(lambda c: Quadric(2, 1, c)))
        ],
    ),
)
