"""Section 3.3: losses and their gradients, orthogonal to the orbits of rescaling."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import sympy as sp

from quadrics.conservation import conservation_residual, gradient, symbolic_gradient
from quadrics.network import Parameters, TwoLayer
from quadrics.symmetry import rescale, rescaling_generator

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..matrix_rules import derivative, given, own_transpose, velocity
from ..rules import differentiate, substitute
from ..vectors import bilinear, inner, inner_product, vectors

SIZES = tuple(product((1, 2), (1, 2), (1, 2), (False, True)))
Residual = Callable[[Parameters, Parameters, int], Any]
Generator = Callable[[Parameters, int], Any]
FORM_9 = sp.Eq(inner("w", "g1"), inner("a", "g2"))
"""Eq. (9) between inner products: ⟨w, g1⟩ = ⟨a, g2⟩."""


def network_symbols() -> tuple[Any, ...]:
    """Weights w, a of one neuron, inputs X, residuals R and slopes D = diag(σ'), all of symbolic size."""
    d, e, n = sp.symbols("d e N", integer=True, positive=True)
    return (
        sp.MatrixSymbol("w", d, 1),
        sp.MatrixSymbol("a", e, 1),
        sp.MatrixSymbol("X", d, n),
        sp.MatrixSymbol("R", e, n),
        sp.MatrixSymbol("D", n, n),
    )


def _first_order_along_the_orbit() -> list[Step]:
    w, a, g1, g2 = vectors("w a g1 g2")
    alpha = sp.Symbol("alpha", positive=True)
    change = inner_product(g1, (alpha - 1) * w) + inner_product(g2, (1 / alpha - 1) * a)
    expanded = inner("g1", "w") * (alpha - 1) + inner("g2", "a") * (1 / alpha - 1)
    rate = inner("g1", "w") - inner("g2", "a") / alpha**2
    d, e = sp.symbols("d e", integer=True, positive=True)
    W, A = sp.MatrixSymbol("w", d, 1), sp.MatrixSymbol("a", e, 1)
    at_one = velocity(alpha, 1)
    return [
        step(at_one, alpha * W, W, "the tangent of the orbit α -> (αw, a/α) is (w, -a)", mutants=[2 * W]),
        step(at_one, A / alpha, -A, mutants=[A]),
        step(bilinear, change, expanded, "L, differentiable at θ, changes to first order by ∇L·(T_α θ - θ)"),
        step(differentiate(alpha), expanded, rate, "so L, differentiable at θ, changes along the orbit at the rate"),
        step(substitute({alpha: 1}), rate, inner("g1", "w") - inner("g2", "a"), "at θ; and L is constant there: 0"),
    ]


def _identity_in_any_dimension() -> list[Step]:
    w, a, X, R, D = network_symbols()
    linearized = a.T * R * D * X.T * w
    g1, g2 = X * D * R.T * a, R * D * X.T * w
    return [
        step(derivative(w, D), linearized, g1, "chain rule: Σ_i (a·r_i) D_i (w·x_i) by w", mutants=[2 * g1]),
        step(derivative(a), linearized, g2, "and by a", mutants=[-g2]),
        step(own_transpose, w.T * g1, a.T * R * D.T * X.T * w, "⟨w, g1⟩", mutants=[-linearized]),
        step(
            given({D.T: D}), a.T * R * D.T * X.T * w, a.T * g2, "is ⟨a, g2⟩, D being diagonal", mutants=[2 * a.T * g2]
        ),
    ]


def _residual_vanishes(residual: Residual, context: Context) -> Outcome:
    """The residual of eq. (9) for symbolic networks: every slope, residual, input and weight a free symbol."""
    cases = 0
    for d, width, e, bias in SIZES:
        theta = TwoLayer(d, width, e, bias=bias).symbols()
        g = symbolic_gradient(theta, 2)
        for k in range(width):
            cases += 1
            if sp.expand(residual(theta, g, k)) != 0:
                return decided(False, at=(d, width, e, bias), neuron=k)
    return decided(True, cases=cases)


def _gradient_is_the_derivative(rule: Callable[..., Parameters], context: Context) -> Outcome:
    """The gradient against SymPy's derivative of Σ_i r_i·f(x_i), with the slopes held fixed on a linear piece."""
    for d, width, e, bias in SIZES:
        theta = TwoLayer(d, width, e, bias=bias).symbols()
        x = sp.Matrix(d, 2, lambda i, n: sp.Symbol(f"x_{i}_{n}"))
        slopes = sp.Matrix(width, 2, lambda k, n: sp.Symbol(f"D_{k}_{n}"))
        r = sp.Matrix(e, 2, lambda j, n: sp.Symbol(f"r_{j}_{n}"))
        z = theta.W1 * x + (sp.zeros(width, 2) if theta.b1 is None else theta.b1 * sp.ones(1, 2))
        f = theta.W2 * sp.matrix_multiply_elementwise(slopes, z)
        if theta.b2 is not None:
            f += theta.b2 * sp.ones(1, 2)
        linearized = sum(sp.matrix_multiply_elementwise(r, f))
        g = rule(theta, x, slopes, r).entries()
        if any(sp.expand(v - sp.diff(linearized, s)) != 0 for v, s in zip(g, theta.entries(), strict=True)):
            return decided(False, at=(d, width, e, bias))
    return decided(True, cases=len(SIZES))


def _orthogonal_to_orbits(generator: Generator, context: Context) -> Outcome:
    """Mθ·∇L = 0 and Mθ is the velocity of the orbit, for symbolic networks."""
    t = sp.Symbol("t", positive=True)
    for d, width, e, bias in SIZES:
        theta = TwoLayer(d, width, e, bias=bias).symbols()
        g = sp.Matrix(symbolic_gradient(theta, 2).entries())
        for k in range(width):
            tangent = generator(theta, k) * sp.Matrix(theta.entries())
            moved = rescale(theta, [t if j == k else 1 for j in range(width)]).entries()
            velocity = sp.Matrix([sp.diff(v, t).subs(t, 1) for v in moved])
            if sp.expand(tangent.dot(g)) != 0 or tangent != velocity:
                return decided(False, at=(d, width, e, bias), neuron=k)
    return decided(True, cases=len(SIZES))


CLAIMS = (
    Claim(
        "nurisso.eq5",
        Kind.DEFINITION,
        "Loss",
        Source("nurisso", "Eq. (5)", "3.3"),
        r"$L(\theta)=\frac1N\sum_i\ell(f(x_i;\theta),y_i)$ with $\ell$ continuously differentiable.",
        uses=("nurisso.eq1",),
    ),
    Claim(
        "nurisso.eq6",
        Kind.DEFINITION,
        "Gradient descent",
        Source("nurisso", "Eq. (6)", "3.3"),
        r"$\theta_{t+1}=\theta_t-h\nabla L(\theta_t)$ with learning rate $h>0$.",
        uses=("nurisso.eq5",),
    ),
    Claim(
        "nurisso.eq7",
        Kind.DEFINITION,
        "Gradient flow",
        Source("nurisso", "Eq. (7)", "3.3"),
        r"$\dot\theta\in-\partial L(\theta)$ for almost every time, the Clarke subdifferential.",
        uses=("nurisso.eq5",),
    ),
    Claim(
        "nurisso.eq5-7",
        Kind.DEFINITION,
        "The setting of training",
        Source("nurisso", "Eq. (5)-(7)", "3.3"),
        r"A loss of the network's outputs, decreased by gradient descent or by its limit $h\to0$, gradient flow: "
        r"equations (5), (6) and (7) together.",
        uses=("nurisso.eq5", "nurisso.eq6", "nurisso.eq7"),
    ),
    Claim(
        "nurisso.eq8",
        Kind.THEOREM,
        "The gradient is orthogonal to the orbits",
        Source("nurisso", "Eq. (8)", "3.3"),
        r"Where $L$ is differentiable, $g(\theta)=\nabla L(\theta)$ is orthogonal to the tangent space of the orbit "
        r"$T(\theta)$ at $\theta$, which is spanned by the vectors $(w_k,-a_k)$.",
        hypotheses=("L depends on θ through f only",),
        uses=("nurisso.eq3", "nurisso.eq5-7"),
        evidence=[
            Derivation("L is constant along the orbit, in any dimension", _first_order_along_the_orbit),
            enumeration(
                "tangents of orbits against gradients of symbolic networks, d, l, e <= 2",
                lambda: rescaling_generator,
                _orthogonal_to_orbits,
                [Control("(w, +a) for the tangent", lambda make: lambda t, k: make(t, k).applyfunc(abs))],
            ),
        ],
    ),
    Claim(
        "nurisso.eq9",
        Kind.THEOREM,
        "Balance of a neuron's gradient",
        Source("nurisso", "Eq. (9)", "3.3"),
        r"$w_k\cdot g^{(1)}_k-a_k\cdot g^{(2)}_k=0$ for every neuron, for every selection of $\sigma'$ at kinks.",
        relation=lambda: sp.Eq(inner("w_k", "g1_k") - inner("a_k", "g2_k"), 0),
        hypotheses=("σ(z) = σ'(z) z",),
        uses=("nurisso.homog", "nurisso.eq5-7"),
        evidence=[
            Derivation(
                "both sides are one number, for any d, e, number of samples and slopes", _identity_in_any_dimension
            ),
            enumeration(
                "all slopes, residuals, inputs and weights free symbols; d, l, e <= 2, with and without biases",
                lambda: conservation_residual,
                _residual_vanishes,
                [
                    Control(
                        "a plus for the minus", lambda r: lambda t, g, k: r(t, Parameters(g.W1, -g.W2, g.b1, g.b2), k)
                    ),
                    Control("an activation of degree 2", lambda r: lambda t, g, k: conservation_residual(t, g, k, 2)),
                ],
            ),
            enumeration(
                "the gradient is SymPy's derivative of the linearized loss, d, l, e <= 2",
                lambda: gradient,
                _gradient_is_the_derivative,
                [Control("slopes forgotten", lambda rule: lambda t, x, D, r: rule(t, x, sp.ones(*D.shape), r))],
            ),
        ],
    ),
)
