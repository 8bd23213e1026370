"""A small paper of toy claims, and the documentation's own extensions made importable."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import sympy

from proofs import (
    Claim,
    Control,
    Derivation,
    Kind,
    Label,
    Source,
    argued,
    counterexample,
    decided,
    enumeration,
    step,
)
from proofs.rules import equal

DOCS = Path(__file__).resolve().parents[2] / "docs"
sys.path.insert(0, str(DOCS / "_ext"))

x, y = sympy.symbols("x y", real=True)


def _decide(formula: Any, context: Any) -> Any:
    wrong = [n for n in range(5) if formula(n) != sum(range(n + 1))]
    return decided(not wrong, cases=5, first_wrong=wrong, table={"a|b": list(range(40))})


@pytest.fixture
def toys() -> tuple[Claim, ...]:
    """A definition, a theorem with awkward text, what is printed instead, a statement beyond, and an open one."""
    return (
        Claim("toy.norm", Kind.DEFINITION, "The norm |w| of <w>", Source("toy", "Eq. (1)", "2.1"), "$|w|^2 = w^T w$"),
        Claim(
            "toy.square",
            Kind.THEOREM,
            "Squares of *sums* with w_k and c_{k}",
            Source("toy", "Theorem 2", "3 and A"),
            r"For $a_k < 0$ and all_names | bars: $\lVert x + y \rVert^2$ costs 5$.",
            relation=lambda: sympy.Eq((x + y) ** 2, sympy.expand((x + y) ** 2)),
            hypotheses=["$x$ and $y$ are real", "no # heading"],
            uses=["toy.norm"],
            evidence=[
                Derivation(
                    "multiply out",
                    lambda: [
                        step(equal, (x + y) ** 2, x**2 + 2 * x * y + y**2, "the first_law of [x] | y"),
                        step(equal, x**2 + 2 * x * y + y**2, x**2 + y * (2 * x + y)),
                    ],
                ),
                Derivation("and in words", lambda: [step(equal, x + x, 2 * x), argued("as n -> oo, |x|_n < 1")]),
            ],
        ),
        Claim(
            "toy.sum",
            Kind.THEOREM,
            "Triangular numbers",
            Source("toy", "Lemma 3", "A.1"),
            "$1 + ... + n$",
            uses=["toy.square"],
            evidence=[
                enumeration(
                    "n < 5",
                    lambda: lambda n: n * (n + 1) // 2,
                    _decide,
                    [Control("|n| off by one", lambda f: lambda n: f(n + 1))],
                )
            ],
        ),
        Claim(
            "toy.sum.printed",
            Kind.THEOREM,
            "Triangular numbers as printed",
            Source("toy", "Lemma 3", "A.1"),
            "$n^2 / 2$",
            label=Label.FALSE,
            erratum="One half is *lost*.",
            evidence=[
                counterexample(
                    "n = 1",
                    lambda: lambda n: n * n // 2,
                    _decide,
                    [Control("with the half", lambda f: lambda n: n * (n + 1) // 2)],
                )
            ],
        ),
        Claim("beyond.toy.more", Kind.THEOREM, "More", Source("toy", "none"), "More.", uses=["toy.sum"]),
        Claim("toy.open", Kind.EXPERIMENT, "Run", Source("toy", "Figure 1", "4"), "It falls.", missing="The rate."),
    )
