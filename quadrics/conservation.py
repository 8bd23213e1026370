"""From a linear symmetry of the loss to the quadratic form that gradient flow conserves (Noether, for gradients).

If ``L(exp(tM) θ) = L(θ)`` for all t, then ``∇L(θ) · Mθ = 0`` (eq. 8). Gradient flow with a preconditioner G, that is
``θ' = -G ∇L``, changes ``q = θᵀSθ`` at the rate ``-2 θᵀSG∇L``, which vanishes for *every* invariant L exactly when GSθ
is parallel to Mθ. So the conserved form is ``S = G⁻¹M`` when that matrix is symmetric, and there is none when it is
not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy

from .errors import ShapeError, SymmetryError
from .forms import form
from .network import Parameters
from .validation import Expr, Matrix, as_matrix


def invariance_residual(loss: Expr, generator: Matrix, variables: Sequence[Expr]) -> Expr:
    """Return ``∇L(θ) · Mθ`` expanded, which is 0 exactly when L is invariant under exp(tM).

    >>> w, a = sympy.symbols("w a", real=True)
    >>> M = sympy.diag(1, -1)
    >>> invariance_residual((w*a - 1)**2, M, [w, a]), invariance_residual(w**2, M, [w, a])
    (0, 2*w**2)
    """
    M, theta = _generator(generator, variables)
    gradient = sympy.Matrix([sympy.diff(loss, v) for v in theta])
    return sympy.expand((gradient.T * M * theta)[0])


def conserved_quantity(generator: Matrix, variables: Sequence[Expr], metric: Matrix | None = None) -> Expr:
    """Return the quadratic form that gradient flow conserves because of the linear symmetry ``dθ = Mθ``.

    Parameters
    ----------
    generator : (n, n) matrix M; the loss is unchanged along θ ↦ exp(tM) θ
    variables : the n coordinates of θ
    metric : (n, n) symmetric invertible preconditioner G of the flow ``θ' = -G ∇L``, for instance the diagonal matrix
        of layer-wise learning rates; the identity if None

    Returns
    -------
    ``θᵀ G⁻¹ M θ``, expanded.

    Raises
    ------
    SymmetryError
        when no quadratic form is conserved for every loss with this symmetry, with the reason.
    ShapeError
        if the matrices do not fit the variables, or the metric is not symmetric and invertible.

    Examples
    --------
    The rescaling of a neuron gives eq. (12), with learning rates its weighted form:

    >>> w, a = sympy.symbols("w a", real=True)
    >>> conserved_quantity(sympy.diag(1, -1), [w, a])
    -a**2 + w**2
    >>> conserved_quantity(sympy.diag(1, -1), [w, a], metric=sympy.diag(sympy.Rational(1, 2), 3))
    -a**2/3 + 2*w**2

    A rotation gives none: Mθ is tangent to spheres, and is no gradient.

    >>> conserved_quantity(sympy.Matrix([[0, -1], [1, 0]]), [w, a])
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: got a generator M with G⁻¹M antisymmetric (a rotation); expected G⁻¹M symmetric: \
only then is the direction Mθ of the symmetry, in the metric, the gradient of a function, the conserved one

    References
    ----------
    Kunin et al., "Neural mechanics" (ICLR 2021); Nurisso et al., eq. (8) to (11).
    """
    M, theta = _generator(generator, variables)
    form_matrix = _inverse_metric(metric, len(variables)) * M
    if not _is_zero(form_matrix - form_matrix.T):
        kind = (
            "antisymmetric (a rotation)"
            if _is_zero(form_matrix + form_matrix.T)
            else f"not symmetric: {form_matrix.tolist()}"
        )
        raise SymmetryError(
            f"got a generator M with G⁻¹M {kind}; expected G⁻¹M symmetric: only then is the direction Mθ of the "
            "symmetry, in the metric, the gradient of a function, the conserved one"
        )
    return sympy.expand((theta.T * form_matrix * theta)[0])


def conserved_quantities(
    generators: Iterable[Matrix], variables: Sequence[Expr], metric: Matrix | None = None
) -> list[Expr]:
    """Return a basis of the quadratic forms conserved because of a Lie algebra of linear symmetries.

    Combinations of generators count: in the linear network ``a·w`` with two hidden units, gl(2) acts, and the symmetric
    matrices among its four generators give three conserved quantities (``W1 W1ᵀ - W2ᵀ W2``).

    >>> w1, w2, a1, a2 = sympy.symbols("w1 w2 a1 a2", real=True)
    >>> units = [sympy.Matrix(2, 2, lambda i, j: int((i, j) == unit)) for unit in ((0, 0), (0, 1), (1, 0), (1, 1))]
    >>> conserved_quantities([sympy.diag(E, -E.T) for E in units], [w1, w2, a1, a2])
    [-a1**2 + w1**2, -2*a1*a2 + 2*w1*w2, -a2**2 + w2**2]

    A rotation alone gives an empty list:

    >>> conserved_quantities([sympy.Matrix([[0, -1], [1, 0]])], [w1, w2])
    []
    """
    matrices = [_generator(generator, variables)[0] for generator in generators]
    inverse = _inverse_metric(metric, len(variables))
    if not matrices:
        return []
    # Combinations x with Σ x_i (G⁻¹M_i) symmetric: the null space of the stacked antisymmetric parts.
    columns = [(inverse * M - (inverse * M).T).reshape(len(variables) ** 2, 1) for M in matrices]
    basis = sympy.Matrix.hstack(*columns).nullspace()
    found = []
    for vector in basis:
        total = sum((x * M for x, M in zip(vector, matrices, strict=True)), sympy.zeros(len(variables)))
        if not _is_zero(total):
            found.append(conserved_quantity(total, variables, metric))
    return found


def gradient(theta: Parameters, inputs: Matrix, slopes: Matrix, residuals: Matrix, degree: object = 1) -> Parameters:
    """Return the gradient of a loss at θ, from any selection of σ' at the neurons and any residuals.

    With pre-activations ``z_ki = w_k·x_i (+ b_k)``, slopes ``D_ki`` in place of σ'(z_ki), residuals
    ``r_i = ∂L/∂f(x_i)`` and Euler's ``σ(z) = D z / degree``, the chain rule is

    ``g1_k = Σ_i (a_k·r_i) D_ki x_i``, ``g2_k = Σ_i r_i D_ki z_ki / degree``, and for the bias ``Σ_i (a_k·r_i) D_ki``.

    Nothing is assumed about the D_ki, so the result covers every element that automatic differentiation, or a
    selection of the subdifferential, can give at a kink.

    Parameters
    ----------
    theta : parameters (width l)
    inputs : (d_in, N), a column per input
    slopes : (l, N)
    residuals : (d_out, N); the factor 1/N of a mean is part of them

    Returns
    -------
    Parameters of the same shapes, holding the derivatives.

    Raises ``ShapeError`` when the shapes do not fit.

    Examples
    --------
    >>> gradient(Parameters([[3]], [[2]]), [[5]], [[1]], [[7]])
    Parameters(W1=Matrix([[70]]), W2=Matrix([[105]]), b1=None, b2=None)
    """
    x, D, r = as_matrix(inputs, "inputs"), as_matrix(slopes, "slopes"), as_matrix(residuals, "residuals")
    wanted = {"inputs": (x, theta.d_in), "slopes": (D, theta.width), "residuals": (r, theta.d_out)}
    for name, (matrix, rows) in wanted.items():
        if matrix.shape != (rows, x.cols):
            raise ShapeError(f"{name}: got shape {matrix.shape}; expected ({rows}, {x.cols})")
    ones = sympy.ones(x.cols, 1)
    z = theta.W1 * x + (theta.b1 * ones.T if theta.b1 is not None else sympy.zeros(*D.shape))
    delta = sympy.matrix_multiply_elementwise(theta.W2.T * r, D)
    values = sympy.matrix_multiply_elementwise(D, z) / sympy.sympify(degree)
    b1 = None if theta.b1 is None else delta * ones
    b2 = None if theta.b2 is None else r * ones
    return Parameters(delta * x.T, r * values.T, b1, b2)


def symbolic_gradient(theta: Parameters, number_of_inputs: int, degree: object = 1) -> Parameters:
    """Return :func:`gradient` at θ for generic inputs ``x_i_n``, slopes ``D_k_n`` and residuals ``r_j_n``.

    >>> from quadrics.network import TwoLayer
    >>> g = symbolic_gradient(TwoLayer(1, 1).symbols(), 1)
    >>> g.W1, g.W2
    (Matrix([[D_1_1*a_1_1*r_1_1*x_1_1]]), Matrix([[D_1_1*r_1_1*w_1_1*x_1_1]]))
    """

    def generic(letter: str, rows: int) -> Matrix:
        return sympy.Matrix(rows, number_of_inputs, lambda i, n: sympy.Symbol(f"{letter}_{i + 1}_{n + 1}", real=True))

    x, D, r = generic("x", theta.d_in), generic("D", theta.width), generic("r", theta.d_out)
    return gradient(theta, x, D, r, degree)


def conservation_residual(theta: Parameters, g: Parameters, k: int, degree: object = 1) -> Expr:
    """Return ``w_k·g1_k (+ b_k gb_k) - degree · a_k·g2_k = ⟨⟨θ, g⟩⟩_k``, which eq. (9) says is 0.

    >>> theta = Parameters([[3]], [[2]])
    >>> conservation_residual(theta, gradient(theta, [[5]], [[1]], [[7]]), 0)
    0
    >>> conservation_residual(theta, Parameters([[1]], [[1]]), 0)  # no gradient of an invariant loss
    1
    """
    return form(theta, g, k, degree)


def _generator(generator: Matrix, variables: Sequence[Expr]) -> tuple[Matrix, Matrix]:
    n = len(variables)
    M = as_matrix(generator, "generator")
    if M.shape != (n, n):
        raise ShapeError(f"generator: got shape {M.shape}; expected ({n}, {n}) for the {n} variables")
    return M, sympy.Matrix(n, 1, list(variables))


def _inverse_metric(metric: Matrix | None, n: int) -> Matrix:
    if metric is None:
        return sympy.eye(n)
    G = as_matrix(metric, "metric")
    if G.shape != (n, n) or not _is_zero(G - G.T) or sympy.simplify(G.det()) == 0:
        raise ShapeError(
            f"metric: got a matrix of shape {G.shape}; expected a symmetric invertible one of shape ({n}, {n})"
        )
    return G.inv()


def _is_zero(matrix: Matrix) -> bool:
    return all(sympy.simplify(entry) == 0 for entry in matrix)
