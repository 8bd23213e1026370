"""Deep networks and their expansions, layer by layer (Şimşek et al., 2021, section 5)."""

from __future__ import annotations

from .blocks import Family
from .manifold import DeepCriticalUnion, DeepExpansionManifold
from .networks import DeepParameters

__all__ = ["DeepCriticalUnion", "DeepExpansionManifold", "DeepParameters", "Family"]
