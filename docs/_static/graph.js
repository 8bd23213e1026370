// Pointing at a claim in the graph lights up its lines and the claims at their ends.
document.addEventListener("DOMContentLoaded", () => {
  for (const graph of document.querySelectorAll(".claims-graph")) {
    const lines = [...graph.querySelectorAll("path.uses")];
    const boxes = [...graph.querySelectorAll("a.claim")];
    const base = (id) => id.replace(/\.(printed|proof)$/, "");
    const point = (id) => {
      const near = new Set([id]);
      for (const line of lines) {
        const mine = line.dataset.used === id || line.dataset.user === id;
        line.classList.toggle("lit", mine);
        if (mine) near.add(line.dataset.used).add(line.dataset.user);
      }
      graph.classList.add("pointed");
      for (const box of boxes) box.classList.toggle("near", near.has(base(box.dataset.claim)));
    };
    const rest = () => {
      graph.classList.remove("pointed");
      for (const line of lines) line.classList.remove("lit");
    };
    for (const box of boxes) {
      box.addEventListener("mouseenter", () => point(base(box.dataset.claim)));
      box.addEventListener("focus", () => point(base(box.dataset.claim)));
      box.addEventListener("mouseleave", rest);
      box.addEventListener("blur", rest);
    }
  }
});
