"""Appendix E: the model with biases, its rescaling symmetry, and the form that gradient flow conserves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import sympy as sp

from quadrics.activation import Activation, absolute_value, leaky_relu
from quadrics.forms import form
from quadrics.invariant_set import InvariantSet
from quadrics.network import Parameters, TwoLayer
from quadrics.symmetry import rescale

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..rules import differentiate, equal
from ..vectors import dot, square, vectors


def _rescaled_neuron() -> list[Step]:
    """(a/α) σ(α w·x + α b) = a σ(w·x + b) for every homogeneous σ, α > 0, any dimension."""
    w, x = vectors("w x")
    alpha, b, a = sp.Symbol("alpha", positive=True), sp.Symbol("b"), sp.Symbol("a")
    up, down = sp.symbols("sigma_+ sigma_-", real=True)
    p, n = sp.Symbol("z_+", positive=True), sp.Symbol("z_-", negative=True)
    sigma = Activation(up, down)
    return [
        step(equal, dot(alpha * w, x) + alpha * b, alpha * (dot(w, x) + b), "the pre-activation z is multiplied by α"),
        step(equal, a / alpha * sigma(alpha * p), a * sigma(p), "z > 0"),
        step(equal, a / alpha * sigma(alpha * n), a * sigma(n), "z < 0"),
        step(equal, a / alpha * sigma(0), a * sigma(0), "z = 0"),
    ]


Action = Callable[[Parameters, Sequence[Any]], Parameters]


def _keeps_the_function(action: Action, context: Context) -> Outcome:
    """f(x; T_α θ) = f(x; θ) for symbolic θ with biases, in every orthant of pre-activations that a few inputs reach."""
    cases = 0
    for d, width, e in product((1, 2), (1, 2), (1, 2)):
        theta = TwoLayer(d, width, e, bias=True).symbols()
        values = [sp.Integer(v) for v in (2, -1, 3, -2, 1, -3, 5, -4, 2, -5, 1, 4, -1, 3)]
        numbers = theta.subs(dict(zip(theta.entries(), values, strict=False)))
        factors = [sp.Rational(2 + k, 3) for k in range(width)]
        for sigma in (leaky_relu(sp.Rational(1, 7)), absolute_value):
            net = TwoLayer(d, width, e, sigma, bias=True)
            for x in product((-2, 0, 1), repeat=d):
                cases += 1
                moved = net.output(list(x), action(numbers, factors))
                if sp.simplify(moved - net.output(list(x), numbers)) != sp.zeros(e, 1):
                    return decided(False, at=(d, width, e), x=x)
    return decided(True, cases=cases)


def _without_bias(action: Action) -> Action:
    return lambda theta, alpha: Parameters(action(theta, alpha).W1, action(theta, alpha).W2, theta.b1, theta.b2)


def _with_output_bias(action: Action) -> Action:
    def mutant(theta: Parameters, alpha: Sequence[Any]) -> Parameters:
        moved = action(theta, alpha)
        return Parameters(moved.W1, moved.W2, moved.b1, alpha[0] * theta.b2)

    return mutant


def _conserved_with_biases() -> list[Step]:
    """One sample's share of the gradient, r its residual and D any element of the subdifferential of σ."""
    w, x, a, r = vectors("w x a r")
    b, D = sp.symbols("b D")
    z = dot(w, x) + b
    s = D * dot(a, r)
    input_part = dot(w, s * x) + b * s
    output_part = dot(a, (D * z) * r)
    W, A, B = (sp.Function(name)(sp.Symbol("t")) for name in ("W", "A", "b"))
    t = sp.Symbol("t")
    return [
        step(equal, input_part, s * z, "⟨w, g_w⟩ + b g_b, with g_w = D (a·r) x and g_b = D (a·r)"),
        step(equal, output_part, s * z, "⟨a, g_a⟩, with g_a = D z r"),
        step(
            equal,
            input_part - output_part,
            sp.Integer(0),
            "⟨⟨θ, g⟩⟩_k = 0 for each sample, so for the mean over samples",
        ),
        step(
            differentiate(t),
            W**2 + B**2 - A**2,
            2 * (W * W.diff(t) + B * B.diff(t) - A * A.diff(t)),
            "and d/dt ⟨⟨θ, θ⟩⟩_k = 2⟨⟨θ, θ'⟩⟩_k = -2⟨⟨θ, g⟩⟩_k = 0",
        ),
    ]


FormOf = Callable[[Parameters, Parameters, int], Any]


def _annihilates_gradients(statement: FormOf, context: Context) -> Outcome:
    """⟨⟨θ, g⟩⟩_k = 0 for symbolic θ, two symbolic samples, every choice of gates and any residuals (the ℓ')."""
    cases = 0
    for d, width, e in product((1, 2), (1, 2), (1, 2)):
        theta = TwoLayer(d, width, e, bias=True).symbols()
        samples = [sp.Matrix(sp.symbols(f"x{i}_1:{d + 1}")) for i in (1, 2)]
        residuals = [sp.Matrix(sp.symbols(f"r{i}_1:{e + 1}")) for i in (1, 2)]
        for gates in product((0, 1), repeat=2 * width):
            functional = sp.Integer(0)
            for i, (x, r) in enumerate(zip(samples, residuals, strict=True)):
                z = theta.W1 * x + theta.b1
                hidden = sp.Matrix([gates[i * width + k] * z[k] for k in range(width)])
                functional += (r.T * (theta.W2 * hidden + theta.b2))[0]
            slope = partial(sp.diff, functional)
            gradient = Parameters(*(_each(slope, m) for m in (theta.W1, theta.W2, theta.b1, theta.b2)))
            for k in range(width):
                cases += 1
                if sp.expand(statement(theta, gradient, k)) != 0:
                    return decided(False, at=(d, width, e), gates=gates, neuron=k)
    return decided(True, cases=cases)


def _each(function: Callable[[Any], Any], matrix: Any) -> Any:
    return matrix.applyfunc(function)


def _is_determined_by(key: Callable[[tuple[int, ...]], Any], context: Context) -> Outcome:
    """Do equal keys give equal sets? Asked of all pairs of c in {-1, 1}², d = e = 1 with biases."""
    for first, second in product(product((-1, 1), repeat=2), repeat=2):
        if key(first) == key(second) and first != second:
            counts = [InvariantSet(1, 1, c, bias=True).number_of_components() for c in (first, second)]
            if counts[0] != counts[1]:
                return decided(False, c=[first, second], components=counts)
    return decided(True)


def _form_equation() -> Any:
    w, a = vectors("w a")
    return sp.Eq(sp.Symbol("c_k"), square(w) + sp.Symbol("b_k") ** 2 - square(a))


CLAIMS = (
    Claim(
        "nurisso.eq25",
        Kind.DEFINITION,
        "Two-layer network with biases",
        Source("nurisso", "Eq. (25)", "E"),
        r"$f(x;\theta)=W^{(2)}\sigma(W^{(1)}x+b^{(1)})+b^{(2)}$.",
        relation=lambda: sp.Eq(
            sp.Symbol("f"),
            TwoLayer(1, 1, bias=True).output([sp.Symbol("x", real=True)], TwoLayer(1, 1, bias=True).symbols())[0],
        ),
    ),
    Claim(
        "nurisso.eq26",
        Kind.DEFINITION,
        "Rescaling a neuron with its bias",
        Source("nurisso", "Eq. (26)", "E"),
        r"$T_\alpha(\theta_k)=(\alpha w_k,\alpha b_k,\tfrac1\alpha a_k)$ for $\alpha>0$ leaves the neuron's "
        r"function unchanged.",
        uses=("nurisso.eq25", "nurisso.homog"),
        evidence=[Derivation("σ(αz) = ασ(z) for α > 0, in every dimension", _rescaled_neuron)],
    ),
    Claim(
        "nurisso.eq27",
        Kind.THEOREM,
        "Rescaling a network with biases",
        Source("nurisso", "Eq. (27)", "E"),
        r"$T_\alpha(\theta)=(\mathrm{diag}(\alpha)W^{(1)},\mathrm{diag}(\alpha)b^{(1)},"
        r"W^{(2)}\mathrm{diag}(\alpha)^{-1},b^{(2)})$ satisfies $f(\cdot;T_\alpha\theta)=f(\cdot;\theta)$.",
        uses=("nurisso.eq26", "nurisso.prop1"),
        evidence=[
            Derivation("neuron by neuron; the output bias is added afterwards", _rescaled_neuron),
            enumeration(
                "the library's action at exact points, d, l, e <= 2, leaky ReLU and |z|",
                lambda: rescale,
                _keeps_the_function,
                [
                    Control("hidden biases left as they are", _without_bias),
                    Control("the output bias rescaled too", _with_output_bias),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.eq25-27",
        Kind.DEFINITION,
        "The setting with biases",
        Source("nurisso", "Eq. (25)-(27)", "E"),
        r"The hidden biases $b^{(1)}$ join the input weights of their neurons and are rescaled with them; $b^{(2)}$ is "
        r"rescaled by nothing: the model, its rescaling and the invariance, equations (25), (26) and (27) together.",
        uses=("nurisso.eq25", "nurisso.eq26", "nurisso.eq27"),
    ),
    Claim(
        "nurisso.eq28",
        Kind.THEOREM,
        "The conserved form with biases",
        Source("nurisso", "Eq. (28)", "E"),
        r"Gradient flow conserves $\langle\langle\theta,\theta\rangle\rangle_k=|w_k|^2+b_k^2-|a_k|^2$ for every "
        r"hidden neuron.",
        relation=_form_equation,
        uses=("nurisso.eq25", "nurisso.eq9", "nurisso.eq11"),
        evidence=[
            Derivation(
                "sample by sample, in every dimension, whatever the residual and the gate", _conserved_with_biases
            ),
            enumeration(
                "the library's form on symbolic gradients, d, l, e <= 2, two samples, all gates",
                lambda: form,
                _annihilates_gradients,
                [
                    Control(
                        "the biases left out of the form",
                        lambda f: lambda t, g, k: f(Parameters(t.W1, t.W2), Parameters(g.W1, g.W2), k),
                    ),
                    Control("twice the bias term", lambda f: lambda t, g, k: f(t, g, k) + t.b1[k] * g.b1[k]),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.eq28.printed",
        Kind.THEOREM,
        "The invariant set with biases, as printed",
        Source("nurisso", "after Eq. (28)", "E"),
        r"$\mathcal{H}(c_k)$, determined by the number $c_k$, is the set defined by "
        r"$\langle\langle\theta,\theta\rangle\rangle_k=c_k$ for all $k$.",
        label=Label.TYPO,
        erratum="It is H(c), determined by the whole vector c; the conservation law above it is like eq. (11), "
        "not like eq. (9).",
        evidence=[
            counterexample(
                "c = (-1, -1) and (-1, 1) share c_1 and define sets with 4 and 2 components",
                lambda: lambda c: c[0],
                _is_determined_by,
                [Control("the vector c", lambda _: lambda c: c)],
            )
        ],
    ),
)
