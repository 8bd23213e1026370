"""Section 8: what becomes of the theory with more layers, finite steps, other optimizers and regularization."""

from __future__ import annotations

from typing import Any

import sympy as sp

from quadrics.conservation import gradient
from quadrics.discretization import decayed_imbalance, discrete_imbalance, discrete_imbalances, gradient_step
from quadrics.forms import imbalance
from quadrics.network import Parameters, TwoLayer

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..rules import differentiate, entails, equal, equal_modulo, substitute
from ..vectors import bilinear_modulo, dot, inner, norm2, square, vectors


def _dimensions() -> list[Step]:
    n0, n1, n2, n3 = sp.symbols("n0 n1 n2 n3", positive=True)
    weights = n0 * n1 + n1 * n2 + n2 * n3
    product = n1 * (n0 + n2 - 1) + n2 * (n1 + n3 - 1)
    return [
        step(
            equal,
            product - (weights - n1 - n2),
            n1 * n2,
            "dimension of ∏ Q(c_k) less that of H(c) at a regular point, "
            "in a network n0-n1-n2-n3: the weights between hidden layers count twice",
        ),
        step(entails, sp.And(n1 > 0, n2 > 0), n1 * n2 > 0, "so the two never have the same dimension"),
        argued("Homeomorphic manifolds have the same dimension."),
    ]


def _two_components() -> list[Step]:
    """The network 1-1-1-1 with weights u, v, w and c = (-1, 1)."""
    u, v, w, t = sp.symbols("u v w t")
    on_it = sp.And(sp.Eq(u**2 - v**2, -1), sp.Eq(v**2 - w**2, 1))
    path = (t * u, sp.sqrt(1 + t**2 * u**2), t * w)
    return [
        step(entails, on_it, sp.Ne(v, 0), "v never vanishes on H(-1, 1): at least two components"),
        step(entails, on_it, sp.Eq(u**2, w**2), "u² = w²"),
        step(equal, path[0] ** 2 - path[1] ** 2, sp.Integer(-1), "the path (tu, √(1 + t²u²), tw) keeps c_1"),
        step(equal_modulo(sp.Eq(u**2, w**2)), sp.expand(path[1] ** 2 - path[2] ** 2), sp.Integer(1), "and c_2"),
        step(
            substitute({t: 0}),
            path[1],
            sp.Integer(1),
            "and leads to (0, 1, 0): all points with v > 0 are connected; the same "
            "for v < 0. H(-1, 1) has 2 components, the product of two hyperbolas has 4",
        ),
    ]


def _jacobian() -> list[Step]:
    u, v, w = sp.symbols("u v w")
    equations = sp.Matrix([u**2 - v**2, v**2 - w**2])
    minors = equations.jacobian([u, v, w])
    at = {u: 0, v: 1, w: 0}
    return [
        step(
            equal,
            sp.Integer(minors.subs(at).rank()),
            sp.Integer(1),
            "at (0, 1, 0) the equations of H(-1, 1) have "
            "dependent differentials: the two branches w = ±u cross there, and H(c) is no manifold although no c_k "
            "is 0",
        )
    ]


def _finite_steps() -> list[Step]:
    c, g1, g2, h, change = sp.symbols("c G1 G2 h change")
    after = discrete_imbalance(c, g1, g2, h)
    return [
        step(equal, after - c, h**2 * (g1 - g2), "one step changes c by h²(|g1|² - |g2|²)"),
        step(
            entails,
            sp.And(sp.Ne(h, 0), sp.Ne(g1, g2), sp.Eq(change, sp.expand(after - c))),
            sp.Ne(change, 0),
            "which is not zero unless the two norms agree",
        ),
    ]


def _adams_first_step() -> list[Step]:
    """One active neuron with d = e = 1: gradients r a x and r w x, all positive; a step of Adam from zero moments."""
    w, a, r, x, h = sp.symbols("w a r x h", positive=True)
    theta = Parameters([[w]], [[a]])
    g = gradient(theta, [[x]], [[1]], [[r]])
    # m/(1-β₁) = g and v/(1-β₂) = g² after one step: the update is h g/|g| (ε -> 0).
    direction = Parameters(g.W1.applyfunc(lambda v: v / sp.Abs(v)), g.W2.applyfunc(lambda v: v / sp.Abs(v)))
    adam = imbalance(gradient_step(theta, direction, h))[0] - imbalance(theta)[0]
    descent = imbalance(gradient_step(theta, g, h))[0] - imbalance(theta)[0]
    return [
        step(equal, adam, -2 * h * (w - a), "Adam's first step changes c at first order in h, unless w = a"),
        step(equal, sp.limit(adam / h, h, 0), -2 * (w - a), "so c drifts in the limit of small steps, too"),
        step(
            equal,
            sp.limit(sp.expand(descent) / h, h, 0),
            sp.Integer(0),
            "gradient descent changes c at second order only",
        ),
    ]


def _momentum() -> list[Step]:
    w, a, g1, g2, k1, k2 = vectors("w a g1 g2 k1 k2")
    h, beta = sp.symbols("h beta")
    w1, a1 = w - h * g1, a - h * g2
    m1, m2 = beta * g1 + k1, beta * g2 + k2
    first = sp.Eq(inner("w", "g1"), inner("a", "g2"))
    second = sp.Eq(dot(w1, k1), dot(a1, k2))
    change = norm2(w1 - h * m1) - norm2(a1 - h * m2) - norm2(w1) + norm2(a1)
    law = 2 * h**2 * beta * (square(g1) - square(g2)) + h**2 * (square(m1) - square(m2))
    return [
        step(
            bilinear_modulo(first, second),
            change,
            law,
            "momentum: the second step, with gradient k at the new point, changes c by 2βh²⟨⟨g, g⟩⟩ + h²⟨⟨m, m⟩⟩, "
            "not by h²⟨⟨k, k⟩⟩",
        )
    ]


def _powers() -> list[Step]:
    alpha, p, W, A = sp.symbols("alpha p W A", positive=True)
    penalty = alpha**p * W + alpha**-p * A
    slope = p * alpha**p * W / alpha - p * alpha**-p * A / alpha
    w, a, s = sp.symbols("W A slope")
    return [
        step(differentiate(alpha), penalty, slope, "Σ|αw_i|^p + Σ|a_j/α|^p = α^p W + α^(-p) A along the orbit"),
        step(substitute({alpha: 1}), slope, p * (W - A), "its derivative at α = 1"),
        step(entails, sp.And(sp.Ne(w, a), sp.Eq(s, w - a)), sp.Ne(s, 0), "vanishes only where Σ|w_i|^p = Σ|a_j|^p"),
    ]


def _decay_keeps_signs() -> list[Step]:
    c, lam, t = sp.Symbol("c", negative=True), sp.Symbol("lambda", positive=True), sp.Symbol("t", positive=True)
    w2, a2 = sp.symbols("w2 a2")
    level = sp.Symbol("level")
    return [
        step(equal, sp.sign(decayed_imbalance(c, lam, t)), sp.Integer(-1), "ℓ2: c(t) = c e^(-2λt) stays negative"),
        step(entails, sp.And(w2 >= 0, level < 0, sp.Eq(w2 - a2, level)), a2 > 0, "so a(t) never vanishes"),
    ]


def _one_step_breaks(law: Any, context: Context) -> Outcome:
    """An exact step of a rational network against the law, and that it leaves its quadric."""
    theta = Parameters([[1, 2], [0, 1]], [[3, sp.Rational(1, 2)]])
    net = TwoLayer(2, 2)
    x = sp.Matrix([[1, -1], [2, 1]])
    slopes = (theta.W1 * x).applyfunc(net.activation.derivative)
    g = gradient(theta, x, slopes, net.output(x, theta) / 2)
    h = sp.Rational(1, 10)
    before, after = imbalance(theta), imbalance(gradient_step(theta, g, h))
    predicted = law(theta, g, h)
    return decided(after == predicted and after != before, before=before, after=after, predicted=predicted)


CLAIMS = (
    Claim(
        "nurisso.sec8.deep",
        Kind.THEOREM,
        "The quadrics of deep networks are not independent",
        Source("nurisso", "Limitations", "8"),
        r"With two hidden layers (and all the more with others) $\mathcal{H}(c)$ is not the product of the "
        r"$\mathcal{Q}(c_k)$: weights "
        r"between hidden "
        r"layers belong to two neurons.",
        uses=("nurisso.eq11.deep",),
        evidence=[
            Derivation("the dimensions differ, for all widths", _dimensions),
            Derivation("the network 1-1-1-1 with c = (-1, 1): 2 components, not 4", _two_components, Scope.INSTANCE),
            Derivation("and there H(c) is not even a manifold", _jacobian, Scope.INSTANCE),
        ],
    ),
    Claim(
        "nurisso.sec8.gd",
        Kind.THEOREM,
        "Finite steps leave the invariant set",
        Source("nurisso", "Limitations", "8"),
        r"A step of (stochastic) gradient descent changes $c_k$ by $h^2(|g^{(1)}_k|^2-|g^{(2)}_k|^2)$, in general "
        r"not zero.",
        uses=("beyond.nurisso.discrete-law",),
        evidence=[
            Derivation("the change is h²(|g1|² - |g2|²)", _finite_steps),
            enumeration(
                "an exact step of a rational network",
                lambda: discrete_imbalances,
                _one_step_breaks,
                [
                    Control(
                        "h for h²",
                        lambda law: (
                            lambda t, g, h: [c + (v - c) / h for c, v in zip(imbalance(t), law(t, g, h), strict=True)]
                        ),
                    )
                ],
                Scope.INSTANCE,
            ),
        ],
    ),
    Claim(
        "nurisso.sec8.adam",
        Kind.THEOREM,
        "Adam and momentum leave the invariant set",
        Source("nurisso", "Limitations", "8"),
        r"Updates that use earlier gradients are not confined to $\mathcal{H}(c)$. Adam drifts away at first order "
        r"in the step size; "
        r"momentum, like gradient descent, at second.",
        uses=("nurisso.eq12", "beyond.nurisso.discrete-law"),
        evidence=[
            Derivation("the first step of Adam, one neuron with d = e = 1", _adams_first_step, Scope.INSTANCE),
            Derivation("the second step with momentum, in any dimension", _momentum, Scope.INSTANCE),
        ],
    ),
    Claim(
        "nurisso.sec8.reg",
        Kind.THEOREM,
        "Regularization breaks the invariance",
        Source("nurisso", "Limitations", "8"),
        r"The penalty $\|\theta\|_p^p$ is not invariant under rescalings: its derivative along the orbit of neuron "
        r"$k$ is "
        r"$p(\|w_k\|_p^p-\|a_k\|_p^p)$. With $\ell_2$ the obstruction nevertheless persists: "
        r"$c_k(t)=c_k(0)e^{-2\lambda t}$.",
        uses=("nurisso.eq8", "beyond.nurisso.weight-decay"),
        evidence=[
            Derivation("the ℓ_p penalty along an orbit, for every p", _powers),
            Derivation("under ℓ2 a negative imbalance stays negative", _decay_keeps_signs),
        ],
    ),
)
