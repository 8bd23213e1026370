"""Section 4.3: critical subspaces against global minima: equation (5), equation (6), figure 6."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, pairwise
from typing import Any

import sympy as sp

from quadrics.expansion.asymptotics import (
    level_ratio,
    level_ratio_error,
    level_ratio_function,
    level_ratio_leading,
)
from quadrics.expansion.counts import G, T
from quadrics.expansion.thresholds import (
    critical_count,
    crossover,
    holds_for,
    most_critical_points,
    threshold,
    total_ratio,
)

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..rules import entails, equal, limit
from .expansion_checks import PAPER


def _coefficient(n: Any) -> Any:
    """The leading coefficient of Lemma 4.6."""
    return 1 / (2**n * sp.factorial(n))


def _leading_terms() -> list[Step]:
    k, h = sp.symbols("k h", integer=True, positive=True)
    r = sp.Symbol("r", positive=True)
    return [
        step(
            equal,
            _coefficient(k + h) * (r + h) ** (k + h) / (_coefficient(h) * (r + h) ** h),
            (r + h) ** k * sp.factorial(h) / (2**k * sp.factorial(h + k)),
            "Lemma 4.6 at m = r + h: G(r - k, m) has m - (r - k) = k + h, T(r, m) has h, and m! cancels",
        ),
        step(limit(r, sp.oo, "-"), (1 + h / r) ** k, sp.Integer(1), "(r + h)^k ~ r^k for fixed h and k"),
        step(
            equal,
            sp.factorial(h) / (2**k * sp.factorial(h + k)),
            1 / (2**k * sp.rf(h + 1, k)),
            "(h + k)!/h! = (h + 1) ... (h + k)",
        ),
        argued(
            "by Lemma 4.6 R_k is a quotient of two polynomials with rational coefficients, whose leading terms have "
            "this quotient: divided by it R_k is a rational function of r that tends to 1, so it is 1 + e/r + O(1/r²)"
        ),
    ]


Leading = Callable[[int, int, Any], Any]


def _limits(leading: Leading, context: Context) -> Outcome:
    """The quotient of R_k(r, r + h), a rational function of r, by the leading term tends to 1; and its first error."""
    r = sp.Symbol("r", positive=True)
    top = context.pick(quick=3, full=5)
    for k in range(1, top):
        for h in range(top):
            quotient = sp.cancel(level_ratio_function(k, h, r) / leading(k, h, r))
            if sp.limit(quotient, r, sp.oo) != 1:
                return decided(False, k=k, h=h)
            if sp.limit(r * (quotient - 1), r, sp.oo) != level_ratio_error(k, h):
                return decided(False, k=k, h=h, what="error term")
            if any(level_ratio_function(k, h, sp.Integer(n)) != level_ratio(k, n, n + h) for n in range(k, k + 4)):
                return decided(False, k=k, h=h, what="rational function")
    return decided(True)


Errors = dict[tuple[int, int], Any]


def _first_errors(errors: Errors, context: Context) -> Outcome:
    """The limit of r (quotient - 1), for these k and h."""
    r = sp.Symbol("r", positive=True)
    quotients = {at: level_ratio_function(*at, r) / level_ratio_leading(*at, r) for at in errors}
    found = {at: sp.limit(sp.cancel(r * (quotient - 1)), r, sp.oo) for at, quotient in quotients.items()}
    return decided(found == errors, found=str(found))


def _growth() -> list[Step]:
    r, power, now, less, more = sp.symbols("r P T_r T_less T_more")
    after = r * less + (r + 1) * now + more
    positive = sp.And(r >= 1, power > 0, now > 0, less >= 0, more >= 0)
    return [
        step(entails, positive, sp.Ge(after, (r + 1) * now), "T(r, m+1) ≥ (r + 1) T(r, m), by the recurrence"),
        step(
            entails,
            positive,
            sp.Gt(after * power, now * power * r),
            "so T(r, m+1)/r^(m+1) > T(r, m)/r^m: the inequality T(r, m) ≥ r^m, once true, stays true",
        ),
        argued(
            "T(r, m) ≥ r! (r+1)^(m-r) outgrows r^m, so there is a least m_0; with a_k = C(r-1, k-1) the sum of the "
            "a_k G(r-k, m) is (r-1)^m, because every map of [m] to r - 1 labels is onto a subset of them, and the "
            "inequality of eq. (6) is T(r, m) ≥ r^m; with smaller a_k it is weaker"
        ),
    ]


Threshold = Callable[[int], int]
FIRST_THRESHOLDS = (3, 5, 7, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 30)
LAST_THRESHOLD = 66
PRINTED_THRESHOLDS = f"{', '.join(map(str, FIRST_THRESHOLDS))}, ..., {LAST_THRESHOLD} for r* = 2, ..., 30"


def _sharp(least: Threshold, context: Context) -> Outcome:
    """Below m_0 the inequality fails for the largest a, from m_0 on it holds; the sum is (r-1)^m."""
    found = {}
    for r in range(2, 31):
        m_0, a = least(r), most_critical_points(r)
        found[r] = m_0
        for m in range(max(r, m_0 - 3), m_0 + 3):
            if critical_count(a, m) != (r - 1) ** m or holds_for(a, m) != (m >= m_0):
                return decided(False, r=r, m=m)
    return decided(True, thresholds=str(list(found.values())))


def _listed(thresholds: tuple[int, ...], context: Context) -> Outcome:
    """m_0 for r* = 2, 3, ..., and for 30, as the least m from r* on with T(r*, m) ≥ (r*)^m."""
    widths = [*range(2, 1 + len(thresholds)), 30]
    found = tuple(next(m for m in count(r) if T(r, m) >= r**m) for r in widths)
    return decided(found == thresholds, found=str(found))


Range = Callable[[int, int], bool]  # of r*, m: does eq. (6) hold for all admissible a?


def _at_five_and_seven(claimed: Range, context: Context) -> Outcome:
    """r* = 5, m = 7 with the admissible a = (1, 4, 6, 4), and with a = (1, 1, 1, 1)."""
    found = [holds_for(a, 7) for a in (most_critical_points(5), (1, 1, 1, 1))]
    return decided(claimed(5, 7) == all(found), found=str(found))


Denominator = Callable[[int, int], int]


def _bound_of_the_proof(denominator: Denominator, context: Context) -> Outcome:
    """(r-1)^m / D(r, m) ≤ ((r-1)/r)^m, for r = 2, 3, 5 and m = 50, 200."""
    return decided(all(denominator(r, m) >= r**m for r in (2, 3, 5) for m in (50, 200)))


Curve = Callable[[int], dict[str, Any]]
FIGURE_6: dict[int, dict[str, Any]] = {
    10: {"sum": 13},
    20: {"sum": 28},
    30: {"sum": 42, "levels": [37, 38, 38], "eq6": list(range(30, 48))},
}


def _crossings(curve: Curve, context: Context) -> Outcome:
    """Where the exact ratios fall below one."""
    for r in (10, 20, 30):
        wanted = curve(r)
        found: dict[str, Any] = {"sum": crossover(r)}
        if "levels" in wanted:
            found["levels"] = [crossover(r, k) for k in (1, 2, 3)]
            found["eq6"] = [m for m in range(r, 60) if not holds_for([1] * (r - 1), m)]
        if found != wanted:
            return decided(False, r=r, found=str(found))
    quotient = [sp.Rational(total_ratio(30, m) / level_ratio(1, 30, m)) for m in (40, 60, 120, 180)]
    falling = all(a > b > 1 for a, b in pairwise(quotient))
    return decided(falling and quotient[-1] < sp.Rational(1002, 1000), at_30=float(total_ratio(30, 30)))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.eq5",
        Kind.THEOREM,
        "Mild overparameterization: critical subspaces dominate",
        Source(PAPER, "equation (5)", "4.3"),
        r"For fixed $h$ and $k$, as $r^* \to \infty$, $R_k(r^*, r^* + h) = \frac{G(r^*-k, m)}{T(r^*, m)} \sim "
        r"\frac{(r^*)^k}{2^k (h+1) \cdots (h+k)}$; the quotient is $1 + e/r^* + O(1/r^{*2})$ with a rational $e$, "
        r"$-1$ for $(k, h) = (1, 0)$, $-31/3$ for $(2, 2)$, $-28$ for $(3, 5)$.",
        uses=("simsek.lem4.6",),
        evidence=(
            Derivation("the quotient of the leading terms, for every h and k", _leading_terms),
            enumeration(
                "R_k as an exact rational function of r*, k ≤ 2 and h ≤ 2 (quick), k and h ≤ 4 (full)",
                lambda: lambda k, h, r: level_ratio_leading(k, h, r),
                _limits,
                [
                    Control("without 2^k", lambda leading: lambda k, h, r: leading(k, h, r) * 2**k),
                    Control("h for h + 1", lambda leading: lambda k, h, r: leading(k, h, r) * (h + k) / (h + 1) / 2),
                ],
            ),
            enumeration(
                "the first error term for (k, h) = (1, 0), (2, 2), (3, 5)",
                lambda: {(1, 0): sp.Integer(-1), (2, 2): sp.Rational(-31, 3), (3, 5): sp.Integer(-28)},
                _first_errors,
                [Control("-27 for (3, 5)", lambda errors: {**errors, (3, 5): sp.Integer(-27)})],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "simsek.eq6",
        Kind.THEOREM,
        "Vast overparameterization: global minima dominate",
        Source(PAPER, "equation (6)", "4.3"),
        r"If $a_k \le \binom{r^*-1}{k-1}$ then $\sum_{k=1}^{r^*-1} R_k(r^*, m)\, a_k \le "
        r"\left(\frac{r^*-1}{r^*}\right)^m$ for all $m \ge m_0(r^*)$, the least $m$ with $T(r^*, m) \ge (r^*)^m$; for "
        r"smaller $m$ it fails for some such $a$. $m_0$ is " + PRINTED_THRESHOLDS + ".",
        uses=("simsek.prop4.5a", "simsek.prop4.5b"),
        evidence=(
            Derivation("the threshold is sharp, for every r", _growth),
            enumeration(
                "m_0 for r* up to 30, and the inequality for the largest a on both sides of it",
                lambda: threshold,
                _sharp,
                [
                    Control("one less", lambda least: lambda r: max(least(r) - 1, r)),
                    Control("one more", lambda least: lambda r: least(r) + 1),
                    Control("2 r*", lambda least: lambda r: 2 * r),
                ],
            ),
            enumeration(
                "the m_0 that are listed",
                lambda: (*FIRST_THRESHOLDS, LAST_THRESHOLD),
                _listed,
                [Control("the first one a width later", lambda found: (found[0] + 1, *found[1:]))],
            ),
        ),
    ),
    Claim(
        "simsek.eq6.printed",
        Kind.THEOREM,
        "Equation (6) without a range of widths",
        Source(PAPER, "equation (6)", "4.3"),
        r"The inequality of equation (6) holds for overparameterized widths. (The text asks for $m$ very large, $m \gg "
        r"r^*$, without a bound; here it is read for all $m > r^*$.)",
        label=Label.GAP,
        erratum=r"For large $m$ it is true; how large was left open. It holds exactly from a threshold $m_0(r^*)$ on, "
        r"which is from $1.5\, r^*$ to $2.2\, r^*$ for $r^*$ up to 30. For $r^* = 5$ it fails at $m = 5, 6, 7$, even "
        r"with $a_k = 1$.",
        uses=("simsek.eq6",),
        evidence=(
            counterexample(
                "r* = 5, m = 7, with a = (1, 4, 6, 4) and a = (1, 1, 1, 1), exact",
                lambda: lambda r, m: m > r,
                _at_five_and_seven,
                [Control("m ≥ m_0", lambda claimed: lambda r, m: m >= threshold(r))],
            ),
        ),
    ),
    Claim(
        "simsek.eq6.proof",
        Kind.THEOREM,
        "The printed proof of equation (6)",
        Source(PAPER, "Vastly Overparameterized", "B.5"),
        r"With $T \ge G$ the sum is at most $(r^*-1)^m / G(r^*, m)$, which is at most $((r^*-1)/r^*)^m$ for large $m$.",
        label=Label.GAP,
        erratum=r"$G(r^*, m) < (r^*)^m$ for every $m$ and $r^* \ge 2$ (not every map is onto): that bound always lies "
        r"above the right side: $\sim$ does not give $\le$. It is the Bell part of $T$ that makes (6) true.",
        uses=("simsek.eq6",),
        evidence=(
            counterexample(
                "r* = 2, 3, 5 at m = 50 and 200",
                lambda: lambda r, m: G(r, m),
                _bound_of_the_proof,
                [Control("T in place of G", lambda denominator: lambda r, m: T(r, m))],
            ),
        ),
    ),
    Claim(
        "simsek.fig6",
        Kind.FIGURE,
        "The ratios for r* = 30, 20, 10",
        Source(PAPER, "Figure 6", "4.3"),
        r"For $r^* = 30$, $R_1 < 1$ from $m = 37$ on, $R_2, R_3 < 1$ from 38, and $\sum_k R_k < 1$ from 42 (for $r^* = "
        r"20$ from 28, for 10 from 13); the sum approaches $R_1$ from above. Exact integers have no instability at "
        r"$r^* > 35$.",
        uses=("simsek.eq5", "simsek.eq6"),
        evidence=(
            enumeration(
                "exact ratios, widths up to 180",
                lambda: lambda r: FIGURE_6[r],
                _crossings,
                [
                    Control("one width later", lambda curve: lambda r: curve(r) | {"sum": curve(r)["sum"] + 1}),
                    Control("all levels at once", lambda curve: lambda r: curve(r) | {"levels": [37, 37, 37]}),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
