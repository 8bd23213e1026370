"""Integrators of gradient flow, a file each."""

from __future__ import annotations

from . import adaptive, commutator_free, gradient_descent, lie_euler, lie_midpoint, projected, runge_kutta
from .result import FlowResult
from .scipy_flow import gradient_flow

__all__ = [
    "FlowResult",
    "adaptive",
    "commutator_free",
    "gradient_descent",
    "gradient_flow",
    "lie_euler",
    "lie_midpoint",
    "projected",
    "runge_kutta",
]
