"""The claims on spaces, groups and linear networks: verdicts, the graph of uses, and that broken mathematics shows."""

from __future__ import annotations

from functools import partial
from importlib import import_module

import pytest
import z3

from proofs.beyond import zhao_linear
from proofs.check import Context
from proofs.indexed import Formula, decide
from proofs.ledger import examine
from proofs.verdict import Verdict
from proofs.zhao import point_sets
from proofs.zhao.finite_groups import GROUPS, KLEIN, cyclic, instances, is_continuous_action, orbits_of

MODULES = [
    f"proofs.zhao.{name}"
    for name in ("section_2", "section_3_topology", "section_3_groups", "section_4_linear", "section_5_permutations")
]
HELPERS = [f"proofs.zhao.{name}_checks" for name in ("topology", "group", "linear", "permutation")]
HELPERS += [f"proofs.beyond.zhao_linear{part}" for part in ("", "_checks", "_derivations")]
EXPECTED = {
    "zhao.sec2.FB": "checked",
    "zhao.sec2.FB.printed": "refuted",
    "zhao.def3.1": "proved",
    "zhao.rem3.path": "proved",
    "zhao.thm3.1": "proved",
    "zhao.cor3.2": "proved",
    "zhao.cor3.3": "proved",
    "zhao.prop3.4": "proved",
    "zhao.prop3.5": "proved",
    "zhao.prop3.5.printed": "refuted",
    "zhao.prop3.5.proof": "refuted",
    "zhao.prop3.8": "proved",
    "zhao.prop3.8.proof": "refuted",
    "zhao.factGL": "proved",
    "zhao.rem3.homeo": "proved",
    "zhao.rem3.homeo.printed": "refuted",
    "zhao.cor3.6": "proved",
    "zhao.cor3.6.proof": "refuted",
    "zhao.cor3.7": "proved",
    "zhao.cor3.7.printed": "refuted",
    "zhao.propA.8": "proved",
    "zhao.propA.8.printed": "refuted",
    "zhao.eq1": "proved",
    "zhao.act4.1": "proved",
    "zhao.prop4.1": "proved",
    "zhao.prop4.1.printed": "refuted",
    "zhao.cor4.2": "proved",
    "zhao.lem5.1": "proved",
    "zhao.lem5.1.proof": "refuted",
    "zhao.ex5.1": "proved",
    "zhao.prop5.2": "proved",
    "zhao.prop5.2.printed": "refuted",
    "zhao.prop5.2.proof": "refuted",
    "zhao.rem5.1": "checked",
    "beyond.zhao.rectangular": "proved",
    "beyond.zhao.orbit-components": "proved",
    "beyond.zhao.effective-count": "proved",
}
KNOWN = {claim.id: claim for name in MODULES for claim in import_module(name).CLAIMS}
KNOWN |= {claim.id: claim for claim in zhao_linear.CLAIMS}


def test_every_claim_is_expected():
    assert set(KNOWN) == set(EXPECTED)
    assert all(used in KNOWN for claim in KNOWN.values() for used in claim.uses)


@pytest.mark.parametrize("claim_id", EXPECTED)
def test_verdicts(claim_id):
    entry = examine(KNOWN[claim_id], Context())
    assert entry.failures == []
    assert entry.verdict == Verdict(EXPECTED[claim_id])


@pytest.mark.parametrize(
    ("name", "change", "fallen"),
    [
        ("path_to_canonical", lambda f: lambda g: [f(g)[0], f(g)[-1]], ["zhao.factGL"]),
        ("act", lambda f: lambda g, W: (*f(g, W)[:-1], -f(g, W)[-1]), ["zhao.ex5.1", "zhao.act4.1"]),
        ("parametrization", lambda f: lambda g, X, Y: f(list(reversed(g)), X, Y), ["zhao.prop4.1"]),
        ("number_of_aligning_tuples", lambda f: lambda h, depth: f(h, depth) + 1, ["zhao.prop5.2"]),
        ("aligning_permutations", lambda f: lambda net, W, V: f(net, W, W), ["zhao.prop5.2"]),
        ("permute_neurons", lambda f: lambda W, P: f(f(W, P), P), ["zhao.prop5.2"]),
        ("number_of_factorizations", lambda f: lambda r, widths: f(r, widths) + 1, ["beyond.zhao.rectangular"]),
        (
            "number_of_effective_components",
            lambda f: lambda r, widths: 2 * f(r, widths),
            ["beyond.zhao.effective-count"],
        ),
        ("orbit_components", lambda f: lambda group, stabilizer: f(group, []), ["beyond.zhao.orbit-components"]),
        ("is_invertible_path", lambda f: lambda path: len(path) == 2, ["zhao.factGL", "zhao.lem5.1"]),
    ],
)
def test_a_broken_formula_fells_its_claims(monkeypatch, name, change, fallen):
    holders = [m for m in map(import_module, [*MODULES, *HELPERS]) if hasattr(m, name)]
    mutant = change(getattr(holders[0], name))
    for module in holders:
        monkeypatch.setattr(module, name, mutant)
    for claim_id in fallen:
        assert examine(KNOWN[claim_id], Context()).verdict is Verdict.FAILED


FORMULAS = {
    point_sets.image_of_connected: ("continuous", "connected"),
    point_sets.subset_of_homeomorphic: ("inverse_continuous",),
    point_sets.classes_of_image: ("well_defined",),
    point_sets.classes_of_homeomorphic: ("both_ways",),
    point_sets.product_of_connected: ("columns", "rows"),
    point_sets.classes_of_product: ("product_connected", "projections"),
    point_sets.classes_of_parts: ("connected", "covered"),
    point_sets.joined_by_paths: ("interval_connected", "paths"),
    point_sets.slice_of_open: ("product_open",),
    point_sets.injective_orbit_map: ("unit", "inverses"),
    point_sets.surjective_orbit_map: ("onto", "inverses"),
    point_sets.open_bijection: ("bijective",),
    point_sets.one_sign_on_connected: ("connected", "nonzero"),
    point_sets.ball_continuity: ("near", "inside"),
    point_sets.continuity_by_balls: ("open_preimage",),
    point_sets.balls_are_open: ("triangle",),
    point_sets.union_of_connected: ("shared", "connected"),
    point_sets.one_open_class: ("connected",),
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_hypotheses_are_needed_and_do_not_contradict_each_other(formula):
    assert decide(formula).truth == "holds"
    for name in FORMULAS[formula]:
        assert decide(partial(formula, **{name: False})).truth == "violated"
    # From hypotheses that contradict each other anything follows.
    assert decide(lambda: Formula(formula().hypotheses, z3.BoolVal(False))).truth == "violated"


def test_topologies_of_groups_are_cosets_of_normal_subgroups():
    assert [sum(1 for _ in group.topologies()) for group in GROUPS] == [1, 2, 2, 3, 5]
    for group in GROUPS:
        for topology in group.topologies():
            around = topology.least[0]
            assert around in set(group.subgroups())
            assert set(topology.least) == set(group.cosets(around))


def test_actions_are_counted_by_homomorphisms():
    # homomorphisms to S_3: involutions and the identity for Z/2, elements of order dividing 3 for Z/3
    assert [sum(1 for _ in group.actions(3)) for group in (cyclic(2), cyclic(3), cyclic(4), KLEIN)] == [4, 3, 4, 10]


def test_instances():
    found = list(instances(2))
    assert all(is_continuous_action(one.topology, one.space, one.moves) == one.continuous for one in found)
    assert any(one.continuous for one in found)
    assert not all(one.continuous for one in found)
    assert all(one.transitive == (len(orbits_of(one.moves, one.space)) == 1) for one in found)
