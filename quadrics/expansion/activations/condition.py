r"""Assumption A of Şimşek et al. (2021) on the activation, decided: no other symmetries than permutations.

A smooth σ satisfies it if σ(0) ≠ 0, and infinitely many of its even and infinitely many of its odd derivatives at 0
are not zero. Then a network is determined by its function up to copies and zero-type neurons (Theorem 4.2).

>>> from quadrics.smooth_activation import sigmoid, soft_sigmoid
>>> assumption_a(soft_sigmoid(1, 4)).holds, assumption_a(sigmoid).holds
(True, False)
>>> print(assumption_a(sigmoid))
sigma(0) != 0: yes (1/2)
infinitely many even derivatives: no (the even part is the polynomial 1/2)
infinitely many odd derivatives: yes (the odd part tends to 1/2 at infinity, and is 0 at 0)
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from ...errors import UnknownActivationError
from ...smooth_activation import SmoothActivation, Z
from ...validation import Expr
from .parts import Part, even_part, is_nonzero, odd_part


@dataclass(frozen=True)
class AssumptionA:
    """Which of the three requirements hold, and why; see :func:`assumption_a`."""

    value_at_zero: Expr
    even: Part
    odd: Part

    @property
    def nonzero_at_zero(self) -> bool:
        """Whether σ(0) ≠ 0; without it a neuron with w = 0 computes nothing."""
        return bool(self.value_at_zero != 0)

    @property
    def infinitely_many_even(self) -> bool:
        """Whether infinitely many derivatives of even order are not zero at 0."""
        return not self.even.is_polynomial

    @property
    def infinitely_many_odd(self) -> bool:
        """Whether infinitely many derivatives of odd order are not zero at 0."""
        return not self.odd.is_polynomial

    @property
    def holds(self) -> bool:
        """Whether all three hold."""
        return self.nonzero_at_zero and self.infinitely_many_even and self.infinitely_many_odd

    def __str__(self) -> str:
        lines = [f"sigma(0) != 0: {_yes(self.nonzero_at_zero)} ({self.value_at_zero})"]
        for name, part in (("even", self.even), ("odd", self.odd)):
            why = f"is the polynomial {part.formula}" if part.is_polynomial else part.reason
            lines.append(f"infinitely many {name} derivatives: {_yes(not part.is_polynomial)} (the {name} part {why})")
        return "\n".join(lines)


def assumption_a(activation: SmoothActivation | Expr) -> AssumptionA:
    r"""Decide Assumption A for an activation, requirement by requirement.

    Parameters
    ----------
    activation : a :class:`~quadrics.smooth_activation.SmoothActivation`, or a formula in its symbol ``Z``, possibly
        with parameters of known signs

    Raises
    ------
    UnknownActivationError
        if it cannot be decided (see :func:`~quadrics.expansion.activations.parts.even_part`), or depends on the values
        of parameters.

    Examples
    --------
    For all parameters at once:

    >>> alpha, gamma = sympy.symbols("alpha gamma", positive=True)
    >>> g = sympy.log(1 + sympy.exp(Z)) + alpha / (1 + sympy.exp(-gamma * Z))
    >>> assumption_a(g).holds
    True

    The exponential function satisfies it; less 1, it is zero at 0:

    >>> assumption_a(sympy.exp(Z)).holds, assumption_a(sympy.exp(Z) - 1).nonzero_at_zero
    (True, False)
    """
    even, odd = even_part(activation), odd_part(activation)
    value = sympy.simplify(even.formula.subs(Z, 0))
    if not is_nonzero(value):
        if value != 0 and value.equals(0) is not True:
            raise UnknownActivationError(
                f"activation: got sigma(0) = {value}, zero or not; expected a number, or parameters of known signs"
            )
        value = sympy.Integer(0)
    return AssumptionA(value, even, odd)


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"
