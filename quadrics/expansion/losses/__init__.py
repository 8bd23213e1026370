"""Symmetric losses and their symmetry subspaces (Şimşek et al., 2021, sections 2, A.3 and B.1)."""

from __future__ import annotations

from .symmetric import UnitLoss
from .symmetry_subspaces import SymmetrySubspace
from .toy import ToyLoss

__all__ = ["SymmetrySubspace", "ToyLoss", "UnitLoss"]
