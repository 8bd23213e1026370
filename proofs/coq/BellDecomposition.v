(* T(r, m) by the number u of neurons in blocks without a label (Simsek et al., Proposition 4.5; appendix,
   eqs. (4), (13)): T(r, m) = sum_u C(m, u) G(r, m - u) B(u), with the Bell number B(u) of all set
   partitions of [u].  The term u = 0 is G(r, m). *)
From mathcomp Require Import all_ssreflect.
From Quadrics Require Import BinomialInversion Surjections IteratedMultinomials SetPartitions MarkedPartitions.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Definition Bell u := #|[set P : {set {set 'I_u}} | partition P [set: 'I_u]]|.

Lemma Bell_T u : Bell u = T 0 u.
Proof. by rewrite T_falling /Bell -sum1_card; apply: eq_big => P; rewrite ?inE. Qed.

Lemma Bell_Stirling u : Bell u = \sum_(k < u.+1) Stirling u k.
Proof. by rewrite Bell_T T_Stirling; apply: eq_bigr => k _; rewrite muln1. Qed.

Definition by_unlabelled r m := \sum_(u < m.+1) 'C(m, u) * G r (m - u) * Bell u.

(* The elements beside one block: sum_i C(n, i) G(r, i) = G(r, n) + G(r + 1, n). *)
Lemma sum_G_one_more r n : \sum_(i < n.+1) 'C(n, i) * G r (n - i) = G r n + G r.+1 n.
Proof.
rewrite big_ord_recl bin0 mul1n subn0 -[G r.+1 n]Gs_surjections /=; congr (_ + _).
by apply: eq_bigr => k _; rewrite Gs_surjections.
Qed.

Lemma choose_twice r m j : j <= m ->
  \sum_(u < m.+1) 'C(m, u) * G r (m - u) * 'C(u, j) = 'C(m, j) * (G r (m - j) + G r.+1 (m - j)).
Proof.
move=> jm; rewrite -(big_mkord predT (fun u => 'C(m, u) * G r (m - u) * 'C(u, j))).
rewrite (@big_cat_nat _ _ _ j) //=; last by apply: leqW.
rewrite big_nat_cond big1 ?add0n; last first.
  by move=> u /andP[/andP[_ uj] _]; rewrite (bin_small uj) muln0.
rewrite -{1}[j]add0n big_addn subSn // big_mkord -sum_G_one_more big_distrr /=.
apply: eq_bigr => i _; have im : i + j <= m by rewrite addnC -leq_subRL // -ltnS.
rewrite mulnAC bin_trinomial ?leq_addl // addnK.
by rewrite -mulnA addnC subnDA.
Qed.

(* B(u + 1) = sum_j C(u, j) B(j), once the theorem is known at u. *)
Lemma Bell_step u : (forall r, T r u = by_unlabelled r u) ->
  Bell u.+1 = \sum_(j < u.+1) 'C(u, j) * Bell j.
Proof.
move=> IH; rewrite Bell_T T_recurrence mul0n add0n mul1n !IH /by_unlabelled -big_split /=.
apply: eq_bigr => j _; rewrite -mulnDl -mulnDr -(sum_G_one_more 0) big_ord_recr /= binn mul1n.
rewrite subnn G_0 big1 ?muln1 // => i _.
by rewrite G_0 subn_eq0 leqNgt ltn_ord muln0.
Qed.

Theorem T_Bell r m : T r m = \sum_(u < m.+1) 'C(m, u) * G r (m - u) * Bell u.
Proof.
rewrite -/(by_unlabelled r m); elim/ltn_ind: m r => -[_|m IH] r.
  by rewrite T_m0 /by_unlabelled big_ord_recl big_ord0 G_m0 Bell_T T_m0 mul1n muln1 addn0.
rewrite T_recurrence !(IH m) // mulSn.
have -> : by_unlabelled r m.+1 = \sum_(u < m.+1) 'C(m, u) * G r (m - u).+1 * Bell u +
                                 \sum_(u < m.+1) 'C(m, u) * G r (m - u) * Bell u.+1.
  rewrite /by_unlabelled big_ord_recl bin0 subn0 mul1n.
  under eq_bigr => u _ do rewrite lift0 subSS binS !mulnDl.
  rewrite big_split /= addnA; congr (_ + _).
  rewrite [in LHS]big_ord_recr /= bin_small // !mul0n addn0 [RHS]big_ord_recl bin0 subn0 mul1n.
  by congr (_ + _); apply: eq_bigr => u _; rewrite lift0 subnSK.
have -> : \sum_(u < m.+1) 'C(m, u) * G r (m - u).+1 * Bell u =
          r * by_unlabelled r.-1 m + r * by_unlabelled r m.
  rewrite /by_unlabelled !big_distrr -big_split /=; apply: eq_bigr => u _.
  rewrite -mulnDr -mulnDl -mulnDr mulnA [r * _]mulnCA addnC; congr (_ * _ * _).
  by case: r => [|r]; rewrite ?G_recurrence // mul0n G_0.
have -> : \sum_(u < m.+1) 'C(m, u) * G r (m - u) * Bell u.+1 = by_unlabelled r m + by_unlabelled r.+1 m.
  transitivity (\sum_(u < m.+1) \sum_(j < m.+1) 'C(m, u) * G r (m - u) * 'C(u, j) * Bell j).
    apply: eq_bigr => u _; rewrite (Bell_step (IH u (ltn_ord u))).
    rewrite (big_ord_widen m.+1 (fun j => 'C(u, j) * Bell j)) // big_distrr [LHS]big_mkcond /=.
    apply: eq_bigr => j _; rewrite mulnA; case: ltnP => // uj.
    by rewrite (bin_small uj) !muln0.
  rewrite exchange_big /= /by_unlabelled -big_split /=; apply: eq_bigr => j _.
  by rewrite -big_distrl /= (choose_twice _ (leq_ord j)) mulnDr mulnDl.
by rewrite [X in _ + X + _]addnC !addnA.
Qed.

(* G(r, m) alone, the term u = 0, is too small. *)
Theorem T_Bell_mutant_false : ~ (forall r m, T r m = G r m).
Proof. by move=> /(_ 0 1); rewrite T_recurrence !T_m0 G_0. Qed.

(* The term u = 0, in front: eq. (13) as displayed. *)
Theorem T_Bell_split r m :
  T r m = G r m + \sum_(u < m) 'C(m, u.+1) * G r (m - u.+1) * Bell u.+1.
Proof.
by rewrite T_Bell big_ord_recl bin0 mul1n subn0 Bell_T T_m0 muln1.
Qed.
