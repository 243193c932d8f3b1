// The drawing: one canvas as large as its window; only what is in sight and wide enough is drawn.

const ROW = 20;
const LEAST_WIDTH = 0.1; // pixels; narrower boxes are not drawn, and the page says how many
const LEAST_TEXT = 34;
const PADDING = 5;

class Graph {
  constructor(data, canvas, frame, spacer) {
    Object.assign(this, { data, canvas, frame, spacer });
    this.context = canvas.getContext("2d");
    this.tree = null;
    this.found = null;
    this.zoomed = 0;
    this.hovered = -1;
    this.selected = -1;
    this.onDrawn = () => {};
    this.isPending = false;
    frame.addEventListener("scroll", () => this.redraw(), { passive: true });
    new ResizeObserver(() => this.redraw()).observe(frame);
  }

  usePalette(palette) {
    const style = getComputedStyle(document.documentElement);
    const variable = (name) => style.getPropertyValue(name).trim();
    this.palette = palette;
    this.font = `12px ${variable("--mono")}`;
    this.ink = Object.fromEntries(
      ["page", "root", "folded", "text", "faint", "match", "on-match", "faded", "on-faded", "ring"].map((name) => [name, variable(`--box-${name}`)]),
    );
    this.redraw();
  }

  show(tree) {
    this.tree = tree;
    this.found = null;
    this.zoom(0);
  }

  zoom(node) {
    this.zoomed = node;
    this.hovered = -1;
    this.selected = -1;
    this.frame.scrollTop = 0;
    this.redraw();
  }

  redraw() {
    if (this.isPending) return;
    this.isPending = true;
    requestAnimationFrame(() => {
      this.isPending = false;
      if (this.tree && this.palette) this.draw();
    });
  }

  // Pixels per nanosecond of what is zoomed to.
  get scale() {
    return this.width / Math.max(this.tree.total[this.zoomed], 1);
  }

  nodeUnder(clientX, clientY) {
    const box = this.frame.getBoundingClientRect();
    const row = Math.floor((clientY - box.top + this.frame.scrollTop) / ROW) + this.tree.depth[this.zoomed];
    const node = nodeAt(this.tree, row, this.tree.x[this.zoomed] + (clientX - box.left) / this.scale);
    return this.isInView(node) ? node : -1;
  }

  isInView(node) {
    const { x, total, depth } = this.tree;
    const top = this.zoomed;
    if (node < 0 || depth[node] < depth[top]) return false;
    if (depth[node] === depth[top]) return node === top;
    return x[node] >= x[top] && (x[node] < x[top] + total[top] || total[top] === 0);
  }

  // Where a node is on the screen, in client coordinates.
  boxOf(node) {
    const box = this.frame.getBoundingClientRect();
    return {
      left: box.left + (this.tree.x[node] - this.tree.x[this.zoomed]) * this.scale,
      top: box.top + (this.tree.depth[node] - this.tree.depth[this.zoomed]) * ROW - this.frame.scrollTop,
      width: this.tree.total[node] * this.scale,
      height: ROW,
    };
  }

  select(node) {
    this.selected = node;
    if (node >= 0) {
      const top = (this.tree.depth[node] - this.tree.depth[this.zoomed]) * ROW;
      const { scrollTop, clientHeight } = this.frame;
      if (top < scrollTop) this.frame.scrollTop = top;
      else if (top + ROW > scrollTop + clientHeight) this.frame.scrollTop = top + ROW - clientHeight;
    }
    this.redraw();
  }

  deepestRow() {
    const { depth, parent } = this.tree;
    if (this.zoomed === 0) return this.tree.rows.length - 2;
    const isBelow = new Uint8Array(this.tree.size);
    isBelow[this.zoomed] = 1;
    let deepest = depth[this.zoomed];
    for (const node of this.tree.order) {
      if (node > 0 && isBelow[parent[node]]) {
        isBelow[node] = 1;
        deepest = Math.max(deepest, depth[node]);
      }
    }
    return deepest;
  }

  fit() {
    if (this.fitted !== this.tree || this.fittedTo !== this.zoomed) {
      this.fitted = this.tree;
      this.fittedTo = this.zoomed;
      const height = (this.deepestRow() - this.tree.depth[this.zoomed] + 1) * ROW;
      this.spacer.style.height = `${height}px`;
    }
    this.width = this.frame.clientWidth;
    this.height = this.frame.clientHeight;
    fitCanvas(this.canvas, this.frame, this.context);
  }

  draw() {
    this.fit();
    const { context, tree, width, height } = this;
    context.fillStyle = this.ink.page;
    context.fillRect(0, 0, width, height);
    context.font = this.font;
    context.textBaseline = "middle";
    this.letter = context.measureText("x").width;
    const base = tree.depth[this.zoomed];
    const firstRow = base + Math.floor(this.frame.scrollTop / ROW);
    const lastRow = Math.min(firstRow + Math.ceil(height / ROW) + 1, tree.rows.length - 2);
    const tally = { drawn: 0, narrow: 0 };
    for (let row = firstRow; row <= lastRow; row++) this.drawRow(row, (row - base) * ROW - this.frame.scrollTop, tally);
    for (const node of new Set([this.hovered, this.selected])) this.drawRing(node);
    this.onDrawn(tally);
  }

  drawRow(row, y, tally) {
    const { tree, scale } = this;
    const left = tree.x[this.zoomed];
    const right = left + tree.total[this.zoomed];
    let at = Math.max(lastNotAfter(tree, row, left), tree.rows[row]);
    while (at > tree.rows[row] && tree.x[tree.order[at - 1]] >= left) at--;
    for (; at < tree.rows[row + 1]; at++) {
      const node = tree.order[at];
      if (tree.x[node] >= right && node !== this.zoomed) break;
      if (!this.isInView(node)) continue;
      const wide = tree.total[node] * scale;
      if (wide < LEAST_WIDTH) {
        tally.narrow++;
        continue;
      }
      tally.drawn++;
      this.drawBox(node, (tree.x[node] - left) * scale, y, wide);
    }
  }

  drawBox(node, x, y, wide) {
    const { context, ink } = this;
    const [fill, text] = this.paint(node);
    context.fillStyle = fill;
    const gap = wide > 3 ? 1 : 0;
    context.fillRect(x, y, Math.max(wide - gap, 0.5), ROW - 1);
    if (wide < LEAST_TEXT) return;
    const room = wide - 2 * PADDING - gap;
    const used = this.drawText(nodeName(this.data, this.tree, node), x + PADDING, y, room, text);
    const location = this.tree.location[node];
    if (location >= 0 && room - used > 12 * this.letter) {
      const color = text === ink.text ? ink.faint : text;
      this.drawText(placeText(this.data, location, true), x + PADDING + used + 2 * this.letter, y, room - used - 2 * this.letter, color);
    }
  }

  paint(node) {
    const { ink, tree } = this;
    const location = tree.location[node];
    if (this.found?.matched[node]) return [ink.match, ink["on-match"]];
    if (this.found && node !== this.zoomed) return [ink.faded, ink["on-faded"]];
    if (location === ROOT) return [ink.root, ink.text];
    return location === FOLDED ? [ink.folded, ink.text] : [this.palette.boxes[location], ink.text];
  }

  // As much of the text as there is room for; returns the width it took.
  drawText(text, x, y, room, color) {
    const { context, letter } = this;
    let shown = text.length > 400 ? text.slice(0, 400) : text;
    let width = context.measureText(shown).width;
    if (width > room) {
      let keep = Math.max(Math.floor(room / letter) - 1, 0);
      do {
        shown = keep > 0 ? `${text.slice(0, keep).replace(/[\uD800-\uDBFF]$/, "")}…` : "";
        width = context.measureText(shown).width;
      } while (width > room && keep-- > 0);
    }
    context.fillStyle = color;
    if (shown) context.fillText(shown, x, y + ROW / 2);
    return width;
  }

  drawRing(node) {
    if (!this.isInView(node)) return;
    const box = this.boxOf(node);
    const frame = this.frame.getBoundingClientRect();
    this.context.strokeStyle = this.ink.ring;
    this.context.lineWidth = 2;
    this.context.strokeRect(box.left - frame.left + 1, box.top - frame.top + 1, Math.max(box.width - 3, 1), ROW - 3);
  }
}
