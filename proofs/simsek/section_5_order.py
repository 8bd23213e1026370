"""Section 5 and appendix B.6: the order in which layers are expanded matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from quadrics.expansion.deep.blocks import Family
from quadrics.expansion.deep.manifold import DeepExpansionManifold
from quadrics.expansion.deep.networks import DeepParameters, output
from quadrics.expansion.deep.subspaces import dimension_of

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..rules import entails, equal
from .expansion_checks import PAPER
from .multilayer_checks import small_networks


def _differences() -> list[Step]:
    m, r, z, n, s, y = sp.symbols("m r z m_below r_below z_below", integer=True)
    inside = sp.And(r >= 1, z >= 0, m >= r + z, s >= 1, y >= 0, n >= s + y)

    def of_one_matrix(family: Family) -> Any:
        return dimension_of([(n, s, y), (m, r, z)], family)

    full, back, forth = (of_one_matrix(f) for f in (Family.FULL, Family.LAST_TO_FIRST, Family.FIRST_TO_LAST))
    return [
        step(equal, full - back, z * y, "last to first: the sums of zero-type neurons over zero-type groups are 0"),
        step(equal, full - forth, (m - r - z) * (n - s - y), "first to last: neurons of a block have equal rows"),
        step(entails, inside, sp.Ge(sp.expand(full - back), 0), "neither is more than the networks that reduce to it"),
        step(entails, inside, sp.Ge((m - r - z) * (n - s - y), 0), "nor the other"),
        step(
            equal,
            (forth - back).subs({m: r + z, n: s + y}),
            z * y,
            "single neurons everywhere: first to last has larger subspaces",
        ),
        step(
            equal,
            (back - forth).subs({z: 0, y: 0}),
            (m - r) * (n - s),
            "copies only: last to first has larger subspaces",
        ),
        argued(
            "so where two neighbouring layers have extra neurons, a generic point of a subspace of either kind lies in "
            "no subspace of the other: its functions determine the configurations, and the sums, or the rows, differ"
        ),
    ]


@dataclass(frozen=True)
class Order:
    """A claim on the networks made by two orders of expansion: is the first set inside the second?"""

    first: Family
    second: Family
    inside: bool


def _inside(statement: tuple[Order, ...], context: Context) -> Outcome:
    """All networks 1-2-2-1 with small weights that the first order makes of 1-1-1-1: does the second make them?"""
    for order in statement:
        outside = [b for _, b in small_networks(context) if b[order.first] and not b[order.second]]
        if order.inside != (not outside):
            return decided(False, first=order.first, second=order.second, outside=len(outside))
    return decided(True)


def _incomparable() -> tuple[Order, ...]:
    back, forth, full = Family.LAST_TO_FIRST, Family.FIRST_TO_LAST, Family.FULL
    return (
        Order(back, forth, False),
        Order(forth, back, False),
        Order(back, full, True),
        Order(forth, full, True),
        Order(full, back, False),
        Order(full, forth, False),
    )


w, w_free, u, v, a = sp.symbols("w w_prime u v a", real=True)


WITNESS = DeepParameters([[[w], [w_free]], [[1, 0], [u, v]], [[a, 0]]])


def _witness(bigger: Family, context: Context) -> Outcome:
    """(w, w'; (1, 0), (u, v); a, 0) with v ≠ 0: it computes a σ(σ(w x)); which expansions make it?"""
    core = DeepParameters([[[w]], [[1]], [[a]]])
    x = sp.Symbol("x", real=True)
    if output(WITNESS, [x]) != output(core, [x]):
        return decided(None, reason="another function")
    numbers = {w: 2, w_free: 5, u: 3, v: 7, a: -1}
    theta, at = (DeepParameters(tuple(W.subs(numbers) for W in one.weights)) for one in (WITNESS, core))
    spaces = list(DeepExpansionManifold(at, (2, 2), bigger).subspaces())
    made_first_to_last = DeepExpansionManifold(at, (2, 2), Family.FIRST_TO_LAST).contains(theta)
    return decided(made_first_to_last and any(S.contains(theta) for S in spaces), subspaces=len(spaces))


def _forward_pass(order_by_order: Family, context: Context) -> Outcome:
    """The networks with small weights that a forward pass up to equivalence makes, against those of one order."""
    for theta, belongs in small_networks(context):
        if belongs[Family.FULL] != belongs[order_by_order]:
            return decided(False, weights=str(theta.entries()))
    return decided(True)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.ml.order",
        Kind.THEOREM,
        "The order of the expansions matters",
        Source(PAPER, "text after equation (8)", "5"),
        r"With extra neurons in two neighbouring hidden layers, expanding from the last layer to the first and from "
        r"the first to the last gives two sets of networks of which neither includes the other. Both lie in the set of "
        r"all networks that reduce to the core; for the same configurations its affine subspace has "
        r"$\sum_l z_l z_{l+1}$ dimensions more than that of (8), and $\sum_l (m_l - n_l)(m_{l-1} - n_{l-1})$ more than "
        r"that from first to last, where $n_l = r_l + z_l$.",
        uses=("simsek.eq8",),
        evidence=(
            Derivation("the dimensions of the three families, matrix by matrix", _differences),
            enumeration(
                "networks 1-2-2-1 with small weights: the inclusions that there are, and those that there are not",
                _incomparable,
                _inside,
                [
                    Control(
                        "the first order inside the second",
                        lambda orders: (Order(Family.FIRST_TO_LAST, Family.LAST_TO_FIRST, True), *orders[2:]),
                    ),
                    Control(
                        "the second order inside the first",
                        lambda orders: (Order(Family.LAST_TO_FIRST, Family.FIRST_TO_LAST, True), *orders[2:]),
                    ),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.ml.order.printed",
        Kind.THEOREM,
        "Expanding from the last layer to the first gives most",
        Source(PAPER, "text after equation (8)", "5"),
        r"Expanding from the last layer to the first gives the largest manifold; a forward pass that expands up to "
        "equivalence of incoming weight vectors gives the same.",
        label=Label.FALSE,
        erratum=r"With $v \ne 0$, $W^{(1)} = (w, w')^T$, $W^{(2)} = \begin{pmatrix} 1 & 0 \\ u & v \end{pmatrix}$, "
        r"$W^{(3)} = (a, 0)$ computes $a\,\sigma(\sigma(w x))$ and arises from the first layer to the last, but not "
        r"from the last to the first, where the zero-type neuron of layer 1 must not be seen by that of layer 2. A "
        r"forward pass up to equivalence (appendix B.6: incoming weights that produce the same neuron) gives all "
        r"networks that reduce to the core, a larger set than either.",
        uses=("simsek.ml.order",),
        evidence=(
            counterexample(
                "1-1-1-1 expanded to 1-2-2-1: a point of the first-to-last expansion, against the nine subspaces",
                lambda: Family.LAST_TO_FIRST,
                _witness,
                [Control("all networks that reduce to the core", lambda family: Family.FULL)],
            ),
            counterexample(
                "networks 1-2-2-1 with small weights that the forward pass makes, weights being equivalent if they "
                "produce the same neuron",
                lambda: Family.LAST_TO_FIRST,
                _forward_pass,
                [Control("all networks that reduce to the core", lambda family: Family.FULL)],
            ),
        ),
    ),
)
