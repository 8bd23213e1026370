"""Orthogonal initialization: no pathological neuron for l <= d, at most l - d beyond."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from quadrics.initialization import half_integer_beta, orthogonal

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..rules import entails, equal, integrate


def _few_pathological() -> list[Step]:
    p, q, a, c, w = sp.symbols("p q a c w")
    m, k, total, rest = sp.Symbol("m", integer=True), sp.Symbol("k", integer=True), sp.Symbol("T"), sp.Symbol("R")
    return [
        step(
            entails,
            sp.And(q >= 0, sp.Eq(p, p**2 + q)),
            sp.And(p >= 0, p <= 1),
            "l > d: W1 has orthonormal columns, P = W1 W1^T is a projection, and p = |w_k|² its k-th diagonal entry: "
            "p = p² + the squares of the others in the row, so 0 <= p <= 1",
        ),
        step(
            entails,
            sp.And(p <= 1, sp.Eq(c, p - a**2)),
            sp.And(1 - p + a**2 >= 0, sp.Equivalent(c < 0, 1 - p + a**2 > 1)),
            "so 1 - |w_k|² + a_k² >= 0, and it exceeds 1 exactly for the pathological neurons",
        ),
        step(
            entails,
            sp.And(m >= 1, total > m, rest >= 0, sp.Eq(total + rest, k + 1)),
            m <= k,
            "their sum is l - tr P + |a|² = l - d + 1, so with k = l - d there are at most l - d of them (m of them "
            "have a sum above m)",
            mutants=[m <= k - 1],
        ),
        step(
            entails,
            sp.And(sp.Eq(w, 1), sp.Eq(c, w - a**2), a**2 <= 1),
            c >= 0,
            "l <= d: the rows are orthonormal, |w_k| = 1, and |a_k| <= |a| = 1: no neuron is pathological",
        ),
        *(
            step(equal, orthogonal().some_pathological_probability(d, l), sp.Integer(0))
            for d, l in ((2, 2), (3, 2), (7, 7))
        ),
    ]


def _one_more_neuron() -> list[Step]:
    phi, t = sp.symbols("phi t", positive=True)
    single = sp.cos(phi) - sp.cos(phi) ** 2
    return [
        step(
            integrate((phi, 0, sp.pi / 2)),
            single,
            1 - sp.pi / 4,
            "d = 2, l = 3: |w_k|² is Beta(1, 1/2) and a_k² = sin²φ is Beta(1/2, 1); P[|w_k|² < sin²φ] = 1 - cos φ",
        ),
        step(equal, half_integer_beta(1, sp.S.Half, t**2), 1 - 1 / sp.sqrt(1 + t**2), "which is 1 - cos φ, t = tan φ"),
        step(equal, orthogonal().pathological_probability(2, 3), 1 - sp.pi / 4),
        step(
            equal,
            orthogonal().some_pathological_probability(2, 3),
            3 * (1 - sp.pi / 4),
            "at most one neuron is pathological: the three events exclude each other",
        ),
    ]  # fmt: skip


def _rational_orthogonal(l: int, entries: tuple[int, ...]) -> list[list[Fraction]]:
    """A rational orthogonal matrix, by Cayley's transform of a skew-symmetric one."""
    skew = sp.zeros(l, l)
    places = [(i, k) for i in range(l) for k in range(i)]
    for (i, k), value in zip(places, entries, strict=True):
        skew[i, k], skew[k, i] = value, -value
    return [
        [Fraction(int(v.p), int(v.q)) for v in row] for row in ((sp.eye(l) - skew) * (sp.eye(l) + skew).inv()).tolist()
    ]


def _unit(l: int, zeros: int) -> list[Fraction]:
    """A rational unit vector whose first entries, and no others, are zero."""
    rest = {1: (1,), 2: (3, 4), 3: (1, 2, 2)}[l - zeros]
    norm = {1: 1, 2: 5, 3: 3}[l - zeros]
    return [Fraction(0)] * zeros + [Fraction(v, norm) for v in rest]


def _counts(bound: Callable[[int, int], Any], context: Context) -> Outcome:
    """Exact rational frames: max(0, l - d) is kept, and attained, for 1 <= d <= 4 and 2 <= l <= 4."""
    largest: dict[tuple[int, int], int] = {}
    frames_seen = 0
    for l, values in {2: (-2, 0, 1, 3), 3: (-1, 0, 2), 4: (0, 1)}.items():
        entries = list(product(values, repeat=l * (l - 1) // 2))[:: context.pick(quick=3, full=1)]
        frames = [_rational_orthogonal(l, e) for e in [*entries, (0,) * (l * (l - 1) // 2)]]
        for d in range(1, 5):
            units = [[row[0] for row in m] for m in frames] + ([_unit(l, d)] if l > d else [])
            for m, a in product(frames, units):
                lengths = [sum(v**2 for v in row[:d]) if l > d else 1 for row in m]
                count = sum(w < v**2 for w, v in zip(lengths, a, strict=True))
                largest[d, l] = max(largest.get((d, l), 0), count)
                frames_seen += 1
    wrong = {f"d = {d}, l = {l}": n for (d, l), n in largest.items() if n != bound(d, l)}
    return decided(not wrong, wrong=wrong, networks=frames_seen)


ORTHOGONAL = Claim(
    "beyond.nurisso.orthogonal-init",
    Kind.THEOREM,
    "Orthogonal initialization",
    Source("nurisso", "Appendix F for orthogonal weights", "beyond"),
    r"With both layers orthogonal, no neuron is pathological if $l\leq d$, and at most $l-d$ are if $l>d$. For "
    r"$l=d+1$ one is with probability $l\rho$, $\rho=P[\mathrm{Beta}(\frac d2,\frac12)<\mathrm{Beta}(\frac12,\frac "
    r"d2)]$ ($3-\frac{3\pi}4$ for $d=2$).",
    hypotheses=("e = 1", "W1 and W2 Haar distributed"),
    uses=("nurisso.cor1",),
    evidence=[
        Derivation("at most max(0, l - d) neurons are pathological", _few_pathological),
        Derivation("one neuron more than inputs: d = 2, l = 3", _one_more_neuron, Scope.INSTANCE),
        enumeration(
            "exact rational frames up to l = 4",
            lambda: orthogonal().largest_number_of_pathological,
            _counts,
            [
                Control("one less", lambda bound: lambda d, l: bound(d, l) - 1),
                Control("one more", lambda bound: lambda d, l: bound(d, l) + 1),
            ],
        ),
    ],
)
