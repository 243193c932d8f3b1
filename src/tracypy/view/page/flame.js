// The flame graph of a span, or of all, in the same page: the drawing of `tracypy flamegraph`.

class Flame {
  constructor(data, source, parts) {
    Object.assign(this, { data, source, ...parts });
    this.graph = new Graph(data, this.canvas, this.frame, this.spacer);
    this.graph.onDrawn = ({ drawn, narrow }) => this.sayDrawn(drawn, narrow);
    this.shown = null; // the span and the rows that the tree is of
    this.pending = 0;
    this.listen();
  }

  listen() {
    const { canvas, graph } = this;
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      const node = graph.nodeUnder(event.clientX, event.clientY);
      graph.hovered = node;
      graph.redraw();
      if (node >= 0) this.describe(node);
    });
    canvas.addEventListener("click", (event) => {
      const node = graph.nodeUnder(event.clientX, event.clientY);
      if (node >= 0) this.zoom(node === graph.zoomed ? Math.max(graph.tree.parent[node], 0) : node);
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
    this.reset.addEventListener("click", () => this.zoom(0));
  }

  key(event) {
    const { graph } = this;
    const { tree } = graph;
    const from = graph.selected >= 0 ? graph.selected : graph.zoomed;
    const beside = (step) => tree.order[tree.rank[from] + step] ?? -1;
    const moves = {
      ArrowDown: () => (tree.first[from] < tree.first[from + 1] ? tree.children[tree.first[from]] : -1),
      ArrowUp: () => tree.parent[from],
      ArrowLeft: () => beside(-1),
      ArrowRight: () => beside(1),
    };
    if (event.key === "Enter" && graph.selected >= 0) this.zoom(graph.selected);
    else if (event.key === "Backspace") this.zoom(Math.max(tree.parent[graph.zoomed], 0));
    else if (event.key in moves) {
      const next = moves[event.key]();
      if (graph.isInView(next)) {
        graph.select(next);
        this.describe(next);
      }
    } else return;
    event.preventDefault();
  }

  // Of that span and those rows; nothing is asked for twice.
  async show({ from, to }, lanes, name, matched) {
    const wanted = `${from} ${to} ${lanes}`;
    if (this.shown !== wanted) {
      this.shown = wanted;
      this.pending++;
      const columns = await this.source.tree(from, to, lanes).catch(() => null);
      this.pending--;
      if (!columns || this.shown !== wanted) return;
      this.folded = columns.folded ? `${countText(columns.folded)} paths of less than ${timeText(columns.least)} are folded` : "";
      this.graph.show(readTree({ name, ...columns }));
      this.zoom(0);
    }
    this.graph.found = matched && this.graph.tree && findMatches(this.graph.tree, matched);
    this.graph.redraw();
  }

  zoom(node) {
    this.graph.zoom(node);
    this.reset.disabled = node === 0;
    this.describe(node);
  }

  describe(node) {
    const { tree } = this.graph;
    const location = tree.location[node];
    const place = location >= 0 ? ` (${placeText(this.data, location, false)})` : "";
    const facts = [`total ${timeText(tree.total[node])}, ${shareText(tree.total[node], tree.total[0])}`];
    if (location >= 0) facts.push(`self ${timeText(tree.self[node])}`, plural(tree.calls[node], "call"));
    this.said.textContent = [nodeName(this.data, tree, node) + place, ...facts].join(" · ");
  }

  sayDrawn(drawn, narrow) {
    const sentences = [plural(drawn, "box", "boxes")];
    if (narrow) sentences.push(`${countText(narrow)} are narrower than ${LEAST_WIDTH} px: click to zoom in`);
    if (this.folded) sentences.push(this.folded);
    this.drawn.textContent = `${sentences.join("; ")}.`;
  }
}
