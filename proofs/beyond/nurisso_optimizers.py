"""Beyond section 8: sign descent, to which Adam's small steps tend, and which optimizers lift an obstruction."""

from __future__ import annotations

import sympy as sp

from quadrics.optimizer_laws import sign_rate

from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..rules import entails, equal, substitute
from ..vectors import bilinear, inner, inner_product, vectors
from . import nurisso_l1, nurisso_momentum


def _signs() -> list[Step]:
    w, a, s1, s2 = vectors("w a s1 s2")
    x, y = (sp.Symbol(name, real=True) for name in "xy")
    size = sp.Symbol("A", positive=True)
    n, beta, g = sp.symbols("n beta g", real=True)
    t = sp.Symbol("t", positive=True)
    eps = sp.Rational(1, 10)
    W, A = (1 - t, -t), sp.Rational(3, 2) - t
    level = W[0] ** 2 + W[1] ** 2 - A**2
    V = (1, eps)
    at = {t: sp.Rational(1, 2)}
    return [
        step(
            bilinear,
            2 * (inner_product(w, -s1) - inner_product(a, -s2)),
            -2 * (inner("s1", "w") - inner("a", "s2")),
            "d/dt c under w' = -s1, a' = -s2, s the signs of the gradient: eq. (9) does not speak of signs",
        ),
        *(
            step(
                equal,
                -2 * (x * sp.sign(a * y) - a * sp.sign(x * y)),
                sign_rate([x], a, [y]),
                f"e = 1: g1 = a v and g2 = ⟨w, v⟩, here for one entry of w and {case}",
                mutants=[sign_rate([x], -a, [y])],
            )
            for a, case in ((size, "a > 0"), (-size, "a < 0"))
        ),
        step(
            equal,
            beta * (1 - beta**n) * g + (1 - beta) * g,
            (1 - beta ** (n + 1)) * g,
            "Adam, a gradient that stays the same: after n steps the first moment is (1 - β^n) g, the second "
            "(1 - β^n) g², corrected g and g², so the step is h sign(g)",
        ),
        step(
            equal,
            sp.diff(level, t).subs(at),
            sign_rate([x.subs(at) for x in W], A.subs(at), V),
            "a constant v = (1, 1/10) from w = (1, 0), a = 3/2: w = (1 - t, -t), a = 3/2 - t while ⟨w, v⟩ > 0",
        ),
        step(substitute({t: 0}), level, -sp.Rational(5, 4), "starts pathological"),
        step(
            substitute({t: sp.Rational(9, 10)}),
            level,
            sp.Rational(23, 50),
            "and is healed at t = 9/10, by no finite step: the flow itself crosses c = 0",
        ),
        step(entails, t < sp.Rational(10, 11), (1 - t) - t * eps > 0, "⟨w, v⟩ > 0 until t = 10/11"),
        step(
            entails,
            sp.And(t < sp.Rational(10, 11), t > 0),
            sp.Rational(3, 2) - t > 0,
            "and a > 0, so that the signs of the gradient are constant",
        ),
        step(
            equal,
            sign_rate([1, 0], sp.Rational(3, 2), [-1, 0]),
            -sp.Integer(1),
            "with the opposite v a negative c falls: neither direction is excluded",
        ),
    ]


CLAIMS = (
    *nurisso_momentum.CLAIMS,
    *nurisso_l1.CLAIMS,
    Claim(
        "beyond.nurisso.sign-descent",
        Kind.THEOREM,
        "Sign descent, to which Adam's small steps tend, moves c across zero in either direction",
        Source("beyond", "on Section 8"),
        r"Under $\dot\theta=-\operatorname{sign}\nabla L$, $\dot c=-2(\langle w,\operatorname{sign}g^{(1)}\rangle-"
        r"\langle a,\operatorname{sign}g^{(2)}\rangle)$; for $e=1$ this is "
        r"$-2\operatorname{sign}(a)(\langle w,\operatorname{sign}v\rangle-|a|\operatorname{sign}\langle w,v\rangle)$. "
        r"It has no sign, and pathological neurons are healed in the limit of small steps: the obstruction is one of "
        r"gradient flow.",
        uses=("nurisso.eq9", "nurisso.sec8.adam"),
        evidence=[
            Derivation("the rate, a neuron that is healed, and one that gets worse", _signs),
        ],
    ),
    Claim(
        "beyond.nurisso.optimizers",
        Kind.EXPERIMENT,
        "Which optimizers lift an obstruction",
        Source("beyond", "on Section 8"),
        r"Networks with all $c_k=-0.1$ and all $a_k>0$, on the toy task and on the breast-cancer data. At the rate "
        r"$0.01$ no $c_k$ crosses zero by gradient descent, full batch or minibatch, with or without an $\ell_2$ or "
        r"$\ell_1$ penalty, and no run is lifted: its loss stays above what positive output weights allow. With "
        r"momentum $0.9$ or by Adam at the same rate $c_k$ does cross zero; at the rate $0.1$ most runs of Adam and "
        r"AdamW on the cancer data are lifted. By gradient descent no $c_k$ falls; under the $\ell_1$ penalty most do, "
        r"on the cancer data. No output weight changes sign while $c_k<0$ and $h|v_k|\le1$, unless there is momentum; "
        r"and no run is lifted before some $c_k$ has crossed zero. Boosts, full batch or minibatch and at any rate, "
        r"move no $c_k$ by more than rounding, and so change no sign and lift no run.",
        uses=(
            "beyond.nurisso.discrete-law",
            "beyond.nurisso.discrete-obstruction",
            "beyond.nurisso.weight-decay",
            "beyond.nurisso.momentum",
            "beyond.nurisso.l1",
            "beyond.nurisso.sign-descent",
            "beyond.nurisso.boost-composition",
            "beyond.nurisso.boost-sheet",
            "nurisso.toy.inf",
        ),
    ),
)
