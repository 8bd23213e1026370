"""Section 6: the breast-cancer experiment (figure 4), and the loss that positive output weights cannot get below.

The measurements on trained networks are in ``numerics.checks.nurisso.section_6``.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Scope
from ..rules import differentiate, entails, limit, substitute

MISSING = (
    "the split and scaling of the data, the optimizer, its rate and number of steps, the law of the initial weights, "
    "the size of |c_k| and, what decides the outcome, the signs of the output weights"
)


def cross_entropy(logit: Any, label: Any) -> Any:
    """The binary cross-entropy ``log(1 + e^f) - y f`` of a logit f at a label y in {0, 1}.

    >>> cross_entropy(0, 1)
    log(2)
    """
    return sp.log(1 + sp.exp(logit)) - label * logit


def _positive_bound() -> list[Step]:
    z, a, f, l0, l1, p, least = sp.symbols("z a f l0 l1 p lambda")
    t = sp.Symbol("t", real=True)
    rises, falls = 1 / (1 + sp.exp(-t)), sp.exp(-t) / (1 + sp.exp(-t))
    return [
        step(entails, sp.And(z >= 0, a > 0, sp.Eq(f, a * z)), f >= 0, "each neuron adds something nonnegative to f"),
        step(differentiate(t), cross_entropy(t, 0), rises, "for label 0 the loss grows with f", conditions=[rises > 0]),
        step(substitute({t: 0}), cross_entropy(t, 0), sp.log(2), "from log 2 at f = 0"),
        step(differentiate(t), cross_entropy(t, 1), -falls, "for label 1 it falls", conditions=[falls > 0]),
        step(limit(t, sp.oo), cross_entropy(t, 1), sp.Integer(0), "towards 0, which it does not reach"),
        step(
            entails,
            sp.And(least > 0, l0 >= least, l1 >= 0, p >= 0, p <= 1),
            p * l0 + (1 - p) * l1 >= p * least,
            "so the mean is at least λ = log 2 times the share p of label 0",
        ),
    ]


CLAIMS = (
    Claim(
        "nurisso.bc.fig4L",
        Kind.FIGURE,
        "Figure 4, left: test loss against the number of non-pathological neurons",
        Source("nurisso", "Figure 4 (left)", "6"),
        r"On the breast-cancer data, at fixed width $l$, the mean test loss falls as $l_+$ grows when all output "
        r"weights start positive, most for $|c_k|=1$ and less for $|c_k|=.1$. With output weights of random signs it "
        r"hardly does: the figure depends on signs that the paper does not state. A network whose output weights are "
        r"all positive has a mean loss of at least $\log 2$ times the share of the class 0; for $l_+=0$ it stays one.",
        uses=("nurisso.prop4", "beyond.nurisso.discrete-obstruction"),
        missing=MISSING,
        evidence=[
            Derivation("the loss that positive output weights cannot get below", _positive_bound, Scope.INSTANCE)
        ],
    ),
    Claim(
        "nurisso.bc.fig4R",
        Kind.FIGURE,
        "Figure 4, right: the number matters more than the fraction",
        Source("nurisso", "Figure 4 (right)", "6"),
        r"With all output weights positive at the start and $|c_k|=1$ (where the gradient is strongest), the mean test "
        r"loss over all cells goes with $l_+$ more closely than with $l_+/l$, but at the same $l_+$ it still falls as "
        r"$l$ grows. (For $|c_k|=.1$ that fall is a few percent, and no larger than its error.)",
        uses=("nurisso.bc.fig4L",),
        missing=MISSING,
    ),
    Claim(
        "nurisso.bc.fig4R.printed",
        Kind.FIGURE,
        "Not on the fraction",
        Source("nurisso", "Figure 4 (right)", "6"),
        r"The impact of the obstruction depends on the number $l_+$ of non-pathological neurons and not on their "
        r"fraction, whatever the protocol: at equal $l_+$ the mean test loss is the same for all $l$.",
        label=Label.FALSE,
        erratum="It depends on the protocol, which the paper does not give. With all output weights positive and "
        "|c_k| = 1 the loss at equal l_+ falls by up to a third between narrow and wide networks; with |c_k| = 0.1 the "
        "change is small, as printed.",
        uses=("nurisso.bc.fig4R",),
    ),
)
