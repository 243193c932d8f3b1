// Where what is drawn comes from when the page is alone: the zones that it has in itself.

class PackedNumbers {
  constructor(bytes) {
    Object.assign(this, { bytes, at: 0 });
  }

  next() {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }
}

// The zones of one depth, or of one thread at a lock, by time.
class LocalRow {
  constructor(numbers) {
    this.size = numbers.next();
    this.starts = new Float64Array(this.size);
    this.ends = new Float64Array(this.size);
    this.selfs = new Float64Array(this.size);
    this.locations = new Uint32Array(this.size);
    this.children = new Uint32Array(this.size);
    this.firstChildren = new Uint32Array(this.size);
    this.extras = new Uint32Array(this.size);
    let time = 0;
    let child = 0;
    for (let zone = 0; zone < this.size; zone++) {
      this.starts[zone] = time += numbers.next();
      this.ends[zone] = time += numbers.next();
      this.selfs[zone] = numbers.next();
      this.locations[zone] = numbers.next();
      this.firstChildren[zone] = child;
      child += this.children[zone] = numbers.next();
      this.extras[zone] = numbers.next();
    }
  }

  // The first zone for which `times` is beyond `time`; with `orEqual`, that or later.
  first(times, time, orEqual) {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[middle] < time || (!orEqual && times[middle] === time)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  parentOf(child) {
    let zone = 0;
    let high = this.size;
    while (zone < high) {
      const middle = (zone + high) >>> 1;
      if (this.firstChildren[middle] + this.children[middle] <= child) zone = middle + 1;
      else high = middle;
    }
    return zone;
  }

  // As `draw` of the native side: what is narrower than a pixel is merged.
  draw(from, to, pixel, color, boxes) {
    let merged = null;
    const flush = () => merged && boxes.push(merged) && (merged = null);
    for (let zone = this.first(this.ends, from, false); zone < this.size && this.starts[zone] < to; zone++) {
      const [start, end] = [this.starts[zone], this.ends[zone]];
      const length = end - start;
      if (merged && end - merged.start <= pixel) {
        merged.end = end;
        merged.count++;
        merged.busy += length;
        if (length > merged.longest) Object.assign(merged, { longest: length, zone });
      } else {
        flush();
        merged = { start, end, count: 1, busy: length, longest: length, zone };
      }
      if (start < from) flush();
    }
    flush();
    return this;
  }
}

class LocalSource {
  constructor(data) {
    this.data = data;
    this.ready = this.open();
  }

  async open() {
    const packed = Uint8Array.from(atob(this.data.packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const length = new DataView(bytes.buffer).getUint32(0, true);
    Object.assign(this, JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))));
    const numbers = new PackedNumbers(bytes.subarray(4 + length));
    this.lanes = [];
    for (let lane = 0; lane < this.lane_count; lane++) {
      this.lanes.push(Array.from({ length: numbers.next() }, () => new LocalRow(numbers)));
    }
    const numbersOf = (...kinds) => new Set(this.data.lanes.filter(({ kind }) => kinds.includes(kind)).map(({ number }) => number));
    this.threads = numbersOf("thread", "fiber");
    this.gpus = numbersOf("gpu");
    this.sampled = numbersOf("samples");
  }

  async tile(level, number, parts) {
    await this.ready;
    const pixel = 2 ** level;
    const [from, to] = [number * this.data.tile * pixel, (number + 1) * this.data.tile * pixel];
    return new Map(parts.map((part) => [part, this.part(part, from, to, pixel)]));
  }

  part(part, from, to, pixel) {
    const [lane, band] = part.slice(1).split(".").map(Number);
    if (part[0] === "c") return this.points(lane, from, to);
    if (part[0] === "m") return this.messageBoxes(from, to, pixel);
    const counts = [];
    const boxes = [];
    const names = {};
    for (const row of this.lanes[lane].slice(band * this.data.band, (band + 1) * this.data.band)) {
      const before = boxes.length;
      row.draw(from, to, pixel, null, boxes);
      counts.push(boxes.length - before);
      for (let at = before; at < boxes.length; at++) {
        const { zone } = boxes[at];
        boxes[at].location = row.locations[zone];
        boxes[at].extra = row.extras[zone];
        const extra = this.extras[row.extras[zone]];
        if (extra) boxes[at].color = extra.color;
        if (extra?.name) names[row.extras[zone]] = extra.name;
      }
    }
    const labels = Object.fromEntries(this.sampled.has(lane) ? boxes.map(({ location }) => [location, innermost(this.stacks[location] ?? [])]) : []);
    return this.boxes(boxes, counts, { names, labels });
  }

  boxes(boxes, counts, told) {
    const buffer = new ArrayBuffer(boxes.length * BOX_NUMBERS * 8);
    const times = new Float64Array(buffer);
    const words = new Uint32Array(buffer);
    boxes.forEach(({ start, end, location, count, zone, busy, extra, color }, at) => {
      times.set([start, end], at * BOX_NUMBERS);
      const covered = end > start ? (1e6 * busy) / (end - start) : 1e6;
      words.set([location, count, zone, covered, extra ?? 0, color ?? 0], at * BOX_NUMBERS * 2 + 4);
    });
    return new Boxes(buffer, 0, counts, told);
  }

  messageBoxes(from, to, pixel) {
    const boxes = [];
    const texts = {};
    this.messages_.forEach(([time, text, , color], zone) => {
      if (time < from || time >= to) return;
      const last = boxes.at(-1);
      if (last && time - last.start <= pixel) Object.assign(last, { end: time, count: last.count + 1 });
      else {
        boxes.push({ start: time, end: time, location: 0, count: 1, zone, busy: 0, color });
        texts[zone] = text.slice(0, 200);
      }
    });
    return this.boxes(boxes, [boxes.length], { texts });
  }

  points(curve, from, to) {
    const all = this.curves[curve];
    let [first, last] = [0, all.length / POINT_NUMBERS];
    while (first + 1 < last && all[(first + 1) * POINT_NUMBERS] < from) first++;
    while (last - 2 > first && all[(last - 2) * POINT_NUMBERS] > to) last--;
    const points = Float64Array.from(all.slice(first * POINT_NUMBERS, last * POINT_NUMBERS));
    return { points, bytes: points.byteLength + 100 };
  }

  // --- looking at one thing -------------------------------------------------------------------------------------------

  async zone([lane, depth, zone]) {
    await this.ready;
    const row = this.lanes[lane][depth];
    const extra = this.extras[row.extras[zone]] ?? {};
    const count = row.children[zone];
    const first = row.firstChildren[zone];
    const shares = new Map();
    for (let child = first; child < first + count; child++) {
      const below = this.lanes[lane][depth + 1];
      const share = shares.get(below.locations[child]) ?? [below.locations[child], 0, 0];
      share[1]++;
      share[2] += below.ends[child] - below.starts[child];
      shares.set(share[0], share);
    }
    const gpu = this.gpuTimes(lane, depth, zone);
    return {
      gpu, place: [lane, depth, zone], start: row.starts[zone], end: row.ends[zone], location: row.locations[zone], self: row.selfs[zone],
      name: extra.name ?? null, text: extra.text ?? null, callstack: extra.callstack ?? [], children: count,
      parent: depth > 0 ? [lane, depth - 1, this.lanes[lane][depth - 1].parentOf(zone)] : null,
      child: count ? [lane, depth + 1, first] : null, by_function: [...shares.values()].sort((a, b) => b[2] - a[2]),
    };
  }

  gpuTimes(lane, depth, zone) {
    const times = this.gpu_times[lane]?.[depth]?.[zone];
    return times ? { begin: times[0], end: times[1], gpu_begin: times[2], gpu_end: times[3] } : null;
  }

  async samples(lane, from, to) {
    await this.ready;
    const [row] = this.lanes[lane];
    const counts = new Map();
    let count = 0;
    for (let at = row.first(row.starts, from, true); at < row.size && row.starts[at] <= to; at++, count++) {
      counts.set(row.locations[at], (counts.get(row.locations[at]) ?? 0) + 1);
    }
    const stacks = [...counts].sort((a, b) => b[1] - a[1]).map(([stack, times]) => [times, this.stacks[stack] ?? []]);
    return { count, others: Math.max(stacks.length - 50, 0), stacks: stacks.slice(0, 50) };
  }

  async image(frame) {
    await this.ready;
    return this.images[frame] ?? {};
  }

  async calls(location) {
    await this.ready;
    return { steps: this.steps[location] ?? [] };
  }

  async messages(number, count) {
    await this.ready;
    return { messages: this.messages_.slice(number, number + Math.min(count, 100)) };
  }

  // Those whose name or text has a text in it.
  extrasWith(text) {
    const wanted = text.toLowerCase();
    const has = (told) => told?.toLowerCase().includes(wanted);
    return new Set(Object.keys(this.extras).map(Number).filter((extra) => has(this.extras[extra].name) || has(this.extras[extra].text)));
  }

  async others(text) {
    await this.ready;
    const wanted = matchingKeys(this.data, text);
    const named = this.extrasWith(text);
    let zones = 0;
    for (const lane of this.threads) for (const row of this.lanes[lane]) for (let at = 0; at < row.size; at++) if (row.extras[at] && named.has(row.extras[at]) && !wanted[row.locations[at]]) zones++;
    for (const lane of this.gpus) for (const row of this.lanes[lane]) for (let at = 0; at < row.size; at++) if (wanted[row.locations[at]]) zones++;
    return { zones };
  }

  async find(text, time, place, isForward) {
    await this.ready;
    const wanted = matchingKeys(this.data, text);
    const named = this.extrasWith(text);
    const order = (one, other) => one.start - other.start || comparePlaces(one.place, other.place);
    const way = isForward ? 1 : -1;
    const from = { start: time, place };
    let best = null;
    for (const lane of [...this.threads, ...this.gpus]) {
      this.lanes[lane].forEach((row, depth) => {
        let zone = isForward ? row.first(row.starts, time, true) : row.first(row.starts, time, false) - 1;
        for (; zone >= 0 && zone < row.size; zone += way) {
          const found = { start: row.starts[zone], place: [lane, depth, zone] };
          if (best && way * (found.start - best.start) > 0) return;
          if (!(wanted[row.locations[zone]] || named.has(row.extras[zone])) || way * order(found, from) <= 0) continue;
          if (!best || way * order(found, best) < 0) best = found;
          return;
        }
      });
    }
    return { found: best && [best.place, best.start] };
  }

  // Calls `enter(location, inside, parent's tag)`, which returns the zone's tag, and `leave(tag, self)`: of each zone that
  // reaches into a span.
  walk(lanes, from, to, enter, leave) {
    for (const rows of lanes.map((lane) => this.lanes[lane])) {
      const open = rows.length ? [{ next: 0, last: rows[0].size, sum: 0, tag: null }] : [];
      while (open.length) {
        const top = open.at(-1);
        if (top.next === top.last) {
          open.pop();
          if (!open.length) break;
          leave(top.tag, top.self ?? Math.max(top.inside - top.sum, 0));
          open.at(-1).sum += top.inside;
          continue;
        }
        const row = rows[open.length - 1];
        const zone = top.next++;
        const [start, end] = [row.starts[zone], row.ends[zone]];
        if (end <= from || start >= to) continue;
        const inside = Math.min(end, to) - Math.max(start, from);
        const self = start >= from && end <= to ? row.selfs[zone] : null;
        const first = row.firstChildren[zone];
        const tag = enter(row.locations[zone], inside, top.tag);
        open.push({ next: first, last: first + row.children[zone], sum: 0, inside, self, tag });
      }
    }
  }

  async span(from, to, lanes) {
    await this.ready;
    const shares = new Map();
    const enter = (location, inside) => {
      const share = shares.get(location) ?? { row: [location, 0, 0, 0], open: 0 };
      shares.set(location, share);
      share.row[1]++;
      if (share.open++ === 0) share.row[2] += inside;
      return share;
    };
    this.walk(lanes, from, to, enter, (share, self) => {
      share.open--;
      share.row[3] += self;
    });
    const functions = [...shares.values()].map(({ row }) => row).sort((a, b) => b[3] - a[3] || a[0] - b[0]);
    return { from, to, count: functions.length, functions: functions.slice(0, 1000) };
  }

  async tree(from, to, lanes) {
    await this.ready;
    const top = { below: new Map() };
    const enter = (location, _, parent) => {
      const { below } = parent ?? top;
      if (!below.has(location)) below.set(location, { location, calls: 0, self: 0, below: new Map() });
      below.get(location).calls++;
      return below.get(location);
    };
    this.walk(lanes, from, to, enter, (node, self) => (node.self += self));
    const columns = { depths: [], locations: [], calls: [], selfs: [], folded: 0 };
    const waiting = [...top.below.values()].map((node) => [node, 0]);
    while (waiting.length) {
      const [node, depth] = waiting.pop();
      columns.depths.push(depth);
      columns.locations.push(node.location);
      columns.calls.push(node.calls);
      columns.selfs.push(node.self);
      for (const child of node.below.values()) waiting.push([child, depth + 1]);
    }
    return columns;
  }
}

function comparePlaces(one, other) {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}

// Of a call stack.
function innermost(lines) {
  return lines[0]?.replace(/ \([^()]*\)$/, "") || "(unknown)";
}
