"""Neurons with c_k = 0: Theorem 1 counts topological components, gradient flow is confined to smaller pieces."""

from __future__ import annotations

from typing import Any

import sympy as sp

from quadrics.invariant_set import InvariantSet
from quadrics.invariant_shape import InvariantShape
from quadrics.simplicial import product_of_spheres
from quadrics.topology import X, kunneth, poincare_euclidean, poincare_sphere

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..continuity import continuous
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..nurisso.quadric_checks import Betti
from ..nurisso.section_4_components import L_MINUS, L_PLUS, L_ZERO, MORE_D
from ..nurisso.section_4_topology import D_IN, D_OUT
from ..rules import differentiate, entails, equal, equal_modulo
from ..vectors import dot, square, vectors


def _never_reaches_zero() -> list[Step]:
    """N = |w|² + |a|² along w' = -Vᵀa, a' = -Vw, for any number of inputs and outputs and any V (the mean of ℓ'σ'x)."""
    w, a, v_t_a, v_w = vectors("w a Vᵀa Vw")
    t = sp.Symbol("t", real=True)
    N, K = sp.Function("N")(t), sp.Function("K")(t)
    n, k, rate, W, A, G = sp.symbols("N K N' w·w a·a aᵀVw")
    transposed = sp.Eq(dot(w, v_t_a), dot(a, v_w))
    bound = sp.And(W >= 0, A >= 0, k >= 0, k**2 * W * A >= G**2)
    return [
        step(
            equal_modulo(transposed),
            2 * dot(w, -v_t_a) + 2 * dot(a, -v_w),
            -4 * dot(a, v_w),
            "N' = 2 w·w' + 2 a·a' = -4 aᵀVw",
        ),
        step(
            entails,
            bound,
            sp.And(k * (W + A) >= 2 * G, k * (W + A) >= -2 * G),
            "with K = ‖V‖, |aᵀVw| <= K |a||w| <= K N / 2, so |N'| <= 2 K N",
        ),
        step(
            differentiate(t),
            N * sp.exp(2 * sp.Integral(K, t)),
            (sp.diff(N, t) + 2 * K * N) * sp.exp(2 * sp.Integral(K, t)),
            "Grönwall",
        ),
        step(
            entails,
            sp.And(n >= 0, k >= 0, -rate <= 2 * k * n),
            rate + 2 * k * n >= 0,
            "N exp(2∫K) never decreases: N(t) >= N(0) exp(-2∫K) > 0, so H°(c) is invariant in finite time",
        ),
    ]


def _cone_without_tip() -> list[Step]:
    """Q(0) less the origin is (0, ∞) × S^(d-1) × S^(e-1), by θ -> (|w|, w/|w|, a/|a|)."""
    w, a, u, s, test = vectors("w a u s test")
    r = sp.Symbol("r", positive=True)
    on_cone = (square(w) - r**2, square(a) - r**2)
    on_spheres = (square(u) - 1, square(s) - 1)
    W, A, entry, radius = sp.symbols("w·w a·a theta_i r")
    return [
        step(entails, sp.And(sp.Eq(W, A), W >= 0, W + A > 0), sp.And(W > 0, A > 0), "off the origin neither part is 0"),
        step(equal_modulo(*on_cone), square((1 / r) * w), sp.Integer(1), "w/|w| is on S^(d-1), with r = |w| = |a|"),
        step(equal_modulo(*on_cone), square((1 / r) * a), sp.Integer(1), "a/|a| is on S^(e-1)"),
        step(equal_modulo(*on_spheres), square(r * u) - square(r * s), sp.Integer(0), "(r u, r s) is on Q(0)"),
        step(equal, dot(r * ((1 / r) * w), test), dot(w, test), "there and back, for w (and a)"),
        step(equal, dot((1 / r) * (r * u), test), dot(u, test), "back and there, for u (and s)"),
        step(continuous(W > 0), [sp.sqrt(W), entry / sp.sqrt(W)], True, "continuous"),
        step(continuous(radius > 0), [radius * entry], True, "so is the inverse"),
    ]


def _invariant_polynomial(plus: Any, minus: Any, zero: Any) -> Any:
    return InvariantShape(D_IN, D_OUT, plus, minus, zero).gf_poincare_polynomial(X)


def corrected() -> Any:
    """The polynomial of H°(c)."""
    return (1 + X ** (D_IN - 1)) ** (L_PLUS + L_ZERO) * (1 + X ** (D_OUT - 1)) ** (L_MINUS + L_ZERO)


def _induction() -> list[Step]:
    P = _invariant_polynomial(L_PLUS, L_MINUS, L_ZERO)
    cone = kunneth(poincare_euclidean(1, X), poincare_sphere(D_IN - 1, X), poincare_sphere(D_OUT - 1, X))
    count = InvariantShape(MORE_D + 1, 1, L_PLUS, L_MINUS, L_ZERO).number_of_gf_pieces()
    return [
        step(equal, _invariant_polynomial(0, 0, 1), cone, "one neuron with c = 0: R × S^(d-1) × S^(e-1)"),
        step(equal, P * cone, _invariant_polynomial(L_PLUS, L_MINUS, L_ZERO + 1), "one more of them (Künneth)"),
        step(
            equal,
            _invariant_polynomial(L_PLUS, L_MINUS, 0),
            InvariantShape(D_IN, D_OUT, L_PLUS, L_MINUS).poincare_polynomial(X),
            "without any it is Theorem 1",
        ),
        step(equal, P, corrected(), "so by induction on l_0"),
        step(equal, sp.sympify(count), 2 ** (L_MINUS + L_ZERO), "its constant coefficient for d > 1, e = 1"),
    ]


def _library_betti(d: int, e: int, plus: int, minus: int, zero: int) -> list[int]:
    return InvariantShape(d, e, plus, minus, zero).gf_homotopy_type.betti_numbers()


# d, e, l_plus, l_minus, l_zero
CASES = (
    (1, 1, 1, 1, 1),
    (1, 3, 1, 0, 1),
    (2, 1, 1, 1, 2),
    (2, 3, 0, 0, 1),
    (2, 2, 0, 1, 1),
    (3, 1, 0, 1, 1),
    (3, 2, 0, 0, 1),
)


def _agrees(betti: Betti, context: Context) -> Outcome:
    """Homology of the product of spheres, two for each neuron with c = 0, by exact ranks; and the pieces one by one."""
    for case in CASES:
        d, e, plus, minus, zero = case
        homology = product_of_spheres([d - 1] * (plus + zero) + [e - 1] * (minus + zero)).betti_numbers()
        pieces = {piece.signs for piece in InvariantSet(d, e, [1] * plus + [-1] * minus + [0] * zero).gf_pieces()}
        claimed = betti(*case)
        if claimed != homology or claimed[0] != len(pieces):
            return decided(False, at=case, homology=homology, claimed=claimed, pieces=len(pieces))
    return decided(True, cases=len(CASES))


CLAIMS = (
    Claim(
        "beyond.nurisso.zero-imbalance",
        Kind.THEOREM,
        "What gradient flow cannot leave when some c_k = 0",
        Source("beyond", "on Theorem 1 and Corollary 1"),
        r"$\mathcal{H}^\circ(c)=\{\theta\in\mathcal{H}(c):\theta_k\ne0\ \text{whenever}\ c_k=0\}$ is invariant "
        r"under gradient "
        r"flow in finite time, and $p_{\mathcal{H}^\circ(c)}(x)=(1+x^{d-1})^{l_++l_0}(1+x^{e-1})^{l_-+l_0}$. For "
        r"$e=1$, $d>1$ "
        r"it has $2^{l_-+l_0}$ pieces, where Corollary 1 counts $2^{l_-}$ components of $\mathcal{H}(c)$.",
        relation=lambda: sp.Eq(sp.Function("p")(X), InvariantShape.generic().gf_poincare_polynomial(X)),
        uses=("nurisso.thm1", "nurisso.prop2", "nurisso.eq11", "nurisso.appB.kunneth"),
        evidence=[
            Derivation("θ_k = 0 is not reached in finite time, for any d, e and loss", _never_reaches_zero),
            Derivation("the cone without its tip", _cone_without_tip),
            Derivation("the polynomial, by Künneth's formula", _induction),
            enumeration(
                "homology of the product of spheres by exact ranks, and the pieces one by one",
                lambda: _library_betti,
                _agrees,
                [
                    Control(
                        "Theorem 1's polynomial, which counts H(c)",
                        lambda _: lambda d, e, p, m, z: InvariantShape(d, e, p, m, z).betti_numbers(),
                    ),
                    Control("c = 0 counted as c < 0 only", lambda b: lambda d, e, p, m, z: b(d, e, p, m + z, 0)),
                ],
            ),
        ],
    ),
)
