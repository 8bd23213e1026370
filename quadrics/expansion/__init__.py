"""Expansions of networks to a greater width (Şimşek et al., 2021): affine subspaces, their graph, and their numbers.

An irreducible network of r neurons, expanded to m of them, computes the same function on a union of T(r, m) affine
subspaces; if it is a critical point of the loss, G(r, m) affine subspaces consist of critical points. The names below
are the everyday ones; each module has more.

>>> T(2, 3) == len(list(affine_subspaces(2, 3)))
True
>>> core = Parameters([[1, 0], [0, 1]], [[1, 2]])
>>> Theta = ExpansionManifold(core, 3)
>>> start, end = (S.base_point for S in list(Theta.subspaces())[::11])
>>> Theta.path(start, end).stays_inside()
True
"""

from __future__ import annotations

from ..network import Parameters
from .configurations import Configuration
from .counts import G, T
from .enumeration import affine_subspaces, critical_subspaces
from .intersections import intersection_dimension, intersection_graph
from .manifold import CriticalUnion, ExpansionManifold
from .paths import connect
from .reduction import is_irreducible, reduce
from .subspaces import CriticalSubspace, ExpansionSubspace

__all__ = [
    "Configuration",
    "CriticalSubspace",
    "CriticalUnion",
    "ExpansionManifold",
    "ExpansionSubspace",
    "G",
    "Parameters",
    "T",
    "affine_subspaces",
    "connect",
    "critical_subspaces",
    "intersection_dimension",
    "intersection_graph",
    "is_irreducible",
    "reduce",
]
