"""Beyond Zhao et al.: linear networks of any widths, components of orbits, components up to permutation."""

from __future__ import annotations

from quadrics.connectivity.factorizations import number_of_factorizations
from quadrics.connectivity.group_actions import orbit_components
from quadrics.connectivity.permuted_minima import number_of_effective_components

from ..check import Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation
from ..zhao import point_sets
from ..zhao.topology_checks import for_all_spaces
from .zhao_linear_checks import as_orbits, brute_force, joined, quotients, scalar_outputs
from .zhao_linear_derivations import (
    cosets_of_the_identity_component,
    exchange_flips,
    frames_of_one_layer,
    straight_to_the_thin_one,
    thin_ones_are_frames,
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.zhao.rectangular",
        Kind.THEOREM,
        "Components of the minimum of a linear network of any widths",
        Source("zhao", "beyond Corollary 4.2", "4.1"),
        r"For a matrix $A$ of rank $r \ge 1$ and hidden widths $h_i \ge r$ the set $\{W_l \cdots W_1 = A\}$ has $2^b$ "
        r"components, $b = \#\{i : h_i = r\}$; for $A = 0$ it is connected. So one more neuron in each hidden layer, "
        "or a target of lower rank, connects the minimum of Corollary 4.2.",
        hypotheses=(r"$h_i \ge r$ (otherwise the set is empty)",),
        uses=("zhao.factGL", "zhao.prop3.5", "zhao.rem3.path"),
        evidence=(
            Derivation("straight to a factorization of rank r in each layer", straight_to_the_thin_one),
            Derivation("those are the frames of the hidden layers, one independent of the other", thin_ones_are_frames),
            Derivation("the frames of one layer: two components if it has r neurons, else one", frames_of_one_layer),
            for_all_spaces(
                "a determinant that is nowhere zero keeps its sign on a connected set: at least 2^b components",
                point_sets.one_sign_on_connected,
                connected="a set that is not connected",
                nonzero="a determinant with zeros",
            ),
            enumeration(
                "factorizations joined by exact paths: targets of ranks 0 to 2, up to 2 (quick) or 3 hidden layers",
                lambda: number_of_factorizations,
                joined,
                [
                    Control("2^(l-1), whatever the widths", lambda count: lambda r, widths: 2 ** len(widths)),
                    Control("connected", lambda count: lambda r, widths: 1),
                    Control("wide layers count", lambda count: lambda r, widths: 2 ** sum(h > r for h in widths)),
                ],
            ),
        ),
    ),
    Claim(
        "beyond.zhao.orbit-components",
        Kind.THEOREM,
        "The number of components of an orbit",
        Source("zhao", "beyond Corollary 3.7", "3.3"),
        r"$|\pi_0(G \cdot x)| = |\pi_0(G) / \operatorname{im} \pi_0(\operatorname{Stab} x)|$ for a continuous action "
        r"whose orbit map $g \mapsto g \cdot x$ is open onto the orbit, of a group whose component of the identity is "
        "open: as for Lie groups with countably many components and locally closed orbits.",
        hypotheses=("the component of the identity is open", "the orbit map is open onto the orbit"),
        uses=("zhao.cor3.6",),
        evidence=(
            Derivation("cosets of the component of the identity", cosets_of_the_identity_component),
            for_all_spaces(
                "a connected set lies in one class of a partition into open sets",
                point_sets.one_open_class,
                connected="a set that is not connected",
            ),
            enumeration(
                "quotients of all topological groups of order up to 4 by all their subgroups",
                lambda: lambda group, stabilizer: orbit_components(group, stabilizer),
                quotients,
                [
                    Control("the bound of Corollary 3.6", lambda index: lambda group, stabilizer: group.order()),
                    Control("always connected", lambda index: lambda group, stabilizer: 1),
                ],
            ),
        ),
    ),
    Claim(
        "beyond.zhao.effective-count",
        Kind.THEOREM,
        "Components of the minimum of a linear network up to permutation of neurons",
        Source("zhao", "beyond Proposition 5.2", "5.1"),
        r"Modulo permutations of hidden neurons $\{W_l \cdots W_1 = A\}$ has one component when "
        r"$r = \operatorname{rank} A \ge 2$, and all its $2^b$ when $r = 1$. For a square network on invertible data: "
        r"1 for $h \ge 2$, $2^{l-1}$ for $h = 1$.",
        uses=("beyond.zhao.rectangular", "zhao.prop5.2"),
        evidence=(
            Derivation("an exchange flips one sign", exchange_flips),
            enumeration(
                "transpositions applied to a point of each component: ranks up to 3, two (quick) or three layers",
                lambda: number_of_effective_components,
                brute_force,
                [
                    Control("one for every rank", lambda count: lambda r, widths: 1),
                    Control("2^b for every rank", lambda count: lambda r, widths: number_of_factorizations(r, widths)),
                ],
            ),
            enumeration(
                "orbits of flips on sign vectors",
                lambda: number_of_effective_components,
                as_orbits,
                [Control("one for every rank", lambda count: lambda r, widths: 1)],
            ),
            enumeration(
                "the same routine gives l + 1 classes of sign vectors to Nurisso et al., l up to 6",
                lambda: lambda n: n + 1,
                scalar_outputs,
                [Control("2^l", lambda count: lambda n: 2**n)],
            ),
        ),
    ),
)
