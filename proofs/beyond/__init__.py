"""Statements that none of the papers has: ``beyond.<paper>.<name>``."""

from __future__ import annotations

from ..claim import Claim, claims_in

MODULES = (
    "nurisso_dynamics",
    "nurisso_boost",
    "nurisso_methods",
    "nurisso_optimizers",
    "nurisso_kinks",
    "nurisso_zero_imbalance",
    "nurisso_orbits",
    "nurisso_initialization",
    "simsek_toy",
    "simsek_expansion",
    "simsek_minima",
    "simsek_derivatives",
    "simsek_critical",
    "simsek_inertia",
    "simsek_multilayer",
    "simsek_digits",
    "zhao_linear",
    "zhao_residual",
    "zhao_residual_networks",
    "zhao_barriers",
    "zhao_curvature",
    "zhao_chords",
)


def claims() -> tuple[Claim, ...]:
    """Every statement beyond the papers."""
    return claims_in(__name__, MODULES)
