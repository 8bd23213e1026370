"""Section 4.1: figure 5 and Remark 4.2, what trained students look like when Theorem 4.2 applies to their activation.

The measurements on trained networks are in ``numerics.checks.simsek.section_4_training``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sympy import Rational

from quadrics.expansion.manifold import ExpansionManifold
from quadrics.expansion.reduction import reduce, same_neurons
from quadrics.network import Parameters

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..evidence import Outcome, Scope, decided
from .teacher_task import teacher

MISSING = (
    "alpha and gamma (1 and 4 in the authors' program), Adam's rate and number of steps, the seeds, and the tolerance "
    "at which neurons counted as equal; the numbers of zero-type neurons depend on all of these"
)

Pruning = Callable[[Parameters], Parameters]


def _prune(theta: Parameters) -> Parameters:
    return reduce(theta).core


def _first_copies(theta: Parameters) -> Parameters:
    """The first neuron of each group of copies, with its own outgoing weight alone."""
    found = reduce(theta)
    return Parameters.from_neurons([theta.neuron(group.members[0]) for group in found.labelled], theta.b2)


def _every_subspace_prunes(prune: Pruning, context: Context) -> Outcome:
    """A point in general position of each affine subspace of Theta_{4 -> m}: what it is pruned to is the teacher."""
    count, widest = 0, context.pick(quick=5, full=6)
    for m in range(4, widest + 1):
        for subspace in ExpansionManifold(teacher(), m).subspaces():
            count += 1
            theta = subspace.point([Rational(i + 2, 13) for i in range(subspace.dimension)])
            if not same_neurons(prune(theta), teacher()):
                return decided(False, m=m, word=str(subspace.configuration.word))
    return decided(True, subspaces=count, widest=widest)


FIGURE_5 = Claim(
    "simsek.fig5",
    Kind.EXPERIMENT,
    "Figure 5, left: students of width 10 find a global minimum",
    Source("simsek", "Figure 5 (left)", "4.1"),
    r"A teacher with four hidden neurons and the activation $g_{1,4}(z)=\ln(1+e^z)+1/(1+e^{-4z})$ is learned by "
    r"students of width 10 from the 1681 points of a grid on $[-5,5]^2$: every one of them (50 in the paper and in "
    r"full mode) ends with a mean squared error below $10^{-15}$, from Glorot's uniform initialization by Adam and a "
    r"second-order method. (The caption has $10^{-16}$, the appendix $10^{-15}$. Nearly all get below $10^{-20}$; the "
    r"few whose copies are still merging get as far as one waits.)",
    uses=("simsek.thm4.2", "simsek.rem4.1", "simsek.net", "simsek.eq2"),
    missing=MISSING,
)
"""The left panel."""

CLAIMS = (
    FIGURE_5,
    replace(
        FIGURE_5,
        id="simsek.fig5.right",
        title="Figure 5, right: every neuron is a copy of a teacher's neuron or of zero type",
        source=Source("simsek", "Figure 5 (right)", "4.1"),
        statement=r"In those with a loss below $10^{-20}$ each hidden neuron belongs to a group of nearly equal "
        r"incoming weights, and "
        r"the group either has the incoming weights of one of the teacher's neurons and outgoing weights that sum to "
        r"its outgoing weight, or outgoing weights that sum to zero: the students lie on $\Theta_{4\to10}$ up to the "
        r"error of their loss. No neuron is left over. (How many zero-type groups there are of each size depends on "
        r"the training.)",
        uses=("simsek.fig5", "simsek.thm4.2", "simsek.def3.3", "simsek.reduce"),
    ),
    Claim(
        "simsek.rem4.2",
        Kind.REMARK,
        "Remark 4.2: the neurons of a global minimum can be classified, and pruned to the teacher's",
        Source("simsek", "Remark 4.2", "4.1"),
        r"For an activation as in Theorem 4.2, merging the copies and leaving out the zero-type groups takes every "
        r"point of $\Theta_{r^*\to m}(\theta_*)$ to $\theta_*$ without a change of the function. A trained student "
        r"near it is pruned to $r^*$ neurons by the groups of its neurons, with an error bounded by how far these "
        r"were moved; a few steps of a second-order method then take the pruned network to the last digits.",
        uses=("simsek.thm4.2", "simsek.reduce", "simsek.def3.2", "simsek.fig5.right"),
        evidence=[
            enumeration(
                "a point in general position of each affine subspace has the teacher as its core",
                lambda: _prune,
                _every_subspace_prunes,
                [
                    Control("without merging copies", lambda _: lambda theta: theta),
                    Control("with copies left out instead of merged", lambda _: _first_copies),
                ],
                scope=Scope.RANGE,
            )
        ],
    ),
)
