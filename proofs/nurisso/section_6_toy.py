"""Section 6: the toy task F = -(x1 + x2), its infimum in an obstructed component, and what gradient descent does there.

The measurements on trained networks are in ``numerics.checks.nurisso.section_6``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.activation import relu
from quadrics.discretization import discrete_imbalance, gradient_step
from quadrics.forms import imbalance
from quadrics.invariant_set import InvariantSet
from quadrics.network import Parameters

from ..check import Context, Control, certificate, counterexample
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..rules import entails, integrate, recompute
from ..smt import valid
from . import toy_task as toy

ONE_PERCENT = sp.Rational(1, 100)
Bound = Callable[[Parameters], Any]
MISSING = "which initializations the figure shows, the seed of the data, and over which runs the one percent was taken"


def _counts() -> list[Step]:
    count = recompute("components of H(c), d = 2, e = 1", lambda c: InvariantSet(2, 1, c).number_of_components())
    signs = recompute("entries of s", lambda c: len(InvariantSet(2, 1, c).labels()))
    return [
        step(count, sp.Tuple(*toy.OBSTRUCTED), sp.Integer(4), "c = (-1/10, -1/10)"),
        step(count, sp.Tuple(*toy.FREE), sp.Integer(2), "c = (-1/10, 1/10)"),
        step(signs, sp.Tuple(*toy.FREE), sp.Integer(1), "of which s has one entry: only neuron 1 is pathological"),
    ]


def _needs_a_negative_weight(a2_is_nonnegative: bool) -> Any:
    """At every point of the square but the origin, f > F when the output weights are nonnegative (z_k >= 0: relu)."""
    z1, z2, a1, a2, x1, x2 = sp.symbols("z1 z2 a1 a2 x1 x2")
    hypotheses = [z1 >= 0, z2 >= 0, a1 >= 0, x1 >= 0, x2 >= 0, x1 + x2 > 0]
    if a2_is_nonnegative:
        hypotheses.append(a2 >= 0)
    return sp.Implies(sp.And(*hypotheses), a1 * z1 + a2 * z2 > -(x1 + x2))


def _decide(formula: Any, context: Context) -> Outcome:
    return valid(formula)


def _sign_vector(signs: tuple[int, ...], context: Context) -> Outcome:
    theta = toy.dead()
    found = InvariantSet(2, 1, toy.FREE).component_of(theta).signs
    return decided(signs == found, c=toy.FREE, a=tuple(theta.W2), s=found)


def _infimum_obstructed() -> list[Step]:
    z1, z2, a1, a2, f, F = sp.symbols("z1 z2 a1 a2 f F")
    f_on_square = recompute("f on the open quadrant", toy.output)
    at = toy.plateau()
    return [
        step(
            entails,
            sp.And(z1 >= 0, z2 >= 0, a1 > 0, a2 > 0, sp.Eq(f, a1 * z1 + a2 * z2)),
            f >= 0,
            "relu is nonnegative, so f is where all output weights are positive",
        ),
        step(entails, sp.And(f >= 0, F <= 0), (f - F) ** 2 >= F**2, "and F is not: pointwise, on any sample"),
        step(
            integrate((toy.X1, 0, 1), (toy.X2, 0, 1)),
            toy.target() ** 2,
            sp.Rational(7, 6),
            "so the mean squared error is at least E F²",
        ),
        step(recompute("imbalances", imbalance), at, list(toy.OBSTRUCTED), "a point of that component"),
        step(f_on_square, at, sp.Integer(0), "where f = 0 (all input weights are negative): the bound is attained"),
    ]


def _infimum_free() -> list[Step]:
    at = toy.solved()
    return [
        step(recompute("imbalances", imbalance), at, list(toy.FREE), "a point of H(-1/10, 1/10) with a_1 > 0"),
        step(recompute("f on the open quadrant", toy.output), at, toy.target(), "that computes F"),
    ]


def _stays_obstructed() -> list[Step]:
    w1, w2, v1, v2, a, after, h, z1, z2, b1, b2, f, F = sp.symbols("w1 w2 v1 v2 a after h z1 z2 a1 a2 f F")
    update = sp.Eq(after, a - h * (w1 * v1 + w2 * v2))
    return [
        step(
            entails,
            sp.And(w1**2 + w2**2 < a**2, a > 0, h >= 0, h**2 * (v1**2 + v2**2) <= 1, update),
            after > 0,
            "a step with h|v_k| <= 1 keeps the sign of a_k while c_k < 0",
            mutants=[after < 0],
        ),
        step(
            entails,
            sp.And(z1 >= 0, z2 >= 0, b1 > 0, b2 > 0, sp.Eq(f, b1 * z1 + b2 * z2), F <= 0),
            (f - F) ** 2 >= F**2,
            "while both are positive, no sample's squared error is below F²",
        ),
    ]


def _dead_neurons() -> list[Step]:
    z = sp.Symbol("z", negative=True)
    return [
        step(
            recompute("[σ'(z), σ(z)]", lambda z: [relu.derivative(z), relu(z)]),
            z,
            [sp.Integer(0), sp.Integer(0)],
            "w_k < 0 in both entries, so z = w_k·x < 0 on all data: no sample adds to ∂L/∂w_k or to ∂L/∂a_k",
        ),
        step(
            recompute("gradient on the square", lambda theta: sp.Matrix(toy.gradient(theta).entries())),
            toy.dead(),
            sp.zeros(6, 1),
            "an initialization with c = (-1/10, 1/10), a > 0 that is a critical point",
        ),
        step(recompute("its loss", toy.loss), toy.dead(), sp.Rational(7, 6), "at the height of the plateau"),
    ]


def _learns(prediction: Callable[[Parameters], bool], context: Context) -> Outcome:
    """Whether training from this initialization gets below the loss it starts with, as predicted."""
    theta = toy.dead()
    moves = any(entry != 0 for entry in toy.gradient(theta).entries())
    return decided(
        prediction(theta) == moves,
        weights=theta.entries(),
        loss=toy.loss(theta),
        gradient=toy.gradient(theta).entries(),
    )


def _some_weight_of_neuron_2_is_positive(theta: Parameters) -> bool:
    return any(w > 0 for w in theta.neuron(1).w)


def _at_most(value: Any, bound: Any) -> Any:
    """|value| <= bound."""
    return sp.And(value <= bound, value >= -bound)


def _drift_is_bounded() -> list[Step]:
    c, A, B, h, D, E = sp.symbols("c A B h D E")
    rise = h**2 * (A - B)
    return [
        step(
            recompute("c after one step", lambda c: discrete_imbalance(c, A, B, h)),
            c,
            c + rise,
            "A = |g1_k|², B = |g2_k|²",
        ),
        step(
            entails,
            sp.And(A >= 0, B >= 0, h >= 0, _at_most(D, h * E)),
            _at_most(D + rise, h * (E + h * (A + B))),
            "by induction |c_k(t) - c_k(0)| <= h E with E = Σ h |∇_k L|²: at equal time, of the order of h",
        ),
    ]


def _one_step(bound: Bound, context: Context) -> Outcome:
    """The relative change of c_1 in one exact step from :func:`toy_task.steep`, found in two ways, against a bound."""
    theta = toy.steep()
    g = toy.gradient(theta)
    before, after = (imbalance(point)[0] for point in (theta, gradient_step(theta, g, toy.RATE)))
    by_law = discrete_imbalance(before, g.W1[0, 0] ** 2 + g.W1[0, 1] ** 2, g.W2[0, 0] ** 2, toy.RATE)
    if sp.simplify(after - by_law) != 0:
        return decided(None, reason="the step and the discrete law disagree")
    drift = abs(after - before) / abs(before)
    return decided(bool(drift < bound(theta)), weights=theta.entries(), drift=float(drift), bound=float(bound(theta)))


def _by_the_law(theta: Parameters) -> Any:
    """Twice ``h² |∇_k L|²/|c_k|``: strictly above what the discrete law allows a step."""
    g = toy.gradient(theta)
    square = g.W1[0, 0] ** 2 + g.W1[0, 1] ** 2 + g.W2[0, 0] ** 2
    return 2 * toy.RATE**2 * square / abs(imbalance(theta)[0])


CLAIMS = (
    Claim(
        "nurisso.toy.setup",
        Kind.EXPERIMENT,
        "The toy experiment",
        Source("nurisso", "Section 6", "6"),
        r"$F(x)=-(x_1+x_2)$ at 8000 points uniform in $[0,1]^2$; two ReLU neurons without biases; weights uniform in "
        r"$(-\sqrt2,\sqrt2)$, output signs set by hand, rescaled to $|c_k|=1/10$; full-batch gradient descent on the "
        r"mean squared error, $h=0.01$, 500 steps. $F$ needs a negative output weight. $\mathcal H(c)$ has 4 "
        r"components for $c=(-.1,-.1)$ and 2 for $c=(-.1,.1)$, where $s(\theta)$ is the sign of $a_1$ alone.",
        uses=("nurisso.prop4", "nurisso.cor1", "nurisso.prop3"),
        evidence=[
            Derivation("the components of the two invariant sets", _counts, Scope.INSTANCE),
            certificate(
                "f > F off the origin if no output weight is negative",
                lambda: _needs_a_negative_weight(True),
                _decide,
                [Control("one output weight of any sign", lambda _: _needs_a_negative_weight(False))],
            ),
        ],
    ),
    Claim(
        "nurisso.toy.setup.printed",
        Kind.EXPERIMENT,
        "The sign vector as printed",
        Source("nurisso", "Section 6", "6"),
        r"For $c=(-0.1,+0.1)$ and positive output weights, $s(\theta)=(+1,+1)$.",
        label=Label.TYPO,
        erratum="s(θ) has one entry for each pathological neuron, here one: s(θ) = (+1). Meant is a_1, a_2 > 0.",
        uses=("nurisso.prop3",),
        evidence=[
            counterexample(
                "the sign vector of a point of H(-1/10, 1/10) with positive output weights",
                lambda: (1, 1),
                _sign_vector,
                [Control("(+1)", lambda _: (1,))],
            )
        ],
    ),
    Claim(
        "nurisso.toy.inf",
        Kind.THEOREM,
        "The least loss in each component",
        Source("nurisso", "Section 6 (implicit)", "6"),
        r"Where both output weights are positive the mean squared error is at least $E F^2$, which is $7/6$ on the "
        r"square, and $\mathcal H(-.1,-.1)$ has points there that attain it. $\mathcal H(-.1,.1)$ has points with "
        r"$a_1>0$ and loss 0.",
        relation=lambda: sp.Eq(sp.Integral(toy.target() ** 2, (toy.X1, 0, 1), (toy.X2, 0, 1)), sp.Rational(7, 6)),
        uses=("nurisso.toy.setup",),
        evidence=[
            Derivation("E F² = 7/6 bounds the loss of positive output weights and is attained", _infimum_obstructed),
            Derivation("zero is attained when one neuron is free", _infimum_free),
        ],
    ),
    Claim(
        "nurisso.toy.obstructed",
        Kind.EXPERIMENT,
        "The obstructed initialization never learns",
        Source("nurisso", "Section 6, Results", "6"),
        r"From $c=(-.1,-.1)$ and positive output weights, gradient descent keeps them positive while $c_k<0$ and "
        r"$h|v_k|\le1$ ($\nabla_{w_k}L=a_kv_k$), and the loss stays at or above the mean of $F^2$: in all runs.",
        hypotheses=("h|v_k| <= 1 and c_k < 0 at every step (measured in every run)",),
        uses=("nurisso.toy.inf", "nurisso.sec4.flow-sign", "beyond.nurisso.discrete-obstruction"),
        evidence=[Derivation("the sign stays, and with it the bound on the loss", _stays_obstructed)],
    ),
    Claim(
        "nurisso.toy.free",
        Kind.EXPERIMENT,
        "The free initialization sometimes learns",
        Source("nurisso", "Section 6, Results", "6"),
        r"From $c=(-.1,.1)$ and positive output weights gradient descent can learn $F$, and then $a_2$ has become "
        r"negative. It does so from fewer than half of the initializations: a neuron whose input weights are both "
        r"negative (a quarter of them) is never active and never moves.",
        uses=("nurisso.toy.inf",),
        evidence=[Derivation("neurons that are off on all data do not move", _dead_neurons, Scope.INSTANCE)],
    ),
    Claim(
        "nurisso.toy.free.printed",
        Kind.EXPERIMENT,
        "The free initialization learns",
        Source("nurisso", "Section 6, Results", "6"),
        r"With an initial configuration such that $c=(-0.1,+0.1)$ and $a_1,a_2>0$, training learns $F$ by flipping the "
        r"sign of $a_2$ (read of every such initialization; the paper shows one and says 'can').",
        label=Label.FALSE,
        erratum="Some initializations learn, most do not: if both weights of w_2 are negative, neuron 2 never moves.",
        uses=("nurisso.toy.inf",),
        evidence=[
            counterexample(
                "an exact initialization whose gradient is zero, at the height of the plateau",
                lambda: lambda theta: True,
                _learns,
                [Control("only with a positive weight in w_2", lambda _: _some_weight_of_neuron_2_is_positive)],
            )
        ],
    ),
    Claim(
        "nurisso.toy.drift",
        Kind.EXPERIMENT,
        "How far c drifts at a finite learning rate",
        Source("nurisso", "Section 6, setup", "6"),
        r"Over a run, $|c_k(t)-c_k(0)|\le h\sum_t h|\nabla_kL|^2$: at equal time the drift is of the order of $h$. At "
        r"$h=0.01$ it is about three percent of $|c_k|$ in the median and above one percent in most runs; at "
        r"$h=0.001$ it is a tenth of that.",
        uses=("beyond.nurisso.discrete-law", "nurisso.sec8.gd"),
        missing=MISSING,
        evidence=[Derivation("the exact law, summed over the steps", _drift_is_bounded, Scope.INSTANCE)],
    ),
    Claim(
        "nurisso.toy.drift.printed",
        Kind.EXPERIMENT,
        "Less than one percent",
        Source("nurisso", "Section 6, setup", "6"),
        r"The learning rate $h=0.01$ limits the variations of the $c_k$ to less than one percent along training.",
        label=Label.FALSE,
        erratum="Three quarters of the runs exceed one percent; the median is about three percent, the largest above "
        "twenty. Below one percent takes h of about 0.001.",
        uses=("beyond.nurisso.discrete-law",),
        evidence=[
            counterexample(
                "an exact initialization from which one step changes c_1 by 1.8 percent",
                lambda: lambda theta: ONE_PERCENT,
                _one_step,
                [Control("twice h² |∇_k L|²", lambda _: _by_the_law)],
            )
        ],
    ),
    Claim(
        "nurisso.fig3",
        Kind.FIGURE,
        "Figure 3: two runs from the same weights",
        Source("nurisso", "Figure 3", "6"),
        r"There are initial weights that learn $F$ with $c=(-.1,.1)$, by $a_2$ crossing zero, and end on the plateau "
        r"$E F^2$ when they are rescaled to $c=(-.1,-.1)$ instead, every output weight keeping its sign.",
        uses=("nurisso.toy.setup", "nurisso.toy.obstructed", "nurisso.toy.free"),
        missing=MISSING,
    ),
)
