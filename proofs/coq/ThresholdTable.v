(* The thresholds m_0(r) of eq. (6) of Simsek et al. for r = 2, ..., 30, computed by the kernel:
   T(r, m) >= r^m exactly for m >= m_0(r). *)
Require Import BinNat.
From mathcomp Require Import all_ssreflect.
From Quadrics Require Import Surjections IteratedMultinomials MarkedPartitions ExpansionTables GrowthThreshold.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Definition power_N r m : N := iter m (N.mul (bin_of_nat r)) 1%num.

Lemma power_N_correct r m : power_N r m = r ^ m :> nat.
Proof.
by rewrite /power_N; elim: m => //= m IH; rewrite nat_of_mul_bin IH bin_of_natK expnS.
Qed.

Lemma leb_nat (a b : N) : N.leb a b -> a <= b.
Proof.
move/N.leb_le => /N.sub_add <-.
by rewrite nat_of_add_bin leq_addl.
Qed.

(* Whether the threshold of r lies at m0, decided in binary numbers, row by row. *)
Definition at_threshold r m0 :=
  N.leb (power_N r m0) (table_T r m0) && N.leb (table_T r m0.-1 + 1)%num (power_N r m0.-1).

Lemma at_threshold_correct r m0 : 0 < m0 -> at_threshold r m0 ->
  forall m, (r ^ m <= T r m) = (m0 <= m).
Proof.
case: m0 => // m0 _ /andP[/leb_nat reached /leb_nat before] m.
rewrite table_T_correct power_N_correct in reached.
rewrite nat_of_add_bin table_T_correct power_N_correct /= addn1 in before.
apply/idP/idP => [now|le]; last exact: threshold_persists reached.
rewrite leqNgt; apply/negP => le; have := threshold_persists (le : m <= m0) now.
by rewrite leqNgt before.
Qed.

Definition thresholds :=
  [:: 3; 5; 7; 8; 10; 12; 14; 17; 19; 21; 23; 25; 27; 30; 32; 34; 37; 39; 41; 44; 46; 48; 51; 53;
      56; 58; 61; 63; 66].

Theorem thresholds_correct r m0 : (r, m0) \in zip (iota 2 29) thresholds ->
  forall m, (r ^ m <= T r m) = (m0 <= m).
Proof.
move=> H; have: all (fun p => (0 < p.2) && at_threshold p.1 p.2) (zip (iota 2 29) thresholds).
  by vm_compute.
by move/allP/(_ _ H)/andP => [/=]; exact: at_threshold_correct.
Qed.

(* The entries cannot be lowered by one. *)
Theorem thresholds_mutant_false :
  ~ (forall r m0, (r, m0) \in zip (iota 2 29) thresholds -> forall m, (r ^ m <= T r m) = (m0.-1 <= m)).
Proof.
move=> H; have := H 2 3 isT 2; have := @thresholds_correct 2 3 isT 2.
by move=> -> .
Qed.

(* Eq. (6) as a whole: for r + 1 old neurons its bound holds, whatever the numbers a_k <= C(r, k) of critical
   points are, exactly from the least m with T(r + 1, m) >= (r + 1)^m on; for 2 to 30 neurons the list has it. *)
Theorem equation_6 r : 0 < r ->
  exists m0, (forall m, (r.+1 ^ m <= T r.+1 m) = (m0 <= m)) /\
    (forall m, 0 < m ->
      (forall a : nat -> nat, (forall k, a k <= 'C(r, k)) ->
         r.+1 ^ m * (\sum_(k < r) a k * G (r - k) m) <= r ^ m * T r.+1 m)
      <-> m0 <= m) /\
    (forall listed, (r.+1, listed) \in zip (iota 2 29) thresholds -> listed = m0).
Proof.
move=> r0; have [m0 [_ m0P]] := sharp_threshold (ltn0Sn r); exists m0; split=> //.
split=> [m m_pos|v /thresholds_correct vP].
  by rewrite -m0P; exact: eq6_iff.
by apply/eqP; rewrite eqn_leq -vP m0P leqnn -m0P vP leqnn.
Qed.

(* With room for one more critical point of each width the bound fails at the threshold. *)
Theorem equation_6_mutant_false :
  ~ (forall r m, 0 < r -> r.+1 ^ m <= T r.+1 m ->
      forall a : nat -> nat, (forall k, a k <= 'C(r, k).+1) ->
      r.+1 ^ m * (\sum_(k < r) a k * G (r - k) m) <= r ^ m * T r.+1 m).
Proof.
move=> /(_ 1 3 isT) H; have {}H := H _ (fun k => 'C(1, k).+1) (fun=> leqnn _).
rewrite (thresholds_correct (r := 2) (m0 := 3)) // in H; move: (H isT).
by rewrite big_ord_recl big_ord0 -table_T_correct -Gs_surjections /= !big_ord_recl !big_ord0.
Qed.
