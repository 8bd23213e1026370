(* Proposition 4.1 of Zhao et al.: the minimum of a deep linear network with invertible X and Y is a copy of
   the group of invertible matrices to the power l - 1.  A list holds the layers, first to last. *)
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Ring.
Variable R : unitRingType.
Implicit Types (g w : R) (gs ws : seq R).

(* W_l ... W_1, the later layers on the left. *)
Definition network ws : R := foldl (fun out w => w * out) 1 ws.

Variables X Y : R.
Hypotheses (X_unit : X \is a GRing.unit) (Y_unit : Y \is a GRing.unit).

(* The zeros of |Y - W_l ... W_1 X|^2. *)
Definition minimum ws := network ws * X = Y.

(* g_1^-1 g_2^-1 ... g_(l-1)^-1, in increasing order. *)
Definition inverses gs : R := foldr (fun g out => g^-1 * out) 1 gs.

(* f(g) = (g_1 X^-1, g_2, ..., g_(l-1), Y g_1^-1 ... g_(l-1)^-1), eq. (10), and the map back,
   (W_1 X, W_2, ..., W_(l-1)).  One layer alone is (Y X^-1), with no group element. *)
Definition to_layers gs : seq R :=
  if gs is g :: gs' then g * X^-1 :: rcons gs' (Y * inverses gs) else [:: Y * X^-1].
Definition to_group ws : seq R :=
  if ws is w :: w' :: ws' then w * X :: belast w' ws' else [::].

Lemma foldl_network ws z : foldl (fun out w => w * out) z ws = network ws * z.
Proof.
rewrite /network; elim: ws z => [|w ws IH] z /=; first by rewrite mul1r.
by rewrite IH [in RHS]IH mulr1 mulrA.
Qed.

Lemma network_cons w ws : network (w :: ws) = network ws * w.
Proof. by rewrite {1}/network /= foldl_network mulr1. Qed.

Lemma network_rcons w ws : network (rcons ws w) = w * network ws.
Proof. by rewrite /network foldl_rcons. Qed.

Lemma inverses_network gs : all (mem GRing.unit) gs -> inverses gs * network gs = 1.
Proof.
elim: gs => [|g gs IH] /=; first by rewrite mul1r.
by case/andP=> g_unit /IH {}IH; rewrite network_cons -mulrA (mulrA (inverses gs)) IH mul1r mulVr.
Qed.

Lemma network_inverses gs : all (mem GRing.unit) gs -> network gs * inverses gs = 1.
Proof.
elim: gs => [|g gs IH] /=; first by rewrite mul1r.
by case/andP=> g_unit /IH {}IH; rewrite network_cons -mulrA mulVKr.
Qed.

(* f maps tuples of units to points of the minimum, of one layer more. *)
Theorem to_layers_minimum gs : all (mem GRing.unit) gs ->
  minimum (to_layers gs) /\ size (to_layers gs) = (size gs).+1.
Proof.
case: gs => [|g gs] units; first by rewrite /minimum /network /= mulr1 divrK.
split; last by rewrite /= size_rcons.
rewrite /minimum -[to_layers _]/(g * X^-1 :: rcons gs (Y * inverses (g :: gs))).
move: (inverses _) (inverses_network units) => u uE.
rewrite network_cons network_rcons -!mulrA mulVr // mulr1 -network_cons.
by rewrite uE mulr1.
Qed.

(* The map back undoes f. *)
Theorem to_group_to_layers gs : to_group (to_layers gs) = gs.
Proof.
case: gs => [|g [|g' gs]] //=; first by rewrite divrK.
by rewrite divrK // belast_rcons.
Qed.

Lemma to_group_rcons w ws v : to_group (w :: rcons ws v) = w * X :: ws.
Proof. by case: ws => //= w' ws; rewrite belast_rcons. Qed.

(* f undoes the map back, on the minimum. *)
Theorem to_layers_to_group ws : ws != [::] -> all (mem GRing.unit) ws -> minimum ws ->
  to_layers (to_group ws) = ws.
Proof.
case: ws => // w ws _; case/lastP: ws => [|ws v].
  by move=> _; rewrite /=; rewrite /minimum /network /= mulr1 => <-; rewrite mulrK.
rewrite [all _ _]/= all_rcons => /and3P[w_unit v_unit ws_unit] E.
rewrite to_group_rcons; have units : all (mem GRing.unit) (w * X :: ws) by rewrite /= ws_unit unitrMl ?w_unit.
rewrite -[to_layers _]/(w * X * X^-1 :: rcons ws (Y * inverses (w * X :: ws))) mulrK //.
move: (inverses _) (network_inverses units) => u uE; congr (_ :: rcons _ _).
have <- : v * network (w * X :: ws) = Y.
  by rewrite network_cons -E network_cons network_rcons !mulrA.
by rewrite -mulrA uE mulr1.
Qed.

End Ring.

Section Matrices.
Variables (F : fieldType) (h : nat).
Implicit Types (X Y : 'M[F]_h.+1) (ws : seq 'M[F]_h.+1).

(* Square matrices: a product is invertible only if each factor is. *)
Lemma network_unit ws : network ws \is a GRing.unit -> all (mem GRing.unit) ws.
Proof.
elim: ws => //= w ws IH; rewrite network_cons => unit.
have /andP[u1 u2] : (network ws \in unitmx) && (w \in unitmx) by rewrite -unitmx_mul.
by rewrite IH ?andbT.
Qed.

(* On the minimum every layer is invertible, hence f is onto: with the theorems before, f is a bijection
   from the tuples of l - 1 invertible matrices to the minimum of l layers. *)
Theorem minimum_onto X Y ws : X \is a GRing.unit -> Y \is a GRing.unit -> ws != [::] -> minimum X Y ws ->
  [/\ all (mem GRing.unit) (to_group X ws), size ws = (size (to_group X ws)).+1 &
      to_layers X Y (to_group X ws) = ws].
Proof.
move=> X_unit Y_unit ws_ne E.
have units : all (mem GRing.unit) ws.
  apply: network_unit; have : network ws *m X \in unitmx by rewrite [_ *m _]E.
  by rewrite unitmx_mul => /andP[].
split; last exact: to_layers_to_group; case: ws ws_ne units {E} => // w ws _; case/lastP: ws => // ws v.
  by rewrite [all _ _]/= all_rcons to_group_rcons /= unitrMl // => /and3P[-> _ ->].
by rewrite to_group_rcons /= size_rcons.
Qed.

End Matrices.

(* The product in decreasing order, with the last inverse first. *)
Definition decreasing (R : unitRingType) (gs : seq R) : R := foldl (fun out g => g^-1 * out) 1 gs.

(* With the factors in decreasing order (another reading of eq. (10) in print) the loss is not zero: two
   matrices that do not commute. *)
Theorem decreasing_order_false :
  ~ (forall (R : unitRingType) (X Y : R) (g g' : R), X \is a GRing.unit -> Y \is a GRing.unit ->
      g \is a GRing.unit -> g' \is a GRing.unit ->
      minimum X Y [:: g * X^-1; g'; Y * decreasing [:: g; g']]).
Proof.
have unipotent (R : unitRingType) (x : R) : x * x = 0 -> 1 + x \is a GRing.unit.
  move=> xx; apply/unitrP; exists (1 - x); split.
    by rewrite mulrDr mulr1 mulrBl mul1r xx subr0 subrK.
  by rewrite mulrBr mulr1 mulrDl mul1r xx addr0 addrK.
move=> H; pose x : 'M[rat]_2 := delta_mx 0 1; pose y : 'M[rat]_2 := delta_mx 1 0.
have xx : x * x = 0 by exact: mul_delta_mx_0.
have yy : y * y = 0 by exact: mul_delta_mx_0.
have xy : x * y = delta_mx 0 0 by exact: mul_delta_mx.
have yx : y * x = delta_mx 1 1 by exact: mul_delta_mx.
have [a_unit b_unit] := (unipotent _ _ xx, unipotent _ _ yy).
have {H} := H _ 1 1 _ _ (unitr1 _) (unitr1 _) a_unit b_unit.
rewrite /minimum /network /decreasing /= invr1 !mulr1 mul1r -mulrA => E.
have := congr1 (fun z => (1 + x) * ((1 + y) * z)) E; rewrite /= mulr1 !mulVKr // => {E}.
rewrite !mulrDl !mulrDr !mul1r !mulr1 xy yx => /matrixP/(_ 0 0); rewrite !mxE /=.
by move/eqP.
Qed.

(* Numbers commute: for them the order does not matter. *)
Theorem decreasing_order_mutant_false :
  ~ ~ (forall (R : comUnitRingType) (X Y g g' : R), X \is a GRing.unit -> Y \is a GRing.unit ->
      g \is a GRing.unit -> g' \is a GRing.unit ->
      minimum X Y [:: g * X^-1; g'; Y * decreasing [:: g; g']]).
Proof.
apply=> R X Y g g' X_unit _ g_unit g'_unit.
rewrite /minimum /network /decreasing /= !mulr1 -!mulrA mulVr // mulr1.
by rewrite (mulrC g') mulKr // mulVr // mulr1.
Qed.

(* Elements without an inverse are not in the domain. *)
Theorem to_layers_minimum_mutant_false :
  ~ (forall (R : unitRingType) (X Y : R) (gs : seq R), X \is a GRing.unit ->
      minimum X Y (to_layers X Y gs) /\ size (to_layers X Y gs) = (size gs).+1).
Proof. by move/(_ _ (1 : rat) 1 [:: 0] isT) => -[/eqP]; vm_compute. Qed.

(* X must be invertible. *)
Theorem to_group_to_layers_mutant_false :
  ~ (forall (R : unitRingType) (X Y : R) (gs : seq R), to_group X (to_layers X Y gs) = gs).
Proof. by move/(_ _ (0 : rat) 0 [:: 1]); rewrite /= mulr0 => -[/eqP]. Qed.

(* Off the minimum the last layer is free. *)
Theorem to_layers_to_group_mutant_false :
  ~ (forall (R : unitRingType) (X Y : R) (ws : seq R), X \is a GRing.unit -> Y \is a GRing.unit ->
      ws != [::] -> all (mem GRing.unit) ws -> to_layers X Y (to_group X ws) = ws).
Proof.
move/(_ _ (1 : rat) 1 [:: 1; -1] isT isT isT isT) => /eqP.
by vm_compute.
Qed.

(* Y must be invertible: with Y = 0 the zero layers are a minimum. *)
Theorem minimum_onto_mutant_false :
  ~ (forall (F : fieldType) h (X Y : 'M[F]_h.+1) ws, X \is a GRing.unit -> ws != [::] -> minimum X Y ws ->
      [/\ all (mem GRing.unit) (to_group X ws), size ws = (size (to_group X ws)).+1 &
          to_layers X Y (to_group X ws) = ws]).
Proof.
move/(_ [fieldType of rat] 0%N 1 0 [:: 0; 0] (unitr1 _) isT); rewrite /minimum /network /= !mul0r.
by case=> //; rewrite unitr0.
Qed.
