"""The implicit midpoint rule under a frozen pull: on the quadric for every step size, but not on its sheet.

``w+ = w - (h/2) (a + a+) v``, ``a+ = a - (h/2) ⟨v, w + w+⟩`` is Cayley's transform of the frozen generator, a rational
relative of :func:`quadrics.boost.boost`. It lies in the pseudo-orthogonal group, and leaves its identity component as
soon as h|v| > 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from .errors import HypothesisError, ShapeError
from .validation import Expr, as_real

__all__ = ["cayley"]


def cayley(w: Sequence[Expr], a: Expr, v: Sequence[Expr], h: Expr) -> tuple[list[Expr], Expr]:
    """Return (w, a) after one step of the implicit midpoint rule with v frozen, for one output.

    With ``D = 1 - h²|v|²/4``: ``w+ = w + (h²/2 ⟨v, w⟩ - h a)/D v`` and ``a+ = ((2 - D) a - h ⟨v, w⟩)/D``.

    Raises
    ------
    ShapeError
        if w and v differ in length.
    HypothesisError
        for h|v| = 2, where the equation has no solution.

    Examples
    --------
    A neuron with c = -1. A step with h|v| < 2 stays on its sheet, one with h|v| > 2 does not; c is kept:

    >>> w, a = (sympy.Rational(3, 4),), sympy.Rational(5, 4)
    >>> for h in (1, 3):
    ...     (after,), last = cayley(w, a, (1,), h)
    ...     print(last, after**2 - last**2)
    13/12 -1
    -29/20 -1
    """
    if len(w) != len(v):
        raise ShapeError(f"cayley: got {len(w)} weights and {len(v)} entries of v; expected as many")
    w, v = [as_real(x, "w") for x in w], [as_real(x, "v") for x in v]
    a, h = as_real(a, "a"), as_real(h, "h")
    along = sum((x * y for x, y in zip(v, w, strict=True)), sympy.Integer(0))
    quarter = h**2 * sum((x**2 for x in v), sympy.Integer(0)) / 4
    if quarter == 1:
        raise HypothesisError("cayley: got h|v| = 2; expected another step size (the equation has no solution there)")
    factor = (h**2 * along / 2 - h * a) / (1 - quarter)
    return [x + factor * y for x, y in zip(w, v, strict=True)], ((1 + quarter) * a - h * along) / (1 - quarter)
