(* Proposition 5.2 of Zhao et al. as printed (permutations from the right, as for weights W1 W2) is false for
   the loss |Y - W2 W1 X|: two layers of width 2, X = I, Y = A = (1 1; 0 1), W = (I, A), W' = (D, A D),
   D = diag(-1, 1).  With the permutation on the left of W1 the same instance works. *)
Require Import Reals Lra Psatz.
From Quadrics Require Import Continuity.
Open Scope R_scope.

(* A real matrix of size 2, by rows. *)
Record M2 := Mat { e11 : R; e12 : R; e21 : R; e22 : R }.
Definition mul (P Q : M2) : M2 :=
  Mat (e11 P * e11 Q + e12 P * e21 Q) (e11 P * e12 Q + e12 P * e22 Q)
      (e21 P * e11 Q + e22 P * e21 Q) (e21 P * e12 Q + e22 P * e22 Q).
Definition det (P : M2) : R := e11 P * e22 P - e12 P * e21 P.

Definition I2 := Mat 1 0 0 1.
Definition swap := Mat 0 1 1 0.
Definition A := Mat 1 1 0 1.
Definition D := Mat (-1) 0 0 1.

(* The zeros of |A - W2 W1 X|^2 for X = I. *)
Definition minimum (W1 W2 : M2) : Prop := mul W2 W1 = A.

Definition continuous_matrix (P : R -> M2) : Prop :=
  contI (fun t => e11 (P t)) /\ contI (fun t => e12 (P t)) /\
  contI (fun t => e21 (P t)) /\ contI (fun t => e22 (P t)).

(* A path of minima from (W1, W2) to (V1, V2). *)
Definition connected (W1 W2 V1 V2 : M2) : Prop :=
  exists P Q : R -> M2, continuous_matrix P /\ continuous_matrix Q /\
    (forall t, 0 <= t <= 1 -> minimum (P t) (Q t)) /\
    P 0 = W1 /\ Q 0 = W2 /\ P 1 = V1 /\ Q 1 = V2.

Lemma det_mul P Q : det (mul P Q) = det P * det Q.
Proof. unfold det, mul; simpl; ring. Qed.

Lemma minimum_invertible W1 W2 : minimum W1 W2 -> det W1 <> 0.
Proof.
  intros E Z. assert (F := f_equal det E). rewrite det_mul, Z in F. unfold det, A in F; simpl in F. lra.
Qed.

(* A path of invertible matrices keeps the sign of the determinant. *)
Lemma det_sign P : continuous_matrix P -> (forall t, 0 <= t <= 1 -> det (P t) <> 0) ->
  0 < det (P 0) -> 0 < det (P 1).
Proof.
  intros [C1 [C2 [C3 C4]]] N P0.
  assert (C : continuity (fun t => - det (P (clamp t)))).
  { apply cont_ext with (fun t => e12 (P (clamp t)) * e21 (P (clamp t)) - e11 (P (clamp t)) * e22 (P (clamp t))).
    { intros t. unfold det. ring. }
    apply cont_minus; apply cont_mult.
    - apply (contI_clamp (fun t => e12 (P t))); auto.
    - apply (contI_clamp (fun t => e21 (P t))); auto.
    - apply (contI_clamp (fun t => e11 (P t))); auto.
    - apply (contI_clamp (fun t => e22 (P t))); auto. }
  assert (N1 := N 1 ltac:(lra)).
  destruct (Rlt_le_dec 0 (det (P 1))) as [|H]; auto. exfalso.
  destruct (IVT (fun t => - det (P (clamp t))) 0 1 C ltac:(lra)) as [t [Ht E]].
  - rewrite clamp_id by lra. lra.
  - rewrite clamp_id by lra. lra.
  - apply (N (clamp t)); [apply clamp_I|lra].
Qed.

Definition permutation (P : M2) : Prop := P = I2 \/ P = swap.

(* A permutation matrix of size 2 is its own inverse, so no reading of the inverses in print matters. *)
Lemma permutation_involutive P : permutation P -> mul P P = I2.
Proof. intros [-> | ->]; unfold mul, I2, swap; simpl; f_equal; ring. Qed.

Lemma two_minima : minimum I2 A /\ minimum D (mul A D).
Proof. unfold minimum, mul, I2, A, D; simpl; split; f_equal; ring. Qed.

(* No permutation, multiplied as printed, takes W = (I, A) to a point that is connected with W'. *)
Theorem printed_permutations_fail :
  ~ (exists P, permutation P /\ connected (mul I2 P) (mul P A) D (mul A D)).
Proof.
  intros [P [[-> | ->] [U [V [CU [CV [M [U0 [V0 [U1 V1]]]]]]]]]].
  - assert (N : forall t, 0 <= t <= 1 -> det (U t) <> 0).
    { intros t Ht. eapply minimum_invertible, M; auto. }
    assert (S := det_sign U CU N). rewrite U0, U1 in S. unfold det, mul, I2, D in S; simpl in S. lra.
  - assert (E := M 0 ltac:(lra)). rewrite U0, V0 in E. apply (f_equal e12) in E.
    unfold mul, swap, I2, A in E; simpl in E. lra.
Qed.

(* Hence the printed proposition is false for h = l = 2, X = I, Y = A. *)
Theorem proposition_5_2_printed_false :
  ~ (forall W1 W2 V1 V2, minimum W1 W2 -> minimum V1 V2 ->
       exists P, permutation P /\ connected (mul W1 P) (mul P W2) V1 V2).
Proof. intros H. apply printed_permutations_fail, H; apply two_minima. Qed.

(* Multiplied from the other side, (P W1, W2 P^-1), the exchange connects: reflections turn swap into D. *)
Theorem exchange_connects : connected (mul swap I2) (mul A swap) D (mul A D).
Proof.
  set (u := fun t => PI / 2 * (1 - t)).
  assert (Cu : continuity u) by (unfold u; ct).
  assert (Cc : continuity (fun t => cos (u t))) by (apply (cont_comp u cos); [auto|apply continuity_cos]).
  assert (Cs : continuity (fun t => sin (u t))) by (apply (cont_comp u sin); [auto|apply continuity_sin]).
  assert (E0 : u 0 = PI / 2) by (unfold u; field). assert (E1 : u 1 = 0) by (unfold u; field).
  set (F := fun t => Mat (- cos (u t)) (sin (u t)) (sin (u t)) (cos (u t))).
  assert (Cn : continuity (fun t => - cos (u t))).
  { apply cont_ext with (fun t => 0 - cos (u t)); [intros; ring|]. apply cont_minus; [ct|auto]. }
  exists F, (fun t => mul A (F t)). repeat split.
  1, 2, 3, 4: apply continuity_contI; unfold F; simpl; auto.
  1, 2, 3, 4: apply continuity_contI; unfold F, mul, A; simpl; apply cont_plus; apply cont_mult; (auto || ct).
  - intros t _. assert (U := sin2_cos2 (u t)). unfold Rsqr in U.
    unfold minimum, mul, F, A; simpl. f_equal; nra.
  - unfold F, mul, swap, I2; simpl. rewrite E0, sin_PI2, cos_PI2. f_equal; ring.
  - unfold F, mul, swap, A; simpl. rewrite E0, sin_PI2, cos_PI2. f_equal; ring.
  - unfold F, D; rewrite E1, sin_0, cos_0. f_equal; ring.
  - unfold F, mul, A, D; simpl. rewrite E1, sin_0, cos_0. f_equal; ring.
Qed.

(* So the same claim about the corrected side is not false. *)
Theorem printed_permutations_fail_mutant_false :
  ~ ~ (exists P, permutation P /\ connected (mul P I2) (mul A P) D (mul A D)).
Proof. intros H. apply H. exists swap. split; [right; reflexivity|apply exchange_connects]. Qed.

(* A minimum is connected with itself, whatever the side. *)
Theorem proposition_5_2_mutant_false :
  ~ ~ (forall W1 W2, minimum W1 W2 ->
         exists P, permutation P /\ connected (mul W1 P) (mul P W2) W1 W2).
Proof.
  intros H. apply H. intros W1 W2 E. exists I2. split; [left; reflexivity|].
  assert (E1 : mul W1 I2 = W1) by (destruct W1; unfold mul, I2; simpl; f_equal; ring).
  assert (E2 : mul I2 W2 = W2) by (destruct W2; unfold mul, I2; simpl; f_equal; ring).
  rewrite E1, E2. exists (fun _ => W1), (fun _ => W2).
  repeat split; auto; apply continuity_contI, cont_const.
Qed.

(* The identity does not connect W = (I, A) with W'. *)
Theorem exchange_connects_mutant_false : ~ connected (mul I2 I2) (mul A I2) D (mul A D).
Proof.
  intros [U [V [CU [CV [M [U0 [V0 [U1 V1]]]]]]]].
  assert (N : forall t, 0 <= t <= 1 -> det (U t) <> 0).
  { intros t Ht. eapply minimum_invertible, M; auto. }
  assert (S := det_sign U CU N). rewrite U0, U1 in S. unfold det, mul, I2, D in S; simpl in S. lra.
Qed.
