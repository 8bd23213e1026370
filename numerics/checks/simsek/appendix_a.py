"""Measurements for figure 1 (c) and its extension in the appendix: students with the sigmoid as activation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from proofs import Check, Control, measurement

from . import neuron_roles as roles
from . import student_runs as runs


def _odd(sums: roles.Sums) -> Any:
    """The condition that would hold for an even activation: the sums at W and -W cancel."""
    return np.array([*(sums.plus + sums.minus), sums.at_zero])


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.fig1c": (
        measurement(
            "some students of width 5 reach a global minimum, and some do not",
            lambda: "sigmoid-5",
            runs.some_reach,
            [
                Control("of width 3, one less than the teacher", lambda _: "sigmoid-3"),
                Control("of width 10, with another activation", lambda _: "soft-10"),
            ],
        ),
        measurement(
            "every student of width 45 ends far below the least loss that one of width 5 is stuck at",
            lambda: runs.Below("sigmoid-45", "sigmoid-5"),
            runs.wide_ones_are_below,
            [
                Control("of width 4", lambda s: replace(s, wide="sigmoid-4")),
                Control("before the polishing", lambda s: replace(s, stage="adam_loss")),
            ],
        ),
    ),
    "simsek.appA": (
        measurement(
            "final losses of students of widths 3 to 10 are below 1e-15 or above 1e-7",
            runs.Between,
            runs.with_nothing_between,
            [
                Control("before the polishing", lambda s: replace(s, stage="adam_loss")),
                Control("or above 1e-5", lambda s: replace(s, high=1e-5)),
                Control("below 1e-31", lambda s: replace(s, low=1e-31)),
            ],
        ),
    ),
    "simsek.appA.fig1": (
        measurement(
            "no stuck student of width 5 is at a strict saddle, and some are at isolated minima",
            runs.Stuck,
            runs.stuck_runs_are,
            [
                Control("none is at an isolated minimum", lambda s: replace(s, none="minimum")),
                Control("some are at strict saddles", lambda s: replace(s, some="saddle")),
            ],
        ),
        measurement(
            "in every converged student of width 5 the sums at W and -W are equal, and all together are the teacher's",
            lambda: roles.Minima(roles.mirrored),
            roles.sums_satisfy,
            [
                Control("each sum is the teacher's", lambda s: replace(s, condition=roles.classical)),
                Control("sums at W and -W cancel", lambda s: replace(s, condition=_odd)),
                Control("those of another teacher", lambda s: replace(s, flipped=True)),
            ],
        ),
        measurement(
            "some converged students of width 5 are not on the expansion manifold of the teacher",
            lambda: "sigmoid-5",
            roles.some_are_outside,
            [Control("with the activation of Theorem 4.2", lambda _: "soft-10")],
        ),
    ),
}
