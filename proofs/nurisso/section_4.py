"""Section 4: the topology of the invariant set, its components, and what they mean for gradient flow."""

from __future__ import annotations

from . import section_4_components, section_4_flow, section_4_topology

CLAIMS = (*section_4_topology.CLAIMS, *section_4_components.CLAIMS, *section_4_flow.CLAIMS)
