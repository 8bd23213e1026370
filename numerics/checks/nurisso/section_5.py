"""Measurements for section 5: sampled networks, every permutation, the rescaling into H(c), the components met."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import networkx as nx

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.effective import theorem_2_class_count
from quadrics.rp_equivalence import positive_range

from ..moves import Reached, Signs, measure

LAYERS: tuple[Signs, ...] = (
    (-1,),
    (-1, -1),
    (-1, 1),
    (-1, -1, 1),
    (-1, 1, 1),
    (-1, -1, 0),
    (-1, -1, -1),
    (-1, -1, 1, 1),
)

Related = Callable[[int, int, int], Any]  # p(s), p(s'), l_-
Count = Callable[[int, int, int], Any]  # l_+, l_-, l_0
Bounds = Callable[[int, int, int, int, int], tuple[Any, Any]]


def _sums_agree(p: int, q: int, l_minus: int) -> bool:
    return 2 * p - l_minus == 2 * q - l_minus


def _relation_agrees(related: Related, context: Context) -> Outcome:
    """Every sampled θ in C_s is moved to C_s' by some permutation exactly when the statement relates them."""
    worst = 0.0
    networks = 0
    for signs in LAYERS:
        found = measure(context, signs)
        measured, components = found.related(), sorted(set(found.start))
        worst, networks = max(worst, found.error), networks + len(found.start)
        for s in components:
            for t in components:
                if bool(related(s.count(1), t.count(1), len(s))) != ((s, t) in measured):
                    return decided(False, c=signs, s=s, t=t, measured=(s, t) in measured)
    return decided(worst <= 1, networks=networks, worst_error_in_tolerances=worst)


def classes(found: Reached) -> int:
    """The number of classes of the measured relation."""
    graph = nx.DiGraph(found.related())
    return int(nx.number_strongly_connected_components(graph))


def _classes_agree(count: Count, context: Context) -> Outcome:
    measured = {signs: classes(measure(context, signs)) for signs in LAYERS}
    for signs, number in measured.items():
        if number != count(signs.count(1), signs.count(-1), signs.count(0)):
            return decided(False, c=signs, measured=number)
    return decided(True, classes={str(signs): number for signs, number in measured.items()})


def bounds_agree(bounds: Bounds, context: Context, *, d_in: int = 2, bias: bool = False) -> Outcome:
    """Each sampled network, degenerate neurons among them, meets exactly the components within its bounds."""
    networks = degenerate = 0
    worst = 0.0
    for signs in LAYERS:
        for tied in (False, True):
            found = measure(context, signs, d_in, degenerate=tied, bias=bias)
            batch, l_minus = found.batch, signs.count(-1)
            a, no_input = batch.W2[:, 0], (batch.W1 == 0).all(2)
            no_input = no_input if batch.b1 is None else no_input & (batch.b1 == 0)
            numbers = [(a > 0), (a < 0), (a > 0) & no_input, (a < 0) & no_input]
            for counts, met in set(
                zip(zip(*(n.sum(1).tolist() for n in numbers), strict=True), found.met, strict=True)
            ):
                P, N, tied_plus, tied_minus = counts
                least, most = bounds(P, N, tied_plus, tied_minus, l_minus)
                if {s.count(1) for s in met} != set(range(int(least), int(most) + 1)):
                    return decided(False, c=signs, counts=counts, met=sorted(met))
            networks += batch.n
            degenerate += int(no_input.any(1).sum())
            worst = max(worst, found.error)
    return decided(worst <= 1, networks=networks, with_degenerate=degenerate, worst_error_in_tolerances=worst)


def ignoring_ties(bounds: Bounds) -> Bounds:
    return lambda P, N, tied_plus, tied_minus, l_minus: bounds(P, N, 0, 0, l_minus)


def _own_component(bounds: Bounds) -> Bounds:
    return lambda P, N, tied_plus, tied_minus, l_minus: (min(P, l_minus), min(P, l_minus))


Membership = Callable[[Reached, int, int], bool]


def _start_in_eff_of_target(found: Reached, start: int, target: int) -> bool:
    """θ0 in Eff(θ*): p(s) of the start lies within the bounds of the target (no neuron is degenerate)."""
    a = found.batch.W2[target, 0]
    label = found.start[start]
    least, most = positive_range(int((a > 0).sum()), int((a < 0).sum()), 0, 0, len(label))
    return bool(least <= label.count(1) <= most)


def _reach_agrees(membership: Membership, context: Context) -> Outcome:
    """Some move of the target lies in the component of the start exactly when the membership says so."""
    pairs = 0
    for signs in LAYERS[2:5]:
        found = measure(context, signs)
        some = range(context.pick(quick=24, full=96))
        for start, target in product(some, repeat=2):
            pairs += 1
            reached = found.start[start] in found.met[target]
            if membership(found, start, target) != reached:
                return decided(False, c=signs, start=found.start[start], target=found.start[target], reached=reached)
    return decided(True, pairs=pairs)


def _key_agrees(key: Callable[[Signs], Any], context: Context) -> Outcome:
    """Components lie in one measured class exactly when the key is the same."""
    for signs in LAYERS:
        found = measure(context, signs)
        related = found.related()
        for s, t in product(sorted(set(found.start)), repeat=2):
            if ((s, t) in related and (t, s) in related) != (key(s) == key(t)):
                return decided(False, c=signs, s=s, t=t)
    return decided(True, layers=len(LAYERS))


def _figure_agrees(numbers: tuple[int, int], context: Context) -> Outcome:
    """Components seen and classes measured for l_- = 2, with up to two neurons more."""
    seen = {}
    for signs in LAYERS:
        if signs.count(-1) == 2:
            found = measure(context, signs)
            seen[str(signs)] = (len(set(found.start)), classes(found))
    return decided(set(seen.values()) == {numbers}, measured=seen)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.def2": (
        measurement(
            "512 networks for each of eight c, with and without degenerate neurons, moved by every permutation: the "
            "components met, functions and imbalances kept at rounding level",
            lambda: positive_range,
            bounds_agree,
            [
                Control("as if no neuron were degenerate", ignoring_ties),
                Control("one number p for each parameter", _own_component),
            ],
        ),
    ),
    "nurisso.sec5.reach": (
        measurement(
            "pairs of sampled networks, the target moved by every permutation: whether it meets the start's component",
            lambda: _start_in_eff_of_target,
            _reach_agrees,
            [Control("θ* in Eff(θ0) instead", lambda m: lambda found, start, target: m(found, target, start))],
        ),
    ),
    "nurisso.sec5.text": (
        measurement(
            "classes measured on 512 networks for each of eight c: which components share one",
            lambda: sum,
            _key_agrees,
            [
                Control("the sign vector itself", lambda key: lambda s: s),
                Control("the first sign", lambda key: lambda s: s[0]),
            ],
        ),
    ),
    "nurisso.fig2b": (
        measurement(
            "components and classes measured on 512 networks for each c with l_- = 2",
            lambda: (4, int(theorem_2_class_count(2, 1, 0, 2))),
            _figure_agrees,
            [Control("four effective ones", lambda _: (4, 4)), Control("three components", lambda _: (3, 3))],
        ),
    ),
    "nurisso.thm2": (
        measurement(
            "512 networks for each of eight c, moved by every permutation and rescaled: which components all of "
            "C_s meets",
            lambda: _sums_agree,
            _relation_agrees,
            [
                Control("sums may differ by 2", lambda related: lambda p, q, n: abs(p - q) <= 1),
                Control("only the all-positive component", lambda related: lambda p, q, n: p == q == n),
                Control("every pair", lambda related: lambda p, q, n: True),
            ],
        ),
    ),
    "nurisso.cor3": (
        measurement(
            "classes of the relation measured on 512 networks for each of eight c",
            lambda: lambda plus, minus, zero: theorem_2_class_count(2, 1, plus, minus, zero),
            _classes_agree,
            [
                Control("one more", lambda count: lambda *n: count(*n) + 1),
                Control("all components", lambda count: lambda plus, minus, zero: 2**minus),
            ],
        ),
    ),
}
