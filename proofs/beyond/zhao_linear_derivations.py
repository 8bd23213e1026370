"""Derivations on linear networks of any widths: matrices of symbolic size, with relations between their products."""

from __future__ import annotations

import sympy as sp

from ..derivation import Step, step
from ..matrix_rules import blockwise, given, matrix_equal
from ..rules import entails, equal


def straight_to_the_thin_one() -> list[Step]:
    n, m, h, k, r = sp.symbols("n m h k r", integer=True, positive=True)
    s = sp.Symbol("s", real=True)
    above, below = sp.MatrixSymbol("N", m, h), sp.MatrixSymbol("P", h, n)  # the layers above and below a hidden one
    E, F, U, V = (sp.MatrixSymbol(*one) for one in (("E", h, r), ("F", r, h), ("U", m, r), ("V", r, n)))
    Uplus, Vplus, W = sp.MatrixSymbol("U'", r, m), sp.MatrixSymbol("V'", n, r), sp.MatrixSymbol("W", k, h)
    ones = {Uplus * U: sp.Identity(r), V * Vplus: sp.Identity(r)}
    shrink = (1 - s) * sp.Identity(h) + s * E * F
    frames = {above * E: U, F * below: V, F * E: sp.Identity(r)}
    return [
        step(
            given({above * below: U * V}),
            Uplus * above * below * Vplus,
            Uplus * U * V * Vplus,
            "E = P V⁺ and F = U⁺ N for the layers P below and N above a hidden layer, N P = A = U V:",
            mutants=(2 * Uplus * U * V * Vplus,),
        ),
        step(given(ones), Uplus * U * V * Vplus, sp.Identity(r), "F E = I,", mutants=(2 * sp.Identity(r),)),
        step(
            given({V * Vplus: sp.Identity(r)}),
            U * V * Vplus,
            U,
            "N E = A V⁺ = U, and likewise F P = U⁺ A = V",
            mutants=(2 * U,),
        ),
        step(
            matrix_equal,
            above * shrink * below,
            (1 - s) * above * below + s * above * E * F * below,
            "the next layer W (the first of N) times (1-s) I + s E F,",
            mutants=(above * below,),
        ),
        step(
            given({above * below: U * V, **frames}),
            (1 - s) * above * below + s * above * E * F * below,
            U * V,
            "is still a factorization at every s: a straight segment to W = E_i F_{i-1}",
            mutants=(2 * U * V,),
        ),
        step(
            matrix_equal,
            W * shrink * E,
            (1 - s) * W * E + s * W * E * F * E,
            "which keeps E_i,",
            mutants=(W * E * F * E,),
        ),
        step(given(frames), (1 - s) * W * E + s * W * E * F * E, W * E, "W E being the next E", mutants=(2 * W * E,)),
        step(
            given(frames),
            (1 - s) * F + s * F * E * F,
            F,
            "and F: so the layers from the second on may be treated one after the other, and",
            mutants=(2 * F,),
        ),
        step(
            given(frames),
            (1 - s) * E + s * E * F * E,
            E,
            "the first one, W_1, multiplied from the left, which keeps E_1: to E_1 F_1 W_1 = E_1 V",
            mutants=(2 * E,),
        ),
        step(
            given({above * below: sp.ZeroMatrix(m, n)}),
            (1 - s) * above * below,
            sp.ZeroMatrix(m, n),
            "(for A = 0, where r = 0, there is no E F: every layer shrinks to 0, and the set is connected)",
            mutants=(U * V,),
        ),
    ]


def thin_ones_are_frames() -> list[Step]:
    a, b, c, r, n = sp.symbols("a b c r n", integer=True, positive=True)
    next_E, F, E, before = (sp.MatrixSymbol(*one) for one in (("G", c, r), ("F", r, b), ("E", b, r), ("H", r, a)))
    V, Vplus = sp.MatrixSymbol("V", r, n), sp.MatrixSymbol("V'", n, r)
    unit = {F * E: sp.Identity(r)}
    return [
        step(
            given(unit),
            (next_E * F * E * before).doit(),
            next_E * before,
            "any frames with F_i E_i = I give E_{i+1} F_i E_i F_{i-1} = E_{i+1} F_{i-1}, in the end U V = A",
            mutants=(2 * next_E * before,),
        ),
        step(
            given({V * Vplus: sp.Identity(r)}),
            E * V * Vplus,
            E,
            "with those frames again: the thin factorizations are a product of sets {(E, F) : F E = I}",
            mutants=(2 * E,),
        ),
    ]


def frames_of_one_layer() -> list[Step]:
    h, r, k = sp.symbols("h r k", integer=True, positive=True)
    E, F, N = sp.MatrixSymbol("E", h, r), sp.MatrixSymbol("F", r, h), sp.MatrixSymbol("N", h, k)
    g, J, square = sp.MatrixSymbol("g", h, h), sp.MatrixSymbol("J", h, r), sp.MatrixSymbol("E", r, r)
    x, y = sp.MatrixSymbol("x", r, 1), sp.MatrixSymbol("y", k, 1)
    i, b = sp.symbols("i b", integer=True, positive=True)
    flip = sp.MatrixSymbol("R", k, k)
    top, left = sp.Identity(r), sp.ZeroMatrix(k, r)
    first = sp.BlockMatrix([[top], [left]])
    turned = sp.BlockMatrix([[top, sp.ZeroMatrix(r, k)], [left, flip]])
    det_g, det_r, det_e, det_f = sp.symbols("g R e f")
    return [
        step(
            given({F * E: sp.Identity(r), F * N: sp.ZeroMatrix(r, k)}),
            F * E * x + F * N * y,
            x,
            "E beside a basis N of ker F is an invertible g: E x + N y = 0 gives x = F (E x + N y) = 0, then y = 0. "
            "With J = (I; 0): E = g J, and F g = (F E, F N) = (I, 0) = Jᵀ",
            mutants=(2 * x,),
        ),
        step(
            matrix_equal,
            J.T * g.inv() * g * J,
            J.T * J,
            "and any g gives such a pair, E = g J, F = Jᵀ g⁻¹, F E = JᵀJ = I: a path of g is a path of pairs;",
            mutants=(J.T * g * g * J,),
        ),
        step(
            blockwise,
            turned * first,
            first,
            "g and g diag(I, R) give the same pair (R any of size h - r, as Jᵀ diag(I, R)⁻¹ = Jᵀ likewise):",
            mutants=(sp.BlockMatrix([[2 * top], [left]]),),
        ),
        step(
            entails,
            sp.And(det_g < 0, det_r < 0),
            det_g * det_r > 0,
            "for h > r, R may negate a column, so all g may be taken with det > 0, where they are connected: one "
            "component",
        ),
        step(
            given({F * E: sp.Identity(r)}),
            F * E * square.inv(),
            square.inv(),
            "for h = r the pair is E with its inverse, and GL_r has two components, where det E has different signs;",
            mutants=(square,),
        ),
        step(
            entails,
            sp.Eq(det_f * det_e, 1),
            sp.Ne(det_e, 0),
            "E_i = W_i ... W_1 V⁺ is a polynomial in the weights, and with h_i = r its determinant is nowhere zero on "
            "the whole set, F_i E_i being I: its sign tells the components apart",
        ),
        step(
            equal,
            sp.Product(2, (i, 1, b)).doit(),
            2**b,
            "b hidden layers of width r, two components each; the others have one",
        ),
    ]


def cosets_of_the_identity_component() -> list[Step]:
    """Group elements as matrices of symbolic size, which satisfy no relation but those of every group."""
    n = sp.Symbol("n", integer=True, positive=True)
    g, h, a, b, other, stab = (sp.MatrixSymbol(name, n, n) for name in ("g", "h", "a", "b", "c", "k"))
    x = sp.MatrixSymbol("x", n, 1)
    between_cosets = g * other * a.inv() * g.inv()  # in G_0, as a and c are, and G_0 is normal
    components, order, image = sp.symbols("m G H", integer=True, positive=True)
    return [
        step(
            matrix_equal,
            h * (h.inv() * between_cosets * h * b) * x,
            between_cosets * h * b * x,
            "the sets g G_0 x are images of cosets of the component G_0 of the identity: connected, and open where the "
            "orbit map is. If two of them meet, h b x = g a x with a and b in G_0,",
            mutants=(h * between_cosets * b * x,),
        ),
        step(
            given({h * b * x: g * a * x}),
            between_cosets * h * b * x,
            between_cosets * g * a * x,
            "they are equal: any g c x, c in G_0,",
            mutants=(2 * between_cosets * g * a * x,),
        ),
        step(
            matrix_equal,
            between_cosets * g * a * x,
            g * other * x,
            "lies in h G_0 x. So they partition the orbit into connected open sets: its components",
            mutants=(g * a * x,),
        ),
        step(
            given({stab * x: x}),
            h * b * stab * x,
            h * b * x,
            "g = h b k with b in G_0 and k in the stabilizer H gives g x in h G_0 x;",
            mutants=(2 * h * b * x,),
        ),
        step(
            given({g * x: h * b * x}),
            b.inv() * h.inv() * g * x,
            (b.inv() * h.inv() * h * b * x).doit(),
            "and g x = h b x gives k = b⁻¹ h⁻¹ g in H, g = h b k: the components are the cosets of G_0 H in G, that is "
            "of im π_0(H) in π_0(G)",
            mutants=(2 * x,),
        ),
        step(
            equal,
            (order * components) / (image * components),
            order / image,
            "which are |π_0(G)| / |im π_0(H)|",
        ),
    ]


def exchange_flips() -> list[Step]:
    a, b, r = sp.symbols("a b r", integer=True, positive=True)
    W, E = sp.MatrixSymbol("W", b, a), sp.MatrixSymbol("E", a, r)
    P, Q = sp.MatrixSymbol("P", b, b), sp.MatrixSymbol("Q", a, a)
    sign, det = sp.symbols("p e")
    return [
        step(
            matrix_equal,
            (P * W * Q.inv()) * (Q * E),
            P * (W * E),
            "permuting the neurons turns the frames E_i into P_i E_i, each by its own permutation",
            mutants=(P * W * Q * E,),
        ),
        step(
            entails,
            sp.And(sp.Eq(sign, -1), sp.Ne(det, 0)),
            (sign * det) * det < 0,
            "a layer of r ≥ 2 neurons has an exchange, which changes the sign of det E_i alone: all signs are reached",
        ),
        step(
            entails,
            sp.And(sp.Eq(sign, 1), sp.Ne(det, 0)),
            (sign * det) * det > 0,
            "for r = 1 the only permutation of such a layer is the identity: no sign changes",
        ),
    ]
