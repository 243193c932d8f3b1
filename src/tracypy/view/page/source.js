// Where what is drawn comes from: the server behind this page.

const BOX_NUMBERS = 5; // 64-bit ones: start, end, then six of 32 bits
const POINT_NUMBERS = 7; // first and last time, first, last, lowest and highest value, count

// A part of a tile: boxes of some rows, or points of a curve.
class Boxes {
  constructor(buffer, offset, counts, { names, texts, labels }) {
    const size = counts.reduce((sum, count) => sum + count, 0);
    this.times = new Float64Array(buffer, offset, size * BOX_NUMBERS);
    this.words = new Uint32Array(buffer, offset, size * BOX_NUMBERS * 2);
    this.firsts = [0];
    for (const count of counts) this.firsts.push(this.firsts.at(-1) + count);
    Object.assign(this, { names, texts, labels });
    this.bytes = size * BOX_NUMBERS * 8 + 200;
  }

  get rows() {
    return this.firsts.length - 1;
  }

  start(box) {
    return this.times[box * BOX_NUMBERS];
  }

  end(box) {
    return this.times[box * BOX_NUMBERS + 1];
  }

  location(box) {
    return this.words[box * 10 + 4];
  }

  count(box) {
    return this.words[box * 10 + 5];
  }

  zone(box) {
    return this.words[box * 10 + 6];
  }

  covered(box) {
    return this.words[box * 10 + 7] / 1e6;
  }

  ownName(box) {
    return this.names?.[this.words[box * 10 + 8]];
  }

  color(box) {
    return this.words[box * 10 + 9];
  }

  // The first box of a row that ends after a time.
  firstAfter(row, time) {
    let low = this.firsts[row];
    let high = this.firsts[row + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.end(middle) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function decodeTile(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const heads = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const parts = new Map();
  let offset = 8 + length;
  for (const head of heads) {
    if (head.points !== undefined) {
      const points = new Float64Array(buffer, offset, head.points * POINT_NUMBERS);
      parts.set(head.part, { points, bytes: points.byteLength + 100 });
      offset += points.byteLength;
    } else {
      const boxes = new Boxes(buffer, offset, head.counts, head);
      parts.set(head.part, boxes);
      offset += boxes.times.byteLength;
    }
  }
  return parts;
}

// Whether each function's name or place has a text in it, as the server finds them.
function matchingKeys(data, text) {
  const wanted = text.toLowerCase();
  data.keys ??= data.locations.names.map((name, location) => `${name}\n${placeText(data, location, false)}`.toLowerCase());
  return data.keys.map((key) => key.includes(wanted));
}

class ServerSource {
  async ask(what, query) {
    const answer = await fetch(`${what}?${new URLSearchParams(query)}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer;
  }

  async json(what, query) {
    return (await this.ask(what, query)).json();
  }

  async tile(level, number, parts) {
    const answer = await this.ask("tile", { level, number, parts: parts.join() });
    return decodeTile(await answer.arrayBuffer());
  }

  zone(place) {
    return this.json("zone", { place: place.join() });
  }

  calls(location) {
    return this.json("function", { location });
  }

  messages(number, count) {
    return this.json("message", { number, count });
  }

  find(text, time, place, isForward) {
    return this.json("find", { text, time: Math.round(time), place: place.join(), forward: isForward ? 1 : 0 });
  }

  others(text) {
    return this.json("others", { text });
  }

  samples(lane, from, to) {
    return this.json("samples", { lane, from: Math.floor(from), to: Math.ceil(to) });
  }

  image(frame) {
    return this.json("image", { frame });
  }

  tree(from, to, lanes) {
    return this.json("tree", { from: Math.floor(from), to: Math.ceil(to), lanes: lanes.join() });
  }

  span(from, to, lanes) {
    return this.json("span", { from: Math.floor(from), to: Math.ceil(to), lanes: lanes.join() });
  }
}
