r"""How many *effective* components H(c) has, under each reading of the word (section 5 of Nurisso et al., 2024).

Permutations and rescalings relate parameters in different components of the invariant set H(c). The paper's Corollary 3
counts "effective components" without saying which of the following it means; they are different numbers. With l_-
pathological neurons and m = l - l_- others, for d > 1 and e = 1:

========================================  ======================================  ====================================
reading                                   what is counted                         number
========================================  ======================================  ====================================
Theorem 2's relation                      classes of "every θ in C has an         :math:`1 + l_-`
                                          equivalent θ' in C'"
Definition 2                              the sets Eff(θ); they overlap when      :math:`\sum_{t \le \min(m, l_-)}
                                          0 < l_- < l                             (l_- + 1 - t)`
transitive closure                        classes of the equivalence relation     1, or :math:`1 + l_-` if m = 0
                                          that "some θ in C has an equivalent
                                          in C'" generates
permutations alone                        components up to permutations that      :math:`\prod (m_i + 1)`, m_i the
                                          keep c, no rescaling                    multiplicities of negative c
functions (``function_classes``)          different sets F(C) of functions        :math:`1 + l_-`
========================================  ======================================  ====================================

Throughout, ``d_in`` counts a bias as one more input (appendix E): pass d + 1.
"""

from __future__ import annotations

import sympy

from .errors import DimensionError
from .validation import Expr, as_dimension


def theorem_2_class_count(d_in: object, d_out: object, l_plus: object, l_minus: object, l_zero: object = 0) -> Expr:
    """Return the number of classes of components under Theorem 2's relation, the default reading of *effective*.

    C and C' are related when *every* θ in C is a rescaling and permutation of some θ' in C'. The classes are told apart
    by how many pathological neurons have a positive output weight (e = 1), and by how many neurons with c_k > 0 have a
    positive input weight (d = 1); neurons with c_k = 0 never matter.

    Parameters
    ----------
    d_in, d_out : input and output dimension d and e (d + 1 for a network with biases); integers or symbols
    l_plus, l_minus, l_zero : numbers of neurons with c_k > 0, c_k < 0, c_k = 0; integers or symbols

    Returns
    -------
    int for integers, otherwise a SymPy expression

    Raises
    ------
    DimensionError
        if a dimension is below 1, a count negative, or one of them no integer.

    Examples
    --------
    >>> theorem_2_class_count(2, 1, l_plus=1, l_minus=2)
    3
    >>> theorem_2_class_count(2, 3, l_plus=1, l_minus=2)
    1
    >>> theorem_2_class_count(2, 1, l_plus=1, l_minus=sympy.Symbol("l_minus"))
    l_minus + 1

    References: Theorem 2 and Corollary 3 for d > 1, e = 1.
    """
    d, e = _count(d_in, "d_in", 1), _count(d_out, "d_out", 1)
    plus, minus, _ = (_count(v, n) for v, n in ((l_plus, "l_plus"), (l_minus, "l_minus"), (l_zero, "l_zero")))
    return _number(_if_one(d, 1 + plus) * _if_one(e, 1 + minus))


def _if_one(dimension: Expr, value: Expr) -> Expr:
    """``value`` in dimension 1 (where a sphere is two points), otherwise 1."""
    return sympy.Piecewise((value, sympy.Eq(dimension, 1)), (1, True))


def _count(value: object, name: str, minimum: int = 0) -> Expr:
    """An integer of at least ``minimum``, or a SymPy expression that may be one."""
    if isinstance(value, sympy.Expr) and not value.is_number:
        if value.is_integer is False or (value - minimum).is_negative:
            raise DimensionError(f"{name}: got {value}; expected an integer of at least {minimum}, or a symbol for one")
        return value
    return sympy.Integer(as_dimension(value, name, minimum))


def _number(expr: Expr) -> Expr:
    return int(expr) if expr.is_Integer else expr
