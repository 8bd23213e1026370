"""Sections 3.2 and 3.3: GL_n has two components, and what a group says of its orbits and of a minimum."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from quadrics.connectivity.gl_paths import (
    path_to_canonical,
)

from ..check import Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from . import point_sets
from .group_checks import (
    Bijectivity,
    bounded,
    by_any_map,
    by_orbit_map,
    connected_orbits,
    disconnected_orbits,
    image_of_action,
    image_of_orbit_map,
    is_homeomorphic,
    is_orbit,
    leads_to_canonical,
    minimum_bounded,
    needs_all_three,
    numbers_and_pairs,
    orbit_map_open,
    orbit_maps,
    real_line_acts,
    scalars_keep,
    shears,
    shifted,
    straight,
    unshifted,
)
from .section_3_topology import PAPER
from .topology_checks import for_all_spaces


def bound_claims() -> Iterator[Claim]:
    """Corollaries 3.6 and 3.7."""
    yield Claim(
        "zhao.cor3.6",
        Kind.THEOREM,
        "An orbit has at most as many components as the group",
        Source(PAPER, "Corollary 3.6 (A.6)", "3.3"),
        r"If the action of a topological group $G$ is continuous, $|\pi_0(G \cdot s)| \le |\pi_0(G)|$ for every $s$.",
        uses=("zhao.prop3.4",),
        evidence=(
            for_all_spaces(
                "the orbit map g -> g·s is continuous: slices of open sets of G x S are open",
                point_sets.slice_of_open,
                product_open="an action that is not continuous",
            ),
            for_all_spaces(
                "Proposition 3.4 for the orbit map",
                point_sets.classes_of_image,
                well_defined="images of components that are not connected",
            ),
            enumeration(
                "all orbits of all continuous actions of groups of order up to 4, any topology, on up to 3 points",
                lambda: lambda orbit, group: orbit <= group,
                bounded,
                [
                    Control("fewer", lambda relation: lambda orbit, group: orbit < group),
                    Control("equally many", lambda relation: lambda orbit, group: orbit == group),
                ],
            ),
        ),
    )
    yield Claim(
        "zhao.cor3.6.proof",
        Kind.THEOREM,
        "An orbit as the image of the group action",
        Source(PAPER, "proof of Corollary A.6", "A.3"),
        r"The orbit of $s$ is the image of the action $G \times S \to S$.",
        label=Label.TYPO,
        erratum=r"The image of the action is all of $S$; the orbit of $s$ is the image of the orbit map "
        r"$g \mapsto g \cdot s$, which is continuous as a restriction of the action.",
        uses=("zhao.cor3.6",),
        evidence=(
            counterexample(
                "the trivial action on two points; among all actions of groups of order up to 4 on up to 3 points",
                lambda: image_of_action,
                is_orbit,
                [Control("the orbit map", lambda image: image_of_orbit_map)],
            ),
        ),
    )
    yield Claim(
        "zhao.cor3.7",
        Kind.THEOREM,
        "A minimum that is one orbit has at most as many components as the group",
        Source(PAPER, "Corollary 3.7 (A.7)", "3.3"),
        r"If a symmetry group $G$ acts continuously and the minimum of $L$ is a single orbit, then "
        r"$|\pi_0(\operatorname{argmin} L)| \le |\pi_0(G)|$.",
        hypotheses=("the action is continuous",),
        uses=("zhao.cor3.6",),
        evidence=(
            for_all_spaces(
                "Corollary 3.6 for the orbit that is the minimum",
                point_sets.classes_of_image,
                well_defined="images of components that are not connected",
            ),
            enumeration(
                "all transitive continuous actions of groups of order up to 4 on up to 3 points",
                lambda: lambda one: one.continuous,
                minimum_bounded,
                [Control("without continuity", lambda hypothesis: lambda one: True)],
            ),
        ),
    )
    yield Claim(
        "zhao.cor3.7.printed",
        Kind.THEOREM,
        "The bound for a symmetry group, continuous or not",
        Source(PAPER, "Corollary 3.7 (A.7)", "3.3"),
        r"If a topological group $G$ satisfies $L(g \cdot x) = L(x)$ and the minimum of $L$ is a single orbit, then "
        r"$|\pi_0(\operatorname{argmin} L)| \le |\pi_0(G)|$.",
        label=Label.GAP,
        erratum="Neither the corollary nor the definition of a symmetry group asks that the action be continuous, and "
        r"that is needed: $(\mathbb R, +)$ acts on $\mathbb R \setminus \{0\}$, transitively and freely, through a "
        "bijection of the two sets.",
        uses=("zhao.cor3.7",),
        evidence=(
            counterexample(
                "Z/2 with the indiscrete topology (connected) exchanges two separate points; among all small instances",
                lambda: lambda one: True,
                minimum_bounded,
                [Control("continuous actions", lambda hypothesis: lambda one: one.continuous)],
            ),
            enumeration(
                "the action t·x = ψ(t + ψ⁻¹(x)) of the real line, on a rational grid",
                lambda: lambda t, x: shifted(t + unshifted(x)),
                real_line_acts,
                [
                    Control("ψ left out", lambda move: lambda t, x: t + unshifted(x)),
                    Control("the trivial action", lambda move: lambda t, x: x),
                ],
            ),
        ),
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.factGL",
        Kind.THEOREM,
        "The general linear group has two components",
        Source(PAPER, "Section 3.2", "3.2"),
        r"For every $n \ge 1$ the components of $\mathrm{GL}_n(\mathbb R)$ are $\{\det > 0\}$ and $\{\det < 0\}$.",
        uses=("zhao.thm3.1", "zhao.rem3.path"),
        evidence=(
            Derivation("row operations are paths of invertible matrices, in every dimension", shears),
            Derivation("diagonal matrices: shrink, and turn pairs of signs", numbers_and_pairs),
            for_all_spaces(
                "the determinant keeps its sign on a connected set of invertible matrices: at least two components",
                point_sets.one_sign_on_connected,
                connected="a set that is not connected",
                nonzero="a determinant with zeros",
            ),
            enumeration(
                "polygons from all small integer matrices to diag(±1, 1, ..., 1), roots of det by Sturm's theorem",
                lambda: path_to_canonical,
                leads_to_canonical,
                [Control("the straight segment", lambda polygon: straight)],
            ),
        ),
    ),
    Claim(
        "zhao.rem3.homeo",
        Kind.REMARK,
        "When an orbit map is a homeomorphism",
        Source(PAPER, "Section 3.3", "3.3"),
        r"The orbit map $g \mapsto g \cdot x$ is one to one exactly when only the identity fixes $x$, and onto exactly "
        "when the action is transitive. If the action is continuous and both hold, it is a homeomorphism exactly when "
        "it takes open sets to open sets.",
        uses=("zhao.def3.1",),
        evidence=(
            for_all_spaces(
                "one to one exactly when only the identity fixes x, for every group",
                point_sets.injective_orbit_map,
                unit="an identity that moves x",
                inverses="a monoid",
            ),
            for_all_spaces(
                "onto only when the action is transitive, for every group",
                point_sets.surjective_orbit_map,
                onto="an orbit map that is not onto",
                inverses="a monoid",
            ),
            for_all_spaces(
                "the orbit map is continuous: slices of open sets of G x S are open",
                point_sets.slice_of_open,
                product_open="an action that is not continuous",
            ),
            for_all_spaces(
                "images of a bijection are preimages of its inverse: open ones exactly when the inverse is continuous",
                point_sets.open_bijection,
                bijective="a map that is no bijection",
            ),
            enumeration(
                "one to one, and onto: all actions of groups of order up to 4 on up to 3 points",
                lambda: Bijectivity(lambda one: one.free, lambda one: one.transitive),
                orbit_maps,
                [Control("exchanged", lambda said: Bijectivity(said.onto, said.one_to_one))],
            ),
            enumeration(
                "homeomorphic whenever the orbit map is open: all small instances",
                lambda: orbit_map_open,
                is_homeomorphic,
                [
                    Control("not open", lambda hypothesis: lambda one: not hypothesis(one)),
                    Control("open or not", lambda hypothesis: lambda one: True),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.rem3.homeo.printed",
        Kind.REMARK,
        "Continuous, transitive and free as requirements for any homeomorphism",
        Source(PAPER, "Section 3.3", "3.3"),
        "Group and minimum are homeomorphic only if the action is continuous, transitive and free.",
        label=Label.GAP,
        erratum="That is true of the orbit map: if it is a homeomorphism the action has the three properties. Another "
        "map may be one without any of them, and the homeomorphism of Proposition 4.1 is no orbit map for $l > 2$. "
        "Nor do the three suffice for the orbit map: it is then a continuous bijection, with a continuous inverse when "
        r"$G$ is locally compact, $\sigma$-compact and the minimum locally compact Hausdorff (open mapping theorem).",
        uses=("zhao.rem3.homeo",),
        evidence=(
            counterexample(
                "small groups that act trivially on a copy of themselves; among all small instances",
                lambda: by_any_map,
                needs_all_three,
                [Control("homeomorphic by the orbit map", lambda homeomorphic: by_orbit_map)],
            ),
        ),
    ),
    *bound_claims(),
    Claim(
        "zhao.propA.8",
        Kind.THEOREM,
        "Connected orbits of a disconnected space, and disconnected orbits of a connected one",
        Source(PAPER, "Proposition A.8", "A.3"),
        r"(a) Positive numbers scale the second coordinate of $\{0, 1\} \times \mathbb R_{>0}$: every orbit is "
        r"connected, the space is not. (b) Non-zero numbers scale $\mathbb R^2 \setminus \{0\}$: no orbit is "
        "connected, the space is.",
        uses=("zhao.def3.1", "zhao.rem3.path"),
        evidence=(
            Derivation("(a) two half lines", connected_orbits),
            Derivation("(b) the plane without a point", disconnected_orbits),
        ),
    ),
    Claim(
        "zhao.propA.8.printed",
        Kind.THEOREM,
        "The real numbers as a multiplicative group",
        Source(PAPER, "proof of Proposition A.8", "A.3"),
        r"All real numbers form a multiplicative group that acts on $\mathbb R^2 \setminus \{0\}$ by "
        r"$(x_1, x_2) \mapsto (g x, g x_2)$.",
        label=Label.TYPO,
        erratum="The group is that of the non-zero reals: 0 has no inverse and leads out of the plane without 0. "
        r"The first coordinate of the image is $g x_1$.",
        uses=("zhao.propA.8",),
        evidence=(
            counterexample(
                "g = 0, found by z3",
                lambda: lambda g: sp.true,
                scalars_keep,
                [Control("g not zero", lambda scalars: lambda g: sp.Ne(g, 0))],
            ),
        ),
    ),
)
