"""The claims of Zhao et al. (2024), a module per section of the paper."""

from __future__ import annotations

from ..claim import Claim, claims_in

MODULES = (
    "section_2",
    "section_3_topology",
    "section_3_groups",
    "section_4_linear",
    "section_4_residual",
    "section_5_permutations",
    "section_5_barrier",
    "section_5_distance",
    "section_6_curves",
    "section_6_curvature",
)


def claims() -> tuple[Claim, ...]:
    """Every claim of the paper, in the order of its sections."""
    return claims_in(__name__, MODULES)
