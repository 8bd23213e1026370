(* Vectors, norms and the quadric of one neuron.

   A vector of R^d is a function nat -> R of which only the first d values count. One neuron is a pair (w, v) of input
   weights in R^d and output weights in R^e; its imbalance is |w|^2 - |v|^2 (equation 10), and Q(c) is the set of
   neurons with imbalance c (equation 12). Nurisso, Leroy, Vaccarino (2024). *)
Require Import Reals Lra Lia.
Open Scope R_scope.

Fixpoint sumn (d : nat) (f : nat -> R) : R :=
  match d with O => 0 | S n => sumn n f + f n end.

Definition sqn (d : nat) (w : nat -> R) : R := sumn d (fun i => w i ^ 2).
Definition dot (d : nat) (w v : nat -> R) : R := sumn d (fun i => w i * v i).

(* The imbalance of a neuron and the quadric Q(c). *)
Definition qform (d e : nat) (w v : nat -> R) : R := sqn d w - sqn e v.
Definition inQ (d e : nat) (c : R) (w v : nat -> R) : Prop := qform d e w v = c.

Lemma sumn_ext d f g : (forall i, (i < d)%nat -> f i = g i) -> sumn d f = sumn d g.
Proof.
  induction d; simpl; intros H; auto.
  rewrite IHd by (intros; apply H; lia). rewrite H by lia. reflexivity.
Qed.

Lemma sumn_scal d k f : sumn d (fun i => k * f i) = k * sumn d f.
Proof. induction d; simpl; [ring|]. rewrite IHd. ring. Qed.

Lemma sumn_plus d f g : sumn d (fun i => f i + g i) = sumn d f + sumn d g.
Proof. induction d; simpl; [ring|]. rewrite IHd. ring. Qed.

Lemma sqn_nonneg d w : 0 <= sqn d w.
Proof. unfold sqn; induction d; cbn [sumn]; [lra|]. pose proof (pow2_ge_0 (w d)). lra. Qed.

Lemma sqn_scal d k w : sqn d (fun i => k * w i) = k ^ 2 * sqn d w.
Proof.
  unfold sqn. rewrite <- sumn_scal. apply sumn_ext. intros; ring.
Qed.

Lemma sqn_ext d w v : (forall i, (i < d)%nat -> w i = v i) -> sqn d w = sqn d v.
Proof. intros H. apply sumn_ext. intros i Hi. rewrite H; auto. Qed.

Lemma sqn_eq0 d w : sqn d w = 0 -> forall i, (i < d)%nat -> w i = 0.
Proof.
  unfold sqn; induction d; cbn [sumn]; intros H i Hi; [lia|].
  pose proof (sqn_nonneg d w) as Hn. unfold sqn in Hn.
  pose proof (pow2_ge_0 (w d)) as Hd.
  destruct (Nat.eq_dec i d) as [->|Hne]; [nra|].
  apply IHd; [lra|lia].
Qed.

Lemma sqn_pos d w : (exists i, (i < d)%nat /\ w i <> 0) -> 0 < sqn d w.
Proof.
  intros [i [Hi Hw]]. destruct (Rle_lt_or_eq_dec _ _ (sqn_nonneg d w)) as [|E]; auto.
  exfalso; apply Hw. symmetry in E. eapply sqn_eq0; eauto.
Qed.

Lemma dot_self d w : dot d w w = sqn d w.
Proof. apply sumn_ext. intros; ring. Qed.

Lemma sqn_combination d s p w v :
  sqn d (fun i => s * w i + p * v i) = s ^ 2 * sqn d w + 2 * s * p * dot d w v + p ^ 2 * sqn d v.
Proof. unfold sqn, dot. induction d; cbn [sumn]; [ring|]. rewrite IHd. ring. Qed.

Lemma cauchy_schwarz d w v : dot d w v ^ 2 <= sqn d w * sqn d v.
Proof.
  pose proof (sqn_combination d (sqn d v) (- dot d w v) w v) as E.
  pose proof (sqn_nonneg d (fun i => sqn d v * w i + - dot d w v * v i)) as N. rewrite E in N.
  destruct (Rle_lt_or_eq_dec _ _ (sqn_nonneg d v)) as [P|Z].
  - apply (Rmult_le_reg_l (sqn d v)); [auto|]. lra.
  - assert (D : dot d w v = 0).
    { unfold dot. rewrite (sumn_ext d _ (fun i => 0 * w i)); [rewrite sumn_scal; ring|].
      intros i Hi. rewrite (sqn_eq0 d v) by auto. ring. }
    rewrite D, <- Z. lra.
Qed.
