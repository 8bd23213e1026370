(* Gradient flow of the loss plus (lambda / 2) |theta|^2: the imbalance decays as exp(-2 lambda t) and keeps its sign, and
   with one output a pathological neuron's output weight still never changes its sign. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Continuity Sheets GradientFlow.
Open Scope R_scope.

Lemma dot_decay n u g lam : dot n u (fun i => - g i - lam * u i) = - dot n u g - lam * sqn n u.
Proof.
  rewrite <- dot_self, <- dot_opp. unfold dot.
  replace (sumn n (fun i => u i * - g i) - lam * sumn n (fun i => u i * u i))
    with (sumn n (fun i => u i * - g i) + - lam * sumn n (fun i => u i * u i)) by ring.
  rewrite <- sumn_scal, <- sumn_plus. apply sumn_ext. intros; ring.
Qed.

Theorem weight_decay d e T lam (w a gw ga : R -> nat -> R) : 0 < T ->
  (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (- gw t i - lam * w t i)) ->
  (forall t j, 0 <= t <= T -> (j < e)%nat -> derivable_pt_lim (fun s => a s j) t (- ga t j - lam * a t j)) ->
  (forall t, 0 <= t <= T -> dot d (w t) (gw t) = dot e (a t) (ga t)) ->
  forall t, 0 <= t <= T -> qform d e (w t) (a t) = qform d e (w 0) (a 0) * exp (- 2 * lam * t).
Proof.
  intros HT Dw Da O t Ht. set (q := fun s => qform d e (w s) (a s)).
  assert (E : forall s, 0 <= s <= T -> derivable_pt_lim q s (- 2 * lam * q s)).
  { intros s Hs.
    pose proof (qform_velocity d e w a (fun s i => - gw s i - lam * w s i) (fun s j => - ga s j - lam * a s j) s
      (fun i Hi => Dw s i Hs Hi) (fun j Hj => Da s j Hs Hj)) as V.
    cbv beta in V. rewrite !dot_decay, O in V by auto. unfold q.
    replace (- 2 * lam * qform d e (w s) (a s)) with
      (2 * (- dot e (a s) (ga s) - lam * sqn d (w s)) - 2 * (- dot e (a s) (ga s) - lam * sqn e (a s)))
      by (unfold qform; ring). exact V. }
  assert (X : forall s, derivable_pt_lim (fun s => exp (2 * lam * s)) s (exp (2 * lam * s) * (2 * lam))).
  { intros s. replace (exp (2 * lam * s) * (2 * lam)) with (exp (2 * lam * s) * (2 * lam * 1)) by ring.
    apply (derivable_pt_lim_comp (fun s => 2 * lam * s) exp).
    - apply (derivable_pt_lim_scal id), derivable_pt_lim_id.
    - apply derivable_pt_lim_exp. }
  assert (C : q t * exp (2 * lam * t) = q 0 * exp (2 * lam * 0)).
  { apply (constant_on T (fun s => q s * exp (2 * lam * s)) HT); auto. intros s Hs.
    replace 0 with (- 2 * lam * q s * exp (2 * lam * s) + q s * (exp (2 * lam * s) * (2 * lam))) by ring.
    apply (derivable_pt_lim_mult q (fun s => exp (2 * lam * s))); auto. }
  rewrite Rmult_0_r, exp_0, Rmult_1_r in C. fold (q t) (q 0). rewrite <- C, Rmult_assoc, <- exp_plus.
  replace (2 * lam * t + - 2 * lam * t) with 0 by ring. rewrite exp_0. ring.
Qed.

(* One output: the obstruction survives weight decay. *)
Theorem weight_decay_keeps_sign d T lam (w v : R -> nat -> R) (a : R -> R) : 0 < T ->
  (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (- (a t * v t i) - lam * w t i)) ->
  (forall t, 0 <= t <= T -> derivable_pt_lim a t (- dot d (v t) (w t) - lam * a t)) ->
  sqn d (w 0) < a 0 ^ 2 -> 0 < a 0 * a T.
Proof.
  intros HT Dw Da H0.
  assert (Q : forall t, 0 <= t <= T -> sqn d (w t) - a t ^ 2 = (sqn d (w 0) - a 0 ^ 2) * exp (- 2 * lam * t)).
  { intros t Ht.
    pose proof (weight_decay d 1 T lam w (fun s _ => a s) (fun s i => a s * v s i) (fun s _ => dot d (v s) (w s))
      HT Dw (fun s _ Hs _ => Da s Hs)) as K.
    assert (O : forall t, 0 <= t <= T ->
      dot d (w t) (fun i => a t * v t i) = dot 1 (fun _ => a t) (fun _ => dot d (v t) (w t))).
    { intros s _. unfold dot. cbn [sumn]. rewrite Rplus_0_l, <- sumn_scal. apply sumn_ext. intros; ring. }
    specialize (K O t Ht). unfold qform, sqn in *. cbn [sumn] in K.
    replace (0 + a t ^ 2) with (a t ^ 2) in K by ring. replace (0 + a 0 ^ 2) with (a 0 ^ 2) in K by ring. exact K. }
  pose proof (nonzero_keeps_sign (fun t => a (T * t))) as K. cbv beta in K. rewrite Rmult_0_r, Rmult_1_r in K. apply K.
  - apply (differentiable_contI T a (fun t => - dot d (v t) (w t) - lam * a t)); auto.
  - intros t Ht Z. assert (I : 0 <= T * t <= T) by (split; nra). specialize (Q (T * t) I). rewrite Z in Q.
    pose proof (exp_pos (- 2 * lam * (T * t))). pose proof (sqn_nonneg d (w (T * t))). nra.
Qed.

(** * Mutants *)
Lemma decaying t : derivable_pt_lim (fun s => exp (- s)) t (- exp (- t)).
Proof.
  replace (- exp (- t)) with (exp (- t) * - 1) by ring. apply (derivable_pt_lim_comp Ropp exp).
  - apply (derivable_pt_lim_opp id), derivable_pt_lim_id.
  - apply derivable_pt_lim_exp.
Qed.

(* Half the rate. *)
Theorem weight_decay_mutant_false :
  ~ (forall d e T lam (w a gw ga : R -> nat -> R), 0 < T ->
     (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (- gw t i - lam * w t i)) ->
     (forall t j, 0 <= t <= T -> (j < e)%nat -> derivable_pt_lim (fun s => a s j) t (- ga t j - lam * a t j)) ->
     (forall t, 0 <= t <= T -> dot d (w t) (gw t) = dot e (a t) (ga t)) ->
     forall t, 0 <= t <= T -> qform d e (w t) (a t) = qform d e (w 0) (a 0) * exp (- lam * t)).
Proof.
  intros H.
  specialize (H 1%nat 0%nat 1 1 (fun t _ => exp (- t)) (fun _ _ => 0) (fun _ _ => 0) (fun _ _ => 0) ltac:(lra)).
  assert (K : qform 1 0 (fun _ => exp (- (1))) (fun _ => 0) = qform 1 0 (fun _ => exp (- 0)) (fun _ => 0) * exp (- (1) * 1)).
  { apply H; try lra.
    - intros t i _ _. replace (- 0 - 1 * exp (- t)) with (- exp (- t)) by ring. apply decaying.
    - intros t j _ Hj. lia.
    - intros t _. unfold dot. cbn [sumn]. ring. }
  unfold qform, sqn in K. cbn [sumn] in K. rewrite Ropp_0, exp_0, Rmult_1_r in K.
  assert (L : exp (- (1)) < exp 0) by (apply exp_increasing; lra). rewrite exp_0 in L.
  pose proof (exp_pos (- (1))). 
  assert (E : exp (- (1)) * (1 - exp (- (1))) = (0 + 1 ^ 2 - 0) * exp (- (1)) - (0 + exp (- (1)) ^ 2 - 0)) by ring.
  rewrite K in E. nra.
Qed.

(* c <= 0 for c < 0. *)
Theorem weight_decay_keeps_sign_mutant_false :
  ~ (forall d T lam (w v : R -> nat -> R) (a : R -> R), 0 < T ->
     (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun s => w s i) t (- (a t * v t i) - lam * w t i)) ->
     (forall t, 0 <= t <= T -> derivable_pt_lim a t (- dot d (v t) (w t) - lam * a t)) ->
     sqn d (w 0) <= a 0 ^ 2 -> 0 < a 0 * a T).
Proof.
  intros H. specialize (H 0%nat 1 0 (fun _ _ => 0) (fun _ _ => 0) (fun _ => 0) ltac:(lra)).
  assert (K : 0 < 0 * 0); [|lra]. apply H.
  - intros t i _ Hi. lia.
  - intros t _. unfold dot. cbn [sumn]. replace (- 0 - 0 * 0) with 0 by ring. apply derivable_pt_lim_const.
  - unfold sqn. cbn [sumn]. lra.
Qed.
