"""Rules for matrix expressions of symbolic size: what they show, they show for all dimensions at once."""

from __future__ import annotations

from random import Random
from typing import Any

import sympy as sp

from .evidence import Outcome, Truth, decided, undecided
from .rules import Rule, recompute


def _decide(before: Any, after: Any) -> Outcome:
    if before.shape != after.shape:
        return decided(False, shapes=[str(before.shape), str(after.shape)])
    difference = _flat(before - after)
    if isinstance(difference, sp.ZeroMatrix):
        return decided(True)
    for seed in range(3):
        if any(entry != 0 for entry in _instance(difference, Random(seed))):
            return decided(False, difference=str(difference))
    return undecided(difference=str(difference))


matrix_equal = Rule("equal as matrices of any size", _decide)
"""``after`` is ``before``, by associativity, distributivity and the rules of transposition.

Holds when the difference collapses to the zero matrix with all sizes symbolic; violated when it is not zero for some
integer matrices of small size.

>>> n = sp.Symbol("n", integer=True, positive=True)
>>> A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)
>>> matrix_equal.decide((A * B).T, B.T * A.T).truth, matrix_equal.decide(A * B, B * A).truth
(<Truth.HOLDS: 'holds'>, <Truth.VIOLATED: 'violated'>)
"""


def _product_of_blocks(before: Any, after: Any) -> Outcome:
    """Whether a product of two block matrices has these blocks, one after the other."""
    found = sp.block_collapse(before).blocks
    outcomes = [matrix_equal.decide(one, other) for one, other in zip(found, after.blocks, strict=True)]
    return next((one for one in outcomes if one.truth is not Truth.HOLDS), outcomes[0])


blockwise = Rule("equal block by block, for any sizes", _product_of_blocks)
"""A product of two block matrices is the block matrix ``after``.

>>> n = sp.Symbol("n", integer=True, positive=True)
>>> A, O, E = sp.MatrixSymbol("A", n, n), sp.ZeroMatrix(n, n), sp.Identity(n)
>>> shear = sp.BlockMatrix([[E, A], [O, E]])
>>> blockwise.decide(shear * shear, sp.BlockMatrix([[E, 2 * A], [O, E]])).truth
<Truth.HOLDS: 'holds'>
"""


def _transposed(expression: Any) -> Any:
    return _flat(expression.T)


own_transpose = Rule(
    "a number is its own transpose",
    lambda before, after: (
        matrix_equal.decide(_transposed(before), after)
        if before.shape == (1, 1)
        else undecided(reason="only a 1 by 1 matrix is its own transpose")
    ),
)
"""A 1 by 1 matrix may be transposed."""


def derivative(symbol: Any, diagonal: Any = None) -> Rule:
    """The gradient of a 1 by 1 matrix expression by a vector; ``diagonal`` is a matrix known to be symmetric."""

    def decide(before: Any, after: Any) -> Outcome:
        found = before.diff(symbol)
        if diagonal is not None:
            found = found.subs(diagonal.T, diagonal)
        return matrix_equal.decide(found, after)

    return Rule(f"gradient by {symbol}", decide, "gives")


def velocity(symbol: Any, at: Any) -> Rule:
    """The derivative of a path of matrices by a scalar, at one value of it."""
    return Rule(
        f"derivative by {symbol} at {at}",
        lambda before, after: matrix_equal.decide(before.diff(symbol).subs(symbol, at).doit(), after),
        "gives",
    )


def given(replacements: dict[Any, Any]) -> Rule:
    """Matrix products replaced by what they are known to equal."""
    named = ", ".join(f"{k} = {v}" for k, v in replacements.items())
    return Rule(f"given {named}", lambda before, after: matrix_equal.decide(before.doit().subs(replacements), after))


def delta_sum(*indices: Any, upper: Any) -> Rule:
    """A sum over Kronecker deltas, evaluated for free indices that are known not to exceed ``upper``.

    >>> i, k, n = sp.symbols("i k n", integer=True, positive=True)
    >>> delta_sum(i, upper=n).decide(sp.Sum(sp.KroneckerDelta(i, k), (k, 1, n)), sp.Integer(1)).truth
    <Truth.HOLDS: 'holds'>
    """

    def function(total: Any) -> Any:
        value = sp.piecewise_fold(total.doit())
        within = {condition: sp.true for i in indices for condition in (sp.Le(i, upper), sp.Ge(upper, i))}
        return value.subs(within)

    return recompute("sum of Kronecker deltas", function)


def _flat(expression: Any) -> Any:
    return sp.expand(expression.doit()).doit()


def _instance(expression: Any, random: Random) -> Any:
    sizes = sorted({s for m in expression.atoms(sp.MatrixSymbol) for n in m.shape for s in n.free_symbols}, key=str)
    numbers = {size: sp.Integer(2 + index) for index, size in enumerate(sizes)}
    concrete = expression.subs(numbers)
    scalars = sorted((s for s in concrete.free_symbols if not isinstance(s, sp.MatrixSymbol)), key=str)
    concrete = concrete.subs({s: sp.Integer(random.randint(2, 9)) for s in scalars})
    matrices = {
        m: sp.ImmutableMatrix(*m.shape, lambda *_: random.randint(-9, 9))
        for m in sorted(concrete.atoms(sp.MatrixSymbol), key=str)
    }
    return sp.Matrix(concrete.subs(matrices).doit())
