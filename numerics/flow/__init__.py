"""Integrators of gradient flow, a file each."""

from __future__ import annotations

from .scipy_flow import FlowResult, gradient_flow

__all__ = ["FlowResult", "gradient_flow"]
