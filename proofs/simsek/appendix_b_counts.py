"""Appendix B.5: Newton's series, and Lemma B.12 on partitions by block sizes."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial, prod

import sympy as sp
from sympy.functions.combinatorial.numbers import stirling
from sympy.utilities.iterables import multiset_partitions

from quadrics.expansion.formulas import block_types, forward_difference, newton_series, type_count

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..rules import equal
from .expansion_checks import PAPER

DEGREE = 5


def _newton() -> list[Step]:
    x = sp.Symbol("x")
    p = sum((c * x**i for i, c in enumerate(sp.symbols(f"p0:{DEGREE + 1}"))), sp.Integer(0))
    return [
        step(equal, sp.expand_func(newton_series(p, x)), p, f"a general polynomial of degree {DEGREE}"),
        step(equal, forward_difference(p, x, DEGREE + 1), sp.Integer(0), "higher differences vanish"),
        step(
            equal,
            forward_difference(x**4, x, 3),
            sp.Integer(36),
            "Δ^3[x^4](0) = G(3, 4)",
        ),
    ]


TypeCount = Callable[[dict[int, int]], sp.Rational]


def _partitions(weight: TypeCount, context: Context) -> Outcome:
    """The partitions of [n] into j blocks, listed, for n up to 5 (quick) or 8 (full)."""
    for n in range(1, context.pick(quick=6, full=9)):
        for j in range(1, n + 1):
            listed = sum(1 for _ in multiset_partitions(list(range(n)), j))
            if sum(weight(c) for c in block_types(j, n)) != listed:
                return decided(False, j=j, n=n, listed=listed)
    return decided(True)


def _three_in_one_block(weight: TypeCount, context: Context) -> Outcome:
    """(j, n) = (1, 3): there is one partition of three things into one block; (2, 4): there are seven."""
    found = [sum(weight(c) for c in block_types(j, n)) for j, n in ((1, 3), (2, 4))]
    listed = [sum(1 for _ in multiset_partitions(list(range(n)), j)) for j, n in ((1, 3), (2, 4))]
    return decided(found == listed, found=str(found), listed=str(listed))


def _printed_weight(c: dict[int, int]) -> sp.Rational:
    """n! / (1^c_1 2^c_2 ... n^c_n c_1! ... c_n!)."""
    n = sum(size * number for size, number in c.items())
    return sp.Rational(factorial(n), prod(size**number * factorial(number) for size, number in c.items()))


Numbers = Callable[[int, int], int]


def _printed_sum(numbers: Numbers, context: Context) -> Outcome:
    """What the printed right-hand side is: n ≤ 6 (quick) or 9 (full)."""
    for n in range(1, context.pick(quick=7, full=10)):
        for j in range(1, n + 1):
            if sum(_printed_weight(c) for c in block_types(j, n)) != numbers(j, n):
                return decided(False, j=j, n=n)
    return decided(True)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.defB.2",
        Kind.DEFINITION,
        "Forward differences and Newton's series",
        Source(PAPER, "Definition B.2, equation (2) of the appendix", "B.5"),
        r"$\Delta^k[p](0) = \sum_i \binom ki (-1)^{k-i} p(i)$ and $p(x) = \sum_k \binom xk \Delta^k[p](0)$.",
        evidence=(Derivation("a general polynomial of degree 5", _newton, Scope.INSTANCE),),
    ),
    Claim(
        "simsek.lemB.12",
        Kind.THEOREM,
        "Partitions by block sizes",
        Source(PAPER, "Lemma B.12", "B.5"),
        r"For $j \le n$, $\frac{G(j, n)}{j!} = \sum_{c_1 + 2 c_2 + \dots = n,\ c_1 + c_2 + \dots = j} "
        r"\frac{n!}{(1!)^{c_1} (2!)^{c_2} \cdots (n!)^{c_n}} \frac{1}{c_1! \cdots c_n!}$, the number of partitions of "
        r"$[n]$ into $j$ blocks.",
        evidence=(
            enumeration(
                "all partitions listed, n up to 5 (quick) or 8 (full)",
                lambda: lambda c: sp.Integer(type_count(c)),
                _partitions,
                [
                    Control("size^c for (size!)^c", lambda weight: _printed_weight),
                    Control(
                        "without c_1! ... c_n!",
                        lambda weight: lambda c: weight(c) * prod(factorial(number) for number in c.values()),
                    ),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.lemB.12.printed",
        Kind.THEOREM,
        "Partitions by block sizes, with powers in the denominator",
        Source(PAPER, "Lemma B.12", "B.5"),
        r"$\frac{G(j, n)}{j!} = \sum \frac{n!}{1^{c_1} 2^{c_2} \cdots n^{c_n}} \frac{1}{c_1! \cdots c_n!}$",
        label=Label.FALSE,
        erratum=r"The denominator must be $(1!)^{c_1} (2!)^{c_2} \cdots (n!)^{c_n}$, as in the proof. Printed, the sum "
        r"counts permutations of $[n]$ with $j$ cycles: 2 in place of 1 for $(j, n) = (1, 3)$, 11 in place of 7 for "
        r"$(2, 4)$.",
        uses=("simsek.lemB.12",),
        evidence=(
            counterexample(
                "(j, n) = (1, 3) and (2, 4), all partitions listed",
                lambda: _printed_weight,
                _three_in_one_block,
                [Control("factorials", lambda weight: lambda c: sp.Integer(type_count(c)))],
            ),
            enumeration(
                "the printed sum gives the unsigned Stirling numbers of the first kind, n up to 6 (quick) or 9 (full)",
                lambda: lambda j, n: int(stirling(n, j, kind=1, signed=False)),
                _printed_sum,
                [Control("of the second kind", lambda numbers: lambda j, n: int(stirling(n, j)))],
            ),
        ),
    ),
)
