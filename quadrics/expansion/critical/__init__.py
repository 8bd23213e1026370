"""Symmetry-induced critical points and their Hessians (Şimşek et al., 2021, section 4.2)."""

from __future__ import annotations

from .hessian import critical_inertia, is_strict_saddle
from .smooth_loss import SmoothLoss

__all__ = ["SmoothLoss", "critical_inertia", "is_strict_saddle"]
