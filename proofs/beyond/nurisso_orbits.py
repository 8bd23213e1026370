"""Beyond section 5: orbits of parameters, readings of effective components, function classes, reachable targets."""

from __future__ import annotations

from ..claim import Claim
from . import nurisso_dimensions, nurisso_functions, nurisso_reach, nurisso_readings, nurisso_targets

CLAIMS: tuple[Claim, ...] = (
    *nurisso_reach.CLAIMS,
    *nurisso_readings.CLAIMS,
    *nurisso_dimensions.CLAIMS,
    *nurisso_functions.CLAIMS,
    *nurisso_targets.CLAIMS,
)
