(* Proposition 2 of Nurisso et al., for all d, e >= 1: the quadric Q(c) is homeomorphic to S^(d-1) x R^e for c > 0 and to
   R^d x S^(e-1) for c < 0, by the charts of equation 18; Q(0) is contractible to the origin. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric.
Open Scope R_scope.

Definition vec := nat -> R.
(* Equation 18. *)
Definition chart (e : nat) (c : R) (p : vec * vec) : vec * vec :=
  (fun i => fst p i / sqrt (c + sqn e (snd p)), snd p).
Definition parametrization (e : nat) (c : R) (p : vec * vec) : vec * vec :=
  (fun i => sqrt (c + sqn e (snd p)) * fst p i, snd p).
Definition in_sphere_times (d : nat) (p : vec * vec) : Prop := sqn d (fst p) = 1.
Definition in_Q (d e : nat) (c : R) (p : vec * vec) : Prop := inQ d e c (fst p) (snd p).
Definition eqv (p q : vec * vec) : Prop := (forall i, fst p i = fst q i) /\ (forall j, snd p j = snd q j).


Section Continuity.
Variables (d e : nat).
(** Continuity, epsilon-delta in the sup norm of the first d + e coordinates. *)
Definition near (del : R) (p q : vec * vec) : Prop :=
  (forall i, (i < d)%nat -> Rabs (fst q i - fst p i) < del) /\
  (forall j, (j < e)%nat -> Rabs (snd q j - snd p j) < del).
Definition Cont (F : vec * vec -> R) (p : vec * vec) : Prop :=
  forall eps, 0 < eps -> exists del, 0 < del /\ forall q, near del p q -> Rabs (F q - F p) < eps.

Lemma Cont_fst i p : (i < d)%nat -> Cont (fun q => fst q i) p.
Proof. intros Hi eps He. exists eps. split; auto. intros q [H _]. auto. Qed.
Lemma Cont_snd j p : (j < e)%nat -> Cont (fun q => snd q j) p.
Proof. intros Hi eps He. exists eps. split; auto. intros q [_ H]. auto. Qed.
Lemma Cont_const k p : Cont (fun _ => k) p.
Proof. intros eps He. exists 1. split; [lra|]. intros. rewrite Rminus_diag_eq, Rabs_R0; auto. Qed.
Lemma near_weak del del' p q : del <= del' -> near del p q -> near del' p q.
Proof. intros L [A B]. split; intros; eapply Rlt_le_trans; eauto. Qed.
Lemma Cont_plus F G p : Cont F p -> Cont G p -> Cont (fun q => F q + G q) p.
Proof.
  intros HF HG eps He. destruct (HF (eps/2)) as [d1 [P1 K1]]; [lra|].
  destruct (HG (eps/2)) as [d2 [P2 K2]]; [lra|].
  exists (Rmin d1 d2). split; [apply Rmin_pos; auto|]. intros q N.
  specialize (K1 q (near_weak _ _ _ _ (Rmin_l _ _) N)). specialize (K2 q (near_weak _ _ _ _ (Rmin_r _ _) N)).
  replace (F q + G q - (F p + G p)) with ((F q - F p) + (G q - G p)) by ring.
  eapply Rle_lt_trans; [apply Rabs_triang|]. lra.
Qed.
Lemma Cont_comp F (f : R -> R) p : Cont F p -> continuity_pt f (F p) -> Cont (fun q => f (F q)) p.
Proof.
  intros HF Hf eps He. destruct (Hf eps He) as [d1 [P1 K1]].
  destruct (HF d1 P1) as [d2 [P2 K2]]. exists d2. split; auto. intros q N.
  destruct (Req_dec (F p) (F q)) as [E|E].
  - rewrite E, Rminus_diag_eq, Rabs_R0; auto.
  - apply (K1 (F q)). split; [split; [constructor|auto]|]. apply K2; auto.
Qed.
Lemma Cont_ext F G p : (forall q, F q = G q) -> Cont F p -> Cont G p.
Proof. intros E H eps He. destruct (H eps He) as [d1 [P K]]. exists d1. split; auto. intros. rewrite <- !E. auto. Qed.
Lemma Cont_scal k F p : Cont F p -> Cont (fun q => k * F q) p.
Proof.
  intros H. apply (Cont_comp F (fun t => k * t)); auto.
  apply derivable_continuous_pt. exists (k * 1). apply (derivable_pt_lim_scal id), derivable_pt_lim_id.
Qed.
Lemma Cont_sq F p : Cont F p -> Cont (fun q => F q ^ 2) p.
Proof.
  intros H. apply (Cont_comp F (fun t => t ^ 2)); auto.
  apply derivable_continuous_pt. eexists. apply (derivable_pt_lim_pow (F p) 2).
Qed.
Lemma Cont_mult F G p : Cont F p -> Cont G p -> Cont (fun q => F q * G q) p.
Proof.
  intros HF HG. apply Cont_ext with (fun q => 1/4 * (F q + G q) ^ 2 + (-1/4) * (F q + (-1) * G q) ^ 2).
  - intros q. field.
  - apply Cont_plus; apply Cont_scal, Cont_sq, Cont_plus; auto. apply Cont_scal; auto.
Qed.
End Continuity.
Arguments Cont_fst {d e}.
Arguments Cont_snd {d e}.
Arguments Cont_const {d e}.
Arguments near_weak {d e}.
Arguments Cont_plus {d e}.
Arguments Cont_comp {d e}.
Arguments Cont_ext {d e}.
Arguments Cont_scal {d e}.
Arguments Cont_sq {d e}.
Arguments Cont_mult {d e}.

(* A map that is continuous at p, in every coordinate. *)
Definition continuous_at (d e : nat) (F : vec * vec -> vec * vec) (p : vec * vec) : Prop :=
  (forall i, (i < d)%nat -> Cont d e (fun q => fst (F q) i) p) /\
  (forall j, (j < e)%nat -> Cont d e (fun q => snd (F q) j) p).

Section Pos.
Variables (d e : nat) (c : R).
Hypothesis Hc : 0 < c.
Lemma arg_pos v : 0 < c + sqn e v.
Proof. pose proof (sqn_nonneg e v). lra. Qed.
Lemma root_pos v : 0 < sqrt (c + sqn e v).
Proof. apply sqrt_lt_R0, arg_pos. Qed.
Lemma root_sq v : sqrt (c + sqn e v) ^ 2 = c + sqn e v.
Proof. rewrite <- Rsqr_pow2. apply Rsqr_sqrt. pose proof (arg_pos v). lra. Qed.

Lemma chart_maps p : in_Q d e c p -> in_sphere_times d (chart e c p).
Proof.
  destruct p as [w v]. unfold in_Q, inQ, qform, in_sphere_times, chart. simpl. intros H.
  rewrite (sqn_ext d _ (fun i => / sqrt (c + sqn e v) * w i)) by (intros; unfold Rdiv; ring).
  pose proof (root_pos v). pose proof (arg_pos v).
  rewrite sqn_scal. replace ((/ sqrt (c + sqn e v)) ^ 2) with (/ sqrt (c + sqn e v) ^ 2) by (field; lra).
  rewrite root_sq. replace (sqn d w) with (c + sqn e v) by lra. field. lra.
Qed.
Lemma parametrization_maps p : in_sphere_times d p -> in_Q d e c (parametrization e c p).
Proof.
  destruct p as [u x]. unfold in_Q, inQ, qform, in_sphere_times, parametrization. simpl. intros H.
  rewrite sqn_scal, H, root_sq. ring.
Qed.
Lemma parametrization_of_chart p : eqv (parametrization e c (chart e c p)) p.
Proof.
  destruct p as [w v]. split; simpl; intros; auto. pose proof (root_pos v). field. lra.
Qed.
Lemma chart_of_parametrization p : eqv (chart e c (parametrization e c p)) p.
Proof.
  destruct p as [w v]. split; simpl; intros; auto. pose proof (root_pos v). field. lra.
Qed.

Lemma Cont_root p : Cont d e (fun q => sqrt (c + sqn e (snd q))) p.
Proof.
  apply (Cont_comp (fun q => c + sqn e (snd q)) sqrt).
  - apply Cont_plus; [apply Cont_const|].
    assert (H : forall n, (n <= e)%nat -> Cont d e (fun q => sqn n (snd q)) p).
    { unfold sqn. induction n; cbn [sumn]; intros Hn; [apply Cont_const|].
      apply Cont_plus; [apply IHn; lia|]. apply (Cont_sq (fun q => snd q n)), Cont_snd. lia. }
    apply H; auto.
  - apply continuity_pt_sqrt. pose proof (arg_pos (snd p)). lra.
Qed.

Lemma chart_continuous p : (forall i, (i < d)%nat -> Cont d e (fun q => fst (chart e c q) i) p) /\
                         (forall j, (j < e)%nat -> Cont d e (fun q => snd (chart e c q) j) p).
Proof.
  split; intros k Hk; simpl; [|apply Cont_snd; auto].
  unfold Rdiv. apply (Cont_mult (fun q => fst q k)); [apply Cont_fst; auto|].
  pose proof (root_pos (snd p)).
  apply (Cont_comp (fun q => sqrt (c + sqn e (snd q))) Rinv); [apply Cont_root|].
  apply (continuity_pt_inv id); [apply derivable_continuous_pt, derivable_pt_id|]. unfold id. lra.
Qed.
Lemma parametrization_continuous p : (forall i, (i < d)%nat -> Cont d e (fun q => fst (parametrization e c q) i) p) /\
                            (forall j, (j < e)%nat -> Cont d e (fun q => snd (parametrization e c q) j) p).
Proof.
  split; intros k Hk; simpl; [|apply Cont_snd; auto].
  apply (Cont_mult (fun q => sqrt (c + sqn e (snd q)))); [apply Cont_root|apply Cont_fst; auto].
Qed.
End Pos.

Theorem chart_homeomorphism d e c : 0 < c ->
  (forall p, in_Q d e c p -> in_sphere_times d (chart e c p)) /\
  (forall p, in_sphere_times d p -> in_Q d e c (parametrization e c p)) /\
  (forall p, eqv (parametrization e c (chart e c p)) p) /\
  (forall p, eqv (chart e c (parametrization e c p)) p) /\
  (forall p, continuous_at d e (chart e c) p) /\
  (forall p, continuous_at d e (parametrization e c) p).
Proof.
  intros Hc. split; [|split; [|split; [|split; [|split]]]]; intros p.
  - apply chart_maps; auto.
  - apply parametrization_maps; auto.
  - apply parametrization_of_chart; auto.
  - apply chart_of_parametrization; auto.
  - apply chart_continuous; auto.
  - apply parametrization_continuous; auto.
Qed.

(** c < 0: the same with the roles of input and output exchanged *)
Definition swap (p : vec * vec) : vec * vec := (snd p, fst p).
Definition chart_neg (d : nat) (c : R) (p : vec * vec) : vec * vec := swap (chart d (- c) (swap p)).
Definition parametrization_neg (d : nat) (c : R) (p : vec * vec) : vec * vec := swap (parametrization d (- c) (swap p)).
Definition in_times_sphere (e : nat) (p : vec * vec) : Prop := sqn e (snd p) = 1.

Lemma continuous_swapped d e F p : continuous_at e d F (swap p) -> continuous_at d e (fun q => swap (F (swap q))) p.
Proof.
  assert (N : forall del p q, near d e del p q -> near e d del (swap p) (swap q)).
  { intros del [u v] [w x] [A B]. split; simpl in *; auto. }
  intros [A B]. split; simpl; intros k Hk eps He.
  - destruct (B k Hk eps He) as [del [P K]]. exists del. split; [auto|]. intros q Hq. apply (K (swap q)); auto.
  - destruct (A k Hk eps He) as [del [P K]]. exists del. split; [auto|]. intros q Hq. apply (K (swap q)); auto.
Qed.

Theorem chart_homeomorphism_neg d e c : c < 0 ->
  (forall p, in_Q d e c p -> in_times_sphere e (chart_neg d c p)) /\
  (forall p, in_times_sphere e p -> in_Q d e c (parametrization_neg d c p)) /\
  (forall p, eqv (parametrization_neg d c (chart_neg d c p)) p) /\
  (forall p, eqv (chart_neg d c (parametrization_neg d c p)) p) /\
  (forall p, continuous_at d e (chart_neg d c) p) /\
  (forall p, continuous_at d e (parametrization_neg d c) p).
Proof.
  intros Hc. destruct (chart_homeomorphism e d (- c) ltac:(lra)) as [A [B [C [D [E F]]]]].
  assert (Q : forall p, in_Q d e c p <-> in_Q e d (- c) (swap p)).
  { intros [w v]. unfold in_Q, inQ, qform, swap. simpl. split; intros; lra. }
  split; [|split; [|split; [|split; [|split]]]].
  - intros p Hp. apply (A (swap p)). apply Q. exact Hp.
  - intros p Hp. apply Q. apply (B (swap p)). exact Hp.
  - intros [w v]. destruct (C (swap (w, v))) as [X Y]. split; [exact Y|exact X].
  - intros [w v]. destruct (D (swap (w, v))) as [X Y]. split; [exact Y|exact X].
  - intros p. apply (continuous_swapped d e (chart d (- c))). apply E.
  - intros p. apply (continuous_swapped d e (parametrization d (- c))). apply F.
Qed.

(** c = 0: the homothety (lambda, p) -> (1 - lambda) p stays in Q(0), is continuous in both, and ends at the origin *)
Definition shrink (lam : R) (p : vec * vec) : vec * vec :=
  (fun i => (1 - lam) * fst p i, fun j => (1 - lam) * snd p j).

Lemma shrink_continuous_coordinate x lam eps : 0 < eps -> exists del, 0 < del /\
  forall lam' y, Rabs (lam' - lam) < del -> Rabs (y - x) < del -> Rabs ((1 - lam') * y - (1 - lam) * x) < eps.
Proof.
  intros He. set (M := Rabs (1 - lam) + Rabs x + 1).
  assert (HM : 0 < M) by (unfold M; pose proof (Rabs_pos (1 - lam)); pose proof (Rabs_pos x); lra).
  exists (Rmin 1 (eps / M)). split; [apply Rmin_pos; [lra|apply Rdiv_lt_0_compat; auto]|].
  intros lam' y H1 H2.
  set (del := Rmin 1 (eps / M)) in *.
  assert (D1 : del <= 1) by apply Rmin_l. assert (D2 : del <= eps / M) by apply Rmin_r.
  replace ((1 - lam') * y - (1 - lam) * x) with ((1 - lam) * (y - x) + - (lam' - lam) * (y - x) + - (lam' - lam) * x) by ring.
  assert (T : Rabs ((1 - lam) * (y - x) + - (lam' - lam) * (y - x) + - (lam' - lam) * x) <=
              Rabs (1 - lam) * Rabs (y - x) + Rabs (lam' - lam) * Rabs (y - x) + Rabs (lam' - lam) * Rabs x).
  { rewrite <- (Rabs_Ropp (lam' - lam)), <- !Rabs_mult.
    eapply Rle_trans; [apply Rabs_triang|]. apply Rplus_le_compat_r. apply Rabs_triang. }
  apply (Rle_lt_trans _ _ _ T).
  pose proof (Rabs_pos (1 - lam)). pose proof (Rabs_pos x). pose proof (Rabs_pos (y - x)). pose proof (Rabs_pos (lam' - lam)).
  apply Rlt_le_trans with (M * (eps / M)); [|right; field; lra].
  apply Rlt_le_trans with (M * del); [|apply Rmult_le_compat_l; lra].
  unfold M. set (u := Rabs (y - x)) in *. set (l := Rabs (lam' - lam)) in *.
  assert (Rabs (1 - lam) * u <= Rabs (1 - lam) * del) by (apply Rmult_le_compat_l; lra).
  assert (l * Rabs x <= del * Rabs x) by (apply Rmult_le_compat_r; lra).
  assert (l * u <= l * 1) by (apply Rmult_le_compat_l; lra). lra.
Qed.

Theorem zero_quadric_contractible d e :
  (forall lam p, in_Q d e 0 p -> in_Q d e 0 (shrink lam p)) /\
  (forall p, eqv (shrink 0 p) p) /\
  (forall p, eqv (shrink 1 p) (fun _ => 0, fun _ => 0)) /\
  (forall lam p eps, 0 < eps -> exists del, 0 < del /\ forall lam' q,
     Rabs (lam' - lam) < del ->
     (forall i, (i < d)%nat -> Rabs (fst q i - fst p i) < del) ->
     (forall j, (j < e)%nat -> Rabs (snd q j - snd p j) < del) ->
     (forall i, (i < d)%nat -> Rabs (fst (shrink lam' q) i - fst (shrink lam p) i) < eps) /\
     (forall j, (j < e)%nat -> Rabs (snd (shrink lam' q) j - snd (shrink lam p) j) < eps)).
Proof.
  split; [|split; [|split]].
  - intros lam [w v]. unfold in_Q, inQ, qform, shrink. simpl. intros H. rewrite !sqn_scal.
    replace (sqn d w) with (sqn e v) by lra. ring.
  - intros [w v]. split; simpl; intros; ring.
  - intros [w v]. split; simpl; intros; ring.
  - intros lam [w v] eps He.
    assert (M : forall n (x : nat -> R), exists del, 0 < del /\ forall lam' y, Rabs (lam' - lam) < del ->
      (forall i, (i < n)%nat -> Rabs (y i - x i) < del) ->
      forall i, (i < n)%nat -> Rabs ((1 - lam') * y i - (1 - lam) * x i) < eps).
    { induction n; intros x; [exists 1; split; [lra|intros; lia]|].
      destruct (IHn x) as [d1 [P1 K1]]. destruct (shrink_continuous_coordinate (x n) lam eps He) as [d2 [P2 K2]].
      exists (Rmin d1 d2). split; [apply Rmin_pos; auto|]. intros lam' y Hl Hy i Hi.
      pose proof (Rmin_l d1 d2). pose proof (Rmin_r d1 d2).
      destruct (Nat.eq_dec i n) as [->|].
      - apply K2; [lra|]. specialize (Hy n ltac:(lia)). lra.
      - apply (K1 lam' y); [lra| |lia]. intros k Hk. specialize (Hy k ltac:(lia)). lra. }
    destruct (M d w) as [d1 [P1 K1]]. destruct (M e v) as [d2 [P2 K2]].
    exists (Rmin d1 d2). split; [apply Rmin_pos; auto|]. intros lam' [w' v'] Hl Hw Hv. simpl in *.
    pose proof (Rmin_l d1 d2). pose proof (Rmin_r d1 d2). split.
    + apply K1; [lra|]. intros i Hi. specialize (Hw i Hi). lra.
    + apply K2; [lra|]. intros j Hj. specialize (Hv j Hj). lra.
Qed.

(** * Mutants *)
(* The chart of c > 0 for any c. *)
Theorem chart_homeomorphism_mutant_false :
  ~ (forall d e c p, in_Q d e c p -> in_sphere_times d (chart e c p)).
Proof.
  intros H. specialize (H 1%nat 1%nat 0 (fun _ => 0, fun _ => 0)).
  unfold in_Q, inQ, qform, in_sphere_times, chart, sqn in H. cbn [sumn fst snd] in H. specialize (H ltac:(ring)).
  unfold Rdiv in H. rewrite Rmult_0_l in H. lra.
Qed.

(* c < 0: the chart that keeps the roles. *)
Theorem chart_homeomorphism_neg_mutant_false :
  ~ (forall d e c, c < 0 -> forall p, in_Q d e c p -> in_sphere_times d (chart e c p)).
Proof.
  intros H. specialize (H 1%nat 1%nat (-1) ltac:(lra) (fun _ => 0, fun _ => 1)).
  unfold in_Q, inQ, qform, in_sphere_times, chart, sqn in H. cbn [sumn fst snd] in H. specialize (H ltac:(ring)).
  unfold Rdiv in H. rewrite Rmult_0_l in H. lra.
Qed.

(* c = 0: the same homothety for any c. *)
Theorem zero_quadric_contractible_mutant_false :
  ~ (forall d e c lam p, in_Q d e c p -> in_Q d e c (shrink lam p)).
Proof.
  intros H. specialize (H 1%nat 0%nat 1 1 (fun _ => 1, fun _ => 0)).
  unfold in_Q, inQ, qform, shrink, sqn in H. cbn [sumn fst snd] in H. specialize (H ltac:(ring)). lra.
Qed.
