"""Measurements for section 6: the toy networks of figure 3 and the breast-cancer networks of figure 4.

Each experiment is trained once in a verification; its networks serve all checks below.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from proofs import Check, Control, counterexample, measurement
from proofs.evidence import Scope
from proofs.nurisso import toy_task

from .. import breast_cancer_runs as cancer
from .. import toy_runs as toy

_SHARE = sp.Symbol("p")

TOY: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.toy.inf": (
        measurement(
            "the mean of F² over 8,000 points, within its interval of 7/6",
            lambda: toy_task.mean(toy_task.target() ** 2),
            toy.mean_square_is,
            [
                Control("without the product of x1 and x2", lambda _: toy_task.mean(toy_task.X1**2 + toy_task.X2**2)),
                Control("(E F)²", lambda _: toy_task.mean(toy_task.target()) ** 2),
            ],
        ),
        measurement(
            "random networks with positive output weights, on the same points",
            lambda: toy.LeastLoss(signs=(1, 1)),
            toy.no_random_network_is_below,
            [
                Control("one output weight negative", lambda s: replace(s, signs=(1, -1))),
                Control("a bound higher by a thousandth", lambda s: replace(s, factor=1.001)),
            ],
        ),
        measurement(
            "the exact minimizers of both components, on the same points",
            lambda: lambda mean_square: (mean_square, 0.0),
            toy.exact_points_have_losses,
            [Control("exchanged", lambda _: lambda mean_square: (0.0, mean_square))],
        ),
    ),
    "nurisso.toy.obstructed": (
        measurement(
            "no obstructed run ends below the sample's own mean of F²",
            lambda: toy.Floor("obstructed"),
            toy.stays_above,
            [
                Control("the free runs", lambda s: replace(s, configuration="free")),
                Control("a floor higher by a thousandth", lambda s: replace(s, factor=1.001)),
            ],
        ),
        measurement(
            "no output weight of a neuron with c < 0 changes sign at any step, in any configuration",
            lambda: -1,
            toy.no_flips,
            [Control("neurons with c > 0", lambda sign: -sign)],
        ),
        measurement(
            "h|v_k| <= 1 and c_k < 0 at every step, as the derivation assumes",
            lambda: 1.0,
            toy.stays_gentle,
            [Control("a bound of 1/100", lambda _: 0.01)],
        ),
    ),
    "nurisso.toy.free": (
        measurement(
            "the fraction of free runs that learn is above 0 and below one half",
            lambda: toy.Between(0, 0.5),
            toy.learns_with_probability,
            [Control("never", lambda _: toy.Between(-1, 0)), Control("mostly", lambda _: toy.Between(0.5, 1))],
        ),
        measurement(
            "every run that learns ends with a negative a_2",
            lambda: -1,
            toy.learners_end_with_sign,
            [Control("positive", lambda sign: -sign)],
        ),
        measurement(
            "neuron 2 never moves when both its input weights start negative, and the run stays above the plateau",
            lambda: 0,
            toy.never_moves,
            [Control("one positive", lambda _: 1), Control("both positive", lambda _: 2)],
        ),
    ),
    "nurisso.toy.drift": (
        measurement(
            "|c_k(T) - c_k(0)| <= h Σ h |∇L|² in every run",
            lambda: 1.0,
            toy.drift_is_bounded,
            [Control("a tenth of it", lambda _: 0.1)],
        ),
        measurement(
            "the drift at equal time is proportional to h",
            lambda: 1.0,
            toy.drift_is_of_order,
            [Control("independent of h", lambda _: 0.0), Control("of second order", lambda _: 2.0)],
        ),
        measurement(
            "at h = 0.01 fewer than half of the runs stay within one percent",
            lambda: toy.Between(0, 0.5),
            toy.drift_below_one_percent,
            [Control("most do", lambda _: toy.Between(0.5, 1))],
        ),
    ),
    "nurisso.toy.drift.printed": (
        counterexample(
            "recorded runs that exceed one percent, by far more than rounding",
            lambda: lambda data: 0.01,
            toy.every_run_is_within,
            [Control("h Σ h |∇L|² / |c|", lambda _: lambda data: data.h * data.energy / abs(data.imbalance[0, 0]))],
            scope=Scope.SAMPLE,
        ),
    ),
    "nurisso.fig3": (
        measurement(
            "initial weights that learn when neuron 2 is free and stay on the plateau when it is not",
            lambda: ("free", "obstructed"),
            toy.a_pair_shows_figure_3,
            [Control("exchanged", lambda pair: pair[::-1])],
        ),
    ),
}

BREAST_CANCER: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.bc.fig4L": (
        measurement(
            "test losses of networks that end with positive output weights, against log 2 times the share of class 0",
            lambda: cancer.Bound(sp.log(2) * _SHARE),
            cancer.not_below,
            [
                Control("log 2", lambda s: replace(s, least=sp.log(2))),
                Control("whatever the signs", lambda s: replace(s, only_positive=False)),
            ],
        ),
        measurement(
            "output weights that start positive end so when l_+ = 0",
            lambda: False,
            cancer.stays_positive,
            [Control("when l_+ = l", lambda _: True)],
        ),
        measurement(
            "no output weight of a neuron with c < 0 changes sign at any step, under any protocol",
            lambda: "pathological",
            cancer.no_flips,
            [Control("neurons with c > 0", lambda _: "healthy")],
        ),
        measurement(
            "all output weights positive, |c| = 1: the mean test loss falls from l_+ = 0 to l_+ = l",
            lambda: -1,
            cancer.falls,
            [Control("rises", lambda sign: -sign)],
        ),
        measurement(
            "of the protocols A, C, D and F it is D that shows the gradient most",
            lambda: "D",
            cancer.shows_it_most,
            [Control("random signs, |c| = 0.1", lambda _: "A"), Control("all positive, |c| = 0.1", lambda _: "C")],
        ),
        measurement(
            "with random signs the loss falls by less than half as much, if at all",
            lambda: ("A", "F"),
            cancer.shows_little,
            [Control("all positive, |c| = 1", lambda _: ("D",))],
        ),
    ),
    "nurisso.bc.fig4R": (
        measurement(
            "over all cells the mean test loss goes with the number l_+ more closely than with the fraction",
            lambda: "number",
            cancer.goes_with,
            [Control("with the fraction", lambda _: "fraction")],
        ),
        measurement(
            "at equal l_+ the mean test loss falls with the width",
            lambda: -1,
            cancer.changes_at_fixed_number,
            [Control("rises", lambda _: 1)],
        ),
    ),
    "nurisso.bc.fig4R.printed": (
        counterexample(
            "mean test losses at equal l_+ in narrow and in wide networks",
            lambda: 0,
            cancer.changes_at_fixed_number,
            [Control("falls with the width", lambda _: -1)],
            scope=Scope.SAMPLE,
        ),
    ),
}

CHECKS: dict[str, tuple[Check[Any], ...]] = {**TOY, **BREAST_CANCER}
