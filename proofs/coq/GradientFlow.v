(* Gradient flow conserves the imbalance |w|^2 - |a|^2 of a neuron, along every differentiable trajectory whose velocity
   (-gw, -ga) satisfies <w, gw> = <a, ga> (equation 9). Nurisso et al., equation 11. With one output and c < 0 the
   output weight then never changes its sign. Trajectories that are only absolutely continuous are not treated here. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Continuity Sheets.
Open Scope R_scope.

Lemma dpl_ext f g x l : (forall y, f y = g y) -> derivable_pt_lim f x l -> derivable_pt_lim g x l.
Proof.
  intros E H eps He. destruct (H eps He) as [del D]. exists del. intros h Hh Hl.
  rewrite <- !E. apply D; auto.
Qed.

Lemma dpl_pow2 f x l : derivable_pt_lim f x l -> derivable_pt_lim (fun t => f t ^ 2) x (2 * (f x * l)).
Proof.
  intros H. apply dpl_ext with (mult_fct f f); [intros; unfold mult_fct; ring|].
  replace (2 * (f x * l)) with (l * f x + f x * l) by ring.
  apply derivable_pt_lim_mult; auto.
Qed.

Lemma dpl_sqn d (w w' : R -> nat -> R) x :
  (forall i, (i < d)%nat -> derivable_pt_lim (fun t => w t i) x (w' x i)) ->
  derivable_pt_lim (fun t => sqn d (w t)) x (2 * dot d (w x) (w' x)).
Proof.
  unfold sqn, dot. induction d; cbn [sumn]; intros H.
  - replace (2 * 0) with 0 by ring. apply derivable_pt_lim_const.
  - rewrite Rmult_plus_distr_l.
    apply (derivable_pt_lim_plus (fun t => sumn d (fun i => w t i ^ 2)) (fun t => w t d ^ 2)).
    + apply IHd. intros; apply H; lia.
    + apply (dpl_pow2 (fun t => w t d)). apply H; lia.
Qed.

Lemma dot_opp n u v : dot n u (fun i => - v i) = - dot n u v.
Proof. unfold dot. induction n; cbn [sumn]; [ring|]. rewrite IHn. ring. Qed.

(* A function with derivative 0 on [0, T] is constant there. *)
Lemma constant_on T F : 0 < T -> (forall t, 0 <= t <= T -> derivable_pt_lim F t 0) ->
  forall t, 0 <= t <= T -> F t = F 0.
Proof.
  intros HT D t Ht.
  assert (pr : forall x, 0 < x < T -> derivable_pt F x) by (intros x Hx; exists 0; apply D; lra).
  assert (C : constant_D_eq F (fun x => 0 <= x <= T) (F 0)).
  { apply (null_derivative_loc F 0 T pr).
    - intros x Hx. apply derivable_continuous_pt. exists 0. apply D. lra.
    - intros x P. apply derive_pt_eq_0. apply D. lra. }
  apply (C t Ht).
Qed.

(* The velocity of the imbalance. *)
Lemma qform_velocity d e (w a dw da : R -> nat -> R) t :
  (forall i, (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (dw t i)) ->
  (forall j, (j < e)%nat -> derivable_pt_lim (fun s => a s j) t (da t j)) ->
  derivable_pt_lim (fun s => qform d e (w s) (a s)) t (2 * dot d (w t) (dw t) - 2 * dot e (a t) (da t)).
Proof.
  intros Dw Da. apply (derivable_pt_lim_minus (fun s => sqn d (w s)) (fun s => sqn e (a s))); apply dpl_sqn; auto.
Qed.

(* A function that is differentiable on [0, T] is continuous there; time rescaled to [0, 1]. *)
Lemma differentiable_contI T (a da : R -> R) : 0 < T -> (forall t, 0 <= t <= T -> derivable_pt_lim a t (da t)) ->
  contI (fun t => a (T * t)).
Proof.
  intros HT Da t Ht eps He.
  assert (C : continuity_pt a (T * t)).
  { apply derivable_continuous_pt. eexists. apply Da. split; nra. }
  destruct (C eps He) as [del [Hd D]]. exists (del / T). split; [apply Rdiv_lt_0_compat; auto|].
  intros u Hu Hut. destruct (Req_dec (T * t) (T * u)) as [E|E].
  - rewrite E, Rminus_diag_eq, Rabs_R0; auto.
  - apply (D (T * u)). split; [split; [constructor|auto]|]. simpl. unfold R_dist.
    rewrite <- Rmult_minus_distr_l, Rabs_mult, (Rabs_pos_eq T) by lra.
    apply (Rmult_lt_reg_r (/ T)); [apply Rinv_0_lt_compat; auto|].
    replace (T * Rabs (u - t) * / T) with (Rabs (u - t)) by (field; lra). exact Hut.
Qed.

(* One neuron, e outputs. *)
Theorem imbalance_conserved d e T (w a gw ga : R -> nat -> R) : 0 < T ->
  (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (- gw t i)) ->
  (forall t j, 0 <= t <= T -> (j < e)%nat -> derivable_pt_lim (fun s => a s j) t (- ga t j)) ->
  (forall t, 0 <= t <= T -> dot d (w t) (gw t) = dot e (a t) (ga t)) ->
  forall t, 0 <= t <= T -> qform d e (w t) (a t) = qform d e (w 0) (a 0).
Proof.
  intros HT Dw Da O. apply (constant_on T (fun s => qform d e (w s) (a s)) HT). intros t Ht.
  pose proof (qform_velocity d e w a (fun s i => - gw s i) (fun s j => - ga s j) t
    (fun i Hi => Dw t i Ht Hi) (fun j Hj => Da t j Ht Hj)) as V.
  cbv beta in V. rewrite !dot_opp, O in V by auto.
  replace 0 with (2 * - dot e (a t) (ga t) - 2 * - dot e (a t) (ga t)) by ring. exact V.
Qed.

(* One output: the flow w' = -a v, a' = -<v, w>, for any v that may depend on time in any way. *)
Theorem imbalance_conserved_one_output d T (w v : R -> nat -> R) (a : R -> R) : 0 < T ->
  (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (- (a t * v t i))) ->
  (forall t, 0 <= t <= T -> derivable_pt_lim a t (- dot d (v t) (w t))) ->
  forall t, 0 <= t <= T -> sqn d (w t) - a t ^ 2 = sqn d (w 0) - a 0 ^ 2.
Proof.
  intros HT Dw Da t Ht.
  pose proof (imbalance_conserved d 1 T w (fun s _ => a s) (fun s i => a s * v s i)
    (fun s _ => dot d (v s) (w s)) HT Dw (fun s _ Hs _ => Da s Hs)) as K.
  assert (O : forall t, 0 <= t <= T ->
     dot d (w t) (fun i => a t * v t i) = dot 1 (fun _ => a t) (fun _ => dot d (v t) (w t))).
  { intros s _. unfold dot. cbn [sumn]. rewrite Rplus_0_l, <- sumn_scal.
    apply sumn_ext. intros; ring. }
  specialize (K O t Ht). unfold qform, sqn in *. cbn [sumn] in K. lra.
Qed.

(* A pathological neuron never changes the sign of its output weight along the flow. *)
Theorem flow_keeps_sign d T (w v : R -> nat -> R) (a : R -> R) : 0 < T ->
  (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (- (a t * v t i))) ->
  (forall t, 0 <= t <= T -> derivable_pt_lim a t (- dot d (v t) (w t))) ->
  sqn d (w 0) < a 0 ^ 2 -> 0 < a 0 * a T.
Proof.
  intros HT Dw Da H0.
  pose proof (no_sign_change d (sqn d (w 0) - a 0 ^ 2) (fun t => w (T * t)) (fun t => a (T * t))) as K.
  cbv beta in K. rewrite Rmult_0_r, Rmult_1_r in K. apply K; [lra| |].
  - apply (differentiable_contI T a (fun t => - dot d (v t) (w t))); auto.
  - intros t Ht. apply (imbalance_conserved_one_output d T w v a HT Dw Da). split; nra.
Qed.

(** * Mutants *)
(* Without <w, gw> = <a, ga>. *)
Theorem imbalance_conserved_mutant_false :
  ~ (forall d e T (w a gw ga : R -> nat -> R), 0 < T ->
     (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (- gw t i)) ->
     (forall t j, 0 <= t <= T -> (j < e)%nat -> derivable_pt_lim (fun s => a s j) t (- ga t j)) ->
     forall t, 0 <= t <= T -> qform d e (w t) (a t) = qform d e (w 0) (a 0)).
Proof.
  intros H. specialize (H 1%nat 0%nat 1 (fun t _ => t) (fun _ _ => 0) (fun _ _ => -1) (fun _ _ => 0)).
  assert (K : qform 1 0 (fun _ => 1) (fun _ => 0) = qform 1 0 (fun _ => 0) (fun _ => 0)).
  { apply (fun A B C => H A B C 1 ltac:(lra)); [lra| |].
    - intros t i _ _. replace (- -1) with 1 by ring. apply derivable_pt_lim_id.
    - intros t j _ Hj. lia. }
  unfold qform, sqn in K. cbn [sumn] in K. lra.
Qed.

(* With the wrong sign in a' = +<v, w>: a rotation. *)
Theorem imbalance_conserved_one_output_mutant_false :
  ~ (forall d T (w v : R -> nat -> R) (a : R -> R), 0 < T ->
     (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (- (a t * v t i))) ->
     (forall t, 0 <= t <= T -> derivable_pt_lim a t (dot d (v t) (w t))) ->
     forall t, 0 <= t <= T -> sqn d (w t) - a t ^ 2 = sqn d (w 0) - a 0 ^ 2).
Proof.
  intros H. specialize (H 1%nat (PI / 2) (fun t _ => cos t) (fun _ _ => 1) sin).
  pose proof PI_RGT_0 as P.
  assert (K : sqn 1 (fun _ => cos (PI / 2)) - sin (PI / 2) ^ 2 = sqn 1 (fun _ => cos 0) - sin 0 ^ 2).
  { apply H; try lra.
    - intros t i _ _. replace (- (sin t * 1)) with (- sin t) by ring. apply derivable_pt_lim_cos.
    - intros t _. unfold dot. cbn [sumn]. replace (0 + 1 * cos t) with (cos t) by ring. apply derivable_pt_lim_sin. }
  unfold sqn in K. cbn [sumn] in K. rewrite cos_PI2, sin_PI2, cos_0, sin_0 in K. lra.
Qed.

(* With c <= 0 for c < 0: the neuron may vanish. *)
Theorem flow_keeps_sign_mutant_false :
  ~ (forall d T (w v : R -> nat -> R) (a : R -> R), 0 < T ->
     (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (- (a t * v t i))) ->
     (forall t, 0 <= t <= T -> derivable_pt_lim a t (- dot d (v t) (w t))) ->
     sqn d (w 0) <= a 0 ^ 2 -> 0 < a 0 * a T).
Proof.
  intros H. specialize (H 0%nat 1 (fun _ _ => 0) (fun _ _ => 0) (fun _ => 0) ltac:(lra)).
  assert (K : 0 < 0 * 0); [|lra]. apply H.
  - intros t i _ Hi. lia.
  - intros t _. unfold dot. cbn [sumn]. rewrite Ropp_0. apply derivable_pt_lim_const.
  - unfold sqn. cbn [sumn]. lra.
Qed.
