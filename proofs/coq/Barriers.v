(* Proposition 5.3 of Zhao et al.: between two minima that a curve of minima joins, the straight segment
   can pass over a barrier of any height.  For every degree k > 0 and all widths. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Continuity RescaledMinima.
Open Scope R_scope.

(* The factor m with m^-k = 2^(k + 1) (sqrt b / |Y| + 1) - 1, eq. (16) corrected; S stands for |Y|^2. *)
Definition factor (k S b : R) : R := Rpower (Rpower 2 (k + 1) * (sqrt b / sqrt S + 1) - 1) (- / k).

Lemma Rpower_base_1 k : Rpower 1 k = 1.
Proof. unfold Rpower. rewrite ln_1, Rmult_0_r. apply exp_0. Qed.

(* With this factor the output at the middle of the segment exceeds sqrt b / |Y| + 1 times the labels. *)
Lemma phi_half_factor k S b : 0 < k -> 0 < S -> 0 < b ->
  sqrt b / sqrt S + 1 < phi k (factor k S b) (1 / 2).
Proof.
  intros Hk HS Hb. unfold factor. set (q := sqrt b / sqrt S + 1). set (m := Rpower _ (- / k)).
  assert (q1 : 1 < q).
  { unfold q. assert (0 < sqrt b / sqrt S); [|lra].
    apply Rdiv_lt_0_compat; apply sqrt_lt_R0; auto. }
  assert (C : 1 < Rpower 2 (k + 1)).
  { assert (R0 : Rpower 2 0 < Rpower 2 (k + 1)) by (apply Rpower_lt; lra). rewrite Rpower_O in R0; lra. }
  assert (X : 0 < Rpower 2 (k + 1) * q - 1) by nra.
  assert (M : Rpower m (- k) = Rpower 2 (k + 1) * q - 1).
  { unfold m. rewrite Rpower_mult. replace (- / k * - k) with 1 by (field; lra). apply Rpower_1; auto. }
  assert (Hm : 0 < m) by apply Rpower_pos.
  assert (H2 : Rpower 2 (k + 1) * Rpower (1 / 2) k = 2).
  { rewrite Rpower_plus, Rpower_1 by lra.
    replace (Rpower 2 k * 2 * Rpower (1 / 2) k) with (Rpower 2 k * Rpower (1 / 2) k * 2) by ring.
    rewrite Rpower_mult_distr by lra. replace (2 * (1 / 2)) with 1 by field. rewrite Rpower_base_1. ring. }
  assert (L : Rpower (1 / 2) k < Rpower (1 - 1 / 2 + 1 / 2 * m) k) by (apply Rlt_Rpower_l; lra).
  unfold phi. rewrite M.
  replace (1 - 1 / 2 + 1 / 2 * (Rpower 2 (k + 1) * q - 1)) with (1 / 2 * (Rpower 2 (k + 1) * q)) by field.
  apply Rle_lt_trans with (1 / 2 * (Rpower 2 (k + 1) * q) * Rpower (1 / 2) k).
  - replace (1 / 2 * (Rpower 2 (k + 1) * q) * Rpower (1 / 2) k)
      with (1 / 2 * q * (Rpower 2 (k + 1) * Rpower (1 / 2) k)) by ring. rewrite H2. lra.
  - apply Rmult_lt_compat_l; [nra|auto].
Qed.

(* Y <> 0; (A, B) any minimum; then for every b > 0 the minimum (m^-k A, m B) with the factor m above is
   joined with (A, B) by a curve of zero loss, and the loss at the middle of the segment is above b. *)
Theorem barriers_unbounded sigma k o h n N Y Z A B b :
  0 < k -> homogeneous k sigma -> norm2 o N Y <> 0 -> loss sigma o h n N Y Z A B = 0 -> 0 < b ->
  let m := factor k (norm2 o N Y) b in
  let A' := scaled (Rpower m (- k)) A in
  let B' := scaled m B in
  joined sigma o h n N Y Z A B A' B' /\
  b < loss sigma o h n N Y Z (segment (1 / 2) A A') (segment (1 / 2) B B').
Proof.
  intros Hk Hom HY H0 Hb. cbv zeta. set (S := norm2 o N Y) in *.
  assert (S0 : 0 < S).
  { assert (0 <= S) by (apply sumn_nonneg; intros; apply sqn_nonneg). lra. }
  assert (P := phi_half_factor k S b Hk S0 Hb).
  assert (Hm : 0 < factor k S b) by apply Rpower_pos.
  set (m := factor k S b) in *. split; [apply corrected_curve; auto|].
  rewrite (barrier sigma k) by (auto; lra). fold S.
  assert (Q : 0 < sqrt S) by (apply sqrt_lt_R0; auto). assert (Q2 : sqrt S * sqrt S = S) by (apply sqrt_sqrt; lra).
  assert (T2 : sqrt b * sqrt b = b) by (apply sqrt_sqrt; lra).
  assert (T : 0 < sqrt b) by (apply sqrt_lt_R0; auto).
  assert (D : sqrt b / sqrt S * sqrt S = sqrt b) by (field; lra).
  assert (F : sqrt b < (phi k m (1 / 2) - 1) * sqrt S).
  { rewrite <- D at 1. apply Rmult_lt_compat_r; lra. }
  replace ((phi k m (1 / 2) - 1) ^ 2 * S)
    with (((phi k m (1 / 2) - 1) * sqrt S) * ((phi k m (1 / 2) - 1) * sqrt S)) by (rewrite <- Q2 at 3; ring).
  rewrite <- T2. nra.
Qed.

(* Without labels (Y = 0, and here Z = 0) the loss is zero everywhere. *)
Theorem barriers_unbounded_mutant_false :
  ~ (forall sigma k o h n N Y Z A B b,
      0 < k -> homogeneous k sigma -> loss sigma o h n N Y Z A B = 0 -> 0 < b ->
      exists A' B',
        joined sigma o h n N Y Z A B A' B' /\
        b < loss sigma o h n N Y Z (segment (1 / 2) A A') (segment (1 / 2) B B')).
Proof.
  intros H. set (zero := fun _ _ : nat => 0).
  assert (E : forall A B, loss (fun z => z) 1 1 1 1 zero zero A B = 0).
  { intros A B. unfold loss, norm2, sqn, output, zero. cbn [sumn]. ring. }
  destruct (H (fun z => z) 1 1%nat 1%nat 1%nat 1%nat zero zero zero zero 1
    ltac:(lra) homogeneous_id (E _ _) ltac:(lra)) as [A' [B' [_ L]]].
  rewrite E in L. lra.
Qed.
