"""What an activation allows: Assumption A, null functions, all minima, bounds (Şimşek et al., 2021, 4.1 and B.3).

>>> from quadrics.smooth_activation import sigmoid, soft_sigmoid
>>> assumption_a(sigmoid).holds, assumption_a(soft_sigmoid(1, 4)).holds
(False, True)
"""

from __future__ import annotations

from .condition import assumption_a
from .extended_manifold import ExtendedManifold, computes_same_function
from .null_functions import null_dimension, null_functions

__all__ = ["ExtendedManifold", "assumption_a", "computes_same_function", "null_dimension", "null_functions"]
