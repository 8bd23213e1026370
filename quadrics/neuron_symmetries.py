r"""What may be done to one hidden neuron without changing the function: rescalings and reflections.

A neuron contributes :math:`a\,\sigma(w \cdot x)` (its bias is a weight of a constant input). Where σ is positively
homogeneous of degree k, :math:`(w, a) \mapsto (m w, m^{-k} a)` changes nothing for m > 0. Where
:math:`\sigma(z) = \rho\,\sigma(-z) + s` with ρ = ±1 for all z, neither does :math:`(w, a) \mapsto (-w, \rho a)`
together with s·a added to the output bias: s = 0 for odd and even activations, s = 1 for the sigmoid.

The representative of a neuron that is *balanced*, :math:`|w|^2 = k |a|^2`, is reached by one m; its squared length is
the least on the orbit. The straight segment between two neurons rescaled by the same m computes the functions that the
segment between the neurons themselves computes, since a rescaling is linear.

>>> from .activation import relu
>>> from .smooth_activation import sigmoid, tanh
>>> reflection(tanh), reflection(sigmoid), reflection(relu)
(Reflection(sign=-1, shift=0), Reflection(sign=-1, shift=1), None)
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import sympy

from .activation import Activation
from .errors import DimensionError
from .network import Neuron, Parameters
from .smooth_activation import SmoothActivation, Z
from .symmetry import rescale
from .validation import Expr, as_real

__all__ = ["FACTOR", "TIME", "Reflection", "balancing_factor", "reflection", "rescaled_neuron"]

FACTOR = sympy.Symbol("m", positive=True)
"""The factor m of a rescaling."""
TIME = sympy.Symbol("t", real=True)
"""The time t on the curve (m^t w, m^(-kt) a)."""


class Reflection(NamedTuple):
    """The ρ and s of σ(z) = ρ σ(-z) + s."""

    sign: int
    shift: Expr


@cache
def reflection(activation: Activation | SmoothActivation) -> Reflection | None:
    """Return the reflection that an activation allows, or None.

    >>> from .activation import absolute_value, leaky_relu, linear
    >>> reflection(absolute_value), reflection(linear), reflection(leaky_relu(sympy.Rational(1, 10)))
    (Reflection(sign=1, shift=0), Reflection(sign=-1, shift=0), None)
    """
    zero = sympy.Integer(0)
    if isinstance(activation, Activation):
        if sympy.simplify(activation.alpha - activation.beta) == 0:
            return Reflection(-1, zero)
        return Reflection(1, zero) if sympy.simplify(activation.alpha + activation.beta) == 0 else None
    there, back = activation.formula, activation.formula.subs(Z, -Z)
    if sympy.simplify(there - back) == 0:
        return Reflection(1, zero)
    total = sympy.simplify(there + back)
    return None if total.has(Z) else Reflection(-1, total)


def balancing_factor(input_norm: object, output_norm: object, degree: object = 1) -> Expr:
    r"""Return the m > 0 with \|m w\|² = k \|m^{-k} a\|²: (√k \|a\|/\|w\|)^{1/(k+1)}.

    For degree 1 it is the α of eq. (23) of Nurisso et al. at c = 0:

    >>> from .rescaling import rescaling_factor
    >>> w, a = sympy.symbols("w a", positive=True)
    >>> sympy.simplify(balancing_factor(w, a) / rescaling_factor(w**2, a**2, 0))
    1

    Raises ``DimensionError`` unless all three are positive: no rescaling balances a neuron with w = 0 or a = 0 alone.

    >>> balancing_factor(0, 1)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: input norm: got 0; expected a positive number, or a symbol declared positive
    """
    w, a, k = as_real(input_norm, "input norm"), as_real(output_norm, "output norm"), as_real(degree, "degree")
    for name, value in (("input norm", w), ("output norm", a), ("degree", k)):
        if not value.is_positive:
            raise DimensionError(f"{name}: got {value}; expected a positive number, or a symbol declared positive")
    return (sympy.sqrt(k) * a / w) ** (1 / (k + 1))


def rescaled_neuron(neuron: Neuron, factor: object = FACTOR, degree: object = 1, t: object = TIME) -> Neuron:
    """Return (m^t w, m^(-kt) a): from the neuron (t = 0) to its rescaled copy (t = 1) with one contribution throughout.

    Raises ``SymmetryError`` for a factor that is not positive.

    >>> rescaled_neuron(Neuron((3,), (5,)), 4, t=sympy.Rational(1, 2))
    Neuron(w=(6,), a=(5/2,), b=None)
    """
    power = as_real(factor, "factor") ** as_real(t, "t")
    return rescale(Parameters.from_neurons([neuron]), [power], degree).neuron(0)
