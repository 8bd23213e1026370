r"""The functions that a component of H(c) can express, F(C) = {f(·; θ) : θ in C}, and how many such sets there are.

For e = 1, a nonlinear activation (α ≠ β) and d > 1 (or biases), F(C_s) depends on p(s) alone: with p = p(s), l_-
pathological and m other neurons it is

.. math:: F_p = \Big\{\sum_{i \le p} m_i σ(u_i x) - \sum_{j \le l_- - p} n_j σ(v_j x) + \sum_{r \le m} t_r σ(z_r x)
          \;:\; m_i, n_j \ge 0,\ t_r \in \mathbb R \Big\},

and no F_p contains another. So there are exactly 1 + l_- function classes, whatever m is: Corollary 3 holds for
*functions* without any choice of relation.

*Proof.* A generic element of F_p has p + m positive neurons on p + m different hyperplanes. The jump of its gradient
across a hyperplane is α - β times the total mass there, so it has p + m positive jumps; a function in F_p' has at most
p' + m of them. Hence F_p ⊂ F_p' needs p ≤ p'; counting negative jumps, p ≥ p'.

For a linear activation (α = β) there is one class, since the sign of a moves into w. On the line without biases (d = 1)
all kinks are at 0, a function is two slopes, and the number of classes does not grow with the width:

>>> [function_class_count(1, 1, l_plus=0, l_minus=n) for n in range(7)]
[1, 2, 3, 4, 5, 5, 5]
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import sympy

from .activation import Activation, relu
from .counts import as_counts
from .effective import theorem_2_class_count
from .errors import DimensionError
from .validation import Expr, as_dimension

SlopeSigns = frozenset[tuple[int, int]]


def function_class_count(
    d_in: object, d_out: object, l_plus: object, l_minus: object, l_zero: object = 0, activation: Activation = relu
) -> Expr:
    """Return the number of different sets F(C) of functions, C running through the components of H(c).

    Parameters
    ----------
    d_in, d_out : input dimension d (d + 1 for a network with biases) and output dimension e
    l_plus, l_minus, l_zero : numbers of neurons with c_k > 0, c_k < 0, c_k = 0; SymPy symbols where d > 1
    activation : homogeneous of odd degree

    Raises
    ------
    DimensionError
        for bad numbers, for an activation of even degree (where σ(z) and σ(-z) have opposite kinks and the count is
        not known), and for symbols in dimension d = 1.

    Examples
    --------
    >>> function_class_count(2, 1, l_plus=5, l_minus=3)
    4
    >>> from quadrics.activation import linear
    >>> function_class_count(2, 1, l_plus=5, l_minus=3, activation=linear)
    1
    >>> function_class_count(2, 2, l_plus=5, l_minus=3)
    1
    """
    d, e = as_dimension(d_in, "d_in"), as_dimension(d_out, "d_out")
    plus, minus, zero = as_counts(l_plus, l_minus, l_zero)
    if is_kinkless(activation):
        return 1
    if d > 1:
        return theorem_2_class_count(d, e, plus, minus, zero)
    if not (plus.is_Integer and minus.is_Integer and zero.is_Integer):
        raise DimensionError(
            f"counts: got symbols ({plus}, {minus}, {zero}) with d = 1; expected integers (or d > 1, biases counted)"
        )
    return len(set(slope_sign_sets(e, int(plus), int(minus), int(zero), activation)))


def slope_sign_sets(
    d_out: int, l_plus: int, l_minus: int, l_zero: int = 0, activation: Activation = relu
) -> Iterator[SlopeSigns]:
    """Generate, for each kind of component in dimension d = 1, the signs that the two slopes of its functions can have.

    Without biases f(x) = X σ(x) + Y σ(-x), where X is the sum of a_k |w_k|^k over the neurons with w_k > 0 and Y over
    those with w_k < 0. The set of (X, Y) that a component attains is a union of cones, given here by the pairs
    (sign X, sign Y); for e > 1, where X and Y are vectors, 1 stands for "not 0". Equal sets mean equal functions.

    Components that differ in nothing but which neurons have a sign, or in more than two neurons of a kind, are listed
    once.

    >>> [sorted(signs) for signs in slope_sign_sets(1, l_plus=0, l_minus=1)]
    [[(-1, 0), (0, -1), (0, 0)], [(0, 0), (0, 1), (1, 0)]]
    """
    e = as_dimension(d_out, "d_out")
    plus, minus, zero = (as_dimension(n, "count", 0) for n in (l_plus, l_minus, l_zero))
    even = sympy.simplify(activation.alpha + activation.beta) == 0
    output_signs = _splits(minus) if e == 1 else [(min(minus, 2), 0)]
    for (positive, negative), (right, left) in product(output_signs, _splits(plus)):
        free = min(zero, 2)
        found: set[tuple[int, int]] = set()
        if even:  # σ(-x) = σ(x): only X + Y counts
            found.update((x, 0) for x in _cone(e, right + left + free, positive, negative))
        for p, n, z in product(range(positive + 1), range(negative + 1), range(free + 1)):
            # p positive, n negative and z balanced neurons have w > 0, the others w < 0
            to_the_right = _cone(e, right + z, p, n)
            to_the_left = _cone(e, left + free - z, positive - p, negative - n)
            found.update(() if even else product(to_the_right, to_the_left))
        yield frozenset(found)


def is_kinkless(activation: Activation) -> bool:
    """Whether the activation is a multiple of z^k (α = β for odd k), so that no network with it has a kink.

    Raises ``DimensionError`` for a degree that is no odd integer.

    >>> from quadrics.activation import absolute_value, linear
    >>> is_kinkless(linear), is_kinkless(absolute_value)
    (True, False)
    """
    degree = as_dimension(activation.degree, "degree of the activation")
    if degree % 2 == 0:
        raise DimensionError(
            f"degree of the activation: got {degree}; expected an odd integer (for an even one σ(z) and σ(-z) "
            "have kinks of opposite signs, and the function classes are not known)"
        )
    return bool(sympy.simplify(activation.alpha - activation.beta) == 0)


def _splits(n: int) -> list[tuple[int, int]]:
    """The pairs (p, n - p), both capped at 2: whether there are none, one or several is all that matters."""
    first = {*range(min(n, 2) + 1), *range(max(n - 2, 0), n + 1)}
    return sorted({(min(p, 2), min(n - p, 2)) for p in first})


def _cone(d_out: int, free: int, positive: int, negative: int) -> tuple[int, ...]:
    """The signs of a sum of slopes, given how many neurons of either sign and of free sign contribute."""
    if d_out > 1:
        return (0, 1) if free + positive + negative else (0,)
    return ((-1,) if free or negative else ()) + (0,) + ((1,) if free or positive else ())
