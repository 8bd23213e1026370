"""Measurements for figure 5 and Remark 4.2: students that learn from a teacher, with g_{1,4} as activation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from proofs import Check, Control, measurement
from proofs.simsek.teacher_task import teacher
from quadrics.network import Parameters

from ...experiments.simsek.students import SUCCESS
from . import neuron_roles as roles
from . import student_runs as runs


def _another_teacher() -> Parameters:
    """The teacher with the sign of its first weight changed."""
    one = teacher()
    W1 = one.W1.as_mutable()
    W1[0, 0] *= -1
    return Parameters(W1, one.W2)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.fig5": (
        measurement(
            "every student of width 10 ends with a loss below 1e-15",
            lambda: runs.AllReach("soft-10", SUCCESS),
            runs.all_reach,
            [
                Control("of width 3, one less than the teacher", lambda s: replace(s, block="soft-3")),
                Control("before the polishing", lambda s: replace(s, stage="adam_loss")),
            ],
        ),
    ),
    "simsek.fig5.right": (
        measurement(
            "in every converged student of width 10 each neuron is a copy of a teacher's neuron or of zero type",
            lambda: roles.Classified(teacher()),
            roles.are_classified,
            [
                Control("copies of another teacher", lambda s: replace(s, teacher=_another_teacher())),
                Control("exactly equal weights only", lambda s: replace(s, tolerance=0.0)),
                Control("before training", lambda s: replace(s, trained=False)),
            ],
        ),
        measurement(
            "the outgoing weights at each incoming weight sum to the teacher's there, to within what the loss allows",
            lambda: roles.Minima(roles.classical, "soft-10"),
            roles.sums_satisfy,
            [
                Control("to those of another teacher", lambda s: replace(s, flipped=True)),
                Control("with the sigmoid, whose mirror images count", lambda s: replace(s, block="sigmoid-5")),
            ],
        ),
    ),
    "simsek.rem4.2": (
        measurement(
            "every converged student of width 10 is pruned to four neurons, within the error bound of the reduction",
            lambda: roles.Pruned(4),
            roles.are_pruned,
            [
                Control("to three", lambda s: replace(s, r=3, keep=lambda r: slice(1, None))),
                Control("before training", lambda s: replace(s, trained=False)),
            ],
        ),
    ),
}
