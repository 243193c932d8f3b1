// The controls: which thread, where the drawing is zoomed to, what is searched for, and what is said about a box.

const data = JSON.parse(document.getElementById("data").textContent);
const element = (id) => document.getElementById(id);
const view = { graph: element("graph"), frame: element("frame"), tip: element("tip"), said: element("said") };

const trees = data.threads.map(readTree);
if (trees.length > 1) trees.unshift(mergeTrees("all threads", trees));
const times = trees.map((tree) => functionTimes(tree, data.locations.names.length));
const palette = new Palette(data, times[0].self);
const graph = new Graph(data, view.graph, view.frame, element("spacer"));
const table = new FunctionTable(data, element("functions"), element("functions-note"), showFunction);

let shown = 0; // which of the trees
let query = "";
let nextMatch = 0;

// --- threads and views ------------------------------------------------------------------------------------------------

function fillThreads() {
  const whole = trees[0].total[0];
  trees.forEach((tree, index) => {
    const label = `${tree.name} (${index === 0 || trees.length === 1 ? timeText(tree.total[0]) : shareText(tree.total[0], whole)})`;
    element("thread").add(new Option(label, index));
  });
  element("thread").closest("label").hidden = trees.length === 1;
}

function showThread(index) {
  shown = index;
  element("thread").value = index;
  graph.show(trees[index]);
  search(query);
}

function showView(name) {
  for (const button of document.querySelectorAll("[role=tab]")) {
    const isChosen = button.dataset.view === name;
    button.ariaSelected = isChosen;
    button.tabIndex = isChosen ? 0 : -1;
    element(button.getAttribute("aria-controls")).hidden = !isChosen;
  }
  hideTip();
  graph.redraw();
}

// --- zoom -------------------------------------------------------------------------------------------------------------

function zoom(node) {
  graph.zoom(node);
  hideTip();
  fillPath();
  sayMatches();
  describe(node);
}

function fillPath() {
  const { tree, zoomed } = graph;
  const path = pathTo(tree, zoomed);
  const kept = path.length > 8 ? [path[0], -1, ...path.slice(-6)] : path;
  const crumbs = kept.map((node) => {
    const item = document.createElement("li");
    if (node < 0) {
      item.textContent = `… ${countText(path.length - 7)} more …`;
      return item;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = nodeName(data, tree, node);
    if (node === zoomed) button.ariaCurrent = "location";
    button.addEventListener("click", () => zoom(node));
    item.append(button);
    return item;
  });
  element("path").replaceChildren(...crumbs);
  element("path").scrollLeft = element("path").scrollWidth;
  element("reset").disabled = zoomed === 0;
}

// --- search -----------------------------------------------------------------------------------------------------------

function matcher(text) {
  const wanted = text.toLowerCase();
  return data.locations.names.map((name, location) => `${name}\n${placeText(data, location, false)}`.toLowerCase().includes(wanted));
}

function search(text) {
  query = text.trim();
  nextMatch = 0;
  const matches = query ? matcher(query) : null;
  graph.found = matches && findMatches(trees[shown], matches);
  table.show(trees[shown], times[shown], matches);
  fillPath();
  sayMatches();
  graph.redraw();
}

function sayMatches() {
  const { tree, found, zoomed } = graph;
  if (!found) {
    element("matches").textContent = "";
    return;
  }
  const time = matchedTime(tree, found, zoomed);
  element("matches").textContent = found.count
    ? `${shareText(time, tree.total[zoomed])} matched, ${plural(found.count, "box", "boxes")}`
    : "no match";
}

function goToMatch(step) {
  const { outermost } = graph.found ?? { outermost: [] };
  if (!outermost.length) return;
  const index = (nextMatch + outermost.length + (step < 0 ? -2 : 0)) % outermost.length;
  nextMatch = (index + 1) % outermost.length;
  zoom(outermost[index]);
}

function showFunction(location) {
  showView("graph");
  element("search").value = data.locations.names[location];
  search(element("search").value);
  goToMatch(1);
}

// --- what is said about a box -----------------------------------------------------------------------------------------

function facts(node) {
  const { tree, zoomed } = graph;
  const total = tree.total[node];
  const rows = [["total", `${timeText(total)}, ${shareText(total, tree.total[0])}`]];
  if (zoomed !== 0) rows.push(["of the view", shareText(total, tree.total[zoomed])]);
  if (node !== 0 && tree.location[node] !== FOLDED) {
    rows.push(["self", `${timeText(tree.self[node])}, ${shareText(tree.self[node], tree.total[0])}`]);
    rows.push(["calls", countText(tree.calls[node])]);
    if (tree.calls[node] > 1) rows.push(["per call", timeText(total / tree.calls[node])]);
  }
  return rows;
}

function describe(node) {
  if (node < 0) {
    view.said.textContent = "";
    return;
  }
  const location = graph.tree.location[node];
  const place = location >= 0 ? placeText(data, location, false) : "";
  const name = nodeName(data, graph.tree, node);
  view.said.textContent = [place ? `${name} (${place})` : name, ...facts(node).map((fact) => fact.join(" "))].join(" · ");
}

function showTip(node, clientX, clientY) {
  const location = graph.tree.location[node];
  element("tip-name").textContent = nodeName(data, graph.tree, node);
  element("tip-place").textContent = location >= 0 ? placeText(data, location, false) : "";
  element("tip-facts").replaceChildren(
    ...facts(node).flatMap(([name, text]) => {
      const term = document.createElement("dt");
      const value = document.createElement("dd");
      term.textContent = name;
      value.textContent = text;
      return [term, value];
    }),
  );
  view.tip.hidden = false;
  const { offsetWidth, offsetHeight } = view.tip;
  const left = Math.min(clientX + 14, document.documentElement.clientWidth - offsetWidth - 8);
  const below = clientY + 18;
  const top = below + offsetHeight + 8 > window.innerHeight ? clientY - offsetHeight - 12 : below;
  view.tip.style.transform = `translate(${Math.max(left, 8)}px, ${Math.max(top, 8)}px)`;
}

function hideTip() {
  view.tip.hidden = true;
  if (graph.hovered >= 0) {
    graph.hovered = -1;
    graph.redraw();
  }
}

graph.onDrawn = ({ drawn, narrow }) => {
  const sentences = [`${plural(drawn, "box", "boxes")} drawn`];
  if (narrow) sentences.push(`${countText(narrow)} in sight are narrower than ${LEAST_WIDTH} px: zoom in to see them`);
  if (data.folded) sentences.push(data.folded);
  element("drawn").textContent = `${sentences.join("; ")}.`;
};

// --- pointer and keys -------------------------------------------------------------------------------------------------

view.graph.addEventListener("pointermove", (event) => {
  if (event.pointerType === "touch") return;
  const node = graph.nodeUnder(event.clientX, event.clientY);
  if (node < 0) return hideTip();
  if (node !== graph.hovered) {
    graph.hovered = node;
    graph.redraw();
  }
  showTip(node, event.clientX, event.clientY);
});
view.graph.addEventListener("pointerleave", hideTip);
view.graph.addEventListener("click", (event) => {
  const node = graph.nodeUnder(event.clientX, event.clientY);
  if (node < 0) return;
  const isTouch = event.pointerType === "touch"; // the first tap tells, the second one zooms
  if (isTouch && graph.selected !== node) {
    graph.select(node);
    describe(node);
    return;
  }
  zoom(node === graph.zoomed ? Math.max(graph.tree.parent[node], 0) : node);
});

const beside = (node, step) => {
  const { order, rank } = graph.tree;
  const next = order[rank[node] + step] ?? -1;
  return next >= 0 && graph.tree.depth[next] === graph.tree.depth[node] ? next : -1;
};
const child = (node) => {
  const { first, children } = graph.tree;
  return first[node] < first[node + 1] ? children[first[node]] : -1;
};
const MOVES = {
  ArrowDown: child,
  ArrowUp: (node) => graph.tree.parent[node],
  ArrowLeft: (node) => beside(node, -1),
  ArrowRight: (node) => beside(node, 1),
};

view.graph.addEventListener("keydown", (event) => {
  const from = graph.selected >= 0 ? graph.selected : graph.zoomed;
  if (event.key === "Enter" && graph.selected >= 0) zoom(graph.selected);
  else if (event.key === "Backspace") zoom(Math.max(graph.tree.parent[graph.zoomed], 0));
  else if (event.key in MOVES) {
    const next = MOVES[event.key](from);
    if (graph.isInView(next)) {
      graph.select(next);
      describe(next);
    }
  } else return;
  event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && document.activeElement !== element("search")) {
    element("search").focus();
    element("search").select();
    event.preventDefault();
  } else if (event.key === "Escape") {
    if (query || element("search").value) {
      element("search").value = "";
      search("");
    } else {
      zoom(0);
    }
    hideTip();
    event.preventDefault();
  }
});

element("search").addEventListener("input", (event) => search(event.target.value));
element("search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  goToMatch(event.shiftKey ? -1 : 1);
});
element("thread").addEventListener("change", (event) => showThread(Number(event.target.value)));
element("reset").addEventListener("click", () => zoom(0));
const tabs = [...document.querySelectorAll("[role=tab]")];
tabs.forEach((tab, index) => {
  tab.addEventListener("click", () => showView(tab.dataset.view));
  tab.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tabs[(index + 1) % tabs.length];
    showView(other.dataset.view);
    other.focus();
  });
});

// --- start ------------------------------------------------------------------------------------------------------------

const darkness = matchMedia("(prefers-color-scheme: dark)");
const useTheme = () => {
  palette.useTheme(darkness.matches);
  graph.usePalette(palette);
};
darkness.addEventListener("change", useTheme);
useTheme();
fillThreads();
showView("graph");
showThread(0);
