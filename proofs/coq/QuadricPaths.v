(* Paths inside one quadric Q(c), one output and d >= 2 inputs: two points are joined by a continuous curve in Q(c)
   whenever c >= 0, or c < 0 and their output weights have the same sign. The curves are explicit: towards the vertex of
   the sheet (c < 0), through the origin (c = 0), along normalized segments (c > 0). *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Continuity.
Open Scope R_scope.

Definition conn (d : nat) (c : R) (w : nat -> R) (a : R) (w' : nat -> R) (a' : R) : Prop :=
  exists (g : R -> nat -> R) (h : R -> R),
    (forall i, continuity (fun t => g t i)) /\ continuity h /\
    (forall t, sqn d (g t) - h t ^ 2 = c) /\
    (forall i, (i < d)%nat -> g 0 i = w i) /\ h 0 = a /\
    (forall i, (i < d)%nat -> g 1 i = w' i) /\ h 1 = a'.

Lemma conn_sym d c w a w' a' : conn d c w a w' a' -> conn d c w' a' w a.
Proof.
  intros [g [h [Cg [Ch [HQ [g0 [h0 [g1 h1]]]]]]]].
  assert (C1 : continuity (fun t => 1 - t)) by ct.
  exists (fun t => g (1 - t)), (fun t => h (1 - t)). repeat split.
  - intros i. apply (cont_comp (fun t => 1 - t) (fun t => g t i)); auto.
  - apply (cont_comp (fun t => 1 - t) h); auto.
  - intros; apply HQ.
  - intros. replace (1 - 0) with 1 by ring. auto.
  - replace (1 - 0) with 1 by ring. auto.
  - intros. replace (1 - 1) with 0 by ring. auto.
  - replace (1 - 1) with 0 by ring. auto.
Qed.

(* concatenation without a gluing lemma: g1(clamp 2t) + g2(clamp(2t-1)) - midpoint *)
Lemma conn_trans d c w a p b w' a' :
  conn d c w a p b -> conn d c p b w' a' -> conn d c w a w' a'.
Proof.
  intros [g [h [Cg [Ch [HQ [g0 [h0 [g1 h1]]]]]]]] [k [m [Ck [Cm [HQ' [k0 [m0 [k1 m1]]]]]]]].
  assert (L1 : continuity (fun t => clamp (2 * t))).
  { apply (cont_comp (fun t => 2 * t) clamp); ct. }
  assert (L2 : continuity (fun t => clamp (2 * t - 1))).
  { apply (cont_comp (fun t => 2 * t - 1) clamp); ct. }
  exists (fun t i => g (clamp (2 * t)) i + k (clamp (2 * t - 1)) i - p i),
         (fun t => h (clamp (2 * t)) + m (clamp (2 * t - 1)) - b).
  repeat split.
  - intros i. apply cont_minus; [apply cont_plus|apply cont_const].
    + apply (cont_comp (fun t => clamp (2 * t)) (fun t => g t i)); auto.
    + apply (cont_comp (fun t => clamp (2 * t - 1)) (fun t => k t i)); auto.
  - apply cont_minus; [apply cont_plus|apply cont_const].
    + apply (cont_comp (fun t => clamp (2 * t)) h); auto.
    + apply (cont_comp (fun t => clamp (2 * t - 1)) m); auto.
  - intros t. destruct (Rle_dec t (1/2)) as [Ht|Ht].
    + rewrite (clamp_lo (2 * t - 1)) by lra. rewrite m0.
      rewrite (sqn_ext d _ (g (clamp (2 * t)))).
      * replace (h (clamp (2 * t)) + b - b) with (h (clamp (2 * t))) by ring. apply HQ.
      * intros i Hi. rewrite k0 by auto. ring.
    + rewrite (clamp_hi (2 * t)) by lra. rewrite h1.
      rewrite (sqn_ext d _ (k (clamp (2 * t - 1)))).
      * replace (b + m (clamp (2 * t - 1)) - b) with (m (clamp (2 * t - 1))) by ring. apply HQ'.
      * intros i Hi. rewrite g1 by auto. ring.
  - intros i Hi. rewrite (clamp_id (2 * 0)), (clamp_lo (2 * 0 - 1)) by lra.
    replace (2 * 0) with 0 by ring. rewrite g0, k0 by auto. ring.
  - rewrite (clamp_id (2 * 0)), (clamp_lo (2 * 0 - 1)) by lra.
    replace (2 * 0) with 0 by ring. lra.
  - intros i Hi. rewrite (clamp_hi (2 * 1)), (clamp_id (2 * 1 - 1)) by lra.
    replace (2 * 1 - 1) with 1 by ring. rewrite g1, k1 by auto. ring.
  - rewrite (clamp_hi (2 * 1)), (clamp_id (2 * 1 - 1)) by lra.
    replace (2 * 1 - 1) with 1 by ring. lra.
Qed.

(** c < 0 : contract to the vertex (0, s sqrt(-c)) of the sheet *)
Definition sgn (x : R) : R := if Rlt_dec 0 x then 1 else if Rlt_dec x 0 then -1 else 0.
Lemma sgn_abs x : x <> 0 -> sgn x ^ 2 = 1 /\ x = sgn x * Rabs x.
Proof.
  intros H. unfold sgn, Rabs. destruct (Rlt_dec 0 x), (Rlt_dec x 0), (Rcase_abs x); lra.
Qed.

Lemma conn_neg_vertex d c w a : c < 0 -> sqn d w - a ^ 2 = c ->
  conn d c w a (fun _ => 0) (sgn a * sqrt (- c)).
Proof.
  intros Hc HQ.
  pose proof (sqn_nonneg d w) as Hw.
  assert (Ha : a <> 0) by nra.
  destruct (sgn_abs a Ha) as [S1 S2].
  exists (fun t i => (1 - t) * w i), (fun t => sgn a * sqrt (- c + (1 - t) ^ 2 * sqn d w)).
  assert (P : forall t, 0 <= - c + (1 - t) ^ 2 * sqn d w).
  { intros t. pose proof (pow2_ge_0 (1 - t)). nra. }
  repeat split.
  - intros i. ct.
  - apply cont_mult; [ct|]. apply cont_sqrt; auto. ct.
  - intros t. rewrite sqn_scal. rewrite Rpow_mult_distr, S1.
    rewrite <- (Rsqr_pow2 (sqrt _)), Rsqr_sqrt by auto. ring.
  - intros. ring.
  - replace (- c + (1 - 0) ^ 2 * sqn d w) with (Rsqr a) by (rewrite Rsqr_pow2; lra).
    rewrite sqrt_Rsqr_abs. auto.
  - intros. ring.
  - f_equal. f_equal. ring.
Qed.

Lemma conn_neg d c w a w' a' : c < 0 -> sqn d w - a ^ 2 = c -> sqn d w' - a' ^ 2 = c ->
  0 < a * a' -> conn d c w a w' a'.
Proof.
  intros Hc H H' Hs.
  assert (E : sgn a = sgn a').
  { unfold sgn. destruct (Rlt_dec 0 a), (Rlt_dec a 0), (Rlt_dec 0 a'), (Rlt_dec a' 0); nra. }
  eapply conn_trans; [apply conn_neg_vertex; eauto|].
  apply conn_sym. rewrite E. apply conn_neg_vertex; auto.
Qed.

(** c = 0 : cone over the origin *)
Lemma conn_zero_apex d w a : sqn d w - a ^ 2 = 0 -> conn d 0 w a (fun _ => 0) 0.
Proof.
  intros H. exists (fun t i => (1 - t) * w i), (fun t => (1 - t) * a). repeat split.
  - intros; ct.
  - ct.
  - intros t. rewrite sqn_scal. replace (sqn d w) with (a ^ 2) by lra. ring.
  - intros; ring.
  - ring.
  - intros; ring.
  - ring.
Qed.

Lemma conn_zero d w a w' a' : sqn d w - a ^ 2 = 0 -> sqn d w' - a' ^ 2 = 0 -> conn d 0 w a w' a'.
Proof.
  intros. eapply conn_trans; [apply conn_zero_apex|apply conn_sym, conn_zero_apex]; auto.
Qed.

(** c > 0, d >= 2 : normalise paths of (R^d minus 0) x R *)
Definition nrm (d : nat) (c : R) (u : nat -> R) (b : R) : nat -> R :=
  fun i => u i * (sqrt (c + b ^ 2) / sqrt (sqn d u)).

Lemma nrm_Q d c u b : 0 < c -> 0 < sqn d u -> sqn d (nrm d c u b) - b ^ 2 = c.
Proof.
  intros Hc Hu. unfold nrm.
  rewrite (sqn_ext d _ (fun i => (sqrt (c + b ^ 2) / sqrt (sqn d u)) * u i)) by (intros; ring).
  rewrite sqn_scal.
  pose proof (pow2_ge_0 b). assert (0 < sqrt (sqn d u)) by (apply sqrt_lt_R0; auto).
  replace ((sqrt (c + b ^ 2) / sqrt (sqn d u)) ^ 2) with (sqrt (c + b ^ 2) ^ 2 / sqrt (sqn d u) ^ 2)
    by (field; lra).
  rewrite <- (Rsqr_pow2 (sqrt (c + b ^ 2))), <- (Rsqr_pow2 (sqrt (sqn d u))).
  rewrite !Rsqr_sqrt by lra. field. lra.
Qed.

Lemma nrm_id d c w a : 0 < c -> sqn d w - a ^ 2 = c -> forall i, nrm d c w a i = w i.
Proof.
  intros Hc H i. unfold nrm. replace (c + a ^ 2) with (sqn d w) by lra.
  pose proof (pow2_ge_0 a). assert (0 < sqrt (sqn d w)) by (apply sqrt_lt_R0; lra).
  field. lra.
Qed.

Definition seg (u0 u1 : nat -> R) (t : R) : nat -> R :=
  fun i => (1 - clamp t) * u0 i + clamp t * u1 i.

Lemma conn_seg d c u0 b0 u1 b1 : 0 < c -> (forall t, 0 < sqn d (seg u0 u1 t)) ->
  conn d c (nrm d c u0 b0) b0 (nrm d c u1 b1) b1.
Proof.
  intros Hc Hs.
  set (b := fun t => (1 - clamp t) * b0 + clamp t * b1).
  assert (Cb : continuity b) by (unfold b; ct).
  assert (Cs : forall i, continuity (fun t => seg u0 u1 t i)) by (intros; unfold seg; ct).
  assert (E0 : clamp 0 = 0) by (apply clamp_id; lra).
  assert (E1 : clamp 1 = 1) by (apply clamp_id; lra).
  assert (B0 : b 0 = b0) by (unfold b; rewrite E0; ring).
  assert (B1 : b 1 = b1) by (unfold b; rewrite E1; ring).
  assert (S0 : forall i, seg u0 u1 0 i = u0 i) by (intros; unfold seg; rewrite E0; ring).
  assert (S1 : forall i, seg u0 u1 1 i = u1 i) by (intros; unfold seg; rewrite E1; ring).
  exists (fun t => nrm d c (seg u0 u1 t) (b t)), b. repeat split; auto.
  - intros i. unfold nrm. apply cont_mult; [apply Cs|].
    apply cont_div.
    + intros t. assert (0 < sqrt (sqn d (seg u0 u1 t))) by (apply sqrt_lt_R0; auto). lra.
    + apply cont_sqrt; [|ct; auto]. intros t. pose proof (pow2_ge_0 (b t)). lra.
    + apply cont_sqrt; [|apply cont_sqn; auto]. intros t. apply sqn_nonneg.
  - intros t. apply nrm_Q; auto.
  - intros i Hi. unfold nrm. rewrite B0, S0. rewrite (sqn_ext d (seg u0 u1 0) u0) by auto. ring.
  - intros i Hi. unfold nrm. rewrite B1, S1. rewrite (sqn_ext d (seg u0 u1 1) u1) by auto. ring.
Qed.

Definition ee (j : nat) : nat -> R := fun i => if Nat.eq_dec i j then 1 else 0.

Lemma seg_pos d u0 u1 : (forall s, 0 <= s <= 1 -> exists i, (i < d)%nat /\ (1 - s) * u0 i + s * u1 i <> 0) ->
  forall t, 0 < sqn d (seg u0 u1 t).
Proof. intros H t. apply sqn_pos. apply (H (clamp t) (clamp_I t)). Qed.

Lemma conn_pos_basis d c w a : (2 <= d)%nat -> 0 < c -> sqn d w - a ^ 2 = c ->
  exists j, (j < 2)%nat /\ conn d c w a (nrm d c (ee j) 0) 0.
Proof.
  intros Hd Hc H.
  assert (W : exists i, (i < d)%nat /\ w i <> 0).
  { destruct (Rlt_le_dec 0 (sqn d w)) as [Hp|Hn].
    - clear H. revert Hp. unfold sqn. clear Hd. induction d; cbn [sumn]; intros; [lra|].
      destruct (Req_dec (w d) 0) as [E|E].
      + rewrite E in Hp. destruct IHd as [i [Hi Hw]]; [lra|]. exists i; split; [lia|auto].
      + exists d; split; [lia|auto].
    - pose proof (pow2_ge_0 a). lra. }
  assert (L : forall j, (forall t, 0 < sqn d (seg w (ee j) t)) -> conn d c w a (nrm d c (ee j) 0) 0).
  { intros j Hj. destruct (conn_seg d c w a (ee j) 0 Hc Hj) as [g [h [Cg [Ch [HQ [g0 R]]]]]].
    exists g, h. repeat split; try apply R; auto.
    intros i Hi. rewrite g0 by auto. apply nrm_id; auto. }
  destruct (Req_dec (w 0%nat) 0) as [E|E].
  - exists 0%nat. split; [lia|]. apply L, seg_pos. intros s Hs.
    destruct (Req_dec s 0) as [->|Hs0].
    + destruct W as [i [Hi Hw]]. exists i. split; auto. intros K. apply Hw. lra.
    + exists 0%nat. split; [lia|]. unfold ee. simpl. rewrite E. lra.
  - exists 1%nat. split; [lia|]. apply L, seg_pos. intros s Hs.
    destruct (Req_dec s 1) as [->|Hs1].
    + exists 1%nat. split; [lia|]. unfold ee. simpl. lra.
    + exists 0%nat. split; [lia|]. unfold ee. simpl. intros K. apply E.
      apply (Rmult_eq_reg_l (1 - s)); lra.
Qed.

Lemma conn_basis d c i j : (2 <= d)%nat -> 0 < c -> (i < 2)%nat -> (j < 2)%nat ->
  conn d c (nrm d c (ee i) 0) 0 (nrm d c (ee j) 0) 0.
Proof.
  intros Hd Hc Hi Hj. apply conn_seg; auto. apply seg_pos. intros s Hs.
  destruct (Req_dec s 0) as [->|Hs0].
  - exists i. split; [lia|]. unfold ee. destruct (Nat.eq_dec i i); [lra|lia].
  - exists j. split; [lia|]. unfold ee. destruct (Nat.eq_dec j j); [|lia].
    destruct (Nat.eq_dec j i); lra.
Qed.

Lemma conn_pos d c w a w' a' : (2 <= d)%nat -> 0 < c ->
  sqn d w - a ^ 2 = c -> sqn d w' - a' ^ 2 = c -> conn d c w a w' a'.
Proof.
  intros Hd Hc H H'.
  destruct (conn_pos_basis d c w a) as [j [Hj J]]; auto.
  destruct (conn_pos_basis d c w' a') as [k [Hk K]]; auto.
  eapply conn_trans; [exact J|]. eapply conn_trans; [apply (conn_basis d c j k); auto|].
  apply conn_sym; auto.
Qed.
