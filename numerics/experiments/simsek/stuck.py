r"""Where a student is that found no global minimum: its groups of neurons, its Hessian, and the nearest critical core.

The neurons are sorted by :func:`numerics.tools.groups.group_neurons`. With r groups of copies the student is near the
expansion :math:`\Theta_{r \to m}` of a narrower network, its core, which is polished to a critical point of its own
(a saddle of level r* - r when r < r*); the distance to the affine subspace of that core is

.. math:: \sum_t \Bigl(\sum_{i \in t} |w_i - w_t|^2 + \bigl|\sum_{i \in t} a_i - a_t\bigr|^2 / |t|\Bigr)

under the root, where a zero-type group has its own mean for w_t, and a_t = 0.

Kinds:

*minimum*
    Newton's method from there goes nowhere, and the Hessian is positive definite: an isolated local minimum, which no
    point of a symmetry-induced critical subspace is (there the Hessian has m - r zeros at least, Proposition 4.4).
*replica*
    on the critical subspace of its core, without a negative eigenvalue: copies of a local minimum of width r.
*saddle*
    on the critical subspace of its core, with one.
*channel*
    two copies come ever closer while their outgoing weights grow with opposite signs, so that they imitate the
    derivative of a neuron; no finite point is reached.
*unfinished*
    none of these: its gradient has not vanished, as it creeps along a valley.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from quadrics.errors import ShapeError

from ...batch import Batch
from ...modules import Layers
from ...residuals import Residuals, polish
from ...tools.groups import GroupKind, NeuronGrouping, group_neurons
from .students import Task

__all__ = ["Kind", "StuckRun", "hessian", "name_run"]

CORE_STEPS = 300
"""Steps of Levenberg and Marquardt's method for the core."""
NEWTON_STEPS = 4
"""Steps of Newton's method, which doubles the digits each time near a minimum, and goes on and on in a channel."""
STILL = 1e-6
"""The last step is still if it is shorter than this, relatively: a minimum with all its digits, 16 less those that the
condition of the Hessian (up to 1e9) takes."""
ON = 1e-3
"""A student is on a subspace if it is nearer than this, relatively; those in channels are further by a hundredfold."""


class Kind(StrEnum):
    """Where a run ended."""

    MINIMUM = "minimum"
    REPLICA = "replica"
    SADDLE = "saddle"
    CHANNEL = "channel"
    UNFINISHED = "unfinished"


@dataclass(frozen=True)
class StuckRun:
    """One run, named.

    Attributes:
        kind: where it ended.
        r: number of groups of copies, the width of the core.
        word: the configuration: for each neuron the number of its group, copies first, zero-type groups negative.
        index: number of eigenvalues of the Hessian below minus the rounding ``margin``.
        smallest: the smallest eigenvalue.
        margin: how far rounding can move an eigenvalue.
        newton: the length of the last of ``NEWTON_STEPS`` steps of Newton's method, relative to that of the parameters;
            infinite where a Hessian on the way is not positive definite.
        distance: to the affine subspace of the polished core.
        core_loss, core_gradient: of the polished core.
        opposed: the largest ``min(|a_i|, |a_j|) / |a_i + a_j|`` over pairs of neurons in a group of copies with
            outgoing weights of opposite sign; 0 without such a pair.
    """

    kind: Kind
    r: int
    word: tuple[int, ...]
    index: int
    smallest: float
    margin: float
    newton: float
    distance: float
    core_loss: float
    core_gradient: float
    opposed: float


def hessian(batch: Batch, data: Task) -> Tensor:
    """Return (n, p, p): the Hessian of each network's mean squared error, in the order of ``flatten``.

    >>> from .students import initial, task
    >>> H = hessian(initial("sigmoid", 4, 2, seed=0), task("sigmoid"))
    >>> H.shape, bool(torch.allclose(H, H.mT))
    (torch.Size([2, 12, 12]), True)
    """
    problem = Residuals(batch, data.x, data.y)

    def loss(row: Tensor) -> Tensor:
        return problem(row[None]).square().sum()

    return torch.stack([torch.func.hessian(loss)(row) for row in batch.flatten()])


def name_run(student: Batch, data: Task) -> StuckRun:
    """Return what is known of one student that stopped.

    Raises:
        ShapeError: a batch of several students.

    >>> from .students import task
    >>> name_run(task("sigmoid").teacher, task("sigmoid")).kind
    <Kind.MINIMUM: 'minimum'>
    """
    if student.n != 1:
        raise ShapeError(f"student: got a batch of {student.n}; expected one")
    found = group_neurons(student.layers(0))
    values = torch.linalg.eigvalsh(hessian(student, data)[0])
    margin = _margin(student, data, values)
    index = int((values < -margin).sum())
    newton = _newton(student, data)
    distance, core_loss, core_gradient = _core(student, found, data)
    opposed = _opposed(student.layers(0), found)
    size = float(student.flatten().norm())
    if newton < STILL:
        kind = Kind.MINIMUM
    elif found.r < student.width and distance < ON * size:
        kind = Kind.REPLICA if index == 0 else Kind.SADDLE
    elif opposed > 2:
        kind = Kind.CHANNEL
    else:
        kind = Kind.UNFINISHED
    word = tuple(found.configuration.word)
    smallest = float(values[0])
    return StuckRun(kind, found.r, word, index, smallest, margin, newton, distance, core_loss, core_gradient, opposed)


def _newton(student: Batch, data: Task) -> float:
    """Return the relative length of the last of some steps of Newton's method."""
    problem = Residuals(student, data.x, data.y)
    row = student.flatten()
    length = float("inf")
    for _ in range(NEWTON_STEPS):
        net = student.unflatten(row)
        H = hessian(net, data)[0]
        lower, info = torch.linalg.cholesky_ex(H)
        if int(info) or float(torch.linalg.eigvalsh(H)[0]) <= _margin(net, data, torch.linalg.eigvalsh(H)):
            return float("inf")
        gradient = 2 * problem(row) @ problem.jacobian(row)[0]
        h = torch.cholesky_solve(gradient.T, lower).T
        length = float(h.norm() / row.norm())
        row = row - h
    return length


def _margin(student: Batch, data: Task, values: Tensor) -> float:
    """How far rounding can move an eigenvalue of the Hessian: by at most the norm of what it adds to the matrix.

    An entry ij is a sum over the samples of products that some 50 roundings made (blockwise summation among them) and
    whose sizes add up to at most ``2 |J_i| |J_j|``, the part with second derivatives of r being smaller by |r|; the
    norm of that matrix is ``2 sum |J_i|^2``. The eigenvalue solver adds p eps times the norm of its own.
    """
    J = Residuals(student, data.x, data.y).jacobian(student.flatten())[0]
    eps, p = torch.finfo(J.dtype).eps, J.shape[1]
    return float(eps * (50 * 2 * J.square().sum() + p * values.abs().max()))


def _core(student: Batch, found: NeuronGrouping, data: Task) -> tuple[float, float, float]:
    """Polish the core; return the distance to its affine subspace, its loss and its gradient norm."""
    if not found.copies:
        return float("nan"), float("nan"), float("nan")
    layers = Layers(
        torch.stack([g.w for g in found.copies]).to(data.x),
        torch.stack([g.a for g in found.copies], 1).to(data.x),
        None,
        None,
    )
    core, result = polish(Batch.from_layers([layers], student.activation), data.x, data.y, steps=CORE_STEPS)
    square = 0.0
    copies = iter(range(found.r))
    for group in found.groups:
        members = list(group.members)
        w, a = student.W1[0, members], student.W2[0, :, members].sum(1)
        if group.kind is GroupKind.COPIES:
            t = next(copies)
            centre, wanted = core.W1[0, t], core.W2[0, :, t]
        else:
            centre, wanted = w.mean(0), torch.zeros_like(a)
        square += float((w - centre).square().sum() + (a - wanted).square().sum() / len(members))
    return square**0.5, float(result.loss[0]), float(result.gradient_norm[0])


def _opposed(layers: Layers, found: NeuronGrouping) -> float:
    """The largest ratio of cancelling outgoing weights to their sum, in any group of copies (one output)."""
    largest = 0.0
    for group in found.copies:
        a = layers.W2[0, list(group.members)]
        plus, minus = a.clamp(min=0).sum(), (-a).clamp(min=0).sum()
        largest = max(largest, float(torch.minimum(plus, minus) / (plus - minus).abs()))
    return largest
