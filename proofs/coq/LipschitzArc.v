(* Eq. (9) of Theorem 6.2 of Zhao et al. as printed is false, too: the distance to the major arc is a
   function with Lipschitz constant 1, and its value at the middle of the chord exceeds the bound. *)
Require Import Reals Rgeom Lra Lia Psatz.
From Quadrics Require Import ArcChord.
Open Scope R_scope.

Lemma triangle_inequality x y x' y' p q : distance x y p q <= distance x y x' y' + distance x' y' p q.
Proof.
  assert (E : forall a b c d, distance a b c d = dist_euc a b c d).
  { intros. unfold distance, dist_euc. rewrite !Rsqr_pow2. reflexivity. }
  rewrite !E. apply triangle.
Qed.

Lemma distance_sym x y x' y' : distance x y x' y' = distance x' y' x y.
Proof. unfold distance. f_equal. ring. Qed.

Lemma distance_pos x y p q : 0 <= distance x y p q.
Proof. apply sqrt_pos. Qed.

(* The greatest lower bound of the distances to a set. *)
Lemma distance_to_set (S : R -> R -> Prop) (nonempty : exists p q, S p q) (x y : R) :
  { d : R | (forall p q, S p q -> d <= distance x y p q) /\
            (forall e, (forall p q, S p q -> e <= distance x y p q) -> e <= d) }.
Proof.
  destruct (completeness (fun e => exists p q, S p q /\ e = - distance x y p q)) as [m [Up Least]].
  - exists 0. intros e [p [q [_ ->]]]. pose proof (distance_pos x y p q). lra.
  - destruct nonempty as [p [q H]]. exists (- distance x y p q), p, q. auto.
  - exists (- m). split.
    + intros p q H. assert (- distance x y p q <= m) by (apply Up; exists p, q; auto). lra.
    + intros e H. assert (m <= - e); [|lra]. apply Least. intros v [p [q [Hpq ->]]].
      specialize (H p q Hpq). lra.
Qed.

Definition lipschitz (C : R) (L : R -> R -> R) : Prop :=
  forall x y x' y', Rabs (L x y - L x' y') <= C * distance x y x' y'.

(* Eq. (9) as printed, its bound left open: the value of L on the chord of a curve in a level set. *)
Definition near_level (bound : R -> R -> R) : Prop :=
  forall (L : R -> R -> R) (C c K T : R) (x y : R -> R) (al : R),
    0 <= C -> lipschitz C L -> 0 < K -> 0 < T -> curve_of_curvature K T x y ->
    (forall t, 0 <= t <= T -> L (x t) (y t) = c) ->
    K * distance (x 0) (y 0) (x T) (y T) / 2 <= 1 -> 0 <= al <= 1 ->
    Rabs (L ((1 - al) * x 0 + al * x T) ((1 - al) * y 0 + al * y T) - c)
    <= C * bound K (distance (x 0) (y 0) (x T) (y T)).

(* A function with Lipschitz constant 1, zero on S, at least s wherever all of S is farther than s. *)
Lemma distance_function (S : R -> R -> Prop) : (exists p q, S p q) ->
  exists L, lipschitz 1 L /\ (forall x y, S x y -> L x y = 0) /\
    (forall x y s, (forall p q, S p q -> s <= distance x y p q) -> s <= L x y).
Proof.
  intros N. exists (fun x y => proj1_sig (distance_to_set S N x y)).
  assert (P : forall x y, let L := proj1_sig (distance_to_set S N x y) in
    (forall p q, S p q -> L <= distance x y p q) /\
    (forall e, (forall p q, S p q -> e <= distance x y p q) -> e <= L)).
  { intros x y. exact (proj2_sig (distance_to_set S N x y)). }
  cbv zeta in P. set (L := fun x y => proj1_sig (distance_to_set S N x y)).
  change (forall x y, (forall p q, S p q -> L x y <= distance x y p q) /\
    (forall e, (forall p q, S p q -> e <= distance x y p q) -> e <= L x y)) in P.
  assert (O : forall x y x' y', L x y - distance x y x' y' <= L x' y').
  { intros x y x' y'. apply (P x' y'). intros p q H. destruct (P x y) as [A _].
    specialize (A p q H). pose proof (triangle_inequality x y x' y' p q). lra. }
  split; [|split].
  - intros x y x' y'. change (Rabs (L x y - L x' y') <= 1 * distance x y x' y').
    assert (A := O x y x' y'). assert (B := O x' y' x y). rewrite distance_sym in B.
    unfold Rabs. destruct (Rcase_abs _); lra.
  - intros x y H. change (L x y = 0). destruct (P x y) as [A B]. specialize (A x y H).
    assert (0 <= L x y) by (apply B; intros; apply distance_pos).
    unfold distance in A. replace ((x - x) ^ 2 + (y - y) ^ 2) with 0 in A by ring. rewrite sqrt_0 in A. lra.
  - intros x y s H. apply (P x y); auto.
Qed.

Theorem near_level_false : ~ near_level chord_bound.
Proof.
  intros H. pose proof PI_RGT_0. set (th := PI / 4). assert (A : 0 < th < PI / 2) by (unfold th; lra).
  assert (S := sin_acute th A). destruct (run_ends th) as [X0 [Y0 [XT YT]]].
  set (x := fun t => sin (th + t)) in *. set (y := fun t => cos (th + t)) in *. set (T := 2 * PI - 2 * th) in *.
  change (x 0 = sin th) in X0. change (y 0 = cos th) in Y0.
  change (x T = - sin th) in XT. change (y T = cos th) in YT.
  assert (D : distance (x 0) (y 0) (x T) (y T) = 2 * sin th).
  { rewrite X0, Y0, XT, YT. unfold distance.
    replace ((sin th - - sin th) ^ 2 + (cos th - cos th) ^ 2) with ((2 * sin th) ^ 2) by ring.
    apply sqrt_pow2; lra. }
  destruct (distance_function (major_arc (sin th))) as [L [Lip [Zero Far]]].
  { exists (sin th), (height (sin th)). apply distance_attained; auto. }
  assert (B : Rabs (L ((1 - 1 / 2) * x 0 + 1 / 2 * x T) ((1 - 1 / 2) * y 0 + 1 / 2 * y T) - 0)
              <= 1 * chord_bound 1 (distance (x 0) (y 0) (x T) (y T))).
  { apply H with (T := T); auto; try lra.
    - unfold T, th; lra.
    - apply run_curvature.
    - intros t Ht. apply Zero, run_in_arc; auto. }
  assert (G := distance_exceeds_bound _ S).
  rewrite D, X0, Y0, XT, YT in B.
  replace ((1 - 1 / 2) * sin th + 1 / 2 * - sin th) with 0 in B by field.
  replace ((1 - 1 / 2) * cos th + 1 / 2 * cos th) with (cos th) in B by field.
  rewrite <- (height_sin th A) in B.
  assert (F : sin th <= L 0 (height (sin th))).
  { apply Far. intros p q. apply distance_to_major_arc; auto. }
  rewrite Rminus_0_r, Rabs_right in B by lra. lra.
Qed.

(* With the length of the chord itself in place of the bound the statement holds. *)
Theorem near_level_mutant_false : ~ ~ near_level (fun _ l => l).
Proof.
  intros H. apply H. intros L C c K T x y al HC Lip _ HT _ E _ Hal.
  rewrite <- (E 0) by lra. eapply Rle_trans; [apply Lip|]. apply Rmult_le_compat_l; auto.
  unfold distance.
  replace (_ + _) with (al ^ 2 * ((x 0 - x T) ^ 2 + (y 0 - y T) ^ 2)) by ring.
  assert (P : 0 <= (x 0 - x T) ^ 2 + (y 0 - y T) ^ 2)
    by (apply Rplus_le_le_0_compat; apply pow2_ge_0).
  apply sqrt_le_1_alt. assert (al ^ 2 <= 1) by nra.
  rewrite <- (Rmult_1_l ((x 0 - x T) ^ 2 + _)) at 2. apply Rmult_le_compat_r; auto.
Qed.
