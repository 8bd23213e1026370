"""Beyond section 5: effective components when d = 1 or e > 1."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import sympy as sp

from quadrics.effective import closure_class_count, closure_classes, theorem_2_class_count, theorem_2_classes
from quadrics.type_patterns import TypePatterns

from ..check import Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..evidence import Outcome, decided
from ..neuron_counts import count
from ..smt import valid
from .nurisso_reach import every_layer
from .nurisso_readings import plus_one

Formula = Callable[..., Any]


class Dimensions(NamedTuple):
    """Numbers of classes and of closure classes, functions of d, e, l_+, l_-, l_0."""

    classes: Formula
    closure: Formula


def _classes_and_closure(c: tuple[int, ...], d: int, e: int) -> tuple[int, int]:
    H = TypePatterns(c, d, e)
    return len(list(theorem_2_classes(H))), len(list(closure_classes(H)))


def _dimensions_enumerated(said: Dimensions, context: Context) -> Outcome:
    cases = 0
    for (d, e), c in product(((1, 1), (1, 2), (2, 2), (2, 1)), every_layer(context, 3, 4)):
        numbers = (c.count(1), c.count(-1), c.count(0))
        found = context.once(("dimensions", c, d, e), partial(_classes_and_closure, c, d, e))
        cases += 1
        if found != (said.classes(d, e, *numbers), said.closure(d, e, *numbers)):
            return decided(False, c=c, d=d, e=e, found=found)
    return decided(True, cases=cases)


def _label_numbers_for_every_width(related: Formula, context: Context) -> Outcome:
    """d = e = 1: C (p plus signs of a on K_-, r of w on K_+) and C' are related exactly for p = p' and r = r'.

    The θ that separates C from C' has all output weights off K_- of one sign and all input weights off K_+ of one sign.
    """
    p, q, r, s, n_minus, n_plus = (count(v) for v in ("p", "q", "r", "s", "l_minus", "l_plus"))
    inside = sp.And(p <= n_minus, q <= n_minus, r <= n_plus, s <= n_plus)

    def out_of_reach(mine: Any, wanted: Any, places: Any) -> Any:
        """All free signs positive: too few negative ones for C'; all negative: too few positive ones."""
        return sp.Or(places - mine < places - wanted, mine < wanted)

    separated = sp.Or(out_of_reach(p, q, n_minus), out_of_reach(r, s, n_plus))
    same = sp.And(sp.Eq(p, q), sp.Eq(r, s))
    claimed = related(p, q, r, s)
    return valid(sp.Implies(inside, sp.And(sp.Implies(claimed, same), sp.Implies(sp.Not(claimed), separated))))


def _pairs(p: Any, q: Any, r: Any, s: Any) -> Any:
    return sp.And(sp.Eq(p, q), sp.Eq(r, s))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.nurisso.other-dimensions",
        Kind.THEOREM,
        "Effective components when d = 1 or e > 1",
        Source("beyond", "on Theorem 2"),
        r"Theorem 2's relation has one class for $d, e > 1$, $1 + l_+$ for $d = 1 < e$, and $(1 + l_+)(1 + l_-)$ for "
        r"$d = e = 1$. The transitive closure of (B) has $1 + l$ classes when the quadrics of all neurons are "
        r"disconnected and all $c_k$ have one sign, otherwise one.",
        relation=lambda: theorem_2_class_count(*sp.symbols("d e", integer=True, positive=True), *sp.symbols("l_+ l_-")),
        hypotheses=("no biases, or d counts the bias as an input",),
        uses=("nurisso.cor1", "nurisso.prop4", "nurisso.thm2"),
        evidence=(
            certificate(
                "d = e = 1 for every width: the relation keeps both numbers of plus signs, and nothing else, by z3",
                lambda: _pairs,
                _label_numbers_for_every_width,
                [
                    Control("only the output signs", lambda related: lambda p, q, r, s: sp.Eq(p, q)),
                    Control("only the total", lambda related: lambda p, q, r, s: sp.Eq(p + r, q + s)),
                ],
            ),
            enumeration(
                "every type pattern and every permutation in the four cases of (d, e), every c up to order, widths up "
                "to 3 (quick) or 4 (full)",
                lambda: Dimensions(theorem_2_class_count, closure_class_count),
                _dimensions_enumerated,
                [
                    Control("classes off by one", plus_one("classes")),
                    Control("closure off by one", plus_one("closure")),
                    Control(
                        "d = e = 1 as d > 1",
                        lambda said: said._replace(classes=lambda d, e, *n: said.classes(max(d, 2), e, *n)),
                    ),
                ],
            ),
        ),
    ),
)
