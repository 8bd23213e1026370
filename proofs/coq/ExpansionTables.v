(* Tables of G(r, m) and T(r, m) (Simsek et al., Proposition 4.5), computed by the kernel in binary
   numbers from the recurrences, which the counts obey. *)
Require Import BinNat.
From mathcomp Require Import all_ssreflect.
From Quadrics Require Import Surjections IteratedMultinomials SetPartitions MarkedPartitions.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Local Notation N0 := BinNums.N0.
Local Notation bin := bin_of_nat.

(* One row of a table holds the entries r = 0, ..., m of one m; rows follow from each other. *)
Definition next_G (row : seq N) : seq N :=
  [seq (bin r * (nth N0 row r + nth N0 row r.-1))%num | r <- iota 0 (size row).+1].
Definition next_T (row : seq N) : seq N :=
  [seq (bin r * nth N0 row r.-1 + bin r.+1 * nth N0 row r + nth N0 row r.+1)%num
  | r <- iota 0 (size row).+1].
Definition row_G m := iter m next_G [:: 1%num].
Definition row_T m := iter m next_T [:: 1%num].
Definition table_G r m := nth N0 (row_G m) r.
Definition table_T r m := nth N0 (row_T m) r.

Lemma size_row_G m : size (row_G m) = m.+1.
Proof. by elim: m => //= m IH; rewrite size_map size_iota IH. Qed.

Lemma size_row_T m : size (row_T m) = m.+1.
Proof. by elim: m => //= m IH; rewrite size_map size_iota IH. Qed.

(* The tables hold the numbers of surjections ... *)
Theorem table_G_correct r m : table_G r m = G r m :> nat.
Proof.
rewrite /table_G; elim: m r => [|m IH] r; first by rewrite G_m0; case: r => [|[]].
case: (ltnP r m.+2) => rm; last first.
  by rewrite nth_default ?size_row_G // G_small.
rewrite /= (nth_map 0) ?size_iota ?size_row_G // nth_iota ?size_row_G // add0n.
rewrite nat_of_mul_bin nat_of_add_bin bin_of_natK !IH.
by case: r rm => [|r] _; rewrite ?G_recurrence // mul0n G_0.
Qed.

(* ... and of marked partitions. *)
Theorem table_T_correct r m : table_T r m = T r m :> nat.
Proof.
rewrite /table_T; elim: m r => [|m IH] r; first by rewrite T_m0; case: r => [|[]].
case: (ltnP r m.+2) => rm; last first.
  by rewrite nth_default ?size_row_T // T_small.
rewrite /= (nth_map 0) ?size_iota ?size_row_T // nth_iota ?size_row_T // add0n.
by rewrite !nat_of_add_bin !nat_of_mul_bin !bin_of_natK !IH T_recurrence.
Qed.

(* r = 0, ..., 6 and m = r, ..., 9. *)
Theorem T_values :
  [seq [seq table_T r m | m <- iota r (10 - r)] | r <- iota 0 7] =
  [:: [:: 1; 1; 2; 5; 15; 52; 203; 877; 4140; 21147];
      [:: 1; 3; 10; 37; 151; 674; 3263; 17007; 94828];
      [:: 2; 12; 62; 320; 1712; 9604; 56674; 351792];
      [:: 6; 60; 450; 3120; 21336; 147756; 1048830];
      [:: 24; 360; 3720; 33600; 287784; 2424744];
      [:: 120; 2520; 34440; 394800; 4160520];
      [:: 720; 20160; 352800; 5019840]]%num.
Proof. by vm_compute. Qed.

(* r = 1, ..., 7 and m = r, ..., 9. *)
Theorem G_values :
  [seq [seq table_G r m | m <- iota r (10 - r)] | r <- iota 1 7] =
  [:: [:: 1; 1; 1; 1; 1; 1; 1; 1; 1];
      [:: 2; 6; 14; 30; 62; 126; 254; 510];
      [:: 6; 36; 150; 540; 1806; 5796; 18150];
      [:: 24; 240; 1560; 8400; 40824; 186480];
      [:: 120; 1800; 16800; 126000; 834120];
      [:: 720; 15120; 191520; 1905120];
      [:: 5040; 141120; 2328480]]%num.
Proof. by vm_compute. Qed.

(* Two neurons expanded to three, and three to four. *)
Theorem T_small_values : T 2 3 = 12 /\ T 3 4 = 60.
Proof. by rewrite -!table_T_correct. Qed.

(* Mutants: one row further, one column further, one entry off. *)
Theorem table_G_mutant_false : ~ (forall r m, table_G r m = G r m.+1 :> nat).
Proof. by move=> /(_ 0 0); rewrite G_0. Qed.

Theorem table_T_mutant_false : ~ (forall r m, table_T r m = T r.+1 m :> nat).
Proof. by move=> /(_ 0 0); rewrite T_m0. Qed.

Theorem T_small_values_mutant_false : ~ (T 2 3 = 12 /\ T 3 4 = 61).
Proof. by rewrite -!table_T_correct => -[]. Qed.

(* The displayed sum of Theorem 3.1, read over ordered sizes, would give T(1, 4) = 49. *)
Theorem T_values_mutant_false : ~ (T 1 3 = 10 /\ T 1 4 = 49).
Proof. by rewrite -!table_T_correct => -[]. Qed.

Theorem G_values_mutant_false : ~ (G 2 3 = 6 /\ G 3 4 = 60).
Proof. by rewrite -!table_G_correct => -[]. Qed.
