"""Section 4: how many components the invariant set has, and which one a parameter is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, product
from typing import Any

import sympy as sp
from sympy import Rational

from quadrics.invariant_set import InvariantSet
from quadrics.invariant_shape import InvariantShape
from quadrics.network import Neuron, Parameters
from quadrics.quadric import projection_factor
from quadrics.topology import X

from ..check import Context, Control, certificate, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..exact import same
from ..rules import Rule, equal, equal_modulo, recompute
from ..smt import valid
from .quadric_checks import WEIGHTS, counts_agree, kept_apart, stays_on
from .quadric_geometry import NEGATIVE, POSITIVE, arc_steps, cone_steps, sign_steps

L_PLUS, L_MINUS, L_ZERO = sp.symbols("l_plus l_minus l_zero", integer=True, nonnegative=True)
MORE_D, MORE_E = (sp.Symbol(f"{name}_prime", integer=True, positive=True) for name in "de")

nonnegative = Rule(
    "SymPy's assumptions on the sign",
    lambda before, after: decided(None if before.is_nonnegative is None else before.is_nonnegative is after),
    "is not negative:",
)

at_zero = recompute("put x = 0, the exponents being known", lambda polynomial: polynomial.subs(X, 0))


def _four_cases() -> list[Step]:
    """p(0) in the four cases of eq. (15); d > 1 is written d = d' + 1 with d' >= 1."""
    cases = (
        (MORE_D + 1, MORE_E + 1, sp.Integer(1), "d, e > 1"),
        (1, MORE_E + 1, 2**L_PLUS, "d = 1, e > 1"),
        (MORE_D + 1, 1, 2**L_MINUS, "d > 1, e = 1"),
        (1, 1, 2 ** (L_PLUS + L_MINUS), "d = e = 1"),
    )
    steps = []
    for d, e, count, words in cases:
        H = InvariantShape(d, e, L_PLUS, L_MINUS, L_ZERO)
        steps.append(step(at_zero, H.poincare_polynomial(X), count, f"the coefficient of degree 0 when {words}"))
        steps.append(step(equal, sp.sympify(H.number_of_components()), count, "and the library's count"))
    return steps


def _library_count(d: int, e: int, plus: int, minus: int, zero: int) -> Any:
    return InvariantShape(d, e, plus, minus, zero).number_of_components()


def _disconnected() -> list[Step]:
    n = sp.Symbol("n", integer=True, nonnegative=True)
    H = InvariantShape(MORE_D + 1, 1, L_PLUS, n + 1, L_ZERO)
    count = H.number_of_components()
    return [
        step(equal, sp.sympify(count), 2 ** (n + 1), "d > 1, e = 1, l_- = n + 1"),
        step(nonnegative, 2 ** (n + 1) - 2, True, "at least 2 for every n >= 0: disconnected"),
        step(
            equal,
            sp.sympify(InvariantShape(MORE_D + 1, 1, L_PLUS, 0, L_ZERO).number_of_components()),
            sp.Integer(1),
            "and connected without pathological neurons",
        ),
    ]


def _same_sign_same_component() -> list[Step]:
    # For c < 0 and e = 1 the directions are the numbers a_0, a_1 of equal signs: not opposite, no corner.
    return [
        *arc_steps(NEGATIVE),
        *arc_steps(POSITIVE),
        *cone_steps(),
    ]


def _papers_curve() -> list[Step]:
    """Appendix D.4's γ, as the library contracts a point: ((1 - t) w, s √(-c + (1 - t)² |w|²))."""
    c, t = NEGATIVE, sp.Symbol("t")
    ww, s = sp.Symbol("w·w"), sp.Symbol("s")
    a = s * projection_factor(c, (1 - t) ** 2 * ww, sp.Integer(1))
    return [
        step(equal_modulo(s**2 - 1), (1 - t) ** 2 * ww - a**2, c, "γ stays in Q(c)", mutants=[-c, c + 1]),
        step(
            recompute("t = 1", lambda e: e.subs(t, 1)),
            a,
            s * sp.sqrt(-c),
            "and ends at (0, s √(-c)), the same for equal s",
        ),
    ]


Label_ = Callable[[InvariantSet, Parameters], Sequence[Any]]


def library_label(H: InvariantSet, theta: Parameters) -> Sequence[Any]:
    """s(θ), as the library reads it."""
    return H.component_of(theta).signs


def _all_output_signs(H: InvariantSet, theta: Parameters) -> Sequence[Any]:
    return [sp.sign(v) for v in theta.W2]


def sample_parameters(c: Sequence[int]) -> Iterator[Parameters]:
    """Points of H(c) for d = 2, e = 1 with each output weight of either sign."""
    weights = [WEIGHTS[value] for value in c]
    for signs in product((1, -1), repeat=len(c)):
        neurons = [Neuron((w, 0), (s * a,)) for (w, a), s in zip(weights, signs, strict=True)]
        yield Parameters.from_neurons(neurons)


def _label_decides(label: Label_, context: Context) -> Outcome:
    """Equal labels: a verified path. Different labels: some output weight with c_k < 0 has opposite signs."""
    pairs = 0
    for width in (1, 2, 3):
        patterns = product((-1, 0, 1), repeat=width)
        for c in patterns if width < 3 or context.mode == "full" else [(-1, 0, -1), (1, -1, -1)]:
            H = InvariantSet(2, 1, c)
            for first, second in combinations(sample_parameters(c), 2):
                pairs += 1
                apart = any(kept_apart(c[k], first.neuron(k), second.neuron(k)) for k in range(width))
                if list(label(H, first)) == list(label(H, second)):
                    if apart or not _joined(H, first, second, context):
                        return decided(False, c=c, signs=[str(first.W2), str(second.W2)], labels="equal, but apart")
                elif not apart:
                    return decided(False, c=c, signs=[str(first.W2), str(second.W2)], labels="differ, but joined")
    return decided(True, pairs=pairs)


def _joined(H: InvariantSet, first: Parameters, second: Parameters, context: Context) -> bool:
    """Whether the library's path runs from one to the other inside H(c), neuron by neuron."""
    path = H.path(first, second)
    if (path.start, path.end) != (first, second):
        return False
    for Q, neuron, one, other in zip(H.factors(), path.neurons, first.neurons(), second.neurons(), strict=True):
        stays = context.once(("path stays", Q.c, one, other), partial(stays_on, Q, neuron))
        if not stays:
            return False
    return True


def _curve_with_index(upper: Callable[[int, int], int], context: Context) -> Outcome:
    """γ of appendix D.4 with the input weights 1 to ``upper(d, l)``, for d = 2 inputs and l = 1 neuron."""
    t, d, width, c = sp.Symbol("t", real=True), 2, 1, -1
    w = (Rational(3, 4), sp.Integer(1))
    root = sp.sqrt(-c + (1 - t) ** 2 * sum(v**2 for v in w))
    listed = [(1 - t) * v for v in w[: upper(d, width)]]
    if len(listed) != d:
        return decided(
            False, d=d, l=width, weights=len(listed), imbalance=sp.expand(sum(v**2 for v in listed) - root**2)
        )
    return decided(same(sum(v**2 for v in listed) - root**2, c), d=d, l=width)


def _never_zero(condition: Any, context: Context) -> Outcome:
    return valid(condition)


def _pathological_formula() -> Any:
    c, ww, aa = sp.symbols("c w·w a²")
    return sp.Implies(sp.And(c < 0, ww >= 0, sp.Eq(ww - aa, c)), aa > 0)


CLAIMS = (
    Claim(
        "nurisso.cor1",
        Kind.THEOREM,
        "The number of components",
        Source("nurisso", "Corollary 1, Eq. (15)", "4"),
        r"$\beta_0(\mathcal{H}(c))$ is $1$ for $d,e>1$, $2^{l_+}$ for $d=1,e>1$, $2^{l_-}$ for $d>1,e=1$ and "
        r"$2^{l_++l_-}$ for $d=e=1$: the value $p_{\mathcal{H}(c)}(0)$, where $x^0=1$ before $x=0$ is put in.",
        relation=lambda: sp.Eq(sp.Symbol("beta_0"), InvariantShape.generic().number_of_components()),
        uses=("nurisso.thm1",),
        evidence=[
            Derivation("the constant coefficient in each case, symbolic counts", _four_cases),
            enumeration(
                "combinations of the factors' components (joined by verified paths or kept apart by signs), d, e "
                "<= 3, l <= 5",
                lambda: _library_count,
                counts_agree,
                [
                    Control("one component too many", lambda f: lambda *n: f(*n) + 1),
                    Control("c = 0 counted as c < 0", lambda f: lambda d, e, p, m, z: f(d, e, p, m + z, 0)),
                    Control("l_+ and l_- exchanged", lambda f: lambda d, e, p, m, z: f(d, e, m, p, z)),
                    Control("d = 1 forgotten", lambda f: lambda d, e, p, m, z: f(max(d, 2), e, p, m, z)),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.cor2",
        Kind.THEOREM,
        "Pathological neurons disconnect",
        Source("nurisso", "Corollary 2", "4"),
        r"For $e=1$, $d>1$ and $l_->0$ the invariant set is disconnected and has $2^{l_-}$ components.",
        hypotheses=("e = 1", "d > 1", "l_- > 0"),
        uses=("nurisso.cor1",),
        evidence=[Derivation("2^{l_-} >= 2, symbolic l_-", _disconnected)],
    ),
    Claim(
        "nurisso.prop3",
        Kind.THEOREM,
        "The signs of the pathological output weights identify the component",
        Source("nurisso", "Proposition 3", "4 and D.4"),
        r"For $e=1$, $d>1$: $\theta,\theta'\in\mathcal{H}(c)$ are in the same component exactly when "
        r"$s(\theta)=s(\theta')$, the signs of $a_k$ for the neurons with $c_k<0$. (For $d=1$ the signs of $w_k$ "
        r"for $c_k>0$ join the label.)",
        hypotheses=("e = 1", "d > 1"),
        uses=("nurisso.lemma1", "nurisso.prop2"),
        evidence=[
            Derivation("equal signs: an explicit path in each factor, in every dimension", _same_sign_same_component),
            Derivation("the paper's own curve", _papers_curve),
            Derivation(
                "different signs: the sign is a continuous function on Q(c), c < 0", lambda: sign_steps(NEGATIVE)
            ),
            certificate(
                "z3: a² > 0 wherever |w|² - a² = c < 0",
                _pathological_formula,
                _never_zero,
                [Control("c < 0 dropped", lambda formula: formula.subs(sp.Symbol("c") < 0, sp.true))],
            ),
            enumeration(
                "all pairs of sign patterns, d = 2, c in {-1, 0, 1}^l, l <= 2 and some (all) of l = 3: paths "
                "verified in t",
                lambda: library_label,
                _label_decides,
                [
                    Control("the first pathological neuron left out", lambda s: lambda H, theta: list(s(H, theta))[1:]),
                    Control("the signs of all output weights", lambda s: _all_output_signs),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.prop3.proof",
        Kind.THEOREM,
        "The curve of appendix D.4, as printed",
        Source("nurisso", "Proposition 3, proof", "D.4"),
        r"The curve $\gamma(t)=((1-t)W_{k1},\dots,(1-t)W_{kl},s\sqrt{-c_k+(1-t)^2\|W_k\|^2})$ runs in "
        r"$\mathcal{Q}(c_k)$.",
        label=Label.TYPO,
        erratum="The last input weight is W_{kd}: there are d of them, not l.",
        evidence=[
            counterexample(
                "d = 2, l = 1, w = (3/4, 1), c = -1: the printed curve has one input weight and leaves Q(c)",
                lambda: lambda d, width: width,
                _curve_with_index,
                [Control("the index runs to d", lambda upper: lambda d, width: d)],
            )
        ],
    ),
)
