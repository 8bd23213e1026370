"""The measurements of section 4.2 pass, and say undecided or violated where they should."""

from dataclasses import replace

import pytest

from numerics.checks.zhao import section_4_residual as measured
from numerics.checks.zhao.segment_roots import same_signs
from proofs.check import Context, run
from proofs.evidence import Status, Truth
from quadrics.connectivity.residual_blocks import ResidualBlock, number_of_invertible_blocks


@pytest.fixture(scope="module")
def context():
    return Context()


@pytest.mark.parametrize("claim_id", ["zhao.eq2", "zhao.prop4.3", "zhao.fig1", "zhao.abs.skip"])
def test_they_pass_and_reject_their_mutants(claim_id, context):
    for check in measured.CHECKS[claim_id]:
        evidence = run(check, context)
        assert evidence.status is Status.PASSED
        assert evidence.sound


def test_narrow_layers_inside_a_wide_block(context):
    """Two layers of a single neuron inside a block of width 2: three components, not two."""
    statement = measured.Counting(number_of_invertible_blocks, lambda context: [ResidualBlock(2, (1, 1), 1)])
    assert measured.count(statement, context).truth is Truth.HOLDS
    assert measured.count(replace(statement, number=measured.square_count), context).truth is Truth.VIOLATED


def test_too_few_joins_are_undecided_not_counted(context):
    def never(block, starts, ends):
        return starts.new_zeros(starts.shape[0]).bool()

    statement = measured.Counting(lambda n, hidden, skip: 3, lambda context: [ResidualBlock(1, (1,), 1)], never)
    assert measured.count(statement, context).truth is Truth.UNDECIDED


def test_signs_at_sample_points_merge_what_an_invariant_separates(context):
    statement = measured.Counting(lambda n, hidden, skip: 2, lambda context: [ResidualBlock(1, (1,), 0)], same_signs)
    outcome = measured.count(statement, context)
    assert outcome.truth is Truth.VIOLATED
    assert "4 to 2" in str(dict(outcome.details))
