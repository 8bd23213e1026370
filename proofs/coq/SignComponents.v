(* Proposition 3 of Nurisso et al., one output and d >= 2 inputs: two parameters of the invariant set H(c) are joined by
   a path in H(c) exactly when the output weights of their pathological neurons (c_k < 0) have the same signs. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Continuity Sheets QuadricPaths.
Open Scope R_scope.

Definition in_H (l d : nat) (c : nat -> R) (W : nat -> nat -> R) (a : nat -> R) : Prop :=
  forall k, (k < l)%nat -> inQ d 1 (c k) (W k) (fun _ => a k).

Definition path_in_H (l d : nat) (c : nat -> R) W a W' a' : Prop :=
  exists (G : R -> nat -> nat -> R) (h : R -> nat -> R),
    (forall k i, (k < l)%nat -> (i < d)%nat -> contI (fun t => G t k i)) /\
    (forall k, (k < l)%nat -> contI (fun t => h t k)) /\
    (forall t, 0 <= t <= 1 -> in_H l d c (G t) (h t)) /\
    (forall k i, (k < l)%nat -> (i < d)%nat -> G 0 k i = W k i /\ G 1 k i = W' k i) /\
    (forall k, (k < l)%nat -> h 0 k = a k /\ h 1 k = a' k).

Lemma inQ1 d c w a : inQ d 1 c w (fun _ => a) <-> sqn d w - a ^ 2 = c.
Proof. unfold inQ, qform, sqn at 2. cbn [sumn]. split; intros; lra. Qed.

Lemma finite_choice (A : Type) (x0 : A) (P : nat -> A -> Prop) l :
  (forall k, (k < l)%nat -> exists x, P k x) ->
  exists f, forall k, (k < l)%nat -> P k (f k).
Proof.
  induction l; intros H.
  - exists (fun _ => x0). intros; lia.
  - destruct IHl as [f Hf]; [intros; apply H; lia|].
    destruct (H l) as [x Hx]; [lia|].
    exists (fun k => if Nat.eq_dec k l then x else f k). intros k Hk.
    destruct (Nat.eq_dec k l) as [->|]; auto. apply Hf. lia.
Qed.

Theorem proposition_3 l d c W a W' a' : (2 <= d)%nat ->
  in_H l d c W a -> in_H l d c W' a' ->
  (path_in_H l d c W a W' a' <->
   forall k, (k < l)%nat -> c k < 0 -> sgn (a k) = sgn (a' k)).
Proof.
  intros Hd H H'. split.
  - intros [G [h [CG [Ch [HQ [EG Eh]]]]]] k Hk Hc.
    assert (S : 0 < h 0 k * h 1 k).
    { apply (no_sign_change d (c k) (fun t => G t k) (fun t => h t k)); auto.
      intros t Ht. apply inQ1. apply HQ; auto. }
    destruct (Eh k Hk) as [-> ->] in S.
    unfold sgn. destruct (Rlt_dec 0 (a k)), (Rlt_dec (a k) 0), (Rlt_dec 0 (a' k)), (Rlt_dec (a' k) 0); nra.
  - intros S.
    assert (C : forall k, (k < l)%nat -> conn d (c k) (W k) (a k) (W' k) (a' k)).
    { intros k Hk. pose proof (H k Hk) as Q. pose proof (H' k Hk) as Q'.
      apply inQ1 in Q. apply inQ1 in Q'.
      destruct (Rtotal_order (c k) 0) as [Hc|[Hc|Hc]].
      - apply conn_neg; auto. specialize (S k Hk Hc).
        pose proof (sqn_nonneg d (W k)). pose proof (sqn_nonneg d (W' k)).
        assert (a k <> 0) by nra. assert (a' k <> 0) by nra.
        unfold sgn in S. destruct (Rlt_dec 0 (a k)), (Rlt_dec (a k) 0), (Rlt_dec 0 (a' k)), (Rlt_dec (a' k) 0); nra.
      - rewrite Hc in *. apply conn_zero; auto.
      - apply conn_pos; auto. }
    destruct (finite_choice ((R -> nat -> R) * (R -> R)) ((fun _ _ => 0), (fun _ => 0))
      (fun k p => (forall i, continuity (fun t => fst p t i)) /\ continuity (snd p) /\
         (forall t, sqn d (fst p t) - snd p t ^ 2 = c k) /\
         (forall i, (i < d)%nat -> fst p 0 i = W k i) /\ snd p 0 = a k /\
         (forall i, (i < d)%nat -> fst p 1 i = W' k i) /\ snd p 1 = a' k) l) as [f Hf].
    { intros k Hk. destruct (C k Hk) as [g [h P]]. exists (g, h). exact P. }
    exists (fun t k => fst (f k) t), (fun t k => snd (f k) t). repeat split.
    + intros k i Hk Hi. apply continuity_contI. destruct (Hf k Hk) as [P _]. apply P.
    + intros k Hk. apply continuity_contI. apply (Hf k Hk).
    + intros t _ k Hk. apply inQ1. apply (Hf k Hk).
    + apply (Hf k H0); auto.
    + apply (Hf k H0); auto.
    + apply (Hf k H0).
    + apply (Hf k H0).
Qed.

(** * Mutants *)
(* With c_k <= 0 for c_k < 0: a neuron with c_k = 0 may change its sign, through the origin. *)
Theorem proposition_3_mutant_false :
  ~ (forall l d c W a W' a', (2 <= d)%nat -> in_H l d c W a -> in_H l d c W' a' ->
     (path_in_H l d c W a W' a' <-> forall k, (k < l)%nat -> c k <= 0 -> sgn (a k) = sgn (a' k))).
Proof.
  intros H.
  set (w := fun k i : nat => if Nat.eq_dec i 0 then 1 else 0).
  assert (I : forall x, x ^ 2 = 1 -> in_H 1 2 (fun _ => 0) w (fun _ => x)).
  { intros x E k _. apply inQ1. unfold sqn, w. cbn. lra. }
  assert (P : path_in_H 1 2 (fun _ => 0) w (fun _ => 1) w (fun _ => -1)).
  { apply proposition_3; [lia|apply I; ring|apply I; ring|]. intros k _ Hk. lra. }
  assert (I1 := I 1 ltac:(ring)). assert (I2 := I (-1) ltac:(ring)).
  pose proof (proj1 (H 1%nat 2%nat (fun _ => 0) _ _ _ _ (le_n 2) I1 I2) P 0%nat ltac:(lia) (Rle_refl 0)) as S.
  revert S. unfold sgn.
  repeat destruct (Rlt_dec _ _); lra.
Qed.

(* With d = 1: Q(1) is a hyperbola of two branches, w > 0 and w < 0, which no sign of a output weight tells apart. *)
Theorem proposition_3_one_input_false :
  ~ (forall l d c W a W' a', (1 <= d)%nat -> in_H l d c W a -> in_H l d c W' a' ->
     (path_in_H l d c W a W' a' <-> forall k, (k < l)%nat -> c k < 0 -> sgn (a k) = sgn (a' k))).
Proof.
  intros H.
  assert (I : forall x, x ^ 2 = 1 -> in_H 1 1 (fun _ => 1) (fun _ _ => x) (fun _ => 0)).
  { intros x E k _. apply inQ1. unfold sqn. cbn [sumn]. lra. }
  assert (P : path_in_H 1 1 (fun _ => 1) (fun _ _ => 1) (fun _ => 0) (fun _ _ => -1) (fun _ => 0)).
  { apply (H 1%nat 1%nat); [lia|apply I; ring|apply I; ring|]. intros k _ Hk. lra. }
  destruct P as [G [h [CG [Ch [Q [E _]]]]]].
  (* seen with the roles of input and output exchanged, the curve lies in Q(-1) and cannot change its sign *)
  assert (S : 0 < G 0 0%nat 0%nat * G 1 0%nat 0%nat).
  { apply (no_sign_change 1 (-1) (fun t _ => h t 0%nat) (fun t => G t 0%nat 0%nat)); [lra|apply CG; lia|].
    intros t Ht. pose proof (Q t Ht 0%nat ltac:(lia)) as K. apply inQ1 in K. unfold sqn in *. cbn [sumn] in *. lra. }
  destruct (E 0%nat 0%nat ltac:(lia) ltac:(lia)) as [E0 E1]. rewrite E0, E1 in S. lra.
Qed.
