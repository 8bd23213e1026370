"""Beyond appendix F: uniform and orthogonal initialization, and where Xavier and Kaiming change places."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import sympy as sp

from quadrics.initialization import (
    INPUTS,
    WIDTH,
    CubeShorterThan,
    HiddenBias,
    ball_in_cube,
    evaluate,
    fisher_cdf,
    kaiming_normal,
    kaiming_uniform,
    pytorch_default,
    xavier_normal,
)

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..exact import same
from ..rules import entails, equal, integrate, limit, substitute
from .nurisso_orthogonal import ORTHOGONAL

Law = Callable[[int, Any], Any]  # n, r -> P[|u| < r v]

D, L = INPUTS, WIDTH


# -- uniform ----------------------------------------------------------------------------------------------------------
def _ball_volume(n: Any) -> Any:
    return sp.pi ** (n / 2) / sp.gamma(n / 2 + 1)


def _ball() -> list[Step]:
    n, s, r, v = sp.symbols("n s r v", positive=True)
    slices = sp.integrate(s ** sp.Rational(-1, 2) * (1 - s) ** ((n - 1) / 2), (s, 0, 1))
    return [
        step(equal, _ball_volume(sp.Integer(1)), sp.Integer(2), "the ball in dimension 1 is [-1, 1]"),
        step(
            equal,
            sp.gammasimp(_ball_volume(n) / _ball_volume(n - 1)),
            sp.gammasimp(slices),
            "V_n = V_{n-1} ∫ (1 - x²)^((n-1)/2) dx over [-1, 1], with s = x² an integral from 0 to 1",
        ),
        step(
            integrate((v, 0, 1)),
            _ball_volume(n) * (r * v) ** n / 2**n,
            ball_in_cube(n, r),
            "for r <= 1 the ball of radius r v is inside the cube [-1, 1]^n of volume 2^n: P[|u| < r v]",
        ),
        step(equal, pytorch_default().radius(D, L) ** 2, D / L, "PyTorch's default: r² = d/l, at most 1 for l >= d"),
        step(equal, kaiming_uniform().radius(D, L), pytorch_default().radius(D, L), "Kaiming uniform: the same"),
        step(
            equal, pytorch_default(HiddenBias.DRAWN).coordinates(D), D + 1, "with b1 drawn too, n = d + 1 coordinates"
        ),
    ]


def _two_inputs() -> list[Step]:
    rho = pytorch_default().pathological_probability(2, L)
    single = sp.pi / (6 * L)
    radius = pytorch_default().radius(2, L)
    return [
        step(equal, ball_in_cube(2, radius), single, "PyTorch's default, d = 2, l >= 2: one neuron"),
        step(limit(L, sp.oo), 1 - (1 - single) ** L, 1 - sp.exp(-sp.pi / 6), f"at least one of l, ρ = {rho}"),
        step(equal, pytorch_default().wide_limit(2), 1 - sp.exp(-sp.pi / 6)),
        step(equal, pytorch_default().wide_limit(3), sp.Integer(0), "three inputs"),
        step(equal, pytorch_default(HiddenBias.DRAWN).wide_limit(2), sp.Integer(0), "two inputs and a bias"),
    ]


def _cap(n: int, r: Any) -> Any:
    """P[|u| < r v] for 1 < r <= √2: the ball less n caps u_i > 1, integrated by SymPy."""
    s, x = sp.symbols("s x", positive=True)
    orthant = sp.pi ** sp.Rational(n - 1, 2) / sp.gamma(sp.Rational(n + 1, 2)) / 2 ** (n - 1)
    slice_ = sp.integrate(sp.expand((s**2 - x**2) ** ((n - 1) // 2)), (x, 1, s))
    return ball_in_cube(sp.Integer(n), r) - n * orthant * sp.integrate(sp.expand(slice_), (s, 1, r)) / r


def _box(n: int, r: Any) -> Any:
    """P[|u| < r v] for r >= √n: 1 - E|u|/r with the mean distance from a corner of the unit square or cube."""
    means = {
        1: sp.S.Half,
        2: (sp.sqrt(2) + sp.asinh(1)) / 3,
        3: sp.sqrt(3) / 4 - sp.pi / 24 + sp.log(2 + sp.sqrt(3)) / 2,
    }
    return 1 - means[n] / r


def _ball_and_cube(law: Law, context: Context) -> Outcome:
    """The numerical inverse Laplace transform against integrals in closed form: caps, and mean distances."""
    sizes = context.pick(quick=((3, "6/5"), (5, "7/5")), full=tuple(product((3, 5, 7), ("11/10", "6/5", "7/5"))))
    cases = [(n, sp.Rational(r), _cap) for n, r in sizes]
    cases += [(n, sp.Integer(r), _box) for n, r in ((1, 3), (2, 2), (2, 5), (3, 6))]
    for n, r, witness in cases:
        expected, found = sp.N(witness(n, r), 15), sp.N(law(n, r), 15)
        if abs(expected - found) > sp.Float(10) ** -12:
            return decided(False, n=n, r=str(r), expected=str(expected), found=str(found))
    return decided(True, cases=len(cases))


# -- Xavier and Kaiming -----------------------------------------------------------------------------------------------
def _crossover() -> list[Step]:
    t = sp.Symbol("t", positive=True)
    d, l, difference = sp.symbols("d l difference")
    kaiming, xavier = kaiming_normal().variance_ratio(D, L), xavier_normal().variance_ratio(D, L)
    slope = sp.diff(fisher_cdf(D * t, D), t).rewrite(sp.gamma)
    density = t ** sp.Rational(-1, 2) * (1 + t) ** (-(D + 1) / 2) / sp.beta(sp.S.Half, D / 2).rewrite(sp.gamma)
    return [
        step(
            equal,
            slope,
            density,
            "F_{1,d}(dt) grows with t = σ₁²/σ₂², so the probability 1 - F_{1,d}(dt)^l falls with t",
            conditions=[sp.Gt(density, 0)],
        ),
        step(equal, xavier - kaiming, (D - L**2) / (D * (D + L)), "t for Xavier less t for Kaiming"),
        step(
            entails,
            sp.And(d > 0, l > 0, sp.Eq(difference * d * (d + l), d - l**2)),
            sp.And(sp.Equivalent(difference < 0, d < l**2), sp.Equivalent(difference > 0, d > l**2)),
            "so Xavier's probability is the larger one exactly for d < l²",
            mutants=[sp.Equivalent(difference < 0, d < l)],
        ),
        step(
            substitute({D: L**2}),
            xavier_normal().fisher_argument(D, L),
            L,
            "and for d = l² both arguments are l",
        ),
    ]


def _compare(predicted: Callable[[int, int], int], context: Context) -> Outcome:
    """The sign of Xavier's probability less Kaiming's: exactly where they are equal, in 30 digits elsewhere."""
    cells = 0
    for l in range(1, context.pick(quick=4, full=6) + 1):
        for d in range(2, l**2 + 4):
            xavier, kaiming = (s.obstruction_probability(d, l) for s in (xavier_normal(), kaiming_normal()))
            if same(xavier, kaiming):
                sign = 0
            else:
                gap = evaluate(xavier, 30) - evaluate(kaiming, 30)
                if abs(gap) < sp.Float(10) ** -20:
                    return decided(None, d=d, l=l)
                sign = int(sp.sign(gap))
            cells += 1
            if sign != predicted(d, l):
                return decided(False, d=d, l=l, sign=sign)
    return decided(True, cells=cells)


def _own(name: str) -> Source:
    return Source("nurisso", name, "beyond")


CLAIMS = (
    Claim(
        "beyond.nurisso.uniform-init",
        Kind.THEOREM,
        "Uniform initialization, PyTorch's default among it",
        _own("Appendix F for uniform weights"),
        r"For $w_{ki}\sim U(-h_1,h_1)$, $a_k\sim U(-h_2,h_2)$ and $r=h_2/h_1\leq1$ a neuron is pathological with "
        r"probability $\rho=\frac{V_n}{2^n}\frac{r^n}{n+1}$, $V_n=\pi^{n/2}/\Gamma(n/2+1)$, where $n=d$, or $d+1$ if "
        r"the hidden bias is drawn, too. PyTorch's default for `nn.Linear` and Kaiming uniform have $r=\sqrt{d/l}$. "
        r"Without bias and with $d=2$ inputs the probability of a pathological neuron tends to $1-e^{-\pi/6}$ as "
        r"$l\to\infty$; for more inputs to 0.",
        hypotheses=("e = 1", "l >= d for PyTorch's default"),
        uses=("nurisso.cor1",),
        evidence=[
            Derivation("the ball in the cube, in every dimension", _ball),
            Derivation("two inputs, many neurons", _two_inputs, Scope.INSTANCE),
            enumeration(
                "r > 1: the numerical evaluation against integrals in closed form, to 12 digits",
                lambda: CubeShorterThan,
                _ball_and_cube,
                [
                    Control("the formula of r <= 1", lambda law: lambda n, r: ball_in_cube(sp.Integer(n), r)),
                    Control("one coordinate more", lambda law: lambda n, r: law(n + 1, r)),
                ],
            ),
        ],
    ),
    ORTHOGONAL,
    Claim(
        "beyond.nurisso.xavier-kaiming-crossover",
        Kind.THEOREM,
        "Xavier is worse than Kaiming exactly for d < l²",
        _own("Figure 5, left against right"),
        r"For $d>1$ the probability that $\mathcal{H}(c)$ is disconnected is larger under Xavier than under Kaiming "
        r"initialization exactly for $d<l^2$, smaller exactly for $d>l^2$, and equal for $d=l^2$.",
        relation=lambda: sp.Eq(
            xavier_normal().variance_ratio(D, L) - kaiming_normal().variance_ratio(D, L),
            (D - L**2) / (D * (D + L)),
        ),
        uses=("nurisso.appF.kaiming", "nurisso.appF.xavier"),
        evidence=[
            Derivation("the variance ratios cross at d = l²", _crossover),
            enumeration(
                "exact probabilities around d = l²",
                lambda: lambda d, l: (l**2 > d) - (l**2 < d),
                _compare,
                [
                    Control("d = l instead", lambda sign: lambda d, l: (l > d) - (l < d)),
                    Control("Xavier always worse", lambda sign: lambda d, l: 1),
                ],
            ),
        ],
    ),
)
