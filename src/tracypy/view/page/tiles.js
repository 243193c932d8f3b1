// The tiles that have been asked for. What is missing is asked for when a picture is done; until it has come, a coarser
// tile stands in.

const MOST_BYTES = 192e6;
const MOST_REQUESTS = 6;
const RETRY_MS = 2000;
const COARSER_LEVELS = 6;
const MOST_PARTS = 40; // in a request: an address has an end

class Tiles {
  constructor(source, { tile, levels }) {
    Object.assign(this, { source, width: tile, levels });
    this.known = new Map(); // by address: the part, or null while it is on its way; the oldest first
    this.wanted = new Map(); // by scale and number: addresses of parts
    this.bytes = 0;
    this.running = 0;
    this.problem = null;
    this.restsUntil = 0; // after a problem
    this.onReady = () => {};
  }

  levelFor(pixel) {
    return Math.min(Math.max(Math.floor(Math.log2(pixel)), 0), this.levels - 1);
  }

  span(level) {
    return this.width * 2 ** level;
  }

  address(part, level, number) {
    return `${part}@${level}/${number}`;
  }

  // The part, or what there is of it in a coarser tile, or null; what is missing is remembered.
  get(part, level, number) {
    const found = this.peek(part, level, number);
    if (found) return { boxes: found, level, number };
    this.want(part, level, number);
    for (let up = 1; up <= COARSER_LEVELS && level + up < this.levels; up++) {
      const coarse = this.peek(part, level + up, Math.floor(number / 2 ** up));
      if (coarse) return { boxes: coarse, level: level + up, number: Math.floor(number / 2 ** up) };
    }
    return null;
  }

  peek(part, level, number) {
    const address = this.address(part, level, number);
    const found = this.known.get(address);
    if (!found) return null;
    this.known.delete(address); // to the end: it was used last
    this.known.set(address, found);
    return found;
  }

  want(part, level, number) {
    if (this.known.has(this.address(part, level, number))) return; // on its way
    const tile = `${level}/${number}`;
    if (!this.wanted.has(tile)) this.wanted.set(tile, { level, number, parts: [] });
    const { parts } = this.wanted.get(tile);
    if (!parts.includes(part)) parts.push(part);
  }

  // Before a picture: what the one before wanted and has not asked for is not wanted any more.
  begin() {
    this.wanted.clear();
  }

  // After a picture.
  ask() {
    if (performance.now() < this.restsUntil) return;
    for (const [tile, { level, number, parts }] of this.wanted) {
      if (this.running >= MOST_REQUESTS) return;
      const some = parts.splice(0, MOST_PARTS);
      if (!parts.length) this.wanted.delete(tile);
      this.fetch(level, number, some);
    }
  }

  get isIdle() {
    return this.running === 0 && this.wanted.size === 0;
  }

  async fetch(level, number, parts) {
    const addresses = parts.map((part) => this.address(part, level, number));
    for (const address of addresses) this.known.set(address, null);
    this.running++;
    try {
      const answer = await this.source.tile(level, number, parts);
      parts.forEach((part, at) => {
        this.known.set(addresses[at], answer.get(part));
        this.bytes += answer.get(part).bytes;
      });
      this.problem = null;
    } catch (problem) {
      for (const address of addresses) this.known.delete(address);
      this.problem = problem;
      this.restsUntil = performance.now() + RETRY_MS;
    }
    this.running--;
    this.forget();
    this.onReady();
  }

  forget() {
    for (const [address, part] of this.known) {
      if (this.bytes <= MOST_BYTES) return;
      if (part === null) continue;
      this.known.delete(address);
      this.bytes -= part.bytes;
    }
  }
}
