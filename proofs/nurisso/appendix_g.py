"""Appendix G: why a single output is obstructed and several outputs are not."""

from __future__ import annotations

from typing import Any

import sympy as sp

from quadrics.invariant_shape import InvariantShape
from quadrics.quadric import sphere_radius

from ..check import Context, Control, certificate
from ..claim import Claim, Kind, Source
from ..continuity import continuous
from ..derivation import Derivation, Step, step
from ..evidence import Outcome
from ..rules import equal, recompute
from ..smt import valid
from .quadric_geometry import NEGATIVE
from .section_4_components import MORE_E

WW = sp.Symbol("w·w")


def _one_output() -> Any:
    """With one output a pathological output weight is not 0."""
    c, a = sp.symbols("c a")
    return sp.Implies(sp.And(c < 0, WW >= 0, sp.Eq(WW - a**2, c)), sp.Ne(a, 0))


def _decide(formula: Any, context: Context) -> Outcome:
    return valid(formula)


def _several_outputs() -> list[Step]:
    """On Q(c), c < 0, e >= 2, turn a by the angle πt at constant length: its first entry passes 0."""
    t, c = sp.Symbol("t"), NEGATIVE
    r = sphere_radius(c, WW)
    a_1, a_2 = r * sp.cos(sp.pi * t), r * sp.sin(sp.pi * t)

    def at(time: Any) -> Any:
        return recompute(f"t = {time}", lambda e: e.subs(t, time))

    H = InvariantShape(sp.Symbol("d", integer=True, positive=True), MORE_E + 1, 0, 1)
    return [
        step(equal, WW - a_1**2 - a_2**2, c, "the rotation stays in Q(c)", mutants=[-c]),
        step(continuous(WW >= 0), [a_1, a_2], True, "it is continuous"),
        step(at(0), a_1, r, "a_1 starts positive"),
        step(at(sp.Rational(1, 2)), a_1, sp.Integer(0), "passes 0"),
        step(at(1), a_1, -r, "and ends negative"),
        step(at(sp.Rational(1, 2)), a_2, r, "while the other entry makes up for it"),
        step(
            equal,
            sp.sympify(H.number_of_components()),
            sp.Integer(1),
            "as it must: for e > 1 that quadric is connected",
        ),
    ]


CLAIMS = (
    Claim(
        "nurisso.appG",
        Kind.REMARK,
        "One output locks the sign, several do not",
        Source("nurisso", "Intuition", "G"),
        r"For $e=1$ and $|w_k|^2<a_k^2$ conserved, $a_k$ cannot pass $0$. For $e>1$ each entry of $a_k$ can, while "
        r"the others "
        r"make up for it.",
        uses=("nurisso.prop2", "nurisso.eq11"),
        evidence=[
            certificate(
                "z3: with one output a = 0 contradicts |w|² - a² = c < 0",
                _one_output,
                _decide,
                [
                    Control("c < 0 dropped", lambda formula: formula.subs(sp.Symbol("c") < 0, sp.true)),
                    Control(
                        "a second output: only the first is asked about",
                        lambda formula: formula.subs(sp.Symbol("a") ** 2, sp.Symbol("a") ** 2 + sp.Symbol("a_2") ** 2),
                    ),
                ],
            ),
            Derivation(
                "several outputs: an explicit curve in Q(c), any d, along which a_1 changes sign", _several_outputs
            ),
        ],
    ),
)
