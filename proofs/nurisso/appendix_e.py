"""Appendix E: networks with biases. A hidden bias counts as one more input weight; the output bias is free."""

from __future__ import annotations

from . import appendix_e_symmetry, appendix_e_topology

CLAIMS = (*appendix_e_symmetry.CLAIMS, *appendix_e_topology.CLAIMS)
