// Merged call trees, in columns: node 0 is the root, and a parent comes before its children.

const ROOT = -1; // the location of node 0
const FOLDED = -2; // the location of nodes that stand for what the page does not carry

// What a page carries of one thread: nodes in preorder, each with its depth (0 at the top), location, calls and self time.
function readTree(thread) {
  const count = thread.depths.length + 1;
  const tree = emptyTree(thread.name, count);
  const path = [0];
  for (let node = 1; node < count; node++) {
    const depth = thread.depths[node - 1] + 1;
    path[depth] = node;
    tree.parent[node] = path[depth - 1];
    tree.location[node] = thread.locations[node - 1];
    tree.calls[node] = thread.calls[node - 1];
    tree.self[node] = thread.selfs[node - 1];
  }
  return laidOut(tree);
}

// One tree out of several: what has the same path becomes one node.
function mergeTrees(name, trees) {
  const nodes = trees.reduce((sum, tree) => sum + tree.size - 1, 1);
  const merged = emptyTree(name, nodes);
  const known = new Map();
  let used = 1;
  for (const tree of trees) {
    const place = new Int32Array(tree.size);
    for (let node = 1; node < tree.size; node++) {
      const parent = place[tree.parent[node]];
      const key = parent * 0x400000 + tree.location[node] + 2;
      let mine = known.get(key);
      if (mine === undefined) {
        mine = used++;
        known.set(key, mine);
        merged.parent[mine] = parent;
        merged.location[mine] = tree.location[node];
      }
      merged.calls[mine] += tree.calls[node];
      merged.self[mine] += tree.self[node];
      place[node] = mine;
    }
  }
  merged.size = used;
  return laidOut(merged);
}

function emptyTree(name, count) {
  const tree = {
    name,
    size: count,
    parent: new Int32Array(count),
    location: new Int32Array(count),
    calls: new Float64Array(count),
    self: new Float64Array(count),
  };
  tree.parent[0] = -1;
  tree.location[0] = ROOT;
  return tree;
}

// Totals, depths, and where each node lies: x in nanoseconds of the root's total, the largest child leftmost.
function laidOut(tree) {
  const { size, parent, self } = tree;
  const total = Float64Array.from(self.subarray(0, size));
  for (let node = size - 1; node > 0; node--) total[parent[node]] += total[node];
  const first = new Int32Array(size + 1); // the children of n are children[first[n]] to children[first[n + 1] - 1]
  for (let node = 1; node < size; node++) first[parent[node] + 1]++;
  for (let node = 0; node < size; node++) first[node + 1] += first[node];
  const filled = first.slice(0, size);
  const children = new Int32Array(Math.max(size - 1, 0));
  for (let node = 1; node < size; node++) children[filled[parent[node]]++] = node;

  const x = new Float64Array(size);
  const depth = new Int32Array(size);
  const order = new Int32Array(size); // by row, each row from left to right
  const rank = new Int32Array(size); // where in `order` a node is
  const rows = [0]; // where in `order` each row begins
  const heavier = (a, b) =>
    (tree.location[a] === FOLDED) - (tree.location[b] === FOLDED) || total[b] - total[a] || a - b;
  let end = 1;
  for (let at = 0; at < end; at++) {
    const node = order[at];
    rank[node] = at;
    if (depth[node] === rows.length) rows.push(at);
    const mine = children.subarray(first[node], first[node + 1]).sort(heavier);
    let cursor = x[node];
    for (const child of mine) {
      x[child] = cursor;
      depth[child] = depth[node] + 1;
      cursor += total[child];
      order[end++] = child;
    }
  }
  rows.push(size);
  return Object.assign(tree, { total, first, children, x, depth, order, rank, rows });
}

// The node of a row at a place, or -1. Its interval is closed on the left.
function nodeAt(tree, row, place) {
  if (row < 0 || row >= tree.rows.length - 1) return -1;
  const at = lastNotAfter(tree, row, place);
  if (at < tree.rows[row]) return -1;
  const node = tree.order[at];
  return place < tree.x[node] + tree.total[node] ? node : -1;
}

// Where in `order` the last node of a row is that begins at or before a place; one before the row if there is none.
function lastNotAfter(tree, row, place) {
  let low = tree.rows[row] - 1;
  let high = tree.rows[row + 1] - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tree.x[tree.order[middle]] <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

// From the root to the node.
function pathTo(tree, node) {
  const path = [];
  for (let at = node; at >= 0; at = tree.parent[at]) path.push(at);
  return path.reverse();
}

// Which nodes match, and the outermost of them, the heaviest first: their totals do not overlap.
function findMatches(tree, matchesLocation) {
  const matched = new Uint8Array(tree.size);
  const inside = new Uint8Array(tree.size);
  const outermost = [];
  let count = 0;
  for (let node = 1; node < tree.size; node++) {
    const parent = tree.parent[node];
    inside[node] = inside[parent] || matched[parent];
    if (tree.location[node] >= 0 && matchesLocation[tree.location[node]]) {
      matched[node] = 1;
      count++;
      if (!inside[node]) outermost.push(node);
    }
  }
  outermost.sort((a, b) => tree.total[b] - tree.total[a] || a - b);
  return { matched, outermost, count };
}

// The matched share of what lies in a node: whole if the node is in a match itself.
function matchedTime(tree, found, node) {
  for (let at = node; at > 0; at = tree.parent[at]) if (found.matched[at]) return tree.total[node];
  const left = tree.x[node];
  const right = left + tree.total[node];
  let sum = 0;
  for (const match of found.outermost) {
    if (tree.depth[match] >= tree.depth[node] && tree.x[match] >= left && tree.x[match] < right) sum += tree.total[match];
  }
  return sum;
}

// Per location: calls, self time, and total time, in which a function that calls itself counts once.
function functionTimes(tree, locations) {
  const times = { calls: new Float64Array(locations), self: new Float64Array(locations), total: new Float64Array(locations) };
  const open = new Int32Array(locations); // how often each function is on the path to where we are
  const stack = [0];
  while (stack.length) {
    const entry = stack.pop();
    const node = entry < 0 ? ~entry : entry; // a complement: we leave the node
    const location = tree.location[node];
    if (entry < 0) {
      open[location]--;
      continue;
    }
    if (location >= 0) {
      times.calls[location] += tree.calls[node];
      times.self[location] += tree.self[node];
      if (open[location]++ === 0) times.total[location] += tree.total[node];
      stack.push(~node);
    }
    for (let at = tree.first[node]; at < tree.first[node + 1]; at++) stack.push(tree.children[at]);
  }
  return times;
}
