"""Section 3.3: gradient flow conserves the imbalance of every neuron, and stays on the invariant set."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import sympy as sp

from quadrics.conservation import conserved_quantity
from quadrics.errors import SymmetryError
from quadrics.forms import form, gram_matrix, imbalance, signature
from quadrics.network import TwoLayer
from quadrics.symmetry import rescaling_generator

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..matrix_rules import derivative, velocity
from ..rules import entails, equal, equal_modulo, recompute, substitute
from ..vectors import bilinear, bilinear_modulo, inner, inner_product, norm2, vectors
from .section_3_deep import deep_claim
from .section_3_gradient import FORM_9, SIZES


def _signature_by_trace() -> list[Step]:
    d, e, p, n = sp.symbols("d e p n", integer=True, positive=True)
    gram = sp.BlockDiagMatrix(sp.Identity(d), -sp.Identity(e))
    trace = recompute("trace", lambda matrix: sp.Trace(matrix).doit())
    solve = recompute("solve for p, n", lambda pair: [sp.solve(pair, [p, n])[s] for s in (p, n)])
    return [
        step(trace, gram, d - e, "p - n, as all eigenvalues of diag(1, ..., 1, -1, ..., -1) are ±1"),
        step(solve, [sp.Eq(p + n, d + e), sp.Eq(p - n, d - e)], [d, e], "and p + n = d + e"),
    ]


def _signatures(expected: Callable[[int, int, bool], tuple[int, int]], context: Context) -> Outcome:
    cases = 0
    for d, e, bias in product(range(1, 5), range(1, 5), (False, True)):
        cases += 1
        if signature(gram_matrix(d, e, bias)) != expected(d, e, bias):
            return decided(False, d=d, e=e, bias=bias)
        theta, eta = TwoLayer(d, 1, e, bias=bias).symbols(), TwoLayer(d, 1, e, bias=bias).symbols("v")
        u, v = (sp.Matrix([*q.neuron(0).w, *([] if q.b1 is None else q.b1), *q.neuron(0).a]) for q in (theta, eta))
        if sp.expand((u.T * gram_matrix(d, e, bias) * v)[0] - form(theta, eta, 0)) != 0:
            return decided(False, d=d, e=e, bias=bias, what="the form is not its Gram matrix")
    return decided(True, cases=cases)


def _conserved_along_the_flow() -> list[Step]:
    w, a, dw, da = vectors("w a dw da")
    t, share = sp.symbols("t lambda")
    path = norm2(w + t * dw) - norm2(a + t * da)
    rate = 2 * inner("w", "dw") - 2 * inner("a", "da")
    along_flow = -2 * inner("w", "g1") + 2 * inner("a", "g2")
    at_zero = recompute("derivative at t = 0", lambda e: sp.diff(e, t).subs(t, 0))
    flow = {inner("w", "dw"): -inner("w", "g1"), inner("a", "da"): -inner("a", "g2")}
    w_i, a_i, g, k, g_i, k_i = vectors("w_i a_i g k g_i k_i")
    x, size_g, size, near = sp.symbols("x G T delta")
    first, second, h1, h2 = *vectors("g1 h1"), *vectors("g2 h2")
    mixed = inner_product(w, share * first + (1 - share) * second) - inner_product(a, share * h1 + (1 - share) * h2)
    both = bilinear_modulo(FORM_9, sp.Eq(inner("w", "h1"), inner("a", "h2")))
    return [
        step(bilinear, path, path.expanded(), "|w|² - |a|² along a path through θ with velocity (w', a')"),
        step(at_zero, path.expanded(), rate, "d/dt of |w|² - |a|²: the form is symmetric and bilinear"),
        step(substitute(flow), rate, along_flow, "w' = -g1, a' = -g2 along the flow"),
        step(equal_modulo(FORM_9), along_flow, sp.Integer(0), "eq. (9)"),
        step(
            bilinear,
            inner_product(w_i, g_i)
            - inner_product(a_i, k_i)
            + inner_product(w - w_i, g)
            - inner_product(a - a_i, k)
            + inner_product(w_i, g - g_i)
            - inner_product(a_i, k - k_i),
            inner("w", "g") - inner("a", "k"),
            "where L is not differentiable: let gradients (g_i, k_i) at (w_i, a_i) tend to (g, k), (w_i, a_i) to "
            "(w, a)",
        ),
        step(
            entails,
            sp.And(x > 0, size_g >= 0, size >= 0, near > 0, near <= 1, 2 * near * (size_g + size + 1) <= x),
            x > near * size_g + (size + near) * near,
            "|⟨⟨θ, g⟩⟩| <= δ|g| + (|θ| + δ)δ once both are δ-near, by eq. (9) at θ_i and Cauchy and Schwarz: "
            "no value x > 0 is as small as that for every δ, so limits satisfy eq. (9), too",
        ),
        step(both, mixed, sp.Integer(0), "a convex combination of two that satisfy eq. (9) satisfies it"),
        argued(
            "For any absolutely continuous θ(t) with θ' in -∂L almost everywhere, q_k is absolutely continuous with "
            "derivative 0 almost everywhere, hence constant."
        ),
    ]


def _noether(quantity: Callable[..., Any], context: Context) -> Outcome:
    """The conserved quantity of each rescaling is its imbalance, for unequal learning rates too."""
    rates = sp.symbols("eta1 eta2", positive=True)
    for d, width, e, bias in SIZES:
        theta = TwoLayer(d, width, e, bias=bias).symbols()
        inputs = rescaling_generator(theta, 0, 0)
        for k in range(1, width):
            inputs += rescaling_generator(theta, k, 0)
        output = sp.eye(inputs.rows) - inputs
        metric = rates[0] * inputs + rates[1] * output
        for k in range(width):
            wanted = imbalance(theta, learning_rates=rates)[k]
            try:
                found = quantity(rescaling_generator(theta, k), theta.entries(), metric)
            except SymmetryError as error:
                return decided(False, error=str(error))
            if sp.expand(found - wanted) != 0:
                return decided(False, at=(d, width, e, bias), neuron=k)
    return decided(True, cases=len(SIZES))


def _stays_on_the_level() -> list[Step]:
    t, c = sp.Symbol("t", real=True), sp.Symbol("c", real=True)
    q = sp.Function("q")
    solve = recompute("solve the initial value problem", lambda ode: sp.dsolve(ode, q(t), ics={q(0): c}))
    theta = TwoLayer(2, 1, 1).symbols()
    (w1, w2), (a1,) = theta.neuron(0).w, theta.neuron(0).a
    return [
        step(equal, imbalance(theta)[0], w1**2 + w2**2 - a1**2, "⟨⟨θ, θ⟩⟩_k in coordinates, here d = 2, e = 1"),
        step(solve, sp.Eq(q(t).diff(t), 0), sp.Eq(q(t), c), "q' = 0 by eq. (11), q(0) = c"),
    ]


def _normals_are_tangents() -> list[Step]:
    d, e = sp.symbols("d e", integer=True, positive=True)
    alpha = sp.Symbol("alpha", positive=True)
    w, a = sp.MatrixSymbol("w", d, 1), sp.MatrixSymbol("a", e, 1)
    at_one = velocity(alpha, 1)
    return [
        step(derivative(w), w.T * w, 2 * w, "the normal of Q(c): the gradient of |w|² - |a|² is 2(w, -a)", mutants=[w]),
        step(derivative(a), -(a.T * a), -2 * a, mutants=[2 * a]),
        step(at_one, alpha * w, w, "the tangent of the orbit: (w, -a), parallel to the normal", mutants=[-w]),
        step(at_one, a / alpha, -a, mutants=[a]),
    ]


CLAIMS = (
    Claim(
        "nurisso.eq10",
        Kind.THEOREM,
        "The pseudo-Euclidean form of a neuron",
        Source("nurisso", "Eq. (10)", "3.3"),
        r"$\langle\langle\theta,\eta\rangle\rangle_k=w_k\cdot v_k-a_k\cdot u_k$ is a symmetric bilinear form on "
        r"$\Theta_k$ with signature $(d,e)$.",
        relation=lambda: gram_matrix(2, 1),
        uses=("nurisso.prop1",),
        evidence=[
            Derivation("signature (d, e) in any dimensions", _signature_by_trace),
            enumeration(
                "Gram matrices for d, e <= 4, with and without a bias",
                lambda: lambda d, e, bias: (d + bias, e),
                _signatures,
                [
                    Control("(e, d)", lambda _: lambda d, e, bias: (e, d)),
                    Control("no bias", lambda _: lambda d, e, bias: (d, e)),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.eq11",
        Kind.THEOREM,
        "Gradient flow conserves the imbalances",
        Source("nurisso", "Eq. (11)", "3.3"),
        r"$\frac{d}{dt}\langle\langle\theta,\theta\rangle\rangle_k=0$ along every gradient flow, also where $L$ is "
        r"not differentiable.",
        hypotheses=(
            "θ(t) is absolutely continuous",
            "L is locally Lipschitz; its Clarke subdifferential is the convex hull of limits of gradients",
        ),
        uses=("nurisso.eq9", "nurisso.eq10"),
        evidence=[
            Derivation("the derivative of the imbalance is twice eq. (9)", _conserved_along_the_flow),
            enumeration(
                "the conserved quantity of each rescaling, with unequal learning rates, is |w|²/η₁ - |a|²/η₂; d, l, "
                "e <= 2",
                lambda: conserved_quantity,
                _noether,
                [Control("learning rates forgotten", lambda q: lambda M, v, G: q(M, v))],
            ),
        ],
    ),
    deep_claim(),
    Claim(
        "nurisso.def1",
        Kind.DEFINITION,
        "Invariant set",
        Source("nurisso", "Definition 1", "3.3"),
        r"$\mathcal{H}(c)=\{\theta:\langle\langle\theta,\theta\rangle\rangle_k=c_k,\ k=1,\dots,l\}$.",
        uses=("nurisso.eq10",),
    ),
    Claim(
        "nurisso.eq12",
        Kind.THEOREM,
        "The invariant hyperquadrics",
        Source("nurisso", "Eq. (12)", "3.3"),
        r"$\mathcal{H}(c)$ is given by the equations $|w_k|^2-|a_k|^2=c_k$ of the quadrics "
        r"$\mathcal{Q}(c_k)\subset\Theta_k$, and gradient flow maps it to itself.",
        relation=lambda: sp.Eq(imbalance(TwoLayer(2, 1).symbols())[0], sp.Symbol("c_1")),
        uses=("nurisso.def1", "nurisso.eq11"),
        evidence=[Derivation("a flow that starts on the level c stays there", _stays_on_the_level)],
    ),
    Claim(
        "nurisso.fig1",
        Kind.FIGURE,
        "Orbits and invariant sets meet at right angles",
        Source("nurisso", "Figure 1", "3.2"),
        r"The normal space of $\mathcal{H}(c)$ at $\theta$ is the tangent space of $T(\theta)$, so the gradient is "
        r"tangent to $\mathcal{H}(c)$ exactly because it is orthogonal to $T(\theta)$.",
        uses=("nurisso.eq8", "nurisso.eq12"),
        evidence=[Derivation("normal vectors 2(w_k, -a_k), tangent vectors (w_k, -a_k)", _normals_are_tangents)],
    ),
)
