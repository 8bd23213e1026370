"""Uniform initializations: PyTorch's default for ``nn.Linear``, Kaiming uniform, Xavier uniform and any other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sympy import Max, S, Symbol, exp, integrate, limit, oo, sqrt

from .cube import CubeShorterThan, ball_in_cube
from .scheme import INPUTS, WIDTH, HiddenBias, Scheme, as_dimension, as_scale, in_dimensions, power, require_integer


@dataclass(frozen=True)
class Uniform(Scheme):
    r"""Independent weights :math:`w_{ki} \sim U(-h_1, h_1)`, :math:`a_k \sim U(-h_2, h_2)`.

    A neuron is pathological with the probability that a point of the cube is shorter than :math:`r v`, where
    :math:`r = h_2 / h_1`; for :math:`r \leq 1` (PyTorch's default: :math:`l \geq d`) the ball fits into the cube and

    .. math:: \rho = \frac{V_n}{2^n} \frac{r^n}{n + 1}, \quad V_n = \frac{\pi^{n/2}}{\Gamma(n/2 + 1)},

    with ``n = d`` coordinates, or ``d + 1`` when the hidden bias is drawn too.

    Examples:
        >>> pytorch_default().pathological_probability(2, 10)
        pi/60
        >>> uniform(sqrt(2), sqrt(2)).some_pathological_probability(2, 2).evalf(4)
        0.4551

        Wider than deep is the easy case; with fewer neurons than inputs the ball leaves the cube:

        >>> pytorch_default().pathological_probability(4, 2)
        CubeShorterThan(4, sqrt(2))
        >>> pytorch_default().pathological_probability(4, 2).evalf(6)
        0.217675
    """

    half_width1: Any = field(default=S.One)
    half_width2: Any = field(default=S.One)

    def __post_init__(self) -> None:
        for label in ("half_width1", "half_width2"):
            object.__setattr__(self, label, as_scale(getattr(self, label), label))

    def radius(self, d_in: Any, width: Any) -> Any:
        r"""The ratio :math:`r = h_2 / h_1`.

        >>> pytorch_default().radius(INPUTS, WIDTH), kaiming_uniform().radius(1, 4)
        (sqrt(d)/sqrt(l), 1/2)
        """
        return in_dimensions(self.half_width2 / self.half_width1, d_in, width)

    def pathological_probability(self, d_in: Any, width: Any) -> Any:
        r"""The probability :math:`\rho` that a given neuron is pathological.

        >>> pytorch_default(HiddenBias.DRAWN).pathological_probability(2, 2)
        pi/24
        """
        return CubeShorterThan(self.coordinates(d_in), self.radius(d_in, width))

    def wide_limit(self, d_in: Any) -> Any:
        r"""The limit for :math:`l \to \infty` at ``d_in`` inputs: :math:`1 - \exp(-\lim l \rho)`.

        Raises:
            DimensionError: for a symbolic ``d_in``.

        >>> pytorch_default().wide_limit(2), pytorch_default().wide_limit(3)
        (1 - exp(-pi/6), 0)
        """
        n = require_integer(self.coordinates(d_in), "d_in")
        radius = self.radius(d_in, WIDTH)
        if self.always_disconnected(d_in) or limit(radius, WIDTH, oo) != 0:
            return S.One
        return 1 - exp(-limit(WIDTH * ball_in_cube(n, radius), WIDTH, oo))

    def many_inputs_limit(self, width: Any) -> Any:
        r"""The limit for :math:`d \to \infty` at fixed width, by the law of large numbers for :math:`|u|^2 / d`.

        The mean square of a uniform coordinate is 1/3, so that :math:`\rho \to P[v > 1 / (\sqrt{3} y)]`, where
        y is the limit of :math:`r / \sqrt{d}`.

        >>> pytorch_default().many_inputs_limit(1), pytorch_default().many_inputs_limit(3)
        (1 - sqrt(3)/3, 0)
        """
        width = as_dimension(width, "width")
        u, inputs = Symbol("u"), Symbol("d", integer=True, positive=True)
        mean_square = integrate(u**2, (u, 0, 1))
        y = limit(self.radius(inputs, width) / sqrt(inputs), inputs, oo)
        if y == 0:
            return S.Zero
        return 1 - power(1 - Max(0, 1 - sqrt(mean_square) / y), width)


def uniform(half_width1: Any, half_width2: Any, bias: HiddenBias = HiddenBias.NONE) -> Uniform:
    r"""Weights uniform in :math:`(-h_1, h_1)` (first layer) and :math:`(-h_2, h_2)` (second layer).

    Section 6 of Nurisso et al. draws all weights from :math:`U(-\sqrt 2, \sqrt 2)`.

    Raises:
        SchemeError: for a half-width that is not positive.

    >>> uniform(sqrt(2), sqrt(2)).pathological_probability(2, 2)
    pi/12
    """
    widths = as_scale(half_width1, "half_width1"), as_scale(half_width2, "half_width2")
    return Uniform("uniform", HiddenBias(bias), *widths)


def pytorch_default(bias: HiddenBias = HiddenBias.NONE) -> Uniform:
    r"""PyTorch's default for ``nn.Linear``: :math:`U(\pm 1/\sqrt{\text{fan\_in}})` for weights and bias.

    ``HiddenBias.DRAWN`` is ``nn.Linear(d, l)`` as it comes, ``HiddenBias.NONE`` is ``nn.Linear(d, l, bias=False)``.

    >>> pytorch_default().obstruction_probability(2, 10).evalf(5)
    0.41597
    """
    return Uniform("PyTorch default", HiddenBias(bias), 1 / sqrt(INPUTS), 1 / sqrt(WIDTH))


def kaiming_uniform(bias: HiddenBias = HiddenBias.NONE) -> Uniform:
    r"""Kaiming uniform: :math:`U(\pm\sqrt{6/\text{fan\_in}})`; the same ratio as PyTorch's default.

    >>> kaiming_uniform().radius(3, 5) == pytorch_default().radius(3, 5)
    True
    """
    return Uniform("Kaiming uniform", HiddenBias(bias), sqrt(6 / INPUTS), sqrt(6 / WIDTH))


def xavier_uniform(bias: HiddenBias = HiddenBias.NONE) -> Uniform:
    r"""Xavier uniform: :math:`U(\pm\sqrt{6/(\text{fan\_in} + \text{fan\_out})})`.

    >>> xavier_uniform().radius(4, 4)**2
    8/5
    """
    return Uniform("Xavier uniform", HiddenBias(bias), sqrt(6 / (INPUTS + WIDTH)), sqrt(6 / (WIDTH + 1)))
