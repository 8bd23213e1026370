r"""The losses of one output on one sample, as expressions of the output f and the target y.

>>> SAMPLE_LOSSES["bce"].diff(OUTPUT).subs(OUTPUT, 0)
1/2 - y
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

__all__ = ["OUTPUT", "SAMPLE_LOSSES", "TARGET"]

OUTPUT, TARGET = sympy.symbols("f y", real=True)
SAMPLE_LOSSES: Mapping[str, Any] = {
    "mse": (OUTPUT - TARGET) ** 2,
    "bce": sympy.log(1 + sympy.exp(OUTPUT)) - TARGET * OUTPUT,
}
"""The squared loss, and the logistic loss of a logit f and a label or probability y."""
