(* One output, c < 0: the quadric Q(c) = {|w|^2 - a^2 = c} has two sheets, a > 0 and a < 0. A continuous curve in Q(c)
   stays on its sheet, and the sheets lie at least 2 sqrt(-c) apart, so that the sheets are open and closed in Q(c).
   Nurisso et al., Proposition 3 (the obstruction) and the remark on gradient flow after it. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Continuity.
Open Scope R_scope.

(* A continuous function that vanishes nowhere keeps its sign. *)
Lemma nonzero_keeps_sign (a : R -> R) : contI a -> (forall t, 0 <= t <= 1 -> a t <> 0) -> 0 < a 0 * a 1.
Proof.
  intros Ha N. destruct (Rlt_le_dec 0 (a 0 * a 1)) as [|Hle]; auto. exfalso.
  destruct (IVT_cor (fun t => a (clamp t)) 0 1 (contI_clamp _ Ha)) as [z [_ Hz]]; [lra| |].
  - rewrite (clamp_id 0), (clamp_id 1) by lra. exact Hle.
  - exact (N _ (clamp_I z) Hz).
Qed.

(* No continuous curve in Q(c), c < 0, changes the sign of the output weight. *)
Theorem no_sign_change d c (w : R -> nat -> R) (a : R -> R) :
  c < 0 -> contI a -> (forall t, 0 <= t <= 1 -> sqn d (w t) - a t ^ 2 = c) -> 0 < a 0 * a 1.
Proof.
  intros Hc Ha HQ. apply nonzero_keeps_sign; auto. intros t Ht E.
  specialize (HQ t Ht). rewrite E in HQ. pose proof (sqn_nonneg d (w t)). nra.
Qed.

(* The output weight is at least sqrt(-c) in absolute value. *)
Theorem output_bounded_below d c w a : c < 0 -> sqn d w - a ^ 2 = c -> sqrt (- c) <= Rabs a.
Proof.
  intros Hc H. pose proof (sqn_nonneg d w). rewrite <- sqrt_Rsqr_abs.
  apply sqrt_le_1; unfold Rsqr; nra.
Qed.

(* Two points on different sheets are at least 2 sqrt(-c) apart. *)
Theorem sheets_gap d c w a w' a' : c < 0 ->
  sqn d w - a ^ 2 = c -> sqn d w' - a' ^ 2 = c -> a * a' <= 0 -> 2 * sqrt (- c) <= Rabs (a - a').
Proof.
  intros Hc H H' Hs.
  pose proof (sqn_nonneg d w). pose proof (sqn_nonneg d w').
  assert (S : sqrt (- c) ^ 2 = - c) by (rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra).
  pose proof (sqrt_pos (- c)).
  assert (T : forall x, - c <= x ^ 2 -> sqrt (- c) <= Rabs x).
  { intros x Hx. rewrite <- sqrt_Rsqr_abs. apply sqrt_le_1; unfold Rsqr; nra. }
  assert (T1 := T a ltac:(lra)). assert (T2 := T a' ltac:(lra)).
  revert T1 T2. unfold Rabs. repeat destruct (Rcase_abs _); intros; nra.
Qed.

(** * Mutants *)
Theorem no_sign_change_mutant_false :
  ~ (forall d c (w : R -> nat -> R) (a : R -> R), c <= 0 -> contI a ->
     (forall t, 0 <= t <= 1 -> sqn d (w t) - a t ^ 2 = c) -> 0 < a 0 * a 1).
Proof.
  intros H. specialize (H 1%nat 0 (fun t _ => 1 - 2 * t) (fun t => 1 - 2 * t) (Rle_refl 0)).
  assert (K : 0 < (1 - 2 * 0) * (1 - 2 * 1)); [|lra]. apply H.
  - apply continuity_contI. ct.
  - intros t _. unfold sqn. cbn [sumn]. ring.
Qed.

Theorem output_bounded_below_mutant_false :
  ~ (forall d c w a, c < 0 -> sqn d w - a ^ 2 = c -> sqrt (- c) < Rabs a).
Proof.
  intros H. specialize (H 0%nat (-1) (fun _ => 0) 1 ltac:(lra)). unfold sqn in H. cbn [sumn] in H.
  replace (- -1) with 1 in H by ring. rewrite sqrt_1, Rabs_R1 in H. lra.
Qed.

Theorem sheets_gap_mutant_false :
  ~ (forall d c w a w' a', c < 0 -> sqn d w - a ^ 2 = c -> sqn d w' - a' ^ 2 = c -> a * a' <= 0 ->
     2 * sqrt (- c) < Rabs (a - a')).
Proof.
  intros H. specialize (H 0%nat (-1) (fun _ => 0) 1 (fun _ => 0) (-1) ltac:(lra)). unfold sqn in H. cbn [sumn] in H.
  replace (- -1) with 1 in H by ring. rewrite sqrt_1 in H.
  replace (1 - -1) with 2 in H by ring. rewrite Rabs_pos_eq in H; lra.
Qed.
