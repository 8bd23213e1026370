"""Exact mathematics of the invariant sets, symmetries and minima of shallow networks: SymPy in, SymPy out.

The names below are the everyday ones; each module of the package has more.

>>> from sympy import Rational
>>> H = InvariantSet(d_in=2, d_out=1, c=[Rational(-1, 10), Rational(-1, 10), 3])
>>> H.number_of_components(), H.number_of_effective_components()
(4, 3)
"""

from __future__ import annotations

from .activation import Activation, absolute_value, leaky_relu, linear, relu, relu_power
from .invariant_set import InvariantSet
from .network import Neuron, Parameters, TwoLayer
from .quadric import Quadric
from .rescaling import rescale_to, rescaling_factor, stable_rescaling_factor
from .symmetry import permute, rescale

__all__ = [
    "Activation",
    "InvariantSet",
    "Neuron",
    "Parameters",
    "Quadric",
    "TwoLayer",
    "absolute_value",
    "leaky_relu",
    "linear",
    "permute",
    "relu",
    "relu_power",
    "rescale",
    "rescale_to",
    "rescaling_factor",
    "stable_rescaling_factor",
]
