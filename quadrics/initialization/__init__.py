"""How likely an initialization disconnects the invariant set: exact probabilities and their limits.

>>> kaiming_normal().obstruction_probability(2, 8)
369/625
>>> xavier_normal().many_inputs_limit(1)
1 - erf(1)
"""

from .beta import fisher_cdf, half_integer_beta, leading_term
from .cube import CubeShorterThan, ball_in_cube
from .floats import on_arrays
from .gaussian_weights import Gaussian, fisher_cdf_of_many_inputs, gaussian, kaiming_normal, xavier_normal
from .orthogonal_weights import Orthogonal, orthogonal
from .scheme import INPUTS, WIDTH, HiddenBias, Scheme, evaluate
from .uniform_weights import Uniform, kaiming_uniform, pytorch_default, uniform, xavier_uniform

__all__ = [
    "INPUTS",
    "WIDTH",
    "CubeShorterThan",
    "Gaussian",
    "HiddenBias",
    "Orthogonal",
    "Scheme",
    "Uniform",
    "ball_in_cube",
    "evaluate",
    "fisher_cdf",
    "fisher_cdf_of_many_inputs",
    "gaussian",
    "half_integer_beta",
    "kaiming_normal",
    "kaiming_uniform",
    "leading_term",
    "on_arrays",
    "orthogonal",
    "pytorch_default",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
]
