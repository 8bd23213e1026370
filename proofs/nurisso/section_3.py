"""Section 3: setup and preliminaries."""

from __future__ import annotations

from . import section_3_conservation, section_3_equivalence, section_3_gradient, section_3_setup, section_3_symmetry

CLAIMS = (
    *section_3_setup.CLAIMS,
    *section_3_symmetry.CLAIMS,
    *section_3_equivalence.CLAIMS,
    *section_3_gradient.CLAIMS,
    *section_3_conservation.CLAIMS,
)
