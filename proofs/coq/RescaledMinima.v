(* Minima that differ by a rescaling of the last two layers (Zhao et al., eq. (13), Proposition 5.3 with the
   curve corrected, and Figure 2).  The layers have any widths; sigma acts entry by entry and is positively
   homogeneous of a real degree k; Z holds the features that the layers before compute, one column a
   sample. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Continuity.
Open Scope R_scope.

Definition matrix := nat -> nat -> R.
Definition homogeneous (k : R) (sigma : R -> R) : Prop :=
  forall c z, 0 < c -> sigma (c * z) = Rpower c k * sigma z.

(* Entry i of A sigma(B z): A is (outputs, width), B is (width, inputs). *)
Definition output (sigma : R -> R) (width inputs : nat) (A B : matrix) (z : nat -> R) (i : nat) : R :=
  sumn width (fun j => A i j * sigma (sumn inputs (fun q => B j q * z q))).

(* Squared Frobenius norms of a matrix and of the residual Y - A sigma(B Z). *)
Definition norm2 (outputs samples : nat) (Y : matrix) : R := sumn outputs (fun i => sqn samples (Y i)).
Definition loss (sigma : R -> R) (outputs width inputs samples : nat) (Y Z A B : matrix) : R :=
  norm2 outputs samples (fun i s => Y i s - output sigma width inputs A B (fun q => Z q s) i).

Definition scaled (c : R) (A : matrix) : matrix := fun i j => c * A i j.
Definition segment (al : R) (A A' : matrix) : matrix := fun i j => (1 - al) * A i j + al * A' i j.

(* The factor that multiplies the output on the segment from (A, B) to (m^-k A, m B). *)
Definition phi (k m al : R) : R := (1 - al + al * Rpower m (- k)) * Rpower (1 - al + al * m) k.

Lemma sumn_nonneg n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= sumn n f.
Proof.
  induction n; cbn [sumn]; intros H; [lra|].
  assert (0 <= sumn n f) by (apply IHn; intros; apply H; lia).
  assert (0 <= f n) by (apply H; lia). lra.
Qed.

Lemma sumn_eq0 n f : (forall i, (i < n)%nat -> 0 <= f i) -> sumn n f = 0 -> forall i, (i < n)%nat -> f i = 0.
Proof.
  induction n; cbn [sumn]; intros H E i Hi; [lia|].
  assert (0 <= sumn n f) by (apply sumn_nonneg; intros; apply H; lia).
  assert (0 <= f n) by (apply H; lia).
  destruct (Nat.eq_dec i n) as [->|Hne]; [lra|].
  apply IHn; [intros; apply H; lia|lra|lia].
Qed.

Lemma norm2_ext o n Y Y' : (forall i s, (i < o)%nat -> (s < n)%nat -> Y i s = Y' i s) ->
  norm2 o n Y = norm2 o n Y'.
Proof. intros H. apply sumn_ext. intros i Hi. apply sqn_ext. intros s Hs. apply H; auto. Qed.

Lemma norm2_scaled o n c Y : norm2 o n (fun i s => c * Y i s) = c ^ 2 * norm2 o n Y.
Proof.
  unfold norm2. rewrite <- sumn_scal. apply sumn_ext. intros i _. apply (sqn_scal n c (Y i)).
Qed.

Lemma norm2_eq0 o n Y : norm2 o n Y = 0 -> forall i s, (i < o)%nat -> (s < n)%nat -> Y i s = 0.
Proof.
  intros E i s Hi Hs. apply (sqn_eq0 n (Y i)); auto.
  apply (sumn_eq0 o (fun i => sqn n (Y i))); auto. intros. apply sqn_nonneg.
Qed.

Lemma Rpower_pos x y : 0 < Rpower x y.
Proof. apply exp_pos. Qed.

Section Layers.
Variables (sigma : R -> R) (k : R) (o h n N : nat) (Y Z : matrix).
Hypothesis Hom : homogeneous k sigma.
Notation L := (loss sigma o h n N Y Z).

(* Rescaled layers multiply the output by a s^k. *)
Theorem output_scaled a s A B z i : 0 < s ->
  output sigma h n (scaled a A) (scaled s B) z i = a * Rpower s k * output sigma h n A B z i.
Proof.
  intros Hs. unfold output, scaled. rewrite <- sumn_scal. apply sumn_ext. intros j _.
  replace (sumn n (fun q => s * B j q * z q)) with (s * sumn n (fun q => B j q * z q)).
  - rewrite Hom by auto. ring.
  - rewrite <- sumn_scal. apply sumn_ext. intros; ring.
Qed.

Lemma Rpower_cancel s : 0 < s -> Rpower s (- k) * Rpower s k = 1.
Proof.
  intros Hs. rewrite <- Rpower_plus. replace (- k + k) with 0 by ring. apply Rpower_O; auto.
Qed.

(* For every factor s > 0 the point (s^-k A, s B) has the loss of (A, B). *)
Theorem loss_rescaled s A B : 0 < s -> L (scaled (Rpower s (- k)) A) (scaled s B) = L A B.
Proof.
  intros Hs. unfold loss. apply norm2_ext. intros i q _ _.
  rewrite output_scaled, Rpower_cancel by auto. ring.
Qed.

(* (A, B) and (A', B') are joined by a continuous curve of zero loss. *)
Definition joined (A B A' B' : matrix) : Prop :=
  exists At Bt : R -> matrix,
    (forall i j, contI (fun t => At t i j)) /\ (forall i j, contI (fun t => Bt t i j)) /\
    (forall t, 0 <= t <= 1 -> L (At t) (Bt t) = 0) /\
    (forall i j, At 0 i j = A i j /\ At 1 i j = A' i j) /\
    (forall i j, Bt 0 i j = B i j /\ Bt 1 i j = B' i j).

Lemma continuity_Rpower m e : continuity (fun t => Rpower m (e * t)).
Proof.
  unfold Rpower. apply (cont_comp (fun t => e * t * ln m) exp); [ct|].
  apply derivable_continuous, derivable_exp.
Qed.

(* The curve (m^(-kt) A, m^t B) stays at zero loss and joins (A, B) with (m^-k A, m B). *)
Theorem corrected_curve m A B : 0 < m -> L A B = 0 ->
  joined A B (scaled (Rpower m (- k)) A) (scaled m B).
Proof.
  intros Hm H0.
  exists (fun t => scaled (Rpower m (- k * t)) A), (fun t => scaled (Rpower m (1 * t)) B).
  split; [|split; [|split; [|split]]].
  - intros i j. apply continuity_contI. unfold scaled.
    apply cont_mult; [apply continuity_Rpower|ct].
  - intros i j. apply continuity_contI. unfold scaled.
    apply cont_mult; [apply continuity_Rpower|ct].
  - intros t _. replace (- k * t) with ((1 * t) * - k) by ring.
    rewrite <- Rpower_mult, loss_rescaled; auto. apply Rpower_pos.
  - intros i j. unfold scaled. rewrite Rmult_0_r, Rmult_1_r, Rpower_O by auto. split; ring.
  - intros i j. unfold scaled. rewrite Rmult_0_r, Rmult_1_r, Rpower_O, Rpower_1 by auto. split; ring.
Qed.

(* The loss on the segment between two such minima (eq. (14)): (phi - 1)^2 |Y|^2. *)
Theorem barrier m al A B : 0 < m -> 0 <= al <= 1 -> L A B = 0 ->
  L (segment al A (scaled (Rpower m (- k)) A)) (segment al B (scaled m B)) =
  (phi k m al - 1) ^ 2 * norm2 o N Y.
Proof.
  intros Hm Hal H0. replace ((phi k m al - 1) ^ 2) with ((1 - phi k m al) ^ 2) by ring.
  rewrite <- norm2_scaled. apply norm2_ext. intros i s Hi Hs.
  assert (E := norm2_eq0 _ _ _ H0 i s Hi Hs). simpl in E.
  assert (P : 0 < 1 - al + al * m) by nra.
  transitivity (Y i s - output sigma h n (scaled (1 - al + al * Rpower m (- k)) A)
                                (scaled (1 - al + al * m) B) (fun q => Z q s) i).
  - f_equal. apply sumn_ext. intros j _. unfold segment, scaled. f_equal; [ring|].
    f_equal. apply sumn_ext. intros; ring.
  - rewrite output_scaled by auto. unfold phi.
    replace (output sigma h n A B (fun q => Z q s) i) with (Y i s) by lra. ring.
Qed.
End Layers.

(* Weighted arithmetic and geometric means of 1 and x. *)
Lemma mean_Rpower x al : 0 < x -> 0 <= al <= 1 -> al * ln x <= ln (1 - al + al * x).
Proof.
  intros Hx Hal. set (M := 1 - al + al * x). assert (P : 0 < M) by (unfold M; nra).
  assert (ln_le : forall y, 0 < y -> ln y <= y - 1).
  { intros y Hy. pose proof (exp_ineq1_le (ln y)) as H. rewrite exp_ln in H by auto. lra. }
  assert (I : 0 < / M) by (apply Rinv_0_lt_compat; auto).
  assert (A := ln_le (/ M) I). assert (B := ln_le (x * / M) ltac:(nra)).
  rewrite ln_mult in B by auto. rewrite ln_Rinv in A, B by auto.
  assert (C : M * / M = 1) by (apply Rinv_r; lra).
  assert ((1 - al) * (- ln M) <= (1 - al) * (/ M - 1)) by nra.
  assert (al * (ln x + - ln M) <= al * (x * / M - 1)) by nra.
  assert ((1 - al) * / M + al * (x * / M) = 1) 
    by (transitivity ((1 - al + al * x) * / M); [ring|exact C]).
  lra.
Qed.

(* The output never shrinks on the segment. *)
Theorem phi_ge_1 k m al : 0 <= k -> 0 < m -> 0 <= al <= 1 -> 1 <= phi k m al.
Proof.
  intros Hk Hm Hal.
  assert (P : 0 < Rpower m (- k)) by apply Rpower_pos.
  assert (Q : 0 < 1 - al + al * Rpower m (- k)) by nra.
  assert (E : phi k m al = exp (ln (1 - al + al * Rpower m (- k)) + k * ln (1 - al + al * m)))
    by (rewrite exp_plus, exp_ln by auto; reflexivity).
  assert (A := mean_Rpower _ al P Hal). assert (B := mean_Rpower _ al Hm Hal).
  unfold Rpower at 1 in A. rewrite ln_exp in A.
  assert (0 <= ln (1 - al + al * Rpower m (- k)) + k * ln (1 - al + al * m)) by nra.
  rewrite E. destruct (Rle_lt_or_eq_dec _ _ H) as [S|S].
  - apply exp_increasing in S. rewrite exp_0 in S. lra.
  - rewrite <- S, exp_0. lra.
Qed.

(* Equality at the ends: the inequality is not strict. *)
Theorem phi_ge_1_mutant_false :
  ~ (forall k m al, 0 <= k -> 0 < m -> 0 <= al <= 1 -> 1 < phi k m al).
Proof.
  intros H. specialize (H 1 1 0 ltac:(lra) ltac:(lra) ltac:(lra)). unfold phi in H.
  rewrite !Rmult_0_l, Rminus_0_r, Rplus_0_r, Rpower_1 in H by lra. lra.
Qed.

(* Degree 1: phi - 1 = al (1 - al) (m - 1)^2 / m, at most (m - 1)^2 / (4m), which is reached at 1/2. *)
Lemma phi_degree_1 m al : 0 < m -> 0 <= al <= 1 -> phi 1 m al - 1 = al * (1 - al) * (m - 1) ^ 2 / m.
Proof.
  intros Hm Hal. unfold phi. rewrite Rpower_Ropp, !Rpower_1 by nra. field. lra.
Qed.

Theorem phi_degree_1_half m : 0 < m -> phi 1 m (1 / 2) - 1 = (m - 1) ^ 2 / (4 * m).
Proof. intros Hm. rewrite phi_degree_1 by lra. field. lra. Qed.

Theorem phi_degree_1_max m al : 0 < m -> 0 <= al <= 1 -> phi 1 m al - 1 <= (m - 1) ^ 2 / (4 * m).
Proof.
  intros Hm Hal. rewrite phi_degree_1 by auto.
  assert (0 <= (m - 1) ^ 2 / m).
  { apply Rmult_le_pos; [apply pow2_ge_0|left; apply Rinv_0_lt_compat; auto]. }
  replace ((m - 1) ^ 2 / (4 * m)) with (1 / 4 * ((m - 1) ^ 2 / m)) by (field; lra).
  replace (al * (1 - al) * (m - 1) ^ 2 / m) with (al * (1 - al) * ((m - 1) ^ 2 / m)) by (field; lra).
  apply Rmult_le_compat_r; auto. pose proof (pow2_ge_0 (al - 1 / 2)). nra.
Qed.

Theorem phi_degree_1_half_mutant_false :
  ~ (forall m, 0 < m -> phi 1 m (1 / 2) - 1 = (m - 1) ^ 2 / (2 * m)).
Proof. intros H. specialize (H 2 ltac:(lra)). rewrite phi_degree_1_half in H by lra. lra. Qed.

(* At al = 1/3 the loss is lower than at the middle. *)
Theorem phi_degree_1_max_mutant_false :
  ~ (forall m al, 0 < m -> 0 <= al <= 1 -> phi 1 m al - 1 <= 2 / 9 * ((m - 1) ^ 2 / m)).
Proof. intros H. specialize (H 2 (1 / 2) ltac:(lra) ltac:(lra)). rewrite phi_degree_1_half in H by lra. lra. Qed.

(* Figure 2: one weight a layer, X = Y = 1; the loss |1 - W2 W1| on the segment from (1, 1) to (m, 1/m). *)
Theorem figure_2 m al : 0 < m -> 0 <= al <= 1 ->
  Rabs (1 - (1 - al + al * / m) * (1 - al + al * m)) <= (m - 1) ^ 2 / (4 * m) /\
  Rabs (1 - (1 - 1 / 2 + 1 / 2 * / m) * (1 - 1 / 2 + 1 / 2 * m)) = (m - 1) ^ 2 / (4 * m).
Proof.
  intros Hm Hal.
  assert (E : forall t, 0 <= t <= 1 -> Rabs (1 - (1 - t + t * / m) * (1 - t + t * m)) = phi 1 m t - 1).
  { intros t Ht. assert (P := phi_ge_1 1 m t ltac:(lra) Hm Ht).
    unfold phi in *. rewrite Rpower_Ropp, !Rpower_1 in * by nra. rewrite Rabs_left1; lra. }
  rewrite !E by lra. split; [apply phi_degree_1_max; auto|apply phi_degree_1_half; auto].
Qed.

Theorem figure_2_mutant_false :
  ~ (forall m al, 0 < m -> 0 <= al <= 1 ->
       Rabs (1 - (1 - al + al * / m) * (1 - al + al * m)) <= (m - 1) ^ 2 / (5 * m)).
Proof.
  intros H. specialize (H 2 (1 / 2) ltac:(lra) ltac:(lra)). rewrite Rabs_left1 in H; lra.
Qed.

(* One linear neuron with all weights, the input and the label equal to 1. *)
Definition ones : matrix := fun _ _ => 1.

Lemma homogeneous_id : homogeneous 1 (fun z => z).
Proof. intros c z Hc. rewrite Rpower_1; auto. Qed.

Lemma loss_ones A B : loss (fun z => z) 1 1 1 1 ones ones A B = (1 - A 0%nat 0%nat * B 0%nat 0%nat) ^ 2.
Proof. unfold loss, norm2, sqn, output, ones. cbn [sumn]. ring. Qed.

(* The output weights must be divided by s^k, not multiplied. *)
Theorem loss_rescaled_mutant_false :
  ~ (forall sigma k o h n N Y Z s A B, homogeneous k sigma -> 0 < s ->
       loss sigma o h n N Y Z (scaled (Rpower s k) A) (scaled s B) = loss sigma o h n N Y Z A B).
Proof.
  intros H. specialize (H (fun z => z) 1 1%nat 1%nat 1%nat 1%nat ones ones 2 ones ones homogeneous_id ltac:(lra)).
  rewrite !loss_ones in H. unfold scaled, ones in H. rewrite Rpower_1 in H by lra. lra.
Qed.

(* A factor s < 0 is not allowed. *)
Theorem output_scaled_mutant_false :
  ~ (forall sigma k h n a s A B z i, homogeneous k sigma ->
       output sigma h n (scaled a A) (scaled s B) z i = a * Rpower s k * output sigma h n A B z i).
Proof.
  intros H. assert (Hs : homogeneous 1 (Rmax 0)).
  { intros c z Hc. rewrite Rpower_1 by auto. unfold Rmax. repeat destruct (Rle_dec _ _); nra. }
  specialize (H (Rmax 0) 1 1%nat 1%nat 1 (-1) ones ones (fun _ => 1) 0%nat Hs).
  unfold output, scaled, ones in H. cbn [sumn] in H. pose proof (Rpower_pos (-1) 1).
  revert H. unfold Rmax. repeat destruct (Rle_dec _ _); intros; lra.
Qed.

(* The other end must be (m^-k A, m B), not (m^k A, m B). *)
Theorem corrected_curve_mutant_false :
  ~ (forall sigma k o h n N Y Z m A B, homogeneous k sigma -> 0 < m -> loss sigma o h n N Y Z A B = 0 ->
       joined sigma o h n N Y Z A B (scaled (Rpower m k) A) (scaled m B)).
Proof.
  intros H. specialize (H (fun z => z) 1 1%nat 1%nat 1%nat 1%nat ones ones 2 ones ones homogeneous_id ltac:(lra)).
  rewrite loss_ones in H. destruct H as [At [Bt [_ [_ [L [EA EB]]]]]]; [unfold ones; lra|].
  specialize (L 1 ltac:(lra)). rewrite loss_ones in L.
  destruct (EA 0%nat 0%nat) as [_ EA1]. destruct (EB 0%nat 0%nat) as [_ EB1].
  rewrite EA1, EB1 in L. unfold scaled, ones in L. rewrite Rpower_1 in L by lra. lra.
Qed.

(* The straight segment, the curve of the printed proof, leaves the minimum ... *)
Theorem straight_segment_false :
  ~ (forall sigma k o h n N Y Z m A B t, homogeneous k sigma -> 0 < m -> 0 <= t <= 1 ->
       loss sigma o h n N Y Z A B = 0 ->
       loss sigma o h n N Y Z (segment t A (scaled (Rpower m (- k)) A)) (segment t B (scaled m B)) = 0).
Proof.
  intros H. specialize (H (fun z => z) 1 1%nat 1%nat 1%nat 1%nat ones ones 2 ones ones (1 / 2)
    homogeneous_id ltac:(lra) ltac:(lra)).
  rewrite !loss_ones in H. unfold segment, scaled, ones in H.
  rewrite Rpower_Ropp, Rpower_1 in H by lra. specialize (H ltac:(lra)). lra.
Qed.

(* ... except at its ends. *)
Theorem straight_segment_mutant_false :
  ~ ~ (forall sigma k o h n N Y Z m A B t, homogeneous k sigma -> 0 < m -> t = 0 \/ t = 1 ->
       loss sigma o h n N Y Z A B = 0 ->
       loss sigma o h n N Y Z (segment t A (scaled (Rpower m (- k)) A)) (segment t B (scaled m B)) = 0).
Proof.
  intros H. apply H. intros sigma k o h n N Y Z m A B t Hs Hm Ht H0.
  rewrite (barrier sigma k) by (destruct Ht; auto; lra). unfold phi. destruct Ht as [-> | ->].
  - rewrite !Rmult_0_l, Rminus_0_r, Rplus_0_r. replace (Rpower 1 k) with 1; [ring|].
    unfold Rpower. rewrite ln_1, Rmult_0_r, exp_0. reflexivity.
  - replace (1 - 1 + 1 * m) with m by ring. replace (1 - 1 + 1 * Rpower m (- k)) with (Rpower m (- k)) by ring.
    rewrite Rpower_cancel by auto. ring.
Qed.

(* The square in the formula of the barrier cannot be dropped. *)
Theorem barrier_mutant_false :
  ~ (forall sigma k o h n N Y Z m al A B, homogeneous k sigma -> 0 < m -> 0 <= al <= 1 ->
       loss sigma o h n N Y Z A B = 0 ->
       loss sigma o h n N Y Z (segment al A (scaled (Rpower m (- k)) A)) (segment al B (scaled m B)) =
       (phi k m al - 1) * norm2 o N Y).
Proof.
  intros H. specialize (H (fun z => z) 1 1%nat 1%nat 1%nat 1%nat ones ones 2 (1 / 2) ones ones
    homogeneous_id ltac:(lra) ltac:(lra)).
  rewrite !loss_ones in H. unfold norm2, sqn, segment, scaled, ones in H. cbn [sumn] in H.
  rewrite phi_degree_1_half, Rpower_Ropp, Rpower_1 in H by lra. specialize (H ltac:(lra)). lra.
Qed.
