"""Networks moved by permutations and rescaled: what the measurements of section 5 stand on."""

import torch

from numerics.checks.moves import labels, measure, moves, permuted
from numerics.checks.sampling import networks
from numerics.initialize import rescale
from proofs import Context
from quadrics.symmetry import permute
from quadrics.type_patterns import TypePatterns


def test_permuted_is_the_exact_permutation():
    batch = networks(torch.Generator().manual_seed(0), 2, 3, 2, 2, bias=True)
    perm = [2, 0, 1]
    for before, after in zip(batch.to_parameters(), permuted(batch, perm).to_parameters(), strict=True):
        assert permute(before, perm) == after


def test_moves_stay_in_the_invariant_set_and_keep_the_function():
    c = torch.tensor([-1.0, 0.0, 2.0]).double()
    batch = rescale(networks(torch.Generator().manual_seed(1), 50, 3, 2, bias=True), c)
    found = list(moves(batch, c, torch.randn(10, 2, dtype=torch.float64)))
    assert len(found) == 6
    assert max(max(m.imbalance_error, m.output_error) for m in found) <= 1
    wrong = next(moves(batch, c, torch.randn(10, 2, dtype=torch.float64)))
    off = wrong.batch.replace(wrong.batch.W1 * (1 + 1e-12), wrong.batch.W2, wrong.batch.b1, wrong.batch.b2)
    assert float((off.imbalance() - c).abs().max()) > 1e-13  # the scale on which an error would show


def test_degenerate_neurons_move_only_where_they_fit():
    c = torch.tensor([-1.0, 1.0]).double()
    batch = networks(torch.Generator().manual_seed(2), 20, 2, 2)
    tied = batch.W1.clone()
    tied[:10, 0] = 0
    place = rescale(batch.replace(tied, batch.W2), c)
    first, second = moves(place, c, torch.zeros(1, 2, dtype=torch.float64))
    assert (first.rows.numel(), second.rows.tolist()) == (20, list(range(10, 20)))


def test_labels_are_the_signs_of_the_weights_that_cannot_vanish():
    H = TypePatterns([-1, 1], 1, 1)
    batch = networks(torch.Generator().manual_seed(3), 30, 2, 1)
    place = rescale(batch, torch.tensor([-1.0, 1.0]).double())
    exact = [H.component_of(tuple(kinds)) for kinds in map(_types, place.to_parameters())]
    assert labels(place, H) == exact


def _types(theta):
    from quadrics.neuron_types import types_of

    return types_of(theta)


def test_a_measurement_is_made_once_in_a_run():
    context = Context()
    assert measure(context, (-1, 1)) is measure(context, (-1, 1))
    assert measure(context, (-1, 1), degenerate=True) is not measure(context, (-1, 1))
