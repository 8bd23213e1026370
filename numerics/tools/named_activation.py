"""Activations by name, homogeneous and smooth: what a user says of a checkpoint, which does not tell.

>>> activation_called("leaky_relu", slope=0.25)
Activation(alpha=1, beta=1/4, degree=1)
>>> activation_called("sin(z)")  # doctest: +ELLIPSIS
Traceback (most recent call last):
...
quadrics.errors.UnknownActivationError: activation: got 'sin(z)'; expected one of absolute_value, erf, gelu, ...
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import sympy

from quadrics.activation import Activation, absolute_value, leaky_relu, linear, relu, relu_power
from quadrics.errors import NonFiniteError, UnknownActivationError
from quadrics.smooth_activation import NAMED, activation_named

from ..activation import AnyActivation

__all__ = ["HOMOGENEOUS", "NAMES", "SLOPE", "activation_called"]

SLOPE = 0.01
"""Of leaky ReLU, as in torch."""

HOMOGENEOUS: Mapping[str, Activation] = {
    "relu": relu,
    "absolute_value": absolute_value,
    "linear": linear,
    "relu_squared": relu_power(2),
}

NAMES = tuple(sorted([*HOMOGENEOUS, "leaky_relu", *NAMED]))


def activation_called(name: str, slope: float = SLOPE) -> AnyActivation:
    """Return the activation of this name; ``slope`` is that of ``leaky_relu`` below 0. Text is never evaluated.

    Raises:
        UnknownActivationError: there is none, with the names there are.
        NonFiniteError: a slope that is no number.
        DimensionError: a slope outside [0, 1].
    """
    if name == "leaky_relu":
        if not math.isfinite(slope):
            raise NonFiniteError(f"slope: got {slope}; expected a number between 0 and 1")
        return leaky_relu(sympy.Rational(repr(float(slope))))
    if name in HOMOGENEOUS:
        return HOMOGENEOUS[name]
    if name in NAMED:
        return activation_named(name)
    raise UnknownActivationError(f"activation: got {name!r}; expected one of {', '.join(NAMES)}")
