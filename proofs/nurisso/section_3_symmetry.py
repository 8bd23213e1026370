"""Section 3.2: rescalings and permutations of neurons, the functions they keep, and what they do not explain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations, product
from typing import Any

import sympy as sp
import z3

from quadrics.activation import Activation
from quadrics.network import Parameters, TwoLayer
from quadrics.symmetry import permutation_matrix, permute, rescale

from .. import indexed
from ..check import Context, Control, certificate, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..matrix_rules import delta_sum, given, matrix_equal
from ..rules import equal, substitute

Rescaling = Callable[[Parameters, Sequence[Any]], Parameters]
Permuting = Callable[[Parameters, Sequence[int]], Parameters]


def _sizes(widths: tuple[int, ...]) -> list[tuple[int, int, int, bool]]:
    return list(product((1, 2), widths, (1, 2), (False, True)))


def _keeps_function(theta: Parameters, moved: Parameters, net: TwoLayer) -> bool:
    """f(x; moved) = f(x; θ) for symbolic θ: activations as Piecewise, so for every sign of every pre-activation."""
    x = sp.Matrix(sp.symbols(f"x1:{net.d_in + 1}", real=True))
    difference = net.output(x, moved) - net.output(x, theta)
    return all(sp.piecewise_fold(sp.simplify(entry)) == 0 for entry in difference)


def _rescaling_keeps_f(action: Rescaling, context: Context) -> Outcome:
    cases = 0
    for d, width, e, bias in _sizes((1, 2)):
        theta = TwoLayer(d, width, e, bias=bias).symbols()
        alpha = sp.symbols(f"alpha1:{width + 1}", positive=True)
        moved = action(theta, alpha)
        # Neuron by neuron: (w·x + b) is multiplied by α, a divided; then σ(αz)/α = σ(z), as the derivation shows.
        for k in range(width):
            old, new = theta.neuron(k), moved.neuron(k)
            inputs = [n - alpha[k] * o for n, o in zip((*new.w, new.b or 0), (*old.w, old.b or 0), strict=True)]
            outputs = [alpha[k] * n - o for n, o in zip(new.a, old.a, strict=True)]
            if any(sp.expand(v) != 0 for v in (*inputs, *outputs)):
                return decided(False, at=(d, width, e, bias), neuron=k)
        if moved.b2 != theta.b2:
            return decided(False, at=(d, width, e, bias), what="the output bias moved")
        cases += 1
    net = TwoLayer(1, 1, 1, Activation(*sp.symbols("alpha beta", real=True)), bias=True)
    theta = net.symbols()
    for scale in (sp.Rational(1, 3), sp.Integer(2)):
        if not _keeps_function(theta, action(theta, [scale]), net):
            return decided(False, at="the function itself", scale=scale)
    return decided(True, cases=cases)


def _permutation_keeps_f(action: Permuting, context: Context) -> Outcome:
    cases = 0
    for d, width, e, bias in _sizes((1, 2, 3, 4)):
        net = TwoLayer(d, width, e, bias=bias)
        theta = net.symbols()
        x = sp.Matrix(sp.symbols(f"x1:{d + 1}", real=True))
        f = net.output(x, theta)
        for perm in permutations(range(width)):
            cases += 1
            if net.output(x, action(theta, perm)) != f:
                return decided(False, at=(d, width, e, bias), perm=perm)
    return decided(True, cases=cases)


def _one_parameter_group() -> list[Step]:
    d, e = sp.symbols("d e", integer=True, positive=True)
    w, a = sp.MatrixSymbol("w", d, 1), sp.MatrixSymbol("a", e, 1)
    alpha, beta = sp.symbols("alpha beta", positive=True)
    return [
        step(
            matrix_equal, alpha * (beta * w), (alpha * beta) * w, "T_α T_β = T_αβ on input weights", mutants=[alpha * w]
        ),
        step(matrix_equal, (a / beta) / alpha, a / (alpha * beta), "and on output weights", mutants=[a / alpha]),
    ]


def _rescaling_invariance() -> list[Step]:
    d = sp.Symbol("d", integer=True, positive=True)
    w, x = sp.MatrixSymbol("w", d, 1), sp.MatrixSymbol("x", d, 1)
    a, p, alpha = sp.Symbol("a", real=True), sp.Symbol("p", positive=True), sp.Symbol("alpha", positive=True)
    n, z = sp.Symbol("n", negative=True), sp.Symbol("z", real=True)
    sigma = Activation(*sp.symbols("alpha_ beta_", real=True))
    return [
        step(
            matrix_equal,
            (alpha * w).T * x,
            alpha * (w.T * x),
            "the pre-activation is multiplied by α",
            mutants=[w.T * x],
        ),
        step(equal, a / alpha * sigma(alpha * p), a * sigma(p), "a neuron's contribution where z > 0"),
        step(equal, a / alpha * sigma(alpha * n), a * sigma(n), "where z < 0"),
        step(substitute({z: 0}), a / alpha * sigma(alpha * z) - a * sigma(z), sp.Integer(0), "and at 0, where σ is 0"),
    ]


def _orthogonal_matrix() -> list[Step]:
    i, j, k, width = sp.symbols("i j k l", integer=True, positive=True)
    rho = sp.Symbol("r", integer=True, positive=True)  # stands for π⁻¹(i), which lies in {1, ..., l}
    e, d = sp.symbols("e d", integer=True, positive=True)
    W2, R, s = sp.MatrixSymbol("W2", e, width), sp.MatrixSymbol("R", width, width), sp.MatrixSymbol("s", width, d)
    product_ = sp.Sum(sp.KroneckerDelta(k, rho) * sp.KroneckerDelta(i, j), (k, 1, width))
    return [
        step(
            delta_sum(rho, upper=width),
            product_,
            sp.KroneckerDelta(i, j),
            "(RᵀR)_ij, its terms being [k = π⁻¹(i)][i = j]",
        ),
        step(
            given({R.T * R: sp.Identity(width)}),
            W2 * R.T * (R * s),
            W2 * s,
            "the output, s being σ(W1 x)",
            mutants=[W2 * R * s],
        ),
    ]


def _terms_of_the_product() -> indexed.Formula:
    """[i = π(k)][j = π(k)] = [k = π⁻¹(i)][i = j] for all i, j, k, of every width."""
    pi, (i, j, k) = indexed.Bijection("pi"), z3.Ints("i j k")
    left = z3.And(pi(k) == i, pi(k) == j)
    right = z3.And(pi.inverse(i) == k, i == j)
    return indexed.Formula(pi.facts, left == right)


def _commutes_entrywise() -> indexed.Formula:
    """(R σ(v))_i = σ(v_π(i)) = σ((R v)_i), for any function σ."""
    pi, i = indexed.Bijection("pi"), z3.Int("i")
    v = z3.Function("v", z3.IntSort(), z3.RealSort())
    sigma = z3.Function("sigma", z3.RealSort(), z3.RealSort())

    def permuted(u: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda index: u(pi(index))

    left = permuted(lambda index: sigma(v(index)))(i)
    return indexed.Formula(pi.facts, left == sigma(permuted(v)(i)))


def _not_permuted() -> indexed.Formula:
    pi, i = indexed.Bijection("pi"), z3.Int("i")
    v = z3.Function("v", z3.IntSort(), z3.RealSort())
    sigma = z3.Function("sigma", z3.RealSort(), z3.RealSort())
    return indexed.Formula(pi.facts, sigma(v(pi(i))) == sigma(v(i)))


def _terms_of_a_composition() -> indexed.Formula:
    """[k = π(i)][j = ρ(k)] = [k = π(i)][j = ρ(π(i))]: the one term of (R_π R_ρ)_ij, for every width."""
    pi, rho, (i, j, k) = indexed.Bijection("pi"), indexed.Bijection("rho"), z3.Ints("i j k")
    return indexed.Formula([], z3.And(k == pi(i), j == rho(k)) == z3.And(k == pi(i), j == rho(pi(i))))


def _terms_of_a_left_action() -> indexed.Formula:
    pi, rho, (i, j, k) = indexed.Bijection("pi"), indexed.Bijection("rho"), z3.Ints("i j k")
    return indexed.Formula([], z3.And(k == pi(i), j == rho(k)) == z3.And(k == pi(i), j == pi(rho(i))))


def _forgets_the_inverse() -> indexed.Formula:
    pi, (i, j, k) = indexed.Bijection("pi"), z3.Ints("i j k")
    return indexed.Formula(pi.facts, z3.And(pi(k) == i, pi(k) == j) == z3.And(pi(i) == k, i == j))


def _composition(compose: Callable[[Sequence[int], Sequence[int]], list[int]], context: Context) -> Outcome:
    """P_π P_ρ = P_(compose) for all π, ρ of at most four neurons."""
    cases = 0
    for width in range(1, 5):
        for pi, rho in product(permutations(range(width)), repeat=2):
            cases += 1
            if permutation_matrix(pi) * permutation_matrix(rho) != permutation_matrix(compose(pi, rho)):
                return decided(False, l=width, pi=pi, rho=rho)
    return decided(True, cases=cases)


def _orbit(factors: Callable[[int], Sequence[Any]], context: Context) -> Outcome:
    """Whether the orbit contains the network in which only the first of two neurons is rescaled, by 2."""
    theta = Parameters([[1, 0], [0, 1]], [[1, 1]])
    target = rescale(theta, [2, 1])
    alpha = factors(2)
    moved = rescale(theta, alpha)
    equations = [sp.Eq(a, b) for a, b in zip(moved.entries(), target.entries(), strict=True) if a != b]
    solutions = sp.solve(equations, list(dict.fromkeys(alpha)), dict=True)
    return decided(bool(solutions), alpha=alpha, solutions=solutions)


CLAIMS = (
    Claim(
        "nurisso.eq2",
        Kind.THEOREM,
        "Rescaling a neuron is an action of the positive numbers",
        Source("nurisso", "Eq. (2)", "3.2"),
        r"$T_\alpha(w,a)=(\alpha w,a/\alpha)$ satisfies $T_\alpha T_\beta=T_{\alpha\beta}$ on each $\Theta_k$.",
        uses=("nurisso.prop1",),
        evidence=[Derivation("T_α T_β = T_αβ in every dimension", _one_parameter_group)],
    ),
    Claim(
        "nurisso.eq3",
        Kind.THEOREM,
        "Rescalings keep the function",
        Source("nurisso", "Eq. (3)", "3.2"),
        r"For $\alpha\in\mathbb{R}_+^l$ let "
        r"$T_\alpha(\theta)=(\mathrm{diag}(\alpha)W^{(1)},W^{(2)}\mathrm{diag}(\alpha)^{-1})$. Then "
        r"$f(\cdot;T_\alpha\theta)=f(\cdot;\theta)$, and the orbit is "
        r"$T(\theta)=\{T_\alpha(\theta):\alpha\in\mathbb{R}_+^l\}$.",
        hypotheses=("σ(z) = α z₊ - β z₋",),
        uses=("nurisso.homog", "nurisso.prop1", "nurisso.eq2"),
        evidence=[
            Derivation("σ(αz)/α = σ(z) makes every neuron's contribution invariant", _rescaling_invariance),
            enumeration(
                "symbolic networks with d, e, l <= 2, with and without biases",
                lambda: rescale,
                _rescaling_keeps_f,
                [
                    Control(
                        "output weights not divided",
                        lambda act: lambda t, a: Parameters(act(t, a).W1, t.W2, act(t, a).b1, t.b2),
                    ),
                    Control(
                        "hidden biases left alone",
                        lambda act: lambda t, a: Parameters(act(t, a).W1, act(t, a).W2, t.b1, t.b2),
                    ),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.eq3.printed",
        Kind.THEOREM,
        "The orbit as printed",
        Source("nurisso", "Orbit", "3.2"),
        r"The orbit of $\theta$ under arbitrary rescalings of its neurons is "
        r"$\{T_\alpha(\theta):\alpha\in\mathbb{R}_+\}$.",
        label=Label.TYPO,
        erratum="α has one factor for each neuron: α in R_+^l. With one common factor the orbit is a curve.",
        evidence=[
            counterexample(
                "rescaling the first of two neurons by 2 and the second by 1",
                lambda: lambda width: [sp.Symbol("alpha", positive=True)] * width,
                _orbit,
                [
                    Control(
                        "a factor for each neuron",
                        lambda _: lambda width: sp.symbols(f"alpha1:{width + 1}", positive=True),
                    )
                ],
            )
        ],
    ),
    Claim(
        "nurisso.eq4",
        Kind.THEOREM,
        "Permutations keep the function",
        Source("nurisso", "Eq. (4)", "3.2"),
        r"$P_\pi(\theta)=(R_\pi W^{(1)},W^{(2)}R_\pi^\top)$ satisfies $f(\cdot;P_\pi\theta)=f(\cdot;\theta)$. With "
        r"$(R_\pi)_{ij}=1$ iff $j=\pi(i)$, $R_\pi R_\rho=R_{\rho\circ\pi}$: a right action of $\mathfrak{S}_l$.",
        uses=("nurisso.eq1",),
        evidence=[
            certificate(
                "the terms of (RᵀR)_ij, for every width",
                lambda: _terms_of_the_product,
                indexed.decide,
                [Control("π in place of its inverse", lambda _: _forgets_the_inverse)],
            ),
            certificate(
                "σ commutes with R entry by entry, for every width",
                lambda: _commutes_entrywise,
                indexed.decide,
                [Control("an entry that is not permuted", lambda _: _not_permuted)],
            ),
            Derivation("RᵀR = I, so W2 Rᵀ σ(R W1 x) = W2 σ(W1 x)", _orthogonal_matrix),
            enumeration(
                "all permutations of symbolic networks with d, e <= 2, l <= 4",
                lambda: permute,
                _permutation_keeps_f,
                [
                    Control(
                        "output weights left alone",
                        lambda act: lambda t, p: Parameters(act(t, p).W1, t.W2, act(t, p).b1, t.b2),
                    )
                ],
            ),
            certificate(
                "the terms of (R_π R_ρ)_ij are those of R_(ρ∘π), for every width",
                lambda: _terms_of_a_composition,
                indexed.decide,
                [Control("a left action: π∘ρ", lambda _: _terms_of_a_left_action)],
            ),
            enumeration(
                "R_π R_ρ for all permutations of l <= 4 neurons",
                lambda: lambda pi, rho: [rho[i] for i in pi],
                _composition,
                [Control("a left action: π∘ρ", lambda _: lambda pi, rho: [pi[i] for i in rho])],
            ),
        ],
    ),
)
