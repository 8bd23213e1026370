"""Symmetry groups acting on minima, components of minima, and curves between them (Zhao et al., 2024).

The names below are the everyday ones; each module has more.

>>> network = LinearNetwork([[1, 0], [0, 1]], [[1, 1], [0, 1]], depth=3)
>>> network.number_of_components(), three_layers([[1, 0], [0, 1]], [[1, 1], [0, 1]], skip=1).number_of_components()
(4, 2)
>>> barrier(100)    # between a minimum and itself rescaled by 100, for |Y| = 1
96059601/160000
"""

from __future__ import annotations

from .barriers import barrier
from .factorizations import Factorizations
from .gl_paths import gl_path
from .linear_networks import LinearNetwork
from .plane_cells import PlaneCells
from .real_powers import has_real_logarithm
from .residual_networks import ResidualNetwork, three_layers
from .symmetry_curves import symmetry_curve

__all__ = [
    "Factorizations",
    "LinearNetwork",
    "PlaneCells",
    "ResidualNetwork",
    "barrier",
    "gl_path",
    "has_real_logarithm",
    "symmetry_curve",
    "three_layers",
]
