// The lanes of the page from top to bottom: where each is, how high, and which parts of tiles it needs.

const RULER = 26;
const TITLE = 20;
const ZONE_ROW = 18;
const CURVE = 56;
const LANE_GAP = 6;

class Lane {
  constructor(facts, band) {
    Object.assign(this, facts);
    this.band = band;
    this.isOpen = true;
    this.top = 0;
    this.isCurve = this.kind === "plot" || this.kind === "memory";
    this.letter = this.isCurve ? "c" : this.kind === "messages" ? "m" : "z";
    this.images = new Set(this.images); // the frames that have one
    this.total = this.rows.reduce((sum, count) => sum + count, 0);
  }

  get isThread() {
    return this.kind === "thread" || this.kind === "fiber";
  }

  // Whether its zones are in one another, and can be chosen, stepped through and found.
  get isNested() {
    return this.isThread || this.kind === "gpu";
  }

  get body() {
    if (!this.isOpen) return 0;
    return this.isCurve ? CURVE : this.rows.length * ZONE_ROW;
  }

  get height() {
    return TITLE + this.body + LANE_GAP;
  }

  part(band) {
    return `${this.letter}${this.number}.${band}`;
  }

  label() {
    if (this.kind === "lock") return plural(this.total, "wait or hold", "waits and holds");
    const what = { thread: "zone", fiber: "zone", gpu: "zone", frames: "frame", messages: "message", sections: "section", samples: "sample" }[this.kind] ?? "point";
    return `${plural(this.total, what)}`;
  }
}

class Lanes {
  constructor(data) {
    this.all = data.lanes.map((facts) => new Lane(facts, data.band));
    this.scroll = 0;
    this.window = 0;
    this.layOut();
  }

  layOut() {
    let top = 0;
    for (const lane of this.all) {
      lane.top = top;
      top += lane.height;
    }
    this.height = top;
    this.scrollTo(this.scroll);
  }

  scrollTo(y) {
    this.scroll = Math.min(Math.max(y, 0), Math.max(this.height - this.window, 0));
  }

  toggle(lane) {
    lane.isOpen = !lane.isOpen;
    this.layOut();
  }

  byNumber(number) {
    return this.all.find((lane) => lane.isNested && lane.number === number);
  }

  // What is in sight: lanes with the rows of them.
  visible() {
    const found = [];
    for (const lane of this.all) {
      const y = lane.top - this.scroll;
      if (y + lane.height < 0 || y > this.window) continue;
      const rows = lane.isCurve ? 1 : lane.rows.length;
      const first = Math.max(Math.floor((-y - TITLE) / ZONE_ROW), 0);
      const last = lane.isOpen ? Math.min(Math.ceil((this.window - y - TITLE) / ZONE_ROW), rows) : 0;
      found.push({ lane, y: y + RULER, first: lane.isCurve ? 0 : first, last: lane.isCurve ? Number(lane.isOpen) : last });
    }
    return found;
  }

  // Which lane and row are at a height of the canvas; row -1 is the title.
  at(y) {
    const place = y - RULER + this.scroll;
    if (y < RULER) return null;
    const lane = this.all.find((one) => place >= one.top && place < one.top + one.height);
    if (!lane) return null;
    const below = place - lane.top - TITLE;
    return { lane, row: below < 0 ? -1 : lane.isCurve ? 0 : Math.floor(below / ZONE_ROW), y: lane.top - this.scroll + RULER + TITLE };
  }

  // Scrolls so that a row can be seen.
  reveal(lane, row) {
    if (!lane.isOpen) this.toggle(lane);
    const top = lane.top + TITLE + row * ZONE_ROW;
    if (top < this.scroll) this.scrollTo(top - TITLE);
    else if (top + 2 * ZONE_ROW > this.scroll + this.window) this.scrollTo(top + 3 * ZONE_ROW - this.window);
  }
}
