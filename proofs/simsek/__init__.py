"""The claims of Şimşek et al. (2021), a module per section of the paper."""

from __future__ import annotations

from ..claim import Claim, claims_in

MODULES = (
    "section_2_symmetry",
    "section_2_toy",
    "appendix_b_regions",
    "section_3_setup",
    "section_3_subspaces",
    "section_3_theorem",
    "section_3_connectivity",
    "section_4_minima",
    "appendix_b_activations",
    "section_4_training",
    "section_4_critical",
    "section_4_hessian",
    "section_4_counts",
    "section_4_growth",
    "section_4_ratios",
    "section_5_setup",
    "section_5_counts",
    "section_5_order",
    "section_5_critical",
    "section_5_ratios",
    "appendix_a_counts",
    "appendix_a_training",
    "appendix_a_digits",
    "appendix_b_counts",
    "restatements",
)


def claims() -> tuple[Claim, ...]:
    """Every claim of the paper, in the order of its sections."""
    return claims_in(__name__, MODULES)
