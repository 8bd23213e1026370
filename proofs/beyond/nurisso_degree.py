"""Homogeneous activations of any degree."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import sympy as sp

from quadrics.activation import Activation
from quadrics.conservation import conservation_residual, symbolic_gradient
from quadrics.network import TwoLayer

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..matrix_rules import given, matrix_equal, own_transpose
from ..rules import equal, equal_modulo
from ..vectors import bilinear, inner, norm2, vectors

SIZES = tuple(product((1, 2), (1, 2), (1, 2), (False, True)))


def _euler_of_degree_k() -> list[Step]:
    k, p, n = sp.Symbol("k", positive=True), sp.Symbol("p", positive=True), sp.Symbol("n", negative=True)
    alpha, beta = sp.symbols("alpha beta", real=True)
    sigma = Activation(alpha, beta, k)
    d, e, samples = sp.symbols("d e N", integer=True, positive=True)
    w, a = sp.MatrixSymbol("w", d, 1), sp.MatrixSymbol("a", e, 1)
    X, R, D = sp.MatrixSymbol("X", d, samples), sp.MatrixSymbol("R", e, samples), sp.MatrixSymbol("D", samples, samples)
    g1, g2 = X * D * R.T * a, (1 / k) * R * D * X.T * w
    both = a.T * R * D * X.T * w
    ww, aa = inner("w", "w"), inner("a", "a")
    u, v = vectors("w a")
    balance = sp.Eq(inner("w", "g1"), k * inner("a", "g2"))
    return [
        step(equal, p * sigma.derivative(p), k * sigma(p), "Euler: z σ'(z) = k σ(z) for z > 0"),
        step(equal, n * sigma.derivative(n), k * sigma(n), "and z < 0; so g2 = Σ_i r_i D_i z_i/k"),
        step(own_transpose, w.T * g1, a.T * R * D.T * X.T * w, "⟨w, g1⟩", mutants=[-both]),
        step(given({D.T: D}), a.T * R * D.T * X.T * w, both, mutants=[2 * both]),
        step(matrix_equal, k * (a.T * g2), both, "is k ⟨a, g2⟩, in any dimension", mutants=[k * both]),
        step(
            equal_modulo(balance),
            -2 * inner("w", "g1") + 2 * k * inner("a", "g2"),
            sp.Integer(0),
            "so |w|² - k|a|² is conserved",
        ),
        step(
            bilinear,
            norm2(u) - norm2(sp.sqrt(k) * v),
            ww - k * aa,
            "(w, a) -> (w, √k a) takes it to the form of degree 1: the same quadrics, the same topology",
        ),
    ]


def _balance_of_degree(degree_of: Callable[[int], int], context: Context) -> Outcome:
    cases = 0
    for (d, width, e, bias), degree in product(SIZES, (1, 2, 3)):
        theta = TwoLayer(d, width, e, bias=bias).symbols()
        g = symbolic_gradient(theta, 1, degree)
        cases += 1
        if sp.expand(conservation_residual(theta, g, 0, degree_of(degree))) != 0:
            return decided(False, at=(d, width, e, bias), degree=degree)
    return decided(True, cases=cases)


CLAIMS = (
    Claim(
        "beyond.nurisso.k-homogeneous",
        Kind.THEOREM,
        "Activations of degree k",
        Source("beyond", "N7"),
        r"For $\sigma(z)=\alpha z_+^k-\beta z_-^k$ gradient flow conserves $|w|^2-k|a|^2$; the levels have the "
        r"topology of degree 1.",
        uses=("nurisso.homog", "nurisso.eq11"),
        evidence=[
            Derivation("Euler's identity of degree k", _euler_of_degree_k),
            enumeration(
                "symbolic networks of degree 1, 2, 3",
                lambda: lambda degree: degree,
                _balance_of_degree,
                [Control("the form of degree 1 for all", lambda _: lambda degree: 1)],
            ),
        ],
    ),
)
