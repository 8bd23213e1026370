"""Section 4.2: zero-type neurons, other critical points, levels of saddles, dimensions, and minima among copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.expansion.counts import T
from quadrics.expansion.critical.smooth_loss import SmoothLoss, critical_slopes
from quadrics.expansion.critical.unknown_activation import UNKNOWN
from quadrics.expansion.enumeration import affine_subspaces, critical_subspaces
from quadrics.expansion.manifold import CriticalUnion
from quadrics.expansion.subspaces import CriticalSubspace, ExpansionSubspace
from quadrics.network import Parameters
from quadrics.smooth_activation import sigmoid

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..rules import substitute
from ..sum_rules import derivative_of_sums
from .critical_points import Block, expanded_points, least_squares, line, network, true_gradient
from .expansion_checks import CORES, PAPER

J, N_, O = sp.symbols("j n o", integer=True, positive=True)
N, R = sp.symbols("N r", integer=True, positive=True)


def _zero_type() -> list[Step]:
    n, o = N_, O
    e, x, s, g = (sp.IndexedBase(name) for name in ("e", "x", "s", "g"))
    w, A = sp.symbols("w_prime A")
    z = w * x[n] + s[n]
    loss = sp.Sum(e[n, o] * (g[n, o] + A * UNKNOWN(z)), (n, 1, N)) / N
    return [
        step(
            substitute({A: 0}),
            g[n, o] + A * UNKNOWN(z),
            g[n, o],
            "at A = 0 the outputs are the core's, so that the derivatives by the core's weights vanish as they did",
        ),
        step(
            derivative_of_sums(A),
            loss,
            sp.Sum(e[n, o] * UNKNOWN(z), (n, 1, N)) / N,
            "by the outgoing weight A = 0 of a new neuron: the component o of V(w'), for which nothing was assumed",
        ),
        step(
            derivative_of_sums(w),
            loss,
            A * sp.Sum(e[n, o] * x[n] * UNKNOWN.derivative(z), (n, 1, N)) / N,
            "by its incoming weights",
        ),
        step(
            substitute({A: 0}),
            A * sp.Sum(e[n, o] * x[n] * UNKNOWN.derivative(z), (n, 1, N)) / N,
            sp.Integer(0),
            "which is zero at A = 0",
        ),
    ]


def with_neuron(core: Parameters, w: list[Any]) -> Parameters:
    """The core and a neuron w without outgoing weights."""
    rows = sp.Matrix.vstack(sp.Matrix(core.W1), sp.Matrix([w]))
    return Parameters(rows, sp.Matrix.hstack(sp.Matrix(core.W2), sp.zeros(core.d_out, 1)))


def hidden_neuron() -> tuple[Parameters, Parameters, SmoothLoss]:
    """A core, the core with a neuron w' of outgoing weight zero, and a loss with V(w') = 0, V(w_1) = U(w_1) = 0."""
    core, inputs = network([[1]], [[1]]), line(-3, -1, 0, 2)
    wide = with_neuron(core, [2 * core.W1[0]])
    return core, wide, least_squares(inputs, critical_slopes(wide, inputs, sigmoid)[0])


Predicate = Callable[[SmoothLoss, Any], bool]


def _zero_type_instances(predicate: Predicate, context: Context) -> Outcome:
    """Whether the gradient vanishes with a new neuron w', for w' = -4, ..., 4 (in log 2) and two losses."""
    core, _, special = hidden_neuron()
    inputs = line(-3, -1, 0, 2)
    generic = least_squares(inputs, sum(critical_slopes(core, inputs, sigmoid), sp.zeros(4, 1)))
    found: list[bool] = []
    for loss in (special, generic):
        for v in range(-4, 5):
            theta = with_neuron(core, [v * core.W1[0]])
            critical = not any(true_gradient(theta, core, loss))
            found.append(critical)
            if critical != predicate(loss, list(theta.W1.row(1))):
                return decided(False, w=v, critical=critical)
    return decided(True, critical=sum(found), not_critical=len(found) - sum(found))


Answer = tuple[bool, bool]


def _other_point(answer: Answer, context: Context) -> Outcome:
    """(critical, symmetry-induced) of the core with a neuron w' = 2 w_1 of outgoing weight zero."""
    core, wide, loss = hidden_neuron()
    critical = not any(true_gradient(wide, core, loss)) and any(loss.slopes)
    return decided((critical, CriticalUnion(core, 2).contains(wide)) == answer, slopes=str(list(loss.slopes)))


# -- hierarchy, dimensions --------------------------------------------------------------------------------------------
def _wider_is_no_worse() -> list[Step]:
    a, s, fresh = sp.IndexedBase("a"), sp.IndexedBase("sigma"), sp.Symbol("sigma_prime")
    A = sp.Symbol("A")
    narrow = sp.Sum(a[J] * s[J], (J, 1, R))
    return [
        step(
            substitute({A: 0}),
            narrow + A * fresh,
            narrow,
            "a neuron without outgoing weights changes nothing: the losses of width r are losses of width r + 1",
        ),
        argued("and an infimum over more networks is no larger."),
    ]


Subspaces = Callable[[Parameters, int], list[Any]]


def _minima(family: Subspaces, context: Context) -> Outcome:
    """The family has T(r*, m) subspaces, of all dimensions (m - r* - j) d_out + j d_in."""
    for core in CORES:
        d, e, r = core.d_in, core.d_out, core.width
        for m in range(r, 4):
            spaces = [S.affine() for S in family(core, m)]
            wanted = {(m - r - j) * e + j * d for j in range(m - r + 1)}
            if len(set(spaces)) != T(r, m) or {space.dimension for space in spaces} != wanted:
                return decided(False, r=r, m=m, found=len(set(spaces)))
    return decided(True)


def _expansion(core: Parameters, m: int) -> list[Any]:
    return [ExpansionSubspace(core, P) for P in affine_subspaces(core.width, m)]


def _critical(core: Parameters, m: int) -> list[Any]:
    return [CriticalSubspace(core, P) for P in critical_subspaces(core.width, m)]


def _both_kinds(saddle: Callable[[Block], bool], context: Context) -> Outcome:
    """Copies of one neuron of a core that is a strict local minimum: saddle or not, with one output."""
    kinds = set()
    for point in expanded_points(context):
        block = point.blocks[0]
        if point.loss.d_out > 1 or len(point.blocks) > 1 or point.core_inertia.negative or point.core_inertia.zero:
            continue
        if (point.inertia.negative > 0) != saddle(block):
            return decided(False, shares=str(block.shares), S=str(block.whole))
        kinds.add((str(block.whole), saddle(block)))
    return decided(True, kinds=sorted(map(str, kinds)))


def _by_spectrum(block: Block) -> bool:
    """Some β > 0 beside another and S not ⪰ 0, or some β < 0 and S not ⪯ 0."""
    signs = [sp.sign(b) for b in block.shares]
    return bool((signs.count(1) > 1 and block.whole.negative) or (-1 in signs and block.whole.positive))


def _negative_share(block: Block) -> bool:
    """A mutant: the spectrum of S does not matter."""
    return any(bool(b < 0) for b in block.shares)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.zero-type",
        Kind.REMARK,
        "Zero-type neurons are left out for a reason",
        Source(PAPER, "text before Definition 4.1", "4.2"),
        r"With a neuron $(w', 0)$ besides, a critical point of $L^r$ is one of $L^{r+1}$ exactly if $V(w') = 0$; in "
        "general it is not.",
        uses=("simsek.net",),
        evidence=(
            Derivation("the gradient by the weights of the new neuron, for all sizes", _zero_type),
            enumeration(
                "exact gradients for nine w' and two losses, one with V(w') = 0 at one of them",
                lambda: lambda loss, w: not any(loss.V(w)),
                _zero_type_instances,
                [
                    Control("always critical", lambda predicate: lambda loss, w: True),
                    Control("never critical", lambda predicate: lambda loss, w: False),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "simsek.open1",
        Kind.REMARK,
        "There are other critical points",
        Source(PAPER, "open question", "6"),
        r"The question is whether wide networks have other critical points than the symmetry-induced ones. They do: "
        r"$(w_1, \dots, w_r, w'; a_1, \dots, a_r, 0)$ with $V(w') = 0$ and $w' \ne w_i$ is critical, and lies in no "
        r"$\bar\Theta$. For $d_{out} = 1$, $V(w') = 0$ is one equation for the $d_{in}$ coordinates of $w'$.",
        uses=("simsek.zero-type", "simsek.def4.1"),
        evidence=(
            enumeration(
                "an exact sigmoid network with w' = 2 w_1: rational residuals, not zero, and a gradient of zero",
                lambda: (True, False),
                _other_point,
                [
                    Control("it is not critical", lambda answer: (False, answer[1])),
                    Control("it is symmetry-induced", lambda answer: (answer[0], True)),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "simsek.rem4.4",
        Kind.REMARK,
        "Levels of saddles",
        Source(PAPER, "Remark 4.4", "4.2"),
        r"A $k$-th level saddle is a symmetry-induced critical point made from a minimum of width $r^* - k$. The least "
        r"loss does not grow with the width, so that the levels of *global* minima are ordered: the higher the level, "
        "the higher (or equal) the loss. For other minima the remark says 'usually', and no more.",
        uses=("simsek.prop4.3",),
        evidence=(Derivation("a network is also one of the next width", _wider_is_no_worse),),
    ),
    Claim(
        "simsek.dimtext",
        Kind.REMARK,
        "Dimensions of minima and of critical subspaces",
        Source(PAPER, "text after Remark 4.4", "4.2"),
        r"The subspaces $\mathcal P_\pi \Gamma_s(\theta_*)$ of global minima have the dimensions "
        r"$(m - r^* - j) d_{out} + j d_{in}$, $0 \le j \le m - r^*$, and the critical ones, $\mathcal P_\pi "
        r"\bar\Gamma_s(\theta_*^r)$, have $m - r$.",
        uses=("simsek.def3.2", "simsek.eq4", "simsek.prop4.3"),
        evidence=(
            enumeration(
                "echelon forms for four irreducible points: number and dimensions",
                lambda: _expansion,
                _minima,
                [Control("the critical subspaces in their place", lambda family: _critical)],
            ),
        ),
    ),
    Claim(
        "simsek.dimtext.printed",
        Kind.REMARK,
        "The global minima with a bar",
        Source(PAPER, "text after Remark 4.4", "4.2"),
        r"The subspaces of global minima are the $\mathcal P_\pi \bar\Gamma_s(\theta_*)$.",
        label=Label.TYPO,
        erratum=r"They are the $\mathcal P_\pi \Gamma_s(\theta_*)$, without the bar: those with it are $G$, not $T$, "
        "in number, and all of dimension $m - r^*$.",
        uses=("simsek.dimtext",),
        evidence=(
            counterexample(
                "four irreducible points, m up to 3: number and dimensions of the subspaces",
                lambda: _critical,
                _minima,
                [Control("without the bar", lambda family: _expansion)],
            ),
        ),
    ),
    Claim(
        "simsek.fukumizu",
        Kind.CITATION,
        "Copies of one neuron of a minimum: minima and saddles",
        Source(PAPER, "text after Proposition 4.4, on Fukumizu et al. (2019), Theorem 11", "4.2"),
        r"Copies of one neuron of a local minimum are local minima or strict saddles, according to the spectrum of a "
        r"matrix of derivatives. For one output the matrix is $S = \frac1N \sum_n e_n a\, \sigma''(w \cdot x_n) x_n "
        r"x_n^T$, and the Hessian has a negative eigenvalue exactly if two $\beta$ are positive and $S$ is not "
        r"positive semidefinite, or some $\beta$ is negative and $S$ is not negative semidefinite. The paper expects "
        "the same for arbitrary copies; `beyond.simsek.inertia` has it.",
        uses=("simsek.prop4.4", "beyond.simsek.inertia"),
        evidence=(
            enumeration(
                "exact Hessians at copies of a neuron of local minima of sigmoid networks, S of any sign",
                lambda: _by_spectrum,
                _both_kinds,
                [
                    Control("all are saddles", lambda saddle: lambda block: True),
                    Control("none is", lambda saddle: lambda block: False),
                    Control("whatever S is, exactly for a negative β", lambda saddle: _negative_share),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
