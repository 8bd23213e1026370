"""Section 3.3, in passing: conservation in networks with more than one hidden layer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sympy as sp

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..matrix_rules import derivative, given, own_transpose

# A neuron of layer m in a network 2-2-2-1 on two samples: every slope and residual a free symbol.
_WIDTHS = (2, 2, 2, 1)
_SAMPLES = 2


def _any_layer() -> list[Step]:
    """The identity of eq. (9) with H for the inputs and S for the residuals."""
    m, q, n = sp.symbols("m q N", integer=True, positive=True)
    w, a = sp.MatrixSymbol("w", m, 1), sp.MatrixSymbol("a", q, 1)
    H, S, D = sp.MatrixSymbol("H", m, n), sp.MatrixSymbol("S", q, n), sp.MatrixSymbol("D", n, n)
    linearized = a.T * S * D * H.T * w
    g1, g2 = H * D * S.T * a, S * D * H.T * w
    return [
        step(
            derivative(w, D),
            linearized,
            g1,
            "H: activations of the layer below; S: derivatives by the pre-activations "
            "of the layer above, neither of which contains w or a",
            mutants=[2 * g1],
        ),
        step(derivative(a), linearized, g2, "the output weights of the neuron", mutants=[-g2]),
        step(own_transpose, w.T * g1, a.T * S * D.T * H.T * w, "⟨w, g1⟩", mutants=[-linearized]),
        step(given({D.T: D}), a.T * S * D.T * H.T * w, a.T * g2, "is ⟨a, g2⟩", mutants=[2 * a.T * g2]),
    ]


def _every_hidden_neuron(sign: Any, context: Context) -> Outcome:
    """Σ w ∂L/∂w + sign Σ a ∂L/∂a = 0 for every hidden neuron, on a linear piece given by free slopes."""
    weights = [
        sp.Matrix(o, i, lambda r, c, layer=layer: sp.Symbol(f"W{layer}_{r}_{c}"))
        for layer, (i, o) in enumerate(pairwise(_WIDTHS), start=1)
    ]
    value = sp.Matrix(_WIDTHS[0], _SAMPLES, lambda i, n: sp.Symbol(f"x_{i}_{n}"))
    for layer, matrix in enumerate(weights, start=1):
        value = matrix * value
        if layer < len(weights):
            slopes = sp.Matrix(*value.shape, lambda k, n, layer=layer: sp.Symbol(f"D{layer}_{k}_{n}"))
            value = sp.matrix_multiply_elementwise(slopes, value)
    residuals = sp.Matrix(*value.shape, lambda j, n: sp.Symbol(f"r_{j}_{n}"))
    linearized = sp.expand(sum(sp.matrix_multiply_elementwise(residuals, value)))
    neurons = 0
    for below, above in pairwise(weights):
        for k in range(below.rows):
            neurons += 1
            balance = sum(w * sp.diff(linearized, w) for w in below.row(k))
            balance += sign * sum(a * sp.diff(linearized, a) for a in above.col(k))
            if sp.expand(balance) != 0:
                return decided(False, neuron=neurons)
    return decided(True, neurons=neurons)


def deep_claim() -> Claim:
    """The claim on multi-layer networks."""
    return Claim(
        "nurisso.eq11.deep",
        Kind.THEOREM,
        "Conservation in deep networks",
        Source("nurisso", "Remark after Eq. (11)", "3.3"),
        r"In a network of any depth every hidden neuron satisfies eq. (9), and so conserves $|w|^2-|a|^2$, with its "
        r"input weights $w$ and its output weights $a$ into the next layer.",
        uses=("nurisso.eq9", "nurisso.eq11"),
        evidence=[
            Derivation("eq. (9) with the layer below for the inputs and the layer above for the residuals", _any_layer),
            enumeration(
                "every hidden neuron of a symbolic network 2-2-2-1",
                lambda: sp.Integer(-1),
                _every_hidden_neuron,
                [Control("a plus for the minus", lambda sign: -sign)],
            ),
        ],
    )
