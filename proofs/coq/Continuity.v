(* Continuity on the unit interval, and the few rules of continuity that paths in a quadric need. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric.
Open Scope R_scope.

(* continuity of a function on the unit interval with its subspace topology *)
Definition contI (f : R -> R) : Prop :=
  forall t, 0 <= t <= 1 -> forall eps, 0 < eps ->
  exists del, 0 < del /\
    forall u, 0 <= u <= 1 -> Rabs (u - t) < del -> Rabs (f u - f t) < eps.

Definition clamp (t : R) : R := Rmax 0 (Rmin 1 t).

Lemma clamp_I t : 0 <= clamp t <= 1.
Proof. unfold clamp, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra. Qed.
Lemma clamp_id t : 0 <= t <= 1 -> clamp t = t.
Proof. unfold clamp, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra. Qed.
Lemma clamp_lo t : t <= 0 -> clamp t = 0.
Proof. unfold clamp, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra. Qed.
Lemma clamp_hi t : 1 <= t -> clamp t = 1.
Proof. unfold clamp, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra. Qed.
Lemma clamp_lip u t : Rabs (clamp u - clamp t) <= Rabs (u - t).
Proof.
  unfold clamp, Rmax, Rmin, Rabs.
  repeat destruct (Rle_dec _ _); repeat destruct (Rcase_abs _); lra.
Qed.

Lemma contI_clamp f : contI f -> continuity (fun t => f (clamp t)).
Proof.
  intros Hf x eps He.
  destruct (Hf (clamp x) (clamp_I x) eps He) as [del [Hd H]].
  exists del. split; auto. simpl. unfold R_dist. intros u [_ Hu].
  apply H; [apply clamp_I|]. eapply Rle_lt_trans; [apply clamp_lip|]; auto.
Qed.

Lemma continuity_contI f : continuity f -> contI f.
Proof.
  intros Hf t _ eps He. destruct (Hf t eps He) as [del [Hd H]].
  exists del. split; auto. intros u _ Hu.
  destruct (Req_dec t u) as [->|Hne].
  - rewrite Rminus_diag_eq, Rabs_R0; auto.
  - apply (H u). split; [split; [constructor|auto]|]. exact Hu.
Qed.

Lemma continuity_clamp : continuity clamp.
Proof.
  intros x eps He. exists eps. split; auto. simpl. unfold R_dist. intros u [_ Hu].
  eapply Rle_lt_trans; [apply clamp_lip|]; auto.
Qed.

Lemma cont_ext f g : (forall x, f x = g x) -> continuity f -> continuity g.
Proof.
  intros E H x eps He. destruct (H x eps He) as [del [Hd K]]. exists del. split; auto.
  intros u Hu. simpl in *. rewrite <- !E. apply K; auto.
Qed.
Lemma cont_const k : continuity (fun _ => k).
Proof. apply continuity_const. intros x y. reflexivity. Qed.
Lemma cont_id : continuity (fun t => t).
Proof. apply derivable_continuous, derivable_id. Qed.
Lemma cont_plus f g : continuity f -> continuity g -> continuity (fun t => f t + g t).
Proof. apply continuity_plus. Qed.
Lemma cont_minus f g : continuity f -> continuity g -> continuity (fun t => f t - g t).
Proof. apply continuity_minus. Qed.
Lemma cont_mult f g : continuity f -> continuity g -> continuity (fun t => f t * g t).
Proof. apply continuity_mult. Qed.
Lemma cont_comp f g : continuity f -> continuity g -> continuity (fun t => g (f t)).
Proof. intros Hf Hg. apply (continuity_comp f g); auto. Qed.
Lemma cont_pow2 f : continuity f -> continuity (fun t => f t ^ 2).
Proof.
  intros H. apply cont_ext with (fun t => f t * f t); [intros; ring|]. apply cont_mult; auto.
Qed.
Lemma cont_sqrt f : (forall t, 0 <= f t) -> continuity f -> continuity (fun t => sqrt (f t)).
Proof.
  intros Hp H x. apply (continuity_pt_comp f sqrt); [apply H|].
  apply continuity_pt_sqrt; auto.
Qed.
Lemma cont_div f g : (forall t, g t <> 0) -> continuity f -> continuity g ->
  continuity (fun t => f t / g t).
Proof. intros Hn Hf Hg. apply (continuity_div f g); auto. Qed.
Lemma cont_sqn d g : (forall i, continuity (fun t => g t i)) -> continuity (fun t => sqn d (g t)).
Proof.
  intros H. unfold sqn. induction d; cbn [sumn]; [apply cont_const|].
  apply cont_plus; auto. apply cont_pow2; auto.
Qed.
Ltac ct := repeat first
  [ apply cont_const | apply cont_id | apply continuity_clamp
  | apply cont_minus | apply cont_plus | apply cont_mult | apply cont_pow2 ].
