"""Section 6.1: curves that symmetries induce, when they exist, and the map that is not quite an action."""

from __future__ import annotations

import sympy as sp

from quadrics.connectivity.real_powers import has_real_logarithm, polar_power, real_power
from quadrics.connectivity.symmetry_curves import symmetry_curve

from ..check import Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Scope
from .action_instances import continuous_along
from .approximate_action_checks import (
    criteria,
    does_not_enlarge,
    facts,
    fit,
    identity_activation,
    identity_everywhere,
    pythagoras,
    rank,
    when_it_acts,
)
from .section_3_topology import PAPER
from .symmetry_curve_checks import (
    constant_product,
    exactly_constant,
    joins,
    logarithm_of_blocks,
    no_square_root,
    polar_ends,
    rotated,
    square_roots,
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.eq4",
        Kind.THEOREM,
        "One-parameter groups of symmetries run inside level sets",
        Source(PAPER, "eq. (4)", "6.1"),
        r"$\gamma_M(t, w) = \exp(tM)\cdot w$ stays in the level set of $w$ for $M$ in the Lie algebra of a group that "
        "keeps the loss: by definition, as exp(tM) belongs to the group, and here by computation for the basis changes "
        "of deep linear networks and for rescaling.",
        uses=("zhao.act4.1",),
        evidence=(
            Derivation("the product of the layers is constant, for any widths and depth", constant_product),
            enumeration(
                "three layers of width 2 along exact curves (shears, rotations, stretches)",
                lambda: lambda g, t: real_power(g, -t),
                exactly_constant,
                [Control("g^t for its inverse", lambda inverse: real_power)],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "zhao.eq5",
        Kind.THEOREM,
        "The curve from w to g·w",
        Source(PAPER, "eq. (5)", "6.1"),
        r"If $g$ has a real logarithm, $\gamma(t) = \exp(t \log g)\cdot w$ joins $w$ to $g\cdot w$ in the level set. "
        "A real logarithm exists exactly when $g$ is invertible and each Jordan block of a negative eigenvalue occurs "
        r"an even number of times. For $\det g > 0$ the polar factors $g = OP$ always give $\exp(t\log O)\exp(t\log P)"
        r"\cdot w$.",
        uses=("zhao.eq4", "zhao.factGL"),
        evidence=(
            Derivation("logarithms of Jordan blocks", logarithm_of_blocks),
            enumeration(
                "the criterion against real square roots: all invertible 2 by 2 matrices with entries -2, ..., 2",
                lambda: has_real_logarithm,
                square_roots,
                [
                    Control("det g > 0", lambda exists: lambda g: g.det() > 0),
                    Control(
                        "no negative eigenvalue at all",
                        lambda exists: lambda g: exists(g) and g != -sp.eye(2) and g != -2 * sp.eye(2),
                    ),
                ],
            ),
            enumeration(
                "both ends and a point between, exactly",
                lambda: lambda g, w, t: symmetry_curve([g], w, t),
                joins,
                [Control("half the logarithm", lambda curve: lambda g, w, t: curve(g, w, t / 2))],
                scope=Scope.INSTANCE,
            ),
            enumeration(
                "polar curves for matrices with positive determinant, with or without a logarithm",
                lambda: lambda g, w, t: symmetry_curve([g], w, t, polar_power),
                polar_ends,
                [Control("the rotation alone", lambda curve: lambda g, w, t: rotated(g, w, t))],
            ),
        ),
    ),
    Claim(
        "zhao.eq5.printed",
        Kind.THEOREM,
        "A curve from w to g·w for every g",
        Source(PAPER, "eq. (5)", "6.1"),
        r"$\exp(t \log g)$ is a curve of real matrices from $I$ to $g$, for every $g$.",
        label=Label.GAP,
        erratum=r"There is no real $\log g$ if $\det g < 0$ (then $g\cdot w$ may lie in another component), nor for "
        r"many $g$ with $\det g > 0$ such as $\operatorname{diag}(-1,-2)$. A real logarithm must be assumed.",
        uses=("zhao.eq5",),
        evidence=(
            counterexample(
                "a rotation, -I, diag(-1, -2), diag(1, -1) and one Jordan block for -1: z3 looks for real square roots",
                lambda: lambda g: True,
                no_square_root,
                [Control("blocks of negative eigenvalues in pairs", lambda exists: has_real_logarithm)],
            ),
        ),
    ),
    Claim(
        "zhao.eq6",
        Kind.DEFINITION,
        "The map that is almost an action",
        Source(PAPER, "eq. (6)", "6.1"),
        r"$g\cdot(U,V) = (U\sigma(VX)\sigma(gVX)^+, gV)$. With $S = \sigma(VX)$, $S_2 = \sigma(g_2VX)$: the identity "
        r"fixes $w$ iff the rows of $U$ lie in the column space of $S$; $g_1\cdot(g_2\cdot w) = (g_1g_2)\cdot w$ if "
        r"$S_2$ has full column rank; the output is kept iff the rows of $US$ lie in the row space of $S_2$. For "
        r"$\sigma = \mathrm{id}$ the output is always kept, and the map is $(Ug^{-1}, gV)$ when $VX$ has rank $h$.",
        evidence=(
            Derivation("identity, composition and output, for all sizes", when_it_acts),
            Derivation("the identity as activation", identity_activation),
            enumeration(
                "exact networks, (h, k) = (1,2), (2,3), (2,2), (3,2), (3,3), three activations: criteria and the map",
                facts,
                criteria,
                [
                    Control("the identity always fixes w", lambda facts: {**facts, "identity": lambda one, g: True}),
                    Control("the output never changes", lambda facts: {**facts, "output": lambda one, g: True}),
                    Control("GL action for every activation", lambda facts: {**facts, "action": lambda one, g: False}),
                    Control("always an action", lambda facts: {**facts, "composition": lambda one, g: True}),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "zhao.eq6.printed",
        Kind.DEFINITION,
        "The curve along the map (6) begins at w and is continuous",
        Source(PAPER, "eqs. (5), (6)", "6.1"),
        r"The map (6) is continuous with $\mathrm{id}\cdot w = w$ for all $w$, so that eq. (5) gives a curve from $w$.",
        label=Label.GAP,
        erratum=r"For $h > k$, as in figure 3(b,c), $\mathrm{id}\cdot w \ne w$ in general: $\gamma(0)$ has another $U$ "
        r"(with the same output). And where the rank of $\sigma(g_tVX)$ drops, $U(t)$ tends to infinity.",
        uses=("zhao.eq6",),
        evidence=(
            counterexample(
                "exact networks with more neurons than inputs",
                lambda: lambda one: True,
                identity_everywhere,
                [Control("S of rank h", lambda condition: lambda one: rank(one) == one.weights.width)],
            ),
            counterexample(
                "leaky ReLU, h = k = 2, g_t a shear: a pole at t = 16/33",
                lambda: (sp.Integer(0), sp.Rational(1, 2)),
                continuous_along,
                [Control("only up to t = 2/5", lambda interval: (interval[0], sp.Rational(2, 5)))],
            ),
        ),
    ),
    Claim(
        "zhao.prop6.1",
        Kind.THEOREM,
        "The approximate action moves the output by at most its norm",
        Source(PAPER, "Proposition 6.1, eqs. (7), (25), (26)", "6.1, D"),
        r"$\|U\sigma(VX) - U'\sigma(V'X)\| \le \|U\sigma(VX)\|$ for $(U',V') = g\cdot(U,V)$, in the Frobenius and the "
        r"spectral norm. Hence $\|U\sigma(VX) - Y\|$ (not squared) changes by at most that.",
        uses=("zhao.eq6",),
        evidence=(Derivation("an orthogonal projector and Pythagoras, for all sizes", pythagoras),),
    ),
    Claim(
        "zhao.prop6.1.proof",
        Kind.THEOREM,
        "An idempotent matrix does not enlarge",
        Source(PAPER, "proof of Proposition 6.1, eq. (26)", "D"),
        r"Because $I - P$ is idempotent, $\|M(I - P)\| \le \|M\|$.",
        label=Label.GAP,
        erratum=r"Idempotent is not enough: with $A = (1\ 0)$ and its generalized inverse $G = (1, 5)^\top$, $GA$ is "
        r"idempotent and $M = (0\ 1)$ grows by $\sqrt{26}$. The pseudo-inverse makes $P$ symmetric as well, an "
        "orthogonal projector.",
        uses=("zhao.prop6.1",),
        evidence=(
            counterexample(
                "generalized inverses of rows, exactly",
                lambda: lambda P: P * P == P,
                does_not_enlarge,
                [Control("idempotent and symmetric", lambda is_projection: lambda P: P * P == P and P.T == P)],
            ),
        ),
    ),
    Claim(
        "zhao.fig3a",
        Kind.EXPERIMENT,
        "The change of the output against its norm, 100 networks",
        Source(PAPER, "Figure 3(a)", "6.1"),
        r"For 100 networks with $m, h, n, k$ from 2 to 100, sigmoid, trained by SGD, and random invertible $g$: all "
        r"points lie above $y = x$. The change is zero exactly where $\sigma(gVX)$ has rank $k$: where $h \ge k$.",
        uses=("zhao.prop6.1",),
        missing="learning rate, number of steps, initialization, and the distribution of g",
    ),
    Claim(
        "zhao.fig3bc",
        Kind.EXPERIMENT,
        "The loss along approximate symmetries and along segments",
        Source(PAPER, "Figure 3(b,c)", "6.1"),
        r"$W_1 \in \mathbb R^{32\times16}$, $W_2 \in \mathbb R^{64\times32}$, $X \in \mathbb R^{16\times8}$, leaky "
        r"ReLU: the loss on $\gamma$ is lower than on the segment. With $k = 8 < h = 32$ it is constant (eq. (6) keeps "
        r"the output); only $k > h$ tests the bound.",
        uses=("zhao.eq5", "zhao.eq6", "zhao.prop6.1"),
        missing="slope of the leaky ReLU, learning rate, number of steps, and the distributions of the data and of g",
    ),
    Claim(
        "zhao.fig3bc.printed",
        Kind.EXPERIMENT,
        "The sizes of the network of figure 3(b,c)",
        Source(PAPER, "Figure 3(b,c)", "6.1"),
        r"$(W_1, W_2) \in \mathbb R^{32\times16} \times \mathbb R^{32}$ with $X \in \mathbb R^{16\times8}$, $Y \in "
        r"\mathbb R^{64\times8}$.",
        label=Label.TYPO,
        erratum=r"$W_2\sigma(W_1X) - Y$ needs $W_2 \in \mathbb R^{64\times32}$.",
        uses=("zhao.fig3bc",),
        evidence=(
            counterexample(
                "the shapes of W_2 σ(W_1 X) and Y",
                lambda: {"W1": (32, 16), "W2": (32,), "X": (16, 8), "Y": (64, 8)},
                fit,
                [Control("W_2 is 64 by 32", lambda shapes: {**shapes, "W2": (64, 32)})],
            ),
        ),
    ),
)
