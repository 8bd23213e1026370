(* Proposition 5.3 of Zhao et al.: between two minima that a curve of minima joins, the straight segment
   can pass over a barrier of any height.  For every degree k > 0 and all widths. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Continuity RescaledMinima.
Open Scope R_scope.

(* At the middle the output grows at least like m^k / 2^(k + 1). *)
Lemma phi_half_large k m : 0 < k -> 0 < m -> 1 / 2 * Rpower (m / 2) k <= phi k m (1 / 2).
Proof.
  intros Hk Hm. unfold phi.
  assert (P := Rpower_pos m (- k)). assert (Q := Rpower_pos (m / 2) k).
  assert (M : Rpower (m / 2) k <= Rpower (1 - 1 / 2 + 1 / 2 * m) k) by (apply Rle_Rpower_l; lra).
  nra.
Qed.

(* Every height q is exceeded. *)
Lemma phi_half_unbounded k q : 0 < k -> 0 < q -> exists m, 0 < m /\ q <= phi k m (1 / 2).
Proof.
  intros Hk Hq. exists (2 * Rpower (2 * q) (1 / k)).
  assert (P := Rpower_pos (2 * q) (1 / k)). split; [lra|].
  eapply Rle_trans; [|apply phi_half_large; lra].
  replace (2 * Rpower (2 * q) (1 / k) / 2) with (Rpower (2 * q) (1 / k)) by field.
  rewrite Rpower_mult. replace (1 / k * k) with 1 by (field; lra). rewrite Rpower_1; lra.
Qed.

(* Y <> 0; (A, B) any minimum; then for every b some minimum (A', B') that a curve of zero loss joins with
   (A, B) has a loss above b at the middle of the segment. *)
Theorem barriers_unbounded sigma k o h n N Y Z A B :
  0 < k -> homogeneous k sigma -> norm2 o N Y <> 0 -> loss sigma o h n N Y Z A B = 0 ->
  forall b, exists A' B',
    loss sigma o h n N Y Z A' B' = 0 /\
    joined sigma o h n N Y Z A B A' B' /\
    b < loss sigma o h n N Y Z (segment (1 / 2) A A') (segment (1 / 2) B B').
Proof.
  intros Hk Hom HY H0 b. set (S := norm2 o N Y) in *.
  assert (S0 : 0 < S).
  { assert (0 <= S) by (apply sumn_nonneg; intros; apply sqn_nonneg). lra. }
  set (q := 1 + Rabs b / S).
  assert (Bp := Rabs_pos b). assert (I : 0 < / S) by (apply Rinv_0_lt_compat; auto).
  assert (q1 : 1 <= q) by (unfold q, Rdiv; nra).
  destruct (phi_half_unbounded k (1 + q) Hk ltac:(lra)) as [m [Hm Hphi]].
  exists (scaled (Rpower m (- k)) A), (scaled m B). split; [|split].
  - rewrite (loss_rescaled sigma k); auto.
  - apply corrected_curve; auto.
  - rewrite (barrier sigma k) by (auto; lra). fold S.
    assert (q <= (phi k m (1 / 2) - 1) ^ 2) by nra.
    assert (q * S = S + Rabs b) by (unfold q; field; lra).
    assert (q * S <= (phi k m (1 / 2) - 1) ^ 2 * S) by (apply Rmult_le_compat_r; lra).
    pose proof (Rle_abs b). lra.
Qed.

(* Without labels (Y = 0, and here Z = 0) the loss is zero everywhere. *)
Theorem barriers_unbounded_mutant_false :
  ~ (forall sigma k o h n N Y Z A B,
      0 < k -> homogeneous k sigma -> loss sigma o h n N Y Z A B = 0 ->
      forall b, exists A' B',
        loss sigma o h n N Y Z A' B' = 0 /\
        joined sigma o h n N Y Z A B A' B' /\
        b < loss sigma o h n N Y Z (segment (1 / 2) A A') (segment (1 / 2) B B')).
Proof.
  intros H. set (zero := fun _ _ : nat => 0).
  assert (E : forall A B, loss (fun z => z) 1 1 1 1 zero zero A B = 0).
  { intros A B. unfold loss, norm2, sqn, output, zero. cbn [sumn]. ring. }
  destruct (H (fun z => z) 1 1%nat 1%nat 1%nat 1%nat zero zero zero zero
    ltac:(lra) homogeneous_id (E _ _) 0) as [A' [B' [_ [_ L]]]].
  rewrite E in L. lra.
Qed.
