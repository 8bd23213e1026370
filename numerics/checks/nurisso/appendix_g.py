"""Measurements for appendix G: one output locks the sign along gradient flow, several do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from proofs import Check, Context, Control, Outcome, decided, measurement

from ..signs import as_numbers, flows

Crosses = Callable[[int], bool]


def _crosses(statement: Crosses, context: Context) -> Outcome:
    """Flows with c = -0.3 and one or two outputs: does the first output weight of some network change sign?"""
    seen = {}
    for d_out in (1, 2):
        found = flows((-0.3,), d_out, context.pick(quick=3, full=20), context, "appendix G")
        crossed = bool(found.flipped()[:, 0].any())
        seen[f"{d_out} outputs"] = as_numbers(found)
        if statement(d_out) != crossed:
            return decided(False, d_out=d_out, crossed=crossed)
    return decided(True, **seen)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.appG": (
        measurement(
            "gradient flows of pathological neurons with one and with two outputs",
            lambda: lambda d_out: d_out > 1,
            _crosses,
            [
                Control("several outputs locked too", lambda _: lambda d_out: False),
                Control("one output free too", lambda _: lambda d_out: True),
            ],
        ),
    ),
}
