(* Theorem 6.2 of Zhao et al. as printed is false: a regular curve of curvature at most 1 in a level set can
   come back to its chord from the far side.  The counterexample is the major arc of the unit circle: the
   middle of a chord of length 2s < 2 has the distance s from it, more than 1 - sqrt(1 - s^2). *)
Require Import Reals Lra Lia Psatz.
Open Scope R_scope.

(* The circle without its cap over the chord from (-s, c) to (s, c), with c = sqrt(1 - s^2). *)
Definition height (s : R) : R := sqrt (1 - s ^ 2).
Definition major_arc (s x y : R) : Prop := x ^ 2 + y ^ 2 = 1 /\ y <= height s.
Definition minor_arc (s x y : R) : Prop := x ^ 2 + y ^ 2 = 1 /\ height s <= y.
Definition distance (x y x' y' : R) : R := sqrt ((x - x') ^ 2 + (y - y') ^ 2).

(* The bound of the theorem, eq. (8), for curvature at most K and a chord of length l. *)
Definition chord_bound (K l : R) : R := (1 - sqrt (1 - (K * l / 2) ^ 2)) / K.

Lemma height_square s : 0 < s < 1 -> height s ^ 2 = 1 - s ^ 2 /\ 0 < height s < 1.
Proof.
  intros Hs. unfold height.
  assert (E : sqrt (1 - s ^ 2) ^ 2 = 1 - s ^ 2) by (rewrite <- Rsqr_pow2; apply Rsqr_sqrt; nra).
  assert (P : 0 < sqrt (1 - s ^ 2)) by (apply sqrt_lt_R0; nra).
  repeat split; auto. nra.
Qed.

(* No point of the major arc is nearer to the middle (0, c) of the chord than s; its ends are at s. *)
Lemma distance_to_major_arc s x y : 0 < s < 1 -> major_arc s x y -> s <= distance 0 (height s) x y.
Proof.
  intros Hs [E Hy]. destruct (height_square s Hs) as [C P]. unfold distance.
  rewrite <- (sqrt_pow2 s) at 1 by lra. apply sqrt_le_1; nra.
Qed.

Lemma distance_attained s : 0 < s < 1 -> major_arc s s (height s) /\ distance 0 (height s) s (height s) = s.
Proof.
  intros Hs. destruct (height_square s Hs) as [C P]. split; [split; lra|]. unfold distance.
  replace ((0 - s) ^ 2 + (height s - height s) ^ 2) with (s ^ 2) by ring. apply sqrt_pow2; lra.
Qed.

(* The distance s exceeds the bound, for every chord shorter than a diameter. *)
Lemma distance_exceeds_bound s : 0 < s < 1 -> chord_bound 1 (2 * s) < s.
Proof.
  intros Hs. destruct (height_square s Hs) as [C P]. unfold chord_bound.
  replace (1 * (2 * s) / 2) with s by field. fold (height s). unfold Rdiv. rewrite Rinv_1, Rmult_1_r. nra.
Qed.

(* Eq. (8) fails on every major arc: all of its points are farther from the middle of the chord than the bound. *)
Theorem major_arc_beyond_bound s x y : 0 < s < 1 -> major_arc s x y ->
  chord_bound 1 (2 * s) < distance 0 (height s) x y.
Proof.
  intros Hs H. assert (A := distance_to_major_arc s x y Hs H). assert (B := distance_exceeds_bound s Hs). lra.
Qed.

(* The minor arc is not: its top is at the distance of the bound. *)
Theorem major_arc_beyond_bound_mutant_false :
  ~ (forall s x y, 0 < s < 1 -> minor_arc s x y -> chord_bound 1 (2 * s) < distance 0 (height s) x y).
Proof.
  intros H. assert (Hs : 0 < 3 / 5 < 1) by lra.
  assert (C : height (3 / 5) = 4 / 5).
  { unfold height. replace (1 - (3 / 5) ^ 2) with ((4 / 5) ^ 2) by field. apply sqrt_pow2; lra. }
  specialize (H (3 / 5) 0 1 Hs). unfold minor_arc, distance, chord_bound in H. rewrite C in H.
  replace (1 * (2 * (3 / 5)) / 2) with (3 / 5) in H by field. fold (height (3 / 5)) in H. rewrite C in H.
  replace ((0 - 0) ^ 2 + (4 / 5 - 1) ^ 2) with ((1 / 5) ^ 2) in H by field.
  rewrite sqrt_pow2 in H by lra. lra.
Qed.

(* A plane curve (x, y) on [0, T] with two derivatives, regular, of curvature at most K. *)
Definition curve_of_curvature (K T : R) (x y : R -> R) : Prop :=
  exists x1 y1 x2 y2 : R -> R, forall t, 0 <= t <= T ->
    derivable_pt_lim x t (x1 t) /\ derivable_pt_lim y t (y1 t) /\
    derivable_pt_lim x1 t (x2 t) /\ derivable_pt_lim y1 t (y2 t) /\
    0 < x1 t ^ 2 + y1 t ^ 2 /\
    Rabs (x1 t * y2 t - y1 t * x2 t) <= K * sqrt (x1 t ^ 2 + y1 t ^ 2) ^ 3.

(* Eq. (8) as printed, with its bound left open: L any function of the plane, a curve in its level set of
   c, w on the chord; the last hypothesis makes the bound real. *)
Definition near_level_set (bound : R -> R -> R) : Prop :=
  forall (L : R -> R -> R) (c K T : R) (x y : R -> R) (al : R),
    0 < K -> 0 < T -> curve_of_curvature K T x y ->
    (forall t, 0 <= t <= T -> L (x t) (y t) = c) ->
    K * distance (x 0) (y 0) (x T) (y T) / 2 <= 1 -> 0 <= al <= 1 ->
    exists p q, L p q = c /\
      distance ((1 - al) * x 0 + al * x T) ((1 - al) * y 0 + al * y T) p q
      <= bound K (distance (x 0) (y 0) (x T) (y T)).

(* A continuous loss whose level set of 0 is the major arc. *)
Definition arc_loss (s x y : R) : R := Rabs (x ^ 2 + y ^ 2 - 1) + Rmax 0 (y - height s).

Lemma arc_loss_zero s x y : arc_loss s x y = 0 <-> major_arc s x y.
Proof.
  unfold arc_loss, major_arc, Rabs, Rmax.
  destruct (Rcase_abs _); destruct (Rle_dec _ _); split; intros; lra.
Qed.

(* The unit circle run through from (sin th, cos th), the long way, to (- sin th, cos th). *)
Section Run.
Variable th : R.
Hypothesis acute : 0 < th < PI / 2.
Let x (t : R) := sin (th + t).
Let y (t : R) := cos (th + t).
Let T := 2 * PI - 2 * th.

Lemma shift_derivative (f f' : R -> R) t : (forall u, derivable_pt_lim f u (f' u)) ->
  derivable_pt_lim (fun t => f (th + t)) t (f' (th + t)).
Proof.
  intros D. rewrite <- (Rmult_1_r (f' (th + t))).
  apply (derivable_pt_lim_comp (fun t => th + t) f); [|apply D].
  replace 1 with (0 + 1) by ring.
  apply (derivable_pt_lim_plus (fun _ => th) id); [apply derivable_pt_lim_const|apply derivable_pt_lim_id].
Qed.

Lemma opposite_derivative (f : R -> R) t l : derivable_pt_lim f t l -> derivable_pt_lim (fun t => - f t) t (- l).
Proof. apply (derivable_pt_lim_opp f). Qed.

Lemma run_curvature : curve_of_curvature 1 T x y.
Proof.
  exists (fun t => cos (th + t)), (fun t => - sin (th + t)), (fun t => - sin (th + t)), (fun t => - cos (th + t)).
  intros t _. assert (U := sin2_cos2 (th + t)). unfold Rsqr in U.
  assert (V : cos (th + t) ^ 2 + (- sin (th + t)) ^ 2 = 1) by lra. rewrite V, sqrt_1.
  repeat split.
  - apply (shift_derivative sin cos). intros; apply derivable_pt_lim_sin.
  - apply (shift_derivative cos (fun u => - sin u)). intros; apply derivable_pt_lim_cos.
  - apply (shift_derivative cos (fun u => - sin u)). intros; apply derivable_pt_lim_cos.
  - apply (opposite_derivative (fun t => sin (th + t))).
    apply (shift_derivative sin cos). intros; apply derivable_pt_lim_sin.
  - lra.
  - replace (cos (th + t) * - cos (th + t) - - sin (th + t) * - sin (th + t)) with (- (1)) by lra.
    rewrite Rabs_Ropp, Rabs_R1. lra.
Qed.

Lemma sin_acute : 0 < sin th < 1.
Proof.
  assert (0 < cos th) by (apply cos_gt_0; lra). assert (0 < sin th) by (apply sin_gt_0; lra).
  assert (U := sin2_cos2 th). unfold Rsqr in U. split; [lra|nra].
Qed.

Lemma height_sin : height (sin th) = cos th.
Proof.
  assert (0 < cos th) by (apply cos_gt_0; lra). assert (U := sin2_cos2 th). unfold Rsqr in U.
  unfold height. replace (1 - sin th ^ 2) with (cos th ^ 2) by lra. apply sqrt_pow2; lra.
Qed.

Lemma run_in_arc t : 0 <= t <= T -> major_arc (sin th) (x t) (y t).
Proof.
  unfold T, x, y. intros Ht. assert (U := sin2_cos2 (th + t)). unfold Rsqr in U. split; [lra|].
  rewrite height_sin. pose proof PI_RGT_0.
  destruct (Rle_lt_dec (th + t) PI) as [H0|H0].
  - apply cos_decr_1; lra.
  - replace (cos (th + t)) with (cos (2 * PI - (th + t))).
    + apply cos_decr_1; lra.
    + rewrite cos_minus, sin_2PI, cos_2PI. ring.
Qed.

Lemma run_ends : x 0 = sin th /\ y 0 = cos th /\ x T = - sin th /\ y T = cos th.
Proof.
  unfold x, y, T. rewrite Rplus_0_r. replace (th + (2 * PI - 2 * th)) with (2 * PI - th) by ring.
  rewrite sin_minus, cos_minus, sin_2PI, cos_2PI. repeat split; ring.
Qed.
End Run.

(* Eq. (8) as printed is false: a quarter of the circle is cut off, the other three quarters are the curve. *)
Theorem near_level_set_false : ~ near_level_set chord_bound.
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
  destruct (H (arc_loss (sin th)) 0 1 T x y (1 / 2)) as [p [q [L B]]]; try lra.
  - unfold T, th; lra.
  - apply run_curvature.
  - intros t Ht. apply arc_loss_zero, run_in_arc; auto.
  - rewrite D in B. apply arc_loss_zero in L.
    assert (F := distance_to_major_arc _ p q S L). assert (G := distance_exceeds_bound _ S).
    rewrite X0, Y0, XT, YT in B.
    replace ((1 - 1 / 2) * sin th + 1 / 2 * - sin th) with 0 in B by field.
    replace ((1 - 1 / 2) * cos th + 1 / 2 * cos th) with (cos th) in B by field.
    rewrite <- (height_sin th A) in B. lra.
Qed.

(* With the length of the chord itself in place of the bound the statement holds: it is the bound that fails. *)
Theorem near_level_set_mutant_false : ~ ~ near_level_set (fun _ l => l).
Proof.
  intros H. apply H. intros L c K T x y al HK HT _ E _ Hal.
  exists (x 0), (y 0). split; [apply E; lra|]. unfold distance.
  replace (_ + _) with (al ^ 2 * ((x 0 - x T) ^ 2 + (y 0 - y T) ^ 2)) by ring.
  assert (P : 0 <= (x 0 - x T) ^ 2 + (y 0 - y T) ^ 2)
    by (apply Rplus_le_le_0_compat; apply pow2_ge_0).
  apply sqrt_le_1_alt. assert (al ^ 2 <= 1) by nra.
  rewrite <- (Rmult_1_l ((x 0 - x T) ^ 2 + _)) at 2. apply Rmult_le_compat_r; auto.
Qed.
