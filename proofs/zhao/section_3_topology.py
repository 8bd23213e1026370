"""Section 3.1 and Propositions 3.4, 3.5, 3.8: continuous maps, products, partitions, and how many components they have.

Each statement is certified for all spaces (:mod:`.point_sets`) and tried on every topology with a few points.
"""

from __future__ import annotations

import sympy as sp

from quadrics.connectivity.finite_spaces import (
    continuous_maps,
    homeomorphisms,
)

from ..check import Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Scope
from ..nurisso.sine_curve import sine_curve
from . import point_sets
from .topology_checks import (
    all_maps,
    are_maximal_connected,
    classes_of_inseparable_points,
    continuous_bijections,
    converse_fails,
    for_all_spaces,
    from_index,
    image_has_at_most,
    images_connected,
    keeps_connected_subsets,
    keeps_number,
    numbers_of_topologies,
    one_factor_more,
    parts_have_at_least,
    parts_lie_in_components,
    product_has,
    sum_to,
)

PAPER = "zhao"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.def3.1",
        Kind.DEFINITION,
        "Continuity, connectedness, components, products",
        Source(PAPER, "Section 3.1", "3.1"),
        r"A map is continuous when preimages of open sets are open. A space is connected when it is no union of two "
        r"disjoint non-empty open sets; its components, whose set is $\pi_0(X)$, are its maximal non-empty connected "
        r"subsets, and form a partition. In metric spaces continuity is that by $\varepsilon$ and $\delta$.",
        evidence=(
            for_all_spaces(
                "connected sets with a common point have a connected union: components form a partition",
                point_sets.union_of_connected,
                shared="no common point",
                connected="sets that are not connected",
            ),
            for_all_spaces(
                "continuity by ε and δ makes preimages of open sets open",
                point_sets.ball_continuity,
                near="not continuous by ε and δ",
                inside="sets that are not open",
            ),
            for_all_spaces(
                "balls are open sets, by the triangle inequality",
                point_sets.balls_are_open,
                triangle="a distance without it",
            ),
            for_all_spaces(
                "so continuity by open sets gives a δ for each ε",
                point_sets.continuity_by_balls,
                open_preimage="a preimage that is not open",
            ),
            enumeration(
                "components as graph components of least open sets: the maximal connected subsets, for every topology "
                "on up to 3 (quick) or 4 (full) points",
                lambda: lambda X: set(X.components()),
                are_maximal_connected,
                [
                    Control("points that no open set separates", lambda components: classes_of_inseparable_points),
                    Control("the whole space", lambda components: lambda X: {frozenset(X.points)}),
                ],
            ),
            enumeration(
                "1, 1, 4, 29, 355, 6942 topologies (OEIS A000798), as preorders and as families of sets",
                lambda: (1, 1, 4, 29, 355, 6942),
                numbers_of_topologies,
                [Control("28 on three points", lambda counts: (1, 1, 4, 28, 355, 6942))],
            ),
        ),
    ),
    Claim(
        "zhao.rem3.path",
        Kind.REMARK,
        "Path connected spaces are connected; the converse fails",
        Source(PAPER, "Section 3.1", "3.1"),
        "A path connected space is connected. A connected space need not be path connected.",
        hypotheses=("the interval [0, 1] is connected (completeness of the real numbers)",),
        uses=("zhao.def3.1", "zhao.thm3.1"),
        evidence=(
            for_all_spaces(
                "a separation would separate the interval along a path",
                point_sets.joined_by_paths,
                paths="without paths",
                interval_connected="an interval that is not connected",
            ),
            enumeration(
                "the topologist's sine curve is connected and not path connected",
                sine_curve,
                converse_fails,
                [Control("with an isolated point", lambda space: sine_curve(1))],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "zhao.thm3.1",
        Kind.THEOREM,
        "Continuous images of connected sets are connected",
        Source(PAPER, "Theorem 3.1 (A.1)", "3.1"),
        r"If $f : X \to Y$ is continuous and $A \subseteq X$ connected, then $f(A)$ is connected.",
        uses=("zhao.def3.1",),
        evidence=(
            for_all_spaces(
                "the preimages of two open sets that separate f(A) separate A",
                point_sets.image_of_connected,
                continuous="f not continuous",
                connected="A not connected",
            ),
            enumeration(
                "all continuous maps from connected spaces, up to 3 points",
                lambda: continuous_maps,
                images_connected,
                [Control("all maps", lambda maps: all_maps)],
            ),
        ),
    ),
    Claim(
        "zhao.cor3.2",
        Kind.THEOREM,
        "Homeomorphisms keep connected subsets",
        Source(PAPER, "Corollary 3.2 (A.2)", "3.1"),
        r"For a homeomorphism $f : X \to Y$ and $A \subseteq X$: $A$ is connected if and only if $f(A)$ is.",
        uses=("zhao.thm3.1",),
        evidence=(
            for_all_spaces(
                "Theorem 3.1 for f on A, and for its inverse on f(A)",
                point_sets.subset_of_homeomorphic,
                inverse_continuous="an inverse that is not continuous",
            ),
            enumeration(
                "all homeomorphisms and all subsets, up to 3 points",
                lambda: homeomorphisms,
                keeps_connected_subsets,
                [Control("continuous bijections", lambda maps: continuous_bijections)],
            ),
        ),
    ),
    Claim(
        "zhao.cor3.3",
        Kind.THEOREM,
        "Homeomorphic spaces have equally many components",
        Source(PAPER, "Corollary 3.3 (A.3)", "3.1"),
        r"$|\pi_0(X)| = |\pi_0(Y)|$ when $X$ and $Y$ are homeomorphic.",
        uses=("zhao.cor3.2",),
        evidence=(
            for_all_spaces(
                "two points share a component exactly when their images do",
                point_sets.classes_of_homeomorphic,
                both_ways="one direction only",
            ),
            enumeration(
                "all homeomorphisms, up to 3 points",
                lambda: homeomorphisms,
                keeps_number,
                [Control("continuous bijections", lambda maps: continuous_bijections)],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.4",
        Kind.THEOREM,
        "A continuous image has at most as many components",
        Source(PAPER, "Proposition 3.4 (A.4)", "3.1"),
        r"$|\pi_0(f(X))| \le |\pi_0(X)|$ for continuous $f$.",
        uses=("zhao.thm3.1",),
        evidence=(
            for_all_spaces(
                "the component of x goes into that of f(x), and all components of f(X) are reached",
                point_sets.classes_of_image,
                well_defined="images of components that are not connected",
            ),
            enumeration(
                "all 11,310 continuous maps between spaces of up to 3 points",
                lambda: lambda after, before: after <= before,
                image_has_at_most,
                [
                    Control("fewer", lambda relation: lambda after, before: after < before),
                    Control("equally many", lambda relation: lambda after, before: after == before),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.5",
        Kind.THEOREM,
        "The number of components of a product",
        Source(PAPER, "Proposition 3.5 (A.5)", "3.1"),
        r"$|\pi_0(X_1 \times \dots \times X_n)| = \prod_{i=1}^n |\pi_0(X_i)|$.",
        uses=("zhao.thm3.1", "zhao.prop3.4"),
        evidence=(
            for_all_spaces(
                "the product of connected sets is connected: a union of slices that cross",
                point_sets.product_of_connected,
                columns="slices in one direction only",
                rows="slices in the other direction only",
            ),
            for_all_spaces(
                "two pairs share a component exactly when both parts do",
                point_sets.classes_of_product,
                product_connected="products of components that are not connected",
                projections="without the projections",
            ),
            Derivation("from two factors to n", one_factor_more),
            enumeration(
                "all pairs of spaces with up to 3 points, all triples with up to 2",
                lambda: lambda numbers: sp.prod(numbers),
                product_has,
                [
                    Control("the sum", lambda number: lambda numbers: sum(numbers)),
                    Control("the largest", lambda number: lambda numbers: max(numbers)),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.5.printed",
        Kind.THEOREM,
        "The number of components of a product, from i = 0",
        Source(PAPER, "Proposition 3.5 (A.5)", "3.1"),
        r"$|\pi_0(X_1 \times \dots \times X_n)| = \prod_{i=0}^n |\pi_0(X_i)|$.",
        label=Label.TYPO,
        erratum="The product starts at i = 1: there is no X_0.",
        uses=("zhao.prop3.5",),
        evidence=(
            counterexample(
                "spaces of two separate points each: X_1 x X_2 has 4 components, with an X_0 the formula gives 8",
                lambda: 0,
                from_index,
                [Control("from 1", lambda start: 1)],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.5.proof",
        Kind.THEOREM,
        "A product of components, taken to lie in one component",
        Source(PAPER, "proof of Proposition A.5", "A.1"),
        r"Products $C$ of components are assigned the component of $A \times B$ that contains $C$. That there is "
        "one is taken for granted, of sets of which no more is said than that they form a partition.",
        label=Label.GAP,
        erratum="Sets of a partition need not lie in one component. What is needed, and not said, is that the product "
        "of two connected sets is connected. (That they form a partition does show that the map is onto.)",
        uses=("zhao.prop3.5",),
        evidence=(
            counterexample(
                "the partition of two separate points into one set",
                lambda: lambda X, parts: True,
                parts_lie_in_components,
                [Control("parts that are connected", lambda allowed: lambda X, parts: all(map(X.is_connected, parts)))],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.8",
        Kind.THEOREM,
        "A partition into subspaces bounds the number of components",
        Source(PAPER, "Proposition 3.8 (A.9)", "3.3"),
        r"$|\pi_0(X)| \le \sum_i |\pi_0(X_i)|$ when $X$ is the disjoint union of subspaces $X_i$ (with the subspace "
        r"topology): for instance of the orbits of a group, where infinitely many make the bound say nothing.",
        uses=("zhao.def3.1",),
        evidence=(
            for_all_spaces(
                "each component of a part lies in one of X, and all of those are met",
                point_sets.classes_of_parts,
                connected="components of parts that are not connected",
                covered="parts that do not cover X",
            ),
            enumeration(
                "every partition of every space of up to 3 (quick) or 4 (full) points",
                lambda: lambda whole, parts: whole <= parts,
                parts_have_at_least,
                [
                    Control("equally many", lambda relation: lambda whole, parts: whole == parts),
                    Control("fewer", lambda relation: lambda whole, parts: whole < parts),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.8.proof",
        Kind.THEOREM,
        "The components of n parts, summed to n + 1",
        Source(PAPER, "proof of Proposition A.9", "A.3"),
        r"The components of the parts $X_1, \dots, X_n$ are $\sum_{i=1}^{n+1} |\pi_0(X_i)|$ in number.",
        label=Label.TYPO,
        erratum="The sum ends at the number of parts.",
        uses=("zhao.prop3.8",),
        evidence=(
            counterexample(
                "four separate points in parts of 1, 2 and 1",
                lambda: lambda n: n + 1,
                sum_to,
                [Control("to n", lambda last: lambda n: n)],
            ),
        ),
    ),
)
