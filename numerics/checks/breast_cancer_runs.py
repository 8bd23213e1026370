"""Measurements on the trained networks of the breast-cancer experiment (figure 4), one experiment for all of them.

Initializations are independent of each other and shared by all cells. So a difference between cells is a number for
each initialization, and its mean has Student's interval. ``LEVEL`` is that of effects, lower than that of exact
statements: a true statement about an effect is rejected once in ten thousand runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
import torch
import xarray as xr
from scipy.stats import norm, spearmanr

from proofs import Context, Outcome, decided

from ..experiments.nurisso import figure_4_view as view
from ..intervals import Interval, mean_interval
from .experiment_data import figure_4_data

LEVEL = 1 - 1e-4
REPRODUCING = "D"
"""The protocol that shows the paper's figure."""


@dataclass(frozen=True)
class Bound:
    """No network that ends with positive output weights (or none at all) has a test loss below this function.

    ``least`` is a SymPy expression in p, the share of the class 0 among the test data.
    """

    least: Any
    only_positive: bool = True


def not_below(statement: Bound, context: Context) -> Outcome:
    """All final test losses against the bound, up to 200 roundings of a single-precision mean."""
    data = figure_4_data(context)
    share = data.attrs["share_of_class_0"]
    bound = float(statement.least.subs(sympy.Symbol("p"), share))
    chosen = data.all_positive == 1 if statement.only_positive else data.all_positive.notnull()
    loss = np.asarray(data.test_loss)[np.asarray(chosen)]
    tolerance = 200 * torch.finfo(getattr(torch, data.attrs["dtype"])).eps * loss
    return decided(bool((loss >= bound - tolerance).all()), networks=len(loss), least=float(loss.min()), bound=bound)


def stays_positive(all_healthy: bool, context: Context) -> Outcome:
    """With l_+ = 0 (or, as a mutant, l_+ = l) networks whose output weights start positive end so."""
    data = figure_4_data(context)
    rows = [
        data.all_positive.sel(protocol=name, width=width, l_plus=width if all_healthy else 0)
        for name in ("C", "D")
        for width in data.width.values.tolist()
    ]
    ends = np.concatenate([row.values[np.isfinite(row.values)] for row in rows])
    return decided(bool((ends == 1).all()), networks=len(ends), positive=int(ends.sum()))


def no_flips(kind: str, context: Context) -> Outcome:
    """Under no protocol does an output weight of this kind of neuron change sign at any step."""
    data = figure_4_data(context)
    flips = data.flips if kind == "pathological" else data.healthy_flips
    return decided(float(flips.sum()) == 0, flips=int(flips.sum()), networks=int(flips.notnull().sum()))


def pooled_drop(data: xr.Dataset, protocol: str) -> Interval:
    """The mean over initializations of the test loss at l_+ = 0 less that at l_+ = l, averaged over the widths."""
    return mean_interval(view.drops(data, protocol), LEVEL)


def falls(sign: int, context: Context) -> Outcome:
    """Under protocol D the mean test loss changes from l_+ = 0 to l_+ = l by something of this sign."""
    data = figure_4_data(context)
    drop = pooled_drop(data, REPRODUCING)
    seen = -1 if drop.low > 0 else 1 if drop.high < 0 else 0
    spearman = {f"l={w}": round(r, 3) for w, r in view.spearman_within_width(data, REPRODUCING).items()}
    return decided(sign == seen if seen else None, drop=str(drop), spearman_with_l_plus=spearman)


def shows_it_most(protocol: str, context: Context) -> Outcome:
    """This protocol's drop is larger than that of every other one, in paired differences."""
    data = figure_4_data(context)
    names = [name for name in data.protocol.values.tolist() if name != protocol]
    mine = view.drops(data, protocol)
    leads = {name: mean_interval(mine - view.drops(data, name), LEVEL) for name in names}
    drops = {f"drop under {name}": str(pooled_drop(data, name)) for name in (protocol, *names)}
    return decided(_all_positive(leads), **drops)


def shows_little(protocols: tuple[str, ...], context: Context) -> Outcome:
    """Under these protocols the drop is less than half of protocol D's, whatever its sign, in paired differences."""
    data = figure_4_data(context)
    half = view.drops(data, REPRODUCING) / 2
    room = {name: mean_interval(half - view.drops(data, name), LEVEL) for name in protocols}
    spearman = {name: view.spearman_within_width(data, name) for name in protocols}
    drops = {f"drop under {name}": str(pooled_drop(data, name)) for name in protocols}
    return decided(_all_positive(room), **drops, spearman_with_l_plus=spearman)


def _all_positive(intervals: dict[str, Interval]) -> bool | None:
    """True when every interval is above 0, False when one is below, None when neither is sure."""
    if all(interval.low > 0 for interval in intervals.values()):
        return True
    return False if any(interval.high < 0 for interval in intervals.values()) else None


def goes_with(what: str, context: Context) -> Outcome:
    """Under protocol D the cell means have the larger rank correlation with this: the number l_+ or the fraction l_+/l.

    The difference of the two correlations has a bootstrap standard error, from resampled initializations.
    """
    data = figure_4_data(context)
    losses = view.complete(data, REPRODUCING)
    rng = np.random.default_rng(context.seed_for("bootstrap of figure 4"))
    seeds = losses[0][2].size
    number, fraction = _correlations(losses, np.arange(seeds))
    resampled = [_correlations(losses, rng.integers(seeds, size=seeds)) for _ in range(200)]
    error = float(np.std([abs(n) - abs(f) for n, f in resampled], ddof=1) * norm.isf((1 - LEVEL) / 2))
    margin = abs(number) - abs(fraction)
    seen = None if abs(margin) <= error else ("number" if margin > 0 else "fraction")
    return decided(
        None if seen is None else what == seen,
        spearman_with_number=number,
        spearman_with_fraction=fraction,
        margin_within=error,
        at_fixed_number=view.spearman_at_fixed_number(data, REPRODUCING),
        at_fixed_fraction=view.spearman_at_fixed_fraction(data, REPRODUCING),
    )


def _correlations(losses: list[tuple[int, int, np.ndarray]], seeds: np.ndarray) -> tuple[float, float]:
    width, number, mean = np.array([(w, k, x[seeds].mean()) for w, k, x in losses]).T
    return float(spearmanr(number, mean).statistic), float(spearmanr(number / width, mean).statistic)


def changes_at_fixed_number(sign: int, context: Context) -> Outcome:
    """Under protocol D, at equal l_+, the mean test loss changes from small to large widths by something of this sign.

    For each initialization, the loss in the widest networks less that in the narrowest that have l_+ healthy neurons,
    averaged over the numbers l_+ >= 2 at which the narrowest have no others.
    """
    data = figure_4_data(context)
    widest = int(data.width.max())
    narrow = [w for w in data.width.values.tolist() if w < widest]

    def change(protocol: str) -> tuple[Interval, dict[str, str]] | None:
        rows = {(w, k): x for w, k, x in view.complete(data, protocol)}
        if any((widest, w) not in rows for w in narrow):
            return None
        means = {
            f"l_+={w}": f"{rows[w, w].mean():.4f} at l={w}, {rows[widest, w].mean():.4f} at l={widest}" for w in narrow
        }
        return mean_interval(np.mean([rows[widest, w] - rows[w, w] for w in narrow], axis=0), LEVEL), means

    found = change(REPRODUCING)
    assert found is not None, "protocol D is run in all cells"
    interval, means = found
    weaker = change("C")
    seen = -1 if interval.high < 0 else 1 if interval.low > 0 else 0
    # Zero is a claim of its own: an interval that contains it leaves the question open.
    answer = None if seen == 0 else sign == seen
    return decided(answer, change=str(interval), **means, under_C=str(weaker[0]) if weaker else "not run")
