"""Section 3.1: the model, homogeneous activations, and the decomposition of parameter space into neurons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import sympy as sp

from quadrics.activation import Activation, absolute_value, leaky_relu, relu
from quadrics.network import Parameters, TwoLayer

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..exact import same
from ..matrix_rules import delta_sum
from ..rules import entails, equal, recompute, substitute


def _model() -> Any:
    net = TwoLayer(2, 2)
    return sp.Eq(sp.Symbol("f"), net.output(sp.symbols("x1:3", real=True), net.symbols())[0])


def _euler() -> Any:
    z, sigma = sp.Symbol("z"), sp.Function("sigma")
    return sp.Eq(z * sp.Derivative(sigma(z), z), sigma(z))


def _solve_euler() -> list[Step]:
    z, constant = sp.Symbol("z", positive=True), sp.Symbol("C1")
    s = sp.Function("s")
    solve_ode = recompute("solve the differential equation", lambda equation: sp.dsolve(equation, s(z)))
    alpha, beta = sp.symbols("alpha beta", real=True)
    p, n, slope = sp.Symbol("p", positive=True), sp.Symbol("n", negative=True), sp.Symbol("slope", real=True)
    sigma, z0 = Activation(alpha, beta), sp.Symbol("z", real=True)
    return [
        step(solve_ode, sp.Eq(z * s(z).diff(z), s(z)), sp.Eq(s(z), constant * z), "on z > 0; with -z for z on z < 0"),
        step(equal, sigma(p), alpha * p, "so on z > 0 it is αz, whatever the constant α"),
        step(equal, sigma(n), beta * n, "and on z < 0 it is βz = -βz₋"),
        step(equal, p * sigma.derivative(p), sigma(p), "conversely α z₊ - β z₋ satisfies the equation on z > 0"),
        step(equal, n * sigma.derivative(n), sigma(n), "on z < 0"),
        step(
            substitute({z0: 0}),
            slope * z0 - sigma(z0),
            sp.Integer(0),
            "and at 0 for every slope: all of the subdifferential",
        ),
    ]


def _named_activations() -> list[Step]:
    p, n = sp.Symbol("p", positive=True), sp.Symbol("n", negative=True)
    gamma = sp.Symbol("gamma")
    steps = [
        step(equal, relu(p), sp.Max(p, 0), "ReLU is (α, β) = (1, 0)"),
        step(equal, relu(n), sp.Max(n, 0)),
        step(equal, leaky_relu(sp.Rational(1, 10))(n), n / 10, "leaky ReLU is (1, γ)"),
        step(entails, sp.And(n < 0, gamma >= 0, gamma <= 1), gamma * n >= n, "and is max(z, γz): on z < 0"),
        step(entails, sp.And(p > 0, gamma >= 0, gamma <= 1), gamma * p <= p, "on z > 0"),
    ]
    return steps


def _printed_leaky() -> Any:
    """The printed leaky ReLU, max(z, γ) at γ = 1/10, as an expression in z."""
    return sp.Max(sp.Symbol("z", real=True), sp.Rational(1, 10))


def _euler_at_minus_one(sigma: Any, context: Context) -> Outcome:
    """z σ'(z) = σ(z) at z = -1, where every function in question is differentiable."""
    z = sp.Symbol("z", real=True)
    slope = sp.diff(sigma, z).subs(z, -1)
    value = sigma.subs(z, -1)
    return decided(same(-slope, value), at=-1, slope=slope, value=value, doubled=sigma.subs(z, -2))


def _idempotents() -> list[Step]:
    i, j, k, m, q, width = sp.symbols("i j k m q l", integer=True, positive=True)
    d, e = sp.symbols("d e", integer=True, positive=True)
    delta = sp.KroneckerDelta

    def e_kk(index: Any, row: Any, column: Any) -> Any:
        return delta(index, row) * delta(index, column)

    total = sp.Sum(e_kk(k, i, j), (k, 1, width))
    times = sp.Sum(e_kk(k, i, m) * e_kk(q, m, j), (m, 1, width))
    return [
        step(delta_sum(i, j, upper=width), total, delta(i, j), "Σ_k e_kk is the identity, entry by entry: Θ = Σ_k Θ_k"),
        step(
            delta_sum(i, j, k, q, upper=width),
            times,
            delta(k, q) * delta(k, i) * delta(q, j),
            "e_kk e_qq = δ_kq e_kk: the sum is direct",
        ),
        step(recompute("sum", lambda s: s.doit()), sp.Sum(d + e, (k, 1, width)), width * (d + e), "dimensions add up"),
    ]


Blocks = Callable[[Parameters], Sequence[Parameters]]


def _decomposes(blocks: Blocks, context: Context) -> Outcome:
    """Blocks sum to θ, share no parameter, and their functions add up to the network's, for symbolic θ and inputs."""
    cases = 0
    for d, width, e, bias in product((1, 2), (1, 2, 3), (1, 2), (False, True)):
        for sigma in (relu, absolute_value):
            net = TwoLayer(d, width, e, sigma, bias)
            full = net.symbols()
            theta = Parameters(full.W1, full.W2, full.b1, None)
            parts = list(blocks(theta))
            total = parts[0]
            for part in parts[1:]:
                total = total + part
            supports = [{v for v in part.entries() if v != 0} for part in parts]
            x = sp.Matrix(sp.symbols(f"x1:{d + 1}", real=True))
            f = sum((net.output(x, part) for part in parts), sp.zeros(e, 1)) - net.output(x, theta)
            disjoint = sum(map(len, supports)) == len(set().union(*supports))
            cases += 1
            if total != theta or not disjoint or any(sp.expand(entry) != 0 for entry in f):
                return decided(False, at=(d, width, e, bias))
    return decided(True, cases=cases)


def _all_blocks(theta: Parameters) -> list[Parameters]:
    return [theta.block(k) for k in range(theta.width)]


def _with_output_bias(blocks: Blocks) -> Blocks:
    def mutant(theta: Parameters) -> list[Parameters]:
        biases = [sp.Symbol(f"o_{j}", real=True) for j in range(theta.d_out)]
        return [Parameters(part.W1, part.W2, part.b1, biases) for part in blocks(theta)]

    return mutant


def _is_basis(units: Callable[[int], list[tuple[int, int]]], context: Context) -> Outcome:
    """Whether matrix units with these index pairs (from 1) are a basis of the l by l matrices, for l = 2."""
    width = 2
    rows = []
    for i, j in units(width):
        unit = sp.zeros(width, width)
        unit[i - 1, j - 1] = 1
        rows.append(list(unit))
    rank = sp.Matrix(rows).rank()
    return decided(rank == len(rows) == width**2, l=width, units=len(rows), rank=rank, dimension=width**2)


CLAIMS = (
    Claim(
        "nurisso.eq1",
        Kind.DEFINITION,
        "Two-layer network",
        Source("nurisso", "Eq. (1)", "3.1"),
        r"A two-layer network computes $f(x;\theta) = W^{(2)}\sigma(W^{(1)}x)$, with "
        r"$W^{(1)}\in\mathbb{R}^{l\times d}$ and $W^{(2)}\in\mathbb{R}^{e\times l}$. Neuron $k$ has the input weights "
        r"$w_k$ (row $k$ of $W^{(1)}$) and the output weights $a_k$ (column $k$ of $W^{(2)}$).",
        relation=_model,
    ),
    Claim(
        "nurisso.homog",
        Kind.THEOREM,
        "Homogeneous activations",
        Source("nurisso", "Homogeneity", "3.1"),
        r"An activation satisfies $\sigma(z)=\sigma'(z)z$ for every $z$ and every element of the subdifferential "
        r"exactly when $\sigma(z)=\alpha z_+-\beta z_-$ for two numbers $\alpha,\beta$. ReLU is $(1,0)$ and leaky "
        r"ReLU, $\max\{z,\gamma z\}$ with $0\le\gamma\le1$, is $(1,\gamma)$.",
        relation=_euler,
        hypotheses=("σ is absolutely continuous, and differentiable away from 0",),
        evidence=[
            Derivation("the solutions of z σ'(z) = σ(z) are the functions α z₊ - β z₋", _solve_euler),
            Derivation("ReLU and leaky ReLU are of this form", _named_activations),
        ],
    ),
    Claim(
        "nurisso.homog.printed",
        Kind.THEOREM,
        "Leaky ReLU as printed",
        Source("nurisso", "Homogeneity", "3.1"),
        r"The function $\max\{z,\gamma\}$ with $0\le\gamma\le1$ is homogeneous.",
        label=Label.TYPO,
        erratum="max{z, γ} is constant below γ and not homogeneous; leaky ReLU is max{z, γz}.",
        evidence=[
            counterexample(
                "γ = 1/10 at z = -1: the slope is 0 and the value 1/10",
                _printed_leaky,
                _euler_at_minus_one,
                [
                    Control(
                        "max(z, γz)", lambda sigma: sp.Max(sp.Symbol("z", real=True), sp.Symbol("z", real=True) / 10)
                    )
                ],
            )
        ],
    ),
    Claim(
        "nurisso.prop1",
        Kind.THEOREM,
        "Parameter space is the direct sum of its neurons",
        Source("nurisso", "Proposition 1", "3.1 and A"),
        r"$\Theta=\Theta_1\oplus\dots\oplus\Theta_l$ with $\Theta_k=\{(e_{kk}W^{(1)},W^{(2)}e_{kk})\}$ of dimension "
        r"$d+e$, and $\sum_k f(x;\theta_k)=f(x;\theta)$ (output biases, if any, are kept out of the blocks).",
        hypotheses=("σ(0) = 0, for the sum of functions",),
        uses=("nurisso.eq1",),
        evidence=[
            Derivation("the projections e_kk are orthogonal and sum to the identity, for every width", _idempotents),
            enumeration(
                "blocks of symbolic networks with d, e <= 2 and l <= 3, with and without hidden biases, ReLU and |z|",
                lambda: _all_blocks,
                _decomposes,
                [
                    Control("one block left out", lambda blocks: lambda theta: blocks(theta)[:-1] or [theta + theta]),
                    Control("the output bias in every block", _with_output_bias),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.prop1.printed",
        Kind.THEOREM,
        "The canonical basis as printed",
        Source("nurisso", "Proposition 1", "3.1"),
        r"$(e_{11},e_{12},\dots,e_{1l})$ is the canonical basis of $\mathbb{R}^{l\times l}$.",
        label=Label.TYPO,
        erratum="These are the l units of the first row. The basis is all l² matrix units e_ij; the proof uses e_kk.",
        evidence=[
            counterexample(
                "for l = 2 they span a plane, and the space has dimension 4",
                lambda: lambda width: [(1, j) for j in range(1, width + 1)],
                _is_basis,
                [Control("all e_ij", lambda _: lambda width: list(product(range(1, width + 1), repeat=2)))],
            )
        ],
    ),
)
