"""Orthogonal initialization: no obstruction for l <= d, at most l - d pathological neurons beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Integral, Max, S, atan, beta, cos, expand, gamma, pi, sin, symbols

from ..errors import SchemeError
from .beta import half_integer_beta
from .scheme import HiddenBias, Scheme, as_dimension, require_integer

LARGEST_INTEGRATED_WIDTH = 12
"""Up to this width the probability of one neuron is integrated in closed form."""


@dataclass(frozen=True)
class Orthogonal(Scheme):
    r"""Both layers (semi-)orthogonal, Haar distributed: ``torch.nn.init.orthogonal_`` with gain 1.

    The output weights are a unit vector. For :math:`l \leq d` the rows :math:`w_k` are orthonormal, so that
    :math:`c_k = 1 - a_k^2 \geq 0`: no neuron is pathological, ever. For :math:`l > d` the columns of :math:`W_1` are,
    so that :math:`\sum_k (1 - |w_k|^2 + a_k^2) = l - d + 1` with non-negative terms, and a pathological neuron is one
    whose term exceeds 1: there are at most :math:`l - d`. The neurons are then dependent, and the probability that one
    of them is pathological has a closed form here only for :math:`l = d + 1`; otherwise sample it
    (``numerics.initialize``).

    Examples:
        >>> orthogonal().obstruction_probability(5, 4), orthogonal().largest_number_of_pathological(5, 4)
        (0, 0)
        >>> orthogonal().obstruction_probability(2, 3)
        3 - 3*pi/4
        >>> orthogonal().obstruction_probability(2, 4)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        quadrics.errors.SchemeError: orthogonal, d_in = 2, width = 4: the neurons are dependent ...
    """

    def largest_number_of_pathological(self, d_in: Any, width: Any) -> Any:
        """The largest number of pathological neurons of any draw: max(0, l - d).

        >>> orthogonal().largest_number_of_pathological(2, 10)
        8
        """
        return Max(0, as_dimension(width, "width") - as_dimension(d_in, "d_in"))

    def pathological_probability(self, d_in: Any, width: Any) -> Any:
        r"""The probability that a given neuron is pathological.

        :math:`|w_k|^2` is Beta(d/2, (l - d)/2) and :math:`a_k^2 = \sin^2\varphi` an independent Beta(1/2, (l - 1)/2);
        beyond width 12 the integral over :math:`\varphi` is left as it is (``evalf`` gives its value).

        Raises:
            DimensionError: for symbolic dimensions.

        >>> orthogonal().pathological_probability(2, 3), orthogonal().pathological_probability(3, 5)
        (1 - pi/4, 1/8)
        """
        d, l = require_integer(d_in, "d_in"), require_integer(width, "width")
        if l <= d:
            return S.Zero
        phi, tangent, sine, cosine = symbols("phi t s c", positive=True)
        shorter = half_integer_beta(d / 2, (l - d) / 2, tangent**2)
        shorter = shorter.subs(atan(tangent), phi).subs(tangent**2 + 1, cosine**-2).subs(tangent, sine / cosine)
        density = 2 * cosine ** (l - 2) / beta(S.Half, (l - 1) / 2).rewrite(gamma)
        integrand = expand(shorter * density).subs({cosine: cos(phi), sine: sin(phi)})
        integral = Integral(integrand, (phi, 0, pi / 2))
        return expand(integral.doit()) if l <= LARGEST_INTEGRATED_WIDTH else integral

    def some_pathological_probability(self, d_in: Any, width: Any) -> Any:
        """The probability of a pathological neuron: 0 for l <= d, l rho for l = d + 1 (at most one is).

        Raises:
            SchemeError: for l > d + 1, where the neurons are dependent and no closed form is known.
        """
        d, l = require_integer(d_in, "d_in"), require_integer(width, "width")
        if l > d + 1:
            raise SchemeError(
                f"orthogonal, d_in = {d}, width = {l}: the neurons are dependent for width > d_in + 1 and there is no "
                "closed form; sample it with numerics.initialize, or bound it by width * pathological_probability."
            )
        return (l * self.pathological_probability(d, l)).expand()

    def unreachable_probability(self, d_in: Any, width: Any, positive: int, negative: int) -> Any:
        """The probability that a target cannot be expressed where training starts, for ``width <= d_in``.

        Without pathological neurons only a target with more kinks than neurons is out of reach.

        Raises:
            SchemeError: for ``width > d_in``, where the neurons are dependent.

        >>> orthogonal().unreachable_probability(3, 2, 1, 1), orthogonal().unreachable_probability(3, 2, 3, 0)
        (0, 1)
        """
        d, l = require_integer(d_in, "d_in"), require_integer(width, "width")
        if l > d:
            raise SchemeError(
                f"orthogonal, d_in = {d}, width = {l}: the neurons are dependent for width > d_in and there is no "
                "closed form; sample it with numerics.initialize."
            )
        return super().unreachable_probability(d, l, positive, negative)

    def many_inputs_limit(self, width: Any) -> Any:
        """The limit for ever more inputs: 0, reached at ``d_in = width``."""
        as_dimension(width, "width")
        return S.Zero

    def wide_limit(self, d_in: Any) -> Any:
        r"""The limit for ever more neurons: 1.

        Any fixed number j of neurons, scaled by :math:`\sqrt l`, tends in law to independent standard normal ones, of
        which one is pathological with probability :math:`1 - (1 - I_{1/2}(d/2, 1/2))^j`; and j is arbitrary.
        """
        as_dimension(d_in, "d_in")
        return S.One


def orthogonal(bias: HiddenBias = HiddenBias.NONE) -> Orthogonal:
    """Orthogonal initialization of both layers; a hidden bias, if any, starts at zero.

    Raises:
        SchemeError: for a drawn bias, which no orthogonal scheme prescribes.

    >>> orthogonal().pathological_probability(7, 7)
    0
    """
    if HiddenBias(bias) is HiddenBias.DRAWN:
        raise SchemeError("orthogonal with a drawn bias: expected no hidden bias or one that starts at zero.")
    return Orthogonal("orthogonal", HiddenBias(bias))
