"""Section 5: Definition 2, the effective component of a parameter, and what can be reached from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import permutations
from typing import Any

import z3

from quadrics.forms import imbalance
from quadrics.invariant_set import InvariantSet
from quadrics.network import Parameters
from quadrics.neuron_types import types_of
from quadrics.rp_equivalence import reachable_components, reaches
from quadrics.type_patterns import TypePatterns

from ..check import Context, Control, certificate, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..evidence import Outcome, decided, undecided
from .effective_instances import MINUS_MINUS, PAIR_C, PLUS_MINUS, SMALL_NETWORKS, Signs, eff_by_definition, layers

Eff = Callable[[Parameters, Sequence[int]], Iterable[Signs]]


def _eff_is(eff: Eff, context: Context) -> Outcome:
    for theta, c in SMALL_NETWORKS:
        if set(eff(theta, c)) != eff_by_definition(theta, c):
            return decided(False, theta=theta, c=c)
    return decided(True, networks=len(SMALL_NETWORKS))


Admission = Callable[[Parameters, Sequence[int]], bool]


def _ignoring_degenerate(theta: Parameters, c: Sequence[int]) -> Iterable[Signs]:
    """Eff as it would be if every neuron fitted every place: only the numbers of signs count."""
    kinds, l_minus = types_of(theta), sum(v < 0 for v in c)
    positive, negative = (sum(t.a == sign for t in kinds) for sign in (1, -1))
    return (s for s in TypePatterns(c).components() if l_minus - negative <= s.count(1) <= positive)


def _every_admitted_point_has_a_component(admitted: Admission, context: Context) -> Outcome:
    """θ and T_2 θ are equivalent, but T_2 θ has another c: C(T_2 θ) is not defined."""
    H = InvariantSet(2, 1, [-1, 1])
    moved = Parameters(2 * PLUS_MINUS.W1, PLUS_MINUS.W2 / 2)
    fine = H.contains(moved) or not admitted(moved, H.c)
    return decided(fine, imbalance=imbalance(moved), c=H.c)


def _every_equivalent(moved: Parameters, c: Sequence[int]) -> bool:
    """All θ' equivalent to θ are admitted to the union, as printed (the instance is equivalent by construction)."""
    return True


def _equivalent_in_h(moved: Parameters, c: Sequence[int]) -> bool:
    return InvariantSet(2, 1, c).contains(moved)


Membership = Callable[[Sequence[int], Any, Any], bool]


def _start_in_eff_of_target(c: Sequence[int], start: Any, target: Any) -> bool:
    """θ0 in Eff(θ*)."""
    return TypePatterns(c).component_of(_types(start)) in _eff(target, tuple(c))


@cache
def _eff(theta: Any, c: Signs) -> frozenset[Signs]:
    return frozenset(reachable_components(theta, c))


def _target_in_eff_of_start(c: Sequence[int], start: Any, target: Any) -> bool:
    """θ* in Eff(θ0)."""
    return _start_in_eff_of_target(c, target, start)


def _same_component(c: Sequence[int], start: Any, target: Any) -> bool:
    """C(θ0) = C(θ*)."""
    H = TypePatterns(c)
    return H.component_of(_types(start)) == H.component_of(_types(target))


def _types(theta: Any) -> Any:
    return types_of(theta) if isinstance(theta, Parameters) else theta


def _reach_enumerated(membership: Membership, context: Context) -> Outcome:
    """An equivalent of θ* in the component of θ0, sought among all permutations, exists when the membership says."""
    pairs = 0
    for c in layers(context, 3, 4):
        H = TypePatterns(c)
        # One pattern of every orbit in every component: nothing else matters on either side.
        kinds = {(H.canonical_form(p), H.component_of(p)): p for p in H.patterns()}.values()
        met = {p: {H.component_of(q) for q in set(permutations(p)) if H.contains(q)} for p in kinds}
        for start in kinds:
            for target in kinds:
                pairs += 1
                if membership(c, start, target) != (H.component_of(start) in met[target]):
                    return decided(False, c=c, start=start, target=target)
    return decided(True, pairs=pairs)


Logic = Callable[[Any, Any, Any, Any], Any]


def _reach_in_logic(membership: Logic, context: Context) -> Outcome:
    """For any set, any partition into components and any equivalence relation; first among four parameters."""
    if _differs(membership, z3.BitVecSort(2), z3.BoolSort()) == z3.sat:
        return decided(False, parameters=4)
    answer = _differs(membership, z3.DeclareSort("Parameter"), z3.DeclareSort("Component"))
    engine = f"z3 {z3.get_version_string()}"
    return undecided(engine=engine) if answer == z3.unknown else decided(answer == z3.unsat, engine=engine)


def _differs(membership: Logic, parameter: Any, component: Any) -> Any:
    """Whether the membership can differ from "an equivalent of the target lies in the component of the start"."""
    C = z3.Function("C", parameter, component)
    rp = z3.Function("rp", parameter, parameter, z3.BoolSort())
    eff = z3.Function("Eff", parameter, component, z3.BoolSort())
    x, y, w, zeta, start, target = z3.Consts("x y w zeta start target", parameter)
    K = z3.Const("K", component)
    solver = z3.Solver()
    solver.set("timeout", 20_000)
    solver.add(z3.ForAll([x], rp(x, x)), z3.ForAll([x, y], rp(x, y) == rp(y, x)))
    solver.add(z3.ForAll([x, y, w], z3.Implies(z3.And(rp(x, y), rp(y, w)), rp(x, w))))
    solver.add(z3.ForAll([x, K], eff(x, K) == z3.Exists([y], z3.And(rp(y, x), C(y) == K))))
    reached = z3.Exists([zeta], z3.And(C(zeta) == C(start), rp(zeta, target)))
    solver.add(membership(eff, C, start, target) != reached)
    return solver.check()


def _reach_instance(membership: Membership, context: Context) -> Outcome:
    """θ0 with signs (+, -) lies in C_+; every equivalent of θ* with signs (-, -) lies in C_-."""
    H = InvariantSet(2, 1, PAIR_C)
    conclusion = reaches(MINUS_MINUS, PAIR_C, H.component_of(PLUS_MINUS))
    said = membership(PAIR_C, PLUS_MINUS, MINUS_MINUS)
    in_place = H.contains(PLUS_MINUS) and H.contains(MINUS_MINUS)
    return decided(in_place and (not said or conclusion), membership=said, reached=conclusion)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "nurisso.def2",
        Kind.DEFINITION,
        "Effective component of a parameter",
        Source("nurisso", "Definition 2", "5"),
        r"For $\theta \in \mathcal H(c)$, $\mathrm{Eff}(\theta)$ is the union of the components $C(\theta')$ of "
        r"$\mathcal H(c)$ over all $\theta' \in \mathcal H(c)$ that are rescalings and permutations of $\theta$.",
        uses=("nurisso.rp", "nurisso.def1", "nurisso.prop4"),
        evidence=(
            enumeration(
                "all permutations of exact networks of width 2 and 3, each rescaled into H(c): the components met are "
                "those that the package lists",
                lambda: reachable_components,
                _eff_is,
                [
                    Control("all components", lambda eff: lambda theta, c: TypePatterns(c).components()),
                    Control(
                        "the component of the parameter alone",
                        lambda eff: lambda theta, c: [next(iter(eff_by_definition(theta, c)))],
                    ),
                    Control(
                        "as if no neuron were degenerate",
                        lambda eff: _ignoring_degenerate,
                    ),
                ],
            ),
        ),
    ),
    Claim(
        "nurisso.def2.printed",
        Kind.DEFINITION,
        "Effective component, as printed",
        Source("nurisso", "Definition 2", "5"),
        r"$\mathrm{Eff}(\theta)$ is the union of the components $C(\theta')$ over all $\theta'$ equivalent to "
        r"$\theta$.",
        label=Label.TYPO,
        erratum=r"$C(\theta')$ is a component of $\mathcal H(c)$, which most rescalings of $\theta$ leave: the union "
        r"runs over the equivalent $\theta' \in \mathcal H(c)$.",
        uses=("nurisso.def2",),
        evidence=(
            counterexample(
                "an exact θ in H(-1, 1) and its rescaling by 2, which is equivalent but not in H(-1, 1)",
                lambda: _every_equivalent,
                _every_admitted_point_has_a_component,
                [
                    Control("θ' in H(c) is demanded", lambda admitted: _equivalent_in_h),
                ],
            ),
        ),
    ),
    Claim(
        "nurisso.sec5.reach",
        Kind.REMARK,
        "When an equivalent of the optimum can be reached",
        Source("nurisso", "text after Definition 2", "5"),
        r"The component of $\theta_0$ contains a $\zeta$ equivalent to $\theta_*$ if and only if "
        r"$\theta_0 \in \mathrm{Eff}(\theta_*)$.",
        uses=("nurisso.def2",),
        evidence=(
            certificate(
                "for any equivalence relation and any components: z3 on uninterpreted sorts",
                lambda: lambda eff, C, start, target: eff(target, C(start)),
                _reach_in_logic,
                [
                    Control(
                        "θ* in Eff(θ0) instead",
                        lambda membership: lambda eff, C, start, target: eff(start, C(target)),
                    )
                ],
            ),
            enumeration(
                "every pair of type patterns, every c up to order, widths up to 3 (quick) or 4 (full), every "
                "permutation",
                lambda: _start_in_eff_of_target,
                _reach_enumerated,
                [
                    Control("θ* in Eff(θ0) instead", lambda membership: _target_in_eff_of_start),
                    Control("the same component", lambda membership: _same_component),
                ],
            ),
        ),
    ),
    Claim(
        "nurisso.sec5.reach.printed",
        Kind.REMARK,
        "When an equivalent of the optimum can be reached, as printed",
        Source("nurisso", "text after Definition 2", "5"),
        r"If $\theta_* \in \mathrm{Eff}(\theta_0)$, the component of $\theta_0$ contains a $\zeta$ equivalent to "
        r"$\theta_*$.",
        label=Label.FALSE,
        erratum=r"With $0 < l_- < l$ the relation is not symmetric: what is needed is $\theta_0 \in "
        r"\mathrm{Eff}(\theta_*)$.",
        uses=("nurisso.sec5.reach",),
        evidence=(
            counterexample(
                "l = 2, c = (-1, 1), exact: θ0 with output signs (+, -) has Eff(θ0) = H(c), but no equivalent of θ* "
                "with signs (-, -) lies in the component of θ0",
                lambda: _target_in_eff_of_start,
                _reach_instance,
                [Control("θ0 in Eff(θ*)", lambda membership: _start_in_eff_of_target)],
            ),
        ),
    ),
)
