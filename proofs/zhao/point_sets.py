"""Statements on all topological spaces at once, decided by z3: points are of uninterpreted sorts, sets are predicates.

"A is connected" is used at one pair (U, V) of open sets: if both meet A and together cover it, they meet inside A. To
show that a set is connected is to show this for a pair of predicates that nothing else is known of; that a set is
connected may be used at any pair of sets that are known to be open. Which instances are used is the proof; z3 does the
rest, for spaces of every size and kind. With a hypothesis left out it must find a model against the conclusion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3

from ..indexed import Formula

Set = Callable[..., Any]


def predicate(name: str, *sorts: Any) -> Any:
    """A set nothing is known of."""
    return z3.Function(name, *sorts, z3.BoolSort())


def connected_at(inside: Set, U: Set, V: Set, U_open: Any, V_open: Any, *points: Any) -> Any:
    """``inside`` is not separated by U and V: open, both meet it, together cover it, so they meet in it."""
    here = inside(*points)

    def some(what: Any) -> Any:
        return z3.Exists(list(points), z3.And(here, what))

    cover = z3.ForAll(list(points), z3.Implies(here, z3.Or(U(*points), V(*points))))
    separated = z3.And(U_open, V_open, some(U(*points)), some(V(*points)), cover)
    return z3.Implies(separated, some(z3.And(U(*points), V(*points))))


def image_of_connected(continuous: bool = True, connected: bool = True) -> Formula:
    """Theorem 3.1, for a connected subset A of X: f(A) is connected. The open sets used are the preimages."""
    X, Y = z3.DeclareSort("X"), z3.DeclareSort("Y")
    f, A = z3.Function("f", X, Y), predicate("A", X)
    U, V = predicate("U", Y), predicate("V", Y)
    x, y = z3.Const("x", X), z3.Const("y", Y)
    U_open, V_open, pre_U_open, pre_V_open = z3.Bools("U_open V_open pre_U_open pre_V_open")
    hypotheses = []
    if continuous:
        hypotheses += [z3.Implies(U_open, pre_U_open), z3.Implies(V_open, pre_V_open)]
    if connected:
        hypotheses.append(connected_at(A, lambda p: U(f(p)), lambda p: V(f(p)), pre_U_open, pre_V_open, x))
    image = predicate("image", Y)
    hypotheses.append(z3.ForAll([y], image(y) == z3.Exists([x], z3.And(A(x), f(x) == y))))
    return Formula(hypotheses, connected_at(image, U, V, U_open, V_open, y))


def subset_of_homeomorphic(inverse_continuous: bool = True) -> Formula:
    """Corollary 3.2: A is connected if and only if f(A) is, f with inverse g, at pairs of open sets on either side."""
    X, Y = z3.DeclareSort("X"), z3.DeclareSort("Y")
    f, g, A = z3.Function("f", X, Y), z3.Function("g", Y, X), predicate("A", X)
    U, V = predicate("U", Y), predicate("V", Y)
    S, T = predicate("S", X), predicate("T", X)
    x, y = z3.Const("x", X), z3.Const("y", Y)
    opens = z3.Bools("U V pre_U pre_V S T pre_S pre_T")
    U_open, V_open, pre_U, pre_V, S_open, T_open, pre_S, pre_T = opens
    hypotheses = [
        z3.ForAll([x], g(f(x)) == x),
        z3.ForAll([y], f(g(y)) == y),
        z3.Implies(U_open, pre_U),
        z3.Implies(V_open, pre_V),
    ]
    if inverse_continuous:
        hypotheses += [z3.Implies(S_open, pre_S), z3.Implies(T_open, pre_T)]

    def image(p: Any) -> Any:
        return A(g(p))

    forwards = z3.Implies(
        connected_at(A, lambda p: U(f(p)), lambda p: V(f(p)), pre_U, pre_V, x),
        connected_at(image, U, V, U_open, V_open, y),
    )
    back = z3.Implies(
        connected_at(image, lambda p: S(g(p)), lambda p: T(g(p)), pre_S, pre_T, y),
        connected_at(A, S, T, S_open, T_open, x),
    )
    return Formula(hypotheses, z3.And(forwards, back))


def classes_of_image(well_defined: bool = True) -> Formula:
    """Proposition 3.4: π_0(f(X)) is covered by the images of π_0(X), each component of X in one component of f(X).

    A component p of X is connected, hence its image (Theorem 3.1), and a connected set lies in one component. So there
    is a component p for each q, not empty, that goes to q and to no other.
    """
    X, P, Q = z3.DeclareSort("X"), z3.DeclareSort("P"), z3.DeclareSort("Q")
    c, d = z3.Function("c", X, P), z3.Function("d", X, Q)  # d(x): the component of f(x) in f(X)
    x, w, p, q, other = (
        z3.Const("x", X),
        z3.Const("w", X),
        z3.Const("p", P),
        z3.Const("q", Q),
        z3.Const("other", Q),
    )
    image_connected = predicate("image_connected", P)
    hypotheses = [
        z3.ForAll([q], z3.Exists([x], d(x) == q)),  # every component of f(X) has a point f(x)
        z3.ForAll([x, w], z3.Implies(z3.And(image_connected(c(x)), c(x) == c(w)), d(x) == d(w))),
    ]
    if well_defined:
        hypotheses.append(z3.ForAll([p], image_connected(p)))
    goes = z3.ForAll([x], z3.Implies(c(x) == p, d(x) == q))
    only = z3.ForAll([x, w, q, other], z3.Implies(z3.And(d(x) == q, d(w) == other, c(x) == c(w)), q == other))
    onto = z3.ForAll([q], z3.Exists([p], z3.And(z3.Exists([x], c(x) == p), goes)))
    return Formula(hypotheses, z3.And(onto, only))


def classes_of_homeomorphic(both_ways: bool = True) -> Formula:
    """Corollary 3.3: two points share a component of X exactly when their images share one of Y, and all is reached."""
    X, Y = z3.DeclareSort("X"), z3.DeclareSort("Y")
    f, g = z3.Function("f", X, Y), z3.Function("g", Y, X)
    R, S = predicate("R", X, X), predicate("S", Y, Y)
    x, w, y, v = z3.Const("x", X), z3.Const("w", X), z3.Const("y", Y), z3.Const("v", Y)
    hypotheses = [
        z3.ForAll([x], g(f(x)) == x),
        z3.ForAll([y], f(g(y)) == y),
        z3.ForAll([x, w], z3.Implies(R(x, w), S(f(x), f(w)))),
    ]
    if both_ways:
        hypotheses.append(z3.ForAll([y, v], z3.Implies(S(y, v), R(g(y), g(v)))))
    a, b = z3.Const("a", X), z3.Const("b", X)
    e = z3.Const("e", Y)
    return Formula(hypotheses, z3.And(R(a, b) == S(f(a), f(b)), z3.Exists([x], f(x) == e)))


def product_of_connected(columns: bool = True, rows: bool = True) -> Formula:
    """The product of connected sets A and B is connected: its slices are, being images of A and of B."""
    X, Y = z3.DeclareSort("X"), z3.DeclareSort("Y")
    A, B, U, V = predicate("A", X), predicate("B", Y), predicate("U", X, Y), predicate("V", X, Y)
    x, y, a, b = z3.Const("x", X), z3.Const("y", Y), z3.Const("a", X), z3.Const("b", Y)
    opened = z3.BoolVal(True)  # U and V are open; so are their slices
    hypotheses = []
    if rows:
        row = connected_at(A, lambda p: U(p, b), lambda p: V(p, b), opened, opened, x)
        hypotheses.append(z3.ForAll([b], row))
    if columns:
        column = connected_at(B, lambda p: U(a, p), lambda p: V(a, p), opened, opened, y)
        hypotheses.append(z3.ForAll([a], column))
    return Formula(hypotheses, connected_at(lambda p, q: z3.And(A(p), B(q)), U, V, opened, opened, x, y))


def classes_of_product(product_connected: bool = True, projections: bool = True) -> Formula:
    """Pairs share a component of A x B exactly when both their parts do."""
    X, Y = z3.DeclareSort("X"), z3.DeclareSort("Y")
    R, S, T = predicate("R", X, X), predicate("S", Y, Y), predicate("T", X, Y, X, Y)
    x, w, y, v = z3.Const("x", X), z3.Const("w", X), z3.Const("y", Y), z3.Const("v", Y)
    both = z3.And(R(x, w), S(y, v))
    hypotheses = []
    if product_connected:  # the product of the two components is a connected set with both pairs in it
        hypotheses.append(z3.ForAll([x, w, y, v], z3.Implies(both, T(x, y, w, v))))
    if projections:  # continuous maps send components into components
        hypotheses.append(z3.ForAll([x, w, y, v], z3.Implies(T(x, y, w, v), R(x, w))))
        hypotheses.append(z3.ForAll([x, w, y, v], z3.Implies(T(x, y, w, v), S(y, v))))
    return Formula(hypotheses, both == T(x, y, w, v))


def classes_of_parts(connected: bool = True, covered: bool = True) -> Formula:
    """Proposition 3.8: each component of X has a component of some part in it, and each of those lies in one of X."""
    X, P, Q = z3.DeclareSort("X"), z3.DeclareSort("P"), z3.DeclareSort("Q")
    c, d = z3.Function("c", X, P), z3.Function("d", X, Q)  # c(x): the component of x in its part; d(x): in X
    in_a_part = predicate("in_a_part", X)
    x, w, p, q = z3.Const("x", X), z3.Const("w", X), z3.Const("p", P), z3.Const("q", Q)
    inside = z3.And(in_a_part(x), in_a_part(w))
    hypotheses = [z3.ForAll([q], z3.Exists([x], d(x) == q))]
    if connected:  # a component of a part is a connected set, so it lies in one component of X
        hypotheses.append(z3.ForAll([x, w], z3.Implies(z3.And(inside, c(x) == c(w)), d(x) == d(w))))
    if covered:
        hypotheses.append(z3.ForAll([x], in_a_part(x)))
    lies = z3.ForAll([x], z3.Implies(z3.And(in_a_part(x), c(x) == p), d(x) == q))
    meets = z3.Exists([x], z3.And(in_a_part(x), c(x) == p))
    return Formula(hypotheses, z3.ForAll([q], z3.Exists([p], z3.And(meets, lies))))


def joined_by_paths(interval_connected: bool = True, paths: bool = True) -> Formula:
    """A path connected space is connected: a separation of it would separate the interval along some path."""
    X, I = z3.DeclareSort("X"), z3.DeclareSort("I")
    U, V, everything = predicate("U", X), predicate("V", X), predicate("everything", X)
    a, b, x, t = z3.Const("a", X), z3.Const("b", X), z3.Const("x", X), z3.Const("t", I)
    path = z3.Function("path", X, X, I, X)  # the path from a to b; its preimages of open sets are open
    start, end = z3.Consts("start end", I)
    opened = z3.BoolVal(True)
    hypotheses = [z3.ForAll([x], everything(x))]
    if paths:
        hypotheses.append(z3.ForAll([a, b], z3.And(path(a, b, start) == a, path(a, b, end) == b)))
    if interval_connected:
        along = connected_at(
            lambda s: z3.BoolVal(True), lambda s: U(path(a, b, s)), lambda s: V(path(a, b, s)), opened, opened, t
        )
        hypotheses.append(z3.ForAll([a, b], along))
    return Formula(hypotheses, connected_at(everything, U, V, opened, opened, x))


def slice_of_open(product_open: bool = True) -> Formula:
    """In a product, a set that is a neighbourhood of its points has slices of that kind: so orbit maps are continuous.

    W = {(g, x) : g·x in U} is open because the action is continuous; {g : g·s in U} is its slice at s.
    """
    G, X, J = z3.DeclareSort("G"), z3.DeclareSort("X"), z3.DeclareSort("J")  # J numbers open boxes A_j x B_j
    A, B, W = predicate("A", J, G), predicate("B", J, X), predicate("W", G, X)
    g, k, x, y, s = z3.Const("g", G), z3.Const("k", G), z3.Const("x", X), z3.Const("y", X), z3.Const("s", X)
    j = z3.Const("j", J)
    box_inside = z3.ForAll([k, y], z3.Implies(z3.And(A(j, k), B(j, y)), W(k, y)))
    around = z3.Exists([j], z3.And(A(j, g), B(j, x), box_inside))
    slice_inside = z3.ForAll([k], z3.Implies(A(j, k), W(k, s)))
    open_slice = z3.ForAll([g], z3.Implies(W(g, s), z3.Exists([j], z3.And(A(j, g), slice_inside))))
    return Formula([z3.ForAll([g, x], z3.Implies(W(g, x), around))] if product_open else [], open_slice)


def injective_orbit_map(unit: bool = True, inverses: bool = True) -> Formula:
    """An orbit map g -> g·x is one to one exactly when only the identity fixes x."""
    G, X = z3.DeclareSort("G"), z3.DeclareSort("X")
    times, back, move = z3.Function("times", G, G, G), z3.Function("back", G, G), z3.Function("move", G, X, X)
    one, x, g, h, k = z3.Const("one", G), z3.Const("x", X), z3.Const("g", G), z3.Const("h", G), z3.Const("k", G)
    p, q = z3.Const("p", G), z3.Const("q", G)
    # Of the axioms only these instances are used: g⁻¹ acts after h and after g.
    hypotheses = [move(times(back(g), i), x) == move(back(g), move(i, x)) for i in (g, h)]
    if unit:
        hypotheses.append(move(one, x) == x)
    if inverses:
        hypotheses += [times(back(g), g) == one, z3.Implies(times(back(g), h) == one, g == h)]
    free = z3.ForAll([p], z3.Implies(move(p, x) == x, p == one))
    one_to_one = z3.ForAll([p, q], z3.Implies(move(p, x) == move(q, x), p == q))
    if_free = z3.Implies(free, z3.Implies(move(g, x) == move(h, x), g == h))
    only_if = z3.Implies(one_to_one, z3.Implies(move(k, x) == x, k == one))
    return Formula(hypotheses, z3.And(if_free, only_if))


def surjective_orbit_map(onto: bool = True, inverses: bool = True) -> Formula:
    """If one orbit map g -> g·x is onto the action is transitive: y = a·x goes to z = b·x by b a⁻¹.

    (If it is transitive every orbit map is onto: that is what transitive says of pairs (x, z).)
    """
    G, X = z3.DeclareSort("G"), z3.DeclareSort("X")
    times, back, move = z3.Function("times", G, G, G), z3.Function("back", G, G), z3.Function("move", G, X, X)
    reach = z3.Function("reach", X, G)  # a group element that takes x to this point
    x, y, z, p = z3.Const("x", X), z3.Const("y", X), z3.Const("z", X), z3.Const("p", X)
    a, b = reach(y), reach(z)
    hypotheses = [move(times(b, back(a)), y) == move(b, move(back(a), y))]
    if onto:
        hypotheses.append(z3.ForAll([p], move(reach(p), x) == p))
    if inverses:
        hypotheses.append(move(back(a), move(a, x)) == x)
    return Formula(hypotheses, move(times(b, back(a)), y) == z)


def open_bijection(bijective: bool = True) -> Formula:
    """For a bijection f with inverse h, the image of a set under f is its preimage under h.

    So f takes open sets to open sets exactly when h is continuous.
    """
    G, X = z3.DeclareSort("G"), z3.DeclareSort("X")
    f, h, U = z3.Function("f", G, X), z3.Function("h", X, G), predicate("U", G)
    g, x, y = z3.Const("g", G), z3.Const("x", X), z3.Const("y", X)
    hypotheses = [z3.ForAll([g], h(f(g)) == g), z3.ForAll([x], f(h(x)) == x)] if bijective else []
    return Formula(hypotheses, z3.Exists([g], z3.And(U(g), f(g) == y)) == U(h(y)))


def one_sign_on_connected(connected: bool = True, nonzero: bool = True) -> Formula:
    """A continuous function without zeros on a connected set keeps its sign there: {f > 0} and {f < 0} are open."""
    X = z3.DeclareSort("X")
    f, A = z3.Function("f", X, z3.RealSort()), predicate("A", X)
    x, p, q = z3.Const("x", X), z3.Const("p", X), z3.Const("q", X)
    opened, hypotheses = z3.BoolVal(True), [A(p), A(q)]
    if connected:
        hypotheses.append(connected_at(A, lambda y: f(y) > 0, lambda y: f(y) < 0, opened, opened, x))
    if nonzero:
        hypotheses.append(z3.ForAll([x], z3.Implies(A(x), f(x) != 0)))
    return Formula(hypotheses, (f(p) > 0) == (f(q) > 0))


def ball_continuity(near: bool = True, inside: bool = True) -> Formula:
    """Continuity by ε and δ makes preimages of open sets open. Open: with each point a ball around it."""
    X, Y, R = z3.DeclareSort("X"), z3.DeclareSort("Y"), z3.RealSort()
    f, d, e = z3.Function("f", X, Y), z3.Function("d", X, X, R), z3.Function("e", Y, Y, R)
    U, radius, delta = predicate("U", Y), z3.Function("radius", Y, R), z3.Function("delta", X, R, R)
    x, w, y, v = z3.Const("x", X), z3.Const("w", X), z3.Const("y", Y), z3.Const("v", Y)
    p, r = z3.Const("p", X), z3.Real("r")
    hypotheses = []
    if inside:  # the ball of radius(y) around y in U lies in U
        hypotheses.append(
            z3.ForAll([y, v], z3.Implies(U(y), z3.And(radius(y) > 0, z3.Implies(e(y, v) < radius(y), U(v)))))
        )
    if near:  # points within delta(x, r) of x go within r of f(x)
        closer = z3.Implies(d(x, w) < delta(x, r), e(f(x), f(w)) < r)
        hypotheses.append(z3.ForAll([x, w, r], z3.Implies(r > 0, z3.And(delta(x, r) > 0, closer))))
    chosen = delta(p, radius(f(p)))
    ball = z3.ForAll([w], z3.Implies(d(p, w) < chosen, U(f(w))))
    return Formula(hypotheses, z3.Implies(U(f(p)), z3.And(chosen > 0, ball)))


def continuity_by_balls(open_preimage: bool = True) -> Formula:
    """If the preimage of the ball of radius r around f(p) is open, some ball around p goes into that ball."""
    X, Y, R = z3.DeclareSort("X"), z3.DeclareSort("Y"), z3.RealSort()
    f, d, e = z3.Function("f", X, Y), z3.Function("d", X, X, R), z3.Function("e", Y, Y, R)
    p, w, r, s = z3.Const("p", X), z3.Const("w", X), z3.Real("r"), z3.Real("s")
    goes = e(f(p), f(w)) < r
    around = z3.Exists([s], z3.And(s > 0, z3.ForAll([w], z3.Implies(d(p, w) < s, goes))))
    hypotheses = [r > 0, e(f(p), f(p)) == 0]
    if open_preimage:  # used at p, which lies in it
        hypotheses.append(z3.Implies(e(f(p), f(p)) < r, around))
    return Formula(hypotheses, around)


def balls_are_open(triangle: bool = True) -> Formula:
    """The ball of radius r around c includes with y the ball of radius r - e(c, y) around y."""
    Y, R = z3.DeclareSort("Y"), z3.RealSort()
    e, r = z3.Function("e", Y, Y, R), z3.Real("r")
    c, y, v = z3.Const("c", Y), z3.Const("y", Y), z3.Const("v", Y)
    hypotheses = [e(c, v) <= e(c, y) + e(y, v)] if triangle else []
    return Formula(hypotheses, z3.Implies(z3.And(e(c, y) < r, e(y, v) < r - e(c, y)), e(c, v) < r))


def union_of_connected(shared: bool = True, connected: bool = True) -> Formula:
    """Connected sets A_j with a point in common have a connected union: so components partition a space."""
    X, J = z3.DeclareSort("X"), z3.DeclareSort("J")
    A, union, U, V = predicate("A", J, X), predicate("union", X), predicate("U", X), predicate("V", X)
    x, j, common = z3.Const("x", X), z3.Const("j", J), z3.Const("common", X)
    opened = z3.BoolVal(True)
    hypotheses = [z3.ForAll([x], union(x) == z3.Exists([j], A(j, x)))]
    if shared:
        hypotheses.append(z3.ForAll([j], A(j, common)))
    if connected:
        hypotheses.append(z3.ForAll([j], connected_at(lambda p: A(j, p), U, V, opened, opened, x)))
    return Formula(hypotheses, connected_at(union, U, V, opened, opened, x))


def one_open_class(connected: bool = True) -> Formula:
    """A connected set lies in one class of a partition into open sets: {c = q} and {c != q} are both open."""
    X, P = z3.DeclareSort("X"), z3.DeclareSort("P")
    A, c = predicate("A", X), z3.Function("c", X, P)
    x, p, q = z3.Const("x", X), z3.Const("p", X), z3.Const("q", X)
    opened, hypotheses = z3.BoolVal(True), [A(p), A(q)]
    if connected:
        hypotheses.append(connected_at(A, lambda y: c(y) == c(q), lambda y: c(y) != c(q), opened, opened, x))
    return Formula(hypotheses, c(p) == c(q))
