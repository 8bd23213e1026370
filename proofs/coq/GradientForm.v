(* Where the flow of a neuron comes from. For a loss that is a mean over samples, an activation with sigma(z) = sigma'(z) z
   where the samples meet it, and one output, the partial derivatives are a v and <v, w> with one and the same v; so
   gradient flow conserves |w|^2 - a^2. For e outputs, equation 9 of Nurisso et al. for every choice of the slopes. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Continuity Sheets GradientFlow.
Open Scope R_scope.

Section OneNeuron.
Variables (d N : nat) (x : nat -> nat -> R) (ell : nat -> R -> R) (sigma : R -> R).

(* The loss as a function of one neuron (w, a); r n is what the other neurons add to the output at sample n. *)
Definition loss (r : nat -> R) (w : nat -> R) (a : R) : R :=
  / INR N * sumn N (fun n => ell n (a * sigma (dot d w (x n)) + r n)).

(* w with its i-th value replaced by u *)
Definition at_i (w : nat -> R) (i : nat) (u : R) : nat -> R := fun k => if Nat.eq_dec k i then u else w k.

(* the vector v of the flow: g are the derivatives of the losses, s the slopes of the activation *)
Definition drive (g s : nat -> R) (i : nat) : R := / INR N * sumn N (fun n => g n * s n * x n i).
End OneNeuron.

Lemma dot_at_i d w i u v : (i < d)%nat -> dot d (at_i w i u) v = dot d w v + (u - w i) * v i.
Proof.
  assert (A : forall n, (n <= i)%nat -> dot n (at_i w i u) v = dot n w v).
  { intros n Hn. unfold dot. apply sumn_ext. intros k Hk. unfold at_i. destruct (Nat.eq_dec k i); [lia|auto]. }
  induction d; intros Hi; [lia|]. destruct (Nat.eq_dec i d) as [->|].
  - unfold dot in *. cbn [sumn]. rewrite A by lia. unfold at_i at 1. destruct (Nat.eq_dec d d); [ring|lia].
  - specialize (IHd ltac:(lia)). unfold dot in *. cbn [sumn]. rewrite IHd. unfold at_i at 1.
    destruct (Nat.eq_dec d i); [lia|ring].
Qed.

Lemma dpl_linear k t : derivable_pt_lim (fun u => k * u) t k.
Proof.
  pose proof (derivable_pt_lim_scal id k t 1 (derivable_pt_lim_id t)) as D. rewrite Rmult_1_r in D. exact D.
Qed.

Lemma dpl_sumn N (F : nat -> R -> R) (dF : nat -> R) t :
  (forall n, (n < N)%nat -> derivable_pt_lim (F n) t (dF n)) -> derivable_pt_lim (fun u => sumn N (fun n => F n u)) t (sumn N dF).
Proof.
  induction N; cbn [sumn]; intros H; [apply derivable_pt_lim_const|].
  apply (derivable_pt_lim_plus (fun u => sumn N (fun n => F n u)) (F N)); auto.
Qed.

Lemma sumn_swap n m f : sumn n (fun i => sumn m (fun j => f i j)) = sumn m (fun j => sumn n (fun i => f i j)).
Proof.
  induction n; cbn [sumn].
  - induction m; cbn [sumn]; [auto|]. rewrite <- IHm. ring.
  - rewrite IHn, <- sumn_plus. reflexivity.
Qed.

Lemma mean_scal k N f : k * (/ INR N * sumn N f) = / INR N * sumn N (fun n => k * f n).
Proof. rewrite sumn_scal. ring. Qed.

(* The partial derivatives of the loss: a v_i and <v, w>. *)
Theorem gradient_form d N x ell sigma r w a g s :
  (forall n, (n < N)%nat -> derivable_pt_lim sigma (dot d w (x n)) (s n)) ->
  (forall n, (n < N)%nat -> sigma (dot d w (x n)) = s n * dot d w (x n)) ->
  (forall n, (n < N)%nat -> derivable_pt_lim (ell n) (a * sigma (dot d w (x n)) + r n) (g n)) ->
  (forall i, (i < d)%nat ->
     derivable_pt_lim (fun u => loss d N x ell sigma r (at_i w i u) a) (w i) (a * drive N x g s i)) /\
  derivable_pt_lim (fun u => loss d N x ell sigma r w u) a (dot d (drive N x g s) w).
Proof.
  intros Ds Hs Dl. split.
  - intros i Hi. unfold loss, drive.
    replace (a * (/ INR N * sumn N (fun n => g n * s n * x n i)))
      with (/ INR N * sumn N (fun n => g n * (a * (s n * x n i)))).
    2: { rewrite mean_scal. f_equal. apply sumn_ext. intros; ring. }
    apply (derivable_pt_lim_scal (fun u => sumn N (fun n => ell n (a * sigma (dot d (at_i w i u) (x n)) + r n)))).
    apply dpl_sumn. intros n Hn.
    assert (E : dot d (at_i w i (w i)) (x n) = dot d w (x n)) by (rewrite dot_at_i by auto; ring).
    assert (D1 : derivable_pt_lim (fun u => dot d (at_i w i u) (x n)) (w i) (x n i)).
    { apply dpl_ext with (fun u => dot d w (x n) + (u - w i) * x n i); [intros; rewrite dot_at_i by auto; ring|].
      enough (D : derivable_pt_lim (fun u => dot d w (x n) + (u - w i) * x n i) (w i)
                    (0 + ((1 - 0) * x n i + (w i - w i) * 0))).
      { replace (0 + ((1 - 0) * x n i + (w i - w i) * 0)) with (x n i) in D by ring. exact D. }
      apply (derivable_pt_lim_plus (fun _ => dot d w (x n)) (fun u => (u - w i) * x n i)); [apply derivable_pt_lim_const|].
      apply (derivable_pt_lim_mult (fun u => u - w i) (fun _ => x n i)); [|apply derivable_pt_lim_const].
      apply (derivable_pt_lim_minus id (fun _ => w i)); [apply derivable_pt_lim_id|apply derivable_pt_lim_const]. }
    assert (D2 : derivable_pt_lim (fun u => a * sigma (dot d (at_i w i u) (x n)) + r n) (w i) (a * (s n * x n i))).
    { replace (a * (s n * x n i)) with (a * (s n * x n i) + 0) by ring.
      apply (derivable_pt_lim_plus (fun u => a * sigma (dot d (at_i w i u) (x n))) (fun _ => r n));
        [|apply derivable_pt_lim_const].
      apply (derivable_pt_lim_scal (fun u => sigma (dot d (at_i w i u) (x n)))).
      apply (derivable_pt_lim_comp (fun u => dot d (at_i w i u) (x n)) sigma); auto. rewrite E. auto. }
    apply (derivable_pt_lim_comp (fun u => a * sigma (dot d (at_i w i u) (x n)) + r n) (ell n)); auto.
    rewrite E. auto.
  - unfold loss.
    replace (dot d (drive N x g s) w) with (/ INR N * sumn N (fun n => g n * sigma (dot d w (x n)))).
    + apply (derivable_pt_lim_scal (fun u => sumn N (fun n => ell n (u * sigma (dot d w (x n)) + r n)))).
      apply dpl_sumn. intros n Hn.
      apply (derivable_pt_lim_comp (fun u => u * sigma (dot d w (x n)) + r n) (ell n)); auto.
      enough (D : derivable_pt_lim (fun u => u * sigma (dot d w (x n)) + r n) a (1 * sigma (dot d w (x n)) + a * 0 + 0)).
      { replace (1 * sigma (dot d w (x n)) + a * 0 + 0) with (sigma (dot d w (x n))) in D by ring. exact D. }
      apply (derivable_pt_lim_plus (fun u => u * sigma (dot d w (x n))) (fun _ => r n)); [|apply derivable_pt_lim_const].
      apply (derivable_pt_lim_mult id (fun _ => sigma (dot d w (x n)))); [apply derivable_pt_lim_id|apply derivable_pt_lim_const].
    + unfold dot at 2, drive.
      rewrite (sumn_ext d _ (fun i => / INR N * sumn N (fun n => g n * s n * (w i * x n i)))).
      * rewrite sumn_scal. f_equal. rewrite sumn_swap. apply sumn_ext. intros n Hn.
        rewrite Hs by auto. unfold dot. rewrite <- Rmult_assoc, <- sumn_scal. reflexivity.
      * intros i Hi. rewrite Rmult_comm, mean_scal. f_equal. apply sumn_ext. intros; ring.
Qed.

(* Equation 9 for e outputs: rho n is the gradient of the loss in the output at sample n, s n any slope. *)
Theorem gradient_balance d e N (x rho : nat -> nat -> R) (s : nat -> R) (sigma : R -> R) (w a : nat -> R) :
  (forall n, (n < N)%nat -> sigma (dot d w (x n)) = s n * dot d w (x n)) ->
  dot d w (fun i => / INR N * sumn N (fun n => dot e a (rho n) * s n * x n i)) =
  dot e a (fun j => / INR N * sumn N (fun n => rho n j * sigma (dot d w (x n)))).
Proof.
  intros H. unfold dot at 1 3.
  rewrite (sumn_ext d _ (fun i => / INR N * sumn N (fun n => dot e a (rho n) * s n * (w i * x n i)))).
  2: { intros i Hi. rewrite mean_scal. f_equal. apply sumn_ext. intros; ring. }
  rewrite (sumn_ext e _ (fun j => / INR N * sumn N (fun n => sigma (dot d w (x n)) * (a j * rho n j)))).
  2: { intros j Hj. rewrite mean_scal. f_equal. apply sumn_ext. intros; ring. }
  rewrite !sumn_scal. f_equal. rewrite !(sumn_swap _ N). apply sumn_ext. intros n Hn.
  rewrite !sumn_scal, H by auto. unfold dot. ring.
Qed.

(* Gradient flow of the loss itself conserves the imbalance: gw and ga are its partial derivatives, r t n what the other
   neurons contribute at time t. The activation need only be differentiable where the samples meet it. *)
Theorem loss_gradient_flow_conserves d N T x ell sigma (r g s : R -> nat -> R) (w gw : R -> nat -> R) (a ga : R -> R) :
  0 < T ->
  (forall t n, 0 <= t <= T -> (n < N)%nat -> derivable_pt_lim sigma (dot d (w t) (x n)) (s t n)) ->
  (forall t n, 0 <= t <= T -> (n < N)%nat -> sigma (dot d (w t) (x n)) = s t n * dot d (w t) (x n)) ->
  (forall t n, 0 <= t <= T -> (n < N)%nat ->
     derivable_pt_lim (ell n) (a t * sigma (dot d (w t) (x n)) + r t n) (g t n)) ->
  (forall t i, 0 <= t <= T -> (i < d)%nat ->
     derivable_pt_lim (fun u => loss d N x ell sigma (r t) (at_i (w t) i u) (a t)) (w t i) (gw t i)) ->
  (forall t, 0 <= t <= T -> derivable_pt_lim (fun u => loss d N x ell sigma (r t) (w t) u) (a t) (ga t)) ->
  (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun u => w u i) t (- gw t i)) ->
  (forall t, 0 <= t <= T -> derivable_pt_lim a t (- ga t)) ->
  forall t, 0 <= t <= T -> sqn d (w t) - a t ^ 2 = sqn d (w 0) - a 0 ^ 2.
Proof.
  intros HT Ds Hs Dl Pw Pa Fw Fa.
  apply (imbalance_conserved_one_output d T w (fun t => drive N x (g t) (s t)) a HT).
  - intros t i Ht Hi.
    destruct (gradient_form d N x ell sigma (r t) (w t) (a t) (g t) (s t)) as [Gw _]; auto.
    rewrite (uniqueness_limite _ _ _ _ (Gw i Hi) (Pw t i Ht Hi)). auto.
  - intros t Ht.
    destruct (gradient_form d N x ell sigma (r t) (w t) (a t) (g t) (s t)) as [_ Ga]; auto.
    rewrite (uniqueness_limite _ _ _ _ Ga (Pa t Ht)). auto.
Qed.

(** * Mutants *)
(* Without sigma(z) = sigma'(z) z. *)
Theorem gradient_balance_mutant_false :
  ~ (forall d e N (x rho : nat -> nat -> R) (s : nat -> R) (sigma : R -> R) (w a : nat -> R),
     dot d w (fun i => / INR N * sumn N (fun n => dot e a (rho n) * s n * x n i)) =
     dot e a (fun j => / INR N * sumn N (fun n => rho n j * sigma (dot d w (x n))))).
Proof.
  intros H. specialize (H 1%nat 1%nat 1%nat (fun _ _ => 1) (fun _ _ => 1) (fun _ => 0) (fun _ => 1) (fun _ => 1) (fun _ => 1)).
  unfold dot in H. cbn in H. lra.
Qed.

Theorem gradient_form_mutant_false :
  ~ (forall d N x ell sigma r w a g s,
     (forall n, (n < N)%nat -> derivable_pt_lim sigma (dot d w (x n)) (s n)) ->
     (forall n, (n < N)%nat -> derivable_pt_lim (ell n) (a * sigma (dot d w (x n)) + r n) (g n)) ->
     derivable_pt_lim (fun u => loss d N x ell sigma r w u) a (dot d (drive N x g s) w)).
Proof.
  intros H.
  specialize (H 1%nat 1%nat (fun _ _ => 0) (fun _ u => u) (fun _ => 1) (fun _ => 0) (fun _ => 0) 0 (fun _ => 1) (fun _ => 0)).
  assert (A := H ltac:(intros; apply derivable_pt_lim_const) ltac:(intros; apply derivable_pt_lim_id)).
  assert (B : derivable_pt_lim (fun u => loss 1 1 (fun _ _ => 0) (fun _ u => u) (fun _ => 1) (fun _ => 0) (fun _ => 0) u) 0 1).
  { apply dpl_ext with id; [intros; unfold loss, id; cbn; field|apply derivable_pt_lim_id]. }
  pose proof (uniqueness_limite _ _ _ _ A B) as E. unfold dot in E. cbn [sumn] in E. rewrite Rmult_0_r in E. lra.
Qed.

(* Ascending in a instead of descending. *)
Theorem loss_gradient_flow_conserves_mutant_false :
  ~ (forall d N T x ell sigma (r g s : R -> nat -> R) (w gw : R -> nat -> R) (a ga : R -> R),
  0 < T ->
  (forall t n, 0 <= t <= T -> (n < N)%nat -> derivable_pt_lim sigma (dot d (w t) (x n)) (s t n)) ->
  (forall t n, 0 <= t <= T -> (n < N)%nat -> sigma (dot d (w t) (x n)) = s t n * dot d (w t) (x n)) ->
  (forall t n, 0 <= t <= T -> (n < N)%nat ->
     derivable_pt_lim (ell n) (a t * sigma (dot d (w t) (x n)) + r t n) (g t n)) ->
  (forall t i, 0 <= t <= T -> (i < d)%nat ->
     derivable_pt_lim (fun u => loss d N x ell sigma (r t) (at_i (w t) i u) (a t)) (w t i) (gw t i)) ->
  (forall t, 0 <= t <= T -> derivable_pt_lim (fun u => loss d N x ell sigma (r t) (w t) u) (a t) (ga t)) ->
  (forall t i, 0 <= t <= T -> (i < d)%nat -> derivable_pt_lim (fun u => w u i) t (- gw t i)) ->
  (forall t, 0 <= t <= T -> derivable_pt_lim a t (ga t)) ->
  forall t, 0 <= t <= T -> sqn d (w t) - a t ^ 2 = sqn d (w 0) - a 0 ^ 2).
Proof.
  intros H. pose proof PI_RGT_0 as P.
  (* one sample x = 1, loss u, activation z: w' = -a and, ascending, a' = w *)
  specialize (H 1%nat 1%nat (PI / 2) (fun _ _ => 1) (fun _ u => u) (fun z => z) (fun _ _ => 0) (fun _ _ => 1) (fun _ _ => 1)
    (fun t _ => cos t) (fun t _ => sin t) sin cos).
  assert (K : sqn 1 (fun _ => cos (PI / 2)) - sin (PI / 2) ^ 2 = sqn 1 (fun _ => cos 0) - sin 0 ^ 2).
  { apply H; try lra.
    - intros. apply derivable_pt_lim_id.
    - intros. ring.
    - intros. apply derivable_pt_lim_id.
    - intros t i _ Hi. assert (i = 0%nat) by lia. subst i.
      apply dpl_ext with (fun u => sin t * u); [intros; unfold loss, dot, at_i; cbn; field|].
      apply dpl_linear.
    - intros t _. apply dpl_ext with (fun u => cos t * u); [intros; unfold loss, dot; cbn; field|].
      apply dpl_linear.
    - intros. apply derivable_pt_lim_cos.
    - intros. apply derivable_pt_lim_sin. }
  unfold sqn in K. cbn [sumn] in K. rewrite cos_PI2, sin_PI2, cos_0, sin_0 in K. lra.
Qed.
