// The drawing: one canvas as large as its window, with what is in sight.

const LEAST_LABEL = 30;
const LABEL_PADDING = 4;
const STEPS = [1, 2, 5];

// As in the flame graph, but functions of one file differ in their hue, too: here they lie beside one another.
class RowPalette extends Palette {
  useTheme(isDark) {
    const [lightness, vivid, grey] = isDark ? [0.48, 0.095, 0.02] : [0.82, 0.1, 0.022];
    const { files, names } = this.data.locations;
    this.boxes = names.map((name, location) => {
      const hash = hashOf(`${name}:`);
      const hue = this.hues[files[location]] + ((hash % 11) - 5) * 11;
      const chroma = this.isOwn[files[location]] ? vivid : grey;
      return `oklch(${(lightness + this.shades[location] * 0.012).toFixed(3)} ${chroma} ${hue.toFixed(1)})`;
    });
  }
}

class Painter {
  constructor(data, canvas, frame, camera, lanes, tiles) {
    Object.assign(this, { data, canvas, frame, camera, lanes, tiles });
    this.context = canvas.getContext("2d");
    this.matched = null; // of the search: whether each location matches
    this.word = ""; // what is searched, in small letters
    this.selected = null;
    this.hovered = null;
    this.span = null;
  }

  usePalette(palette) {
    const style = getComputedStyle(document.documentElement);
    const variable = (name) => style.getPropertyValue(name).trim();
    this.palette = palette;
    this.font = `12px ${variable("--mono")}`;
    this.titleFont = `600 12px ${variable("--sans")}`;
    const names = ["page", "ink", "soft", "lane", "lane-line", "grid", "wait", "hold", "curve", "frame", "frame-other", "section", "section-other", "sample", "mark", "chosen", "span"];
    const boxes = ["text", "match", "on-match", "faded", "on-faded", "ring"];
    this.ink = Object.fromEntries([...names.map((name) => [name, variable(`--${name}`)]), ...boxes.map((name) => [name, variable(`--box-${name}`)])]);
  }

  fit() {
    this.width = this.frame.clientWidth;
    this.height = this.frame.clientHeight;
    const ratio = fitCanvas(this.canvas, this.frame, this.context);
    this.camera.resize(this.width);
    this.lanes.window = this.height - RULER;
    this.lanes.scrollTo(this.lanes.scroll);
    this.level = this.tiles.levelFor(this.camera.pixel / ratio);
  }

  draw() {
    this.fit();
    const { context, ink } = this;
    this.tally = { drawn: 0, merged: 0, waiting: 0 };
    this.tiles.begin();
    context.fillStyle = ink.page;
    context.fillRect(0, 0, this.width, this.height);
    context.textBaseline = "middle";
    this.ticks = this.timeTicks();
    context.fillStyle = ink.grid;
    for (const time of this.ticks.times) context.fillRect(Math.round(this.camera.x(time)), RULER, 1, this.height);
    context.font = this.font;
    this.letter = context.measureText("x").width;
    for (const part of this.lanes.visible()) this.drawLane(part);
    this.drawSpan();
    this.drawRing(this.hovered, ink.ring);
    this.drawRing(this.selected, ink.chosen);
    this.drawRuler();
    this.tiles.ask();
  }

  // --- the ruler ------------------------------------------------------------------------------------------------------

  timeTicks() {
    const { camera } = this;
    const least = camera.pixel * 110;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = Math.max(STEPS.map((one) => one * power).find((one) => one >= least) ?? 10 * power, 1);
    const times = [];
    for (let time = Math.ceil(camera.from / step) * step; time < camera.to && times.length < 100; time += step) times.push(time);
    return { step, times };
  }

  drawRuler() {
    const { context, ink } = this;
    context.fillStyle = ink.lane;
    context.fillRect(0, 0, this.width, RULER);
    context.fillStyle = ink["lane-line"];
    context.fillRect(0, RULER - 1, this.width, 1);
    context.font = this.font;
    for (const time of this.ticks.times) {
      const x = this.camera.x(time);
      context.fillStyle = ink["lane-line"];
      context.fillRect(Math.round(x), RULER - 8, 1, 8);
      context.fillStyle = ink.soft;
      context.fillText(tickText(time, this.ticks.step), x + 4, RULER / 2);
    }
  }

  // --- lanes ----------------------------------------------------------------------------------------------------------

  drawLane({ lane, y, first, last }) {
    const { context, ink } = this;
    context.fillStyle = ink.lane;
    context.fillRect(0, y, this.width, TITLE);
    if (last > first) {
      context.save();
      context.beginPath();
      context.rect(0, Math.max(y + TITLE, RULER), this.width, this.height);
      context.clip();
      context.font = this.font;
      if (lane.isCurve) this.drawCurve(lane, y + TITLE);
      else this.drawRows(lane, y + TITLE, first, last);
      context.restore();
    }
    context.font = this.titleFont;
    context.fillStyle = ink.ink;
    context.fillText(`${lane.isOpen ? "▾" : "▸"} ${lane.name}`, 6, y + TITLE / 2);
    const wide = context.measureText(`${lane.isOpen ? "▾" : "▸"} ${lane.name}`).width;
    context.font = this.font;
    context.fillStyle = ink.soft;
    const range = lane.isCurve ? `${valueText(lane, lane.lowest)} to ${valueText(lane, lane.highest)}` : lane.label();
    context.fillText(range, wide + 18, y + TITLE / 2);
  }

  // Calls `use(boxes, from, to)` for each tile in sight; what lies outside of from and to is another tile's.
  eachTile(part, use) {
    const { camera, tiles, level } = this;
    const width = tiles.span(level);
    const most = Math.floor(Math.min(camera.to, camera.span) / width);
    for (let number = Math.max(Math.floor(camera.from / width), 0); number <= most; number++) {
      const found = tiles.get(part, level, number);
      if (found) use(found.boxes, number * width, (number + 1) * width);
      else this.tally.waiting++;
      if (found && found.level !== level) this.tally.waiting++;
    }
  }

  drawRows(lane, top, first, last) {
    const { band } = lane;
    this.notes = [];
    for (let number = Math.floor(first / band); number * band < last; number++) {
      this.eachTile(lane.part(number), (boxes, from, to) => {
        const rows = Math.min(last - number * band, boxes.rows);
        for (let row = Math.max(first - number * band, 0); row < rows; row++) {
          this.drawRow(lane, boxes, row, number * band + row, top, from, to);
        }
      });
    }
    this.drawNotes();
  }

  // `row` is its place among the boxes, `number` that in the lane.
  drawRow(lane, boxes, row, number, top, from, to) {
    const { camera, context, ink } = this;
    const y = top + number * ZONE_ROW;
    const left = Math.max(from, camera.from);
    const right = Math.min(to, camera.to);
    const last = boxes.firsts[row + 1];
    let before = -1e9;
    for (let box = boxes.firstAfter(row, left); box < last; box++) {
      const start = boxes.start(box);
      if (start >= right) break;
      const end = boxes.end(box);
      const x = Math.max(camera.x(start), -10);
      const wide = Math.min(camera.x(end), this.width + 10) - x;
      const count = boxes.count(box);
      if (start >= left || left === camera.from) this.tally.drawn++; // else the tile before has it
      if (count > 1) this.tally.merged += count;
      if (x + wide < before + 0.4 && wide < 1) continue; // nothing that could be seen
      before = x + wide;
      const [fill, text] = this.paint(lane, boxes, box);
      if (this.filled !== fill) context.fillStyle = this.filled = fill;
      if (count > 1) context.globalAlpha = 0.35 + 0.65 * boxes.covered(box);
      context.fillRect(x, y, Math.max(wide - (wide > 3 ? 1 : 0), 0.6), ZONE_ROW - 1);
      context.globalAlpha = 1;
      if (count === 1 && wide > 3 && lane.images.has(boxes.zone(box))) {
        context.fillStyle = this.filled = ink.mark;
        context.fillRect(x, y + ZONE_ROW - 4, wide - 1, 3);
      }
      if (lane.kind === "messages") this.notes.push({ x, y, text: boxes.texts?.[boxes.zone(box)] });
      else if (wide >= LEAST_LABEL && count === 1) this.drawLabel(lane, this.label(lane, boxes, box, number), boxes, box, x, y, wide, text);
    }
    this.filled = null;
  }

  paint(lane, boxes, box) {
    const { ink, matched } = this;
    if (lane.kind === "frames") return [ink[boxes.zone(box) % 2 ? "frame-other" : "frame"], ink.text];
    if (lane.kind === "lock") return [boxes.location(box) === 0 ? ink.wait : ink.hold, ink.text];
    if (lane.kind === "sections") return [ink[boxes.location(box) % 2 ? "section-other" : "section"], ink.text];
    if (lane.kind === "samples") return [ink.sample, ink.text];
    const own = boxes.color(box);
    if (lane.kind === "messages") return [own ? hex(own) : ink.mark, ink.text];
    const location = boxes.location(box);
    if (matched && (matched[location] || boxes.ownName(box)?.toLowerCase().includes(this.word))) return [ink.match, ink["on-match"]];
    if (matched) return [ink.faded, ink["on-faded"]];
    const color = own || this.data.locations.colors[location];
    if (color) return [hex(color), isLight(color) ? "#1c1813" : "#ffffff"];
    return [this.palette.boxes[location], ink.text];
  }

  label(lane, boxes, box, number) {
    if (lane.kind === "lock") return `${lane.threads[number]}${boxes.location(box) === 0 ? " waits" : ""}`;
    if (lane.kind === "frames") return timeText(boxes.end(box) - boxes.start(box));
    if (lane.kind === "sections") return lane.sections[boxes.location(box)]?.[0] ?? "section";
    if (lane.kind === "samples") return boxes.labels?.[boxes.location(box)] ?? "";
    return boxes.ownName(box) ?? this.data.locations.names[boxes.location(box)];
  }

  drawLabel(lane, text, boxes, box, x, y, wide, color) {
    const start = Math.max(x, 0) + LABEL_PADDING;
    if (!text) return;
    this.filled = null;
    const room = Math.min(x + wide, this.width) - start - LABEL_PADDING;
    const used = this.drawText(text, start, y, room, color);
    const length = timeText(boxes.end(box) - boxes.start(box));
    if (lane.kind !== "frames" && room - used > (length.length + 2) * this.letter) this.drawText(length, start + used + 2 * this.letter, y, room, color, 0.6);
  }

  // Each message's text up to the next message, which may be in the next tile.
  drawNotes() {
    this.notes.forEach(({ x, y, text }, at) => {
      const room = (this.notes[at + 1]?.x ?? this.width) - x;
      if (text && room > LEAST_LABEL) this.drawText(text, x + LABEL_PADDING, y, room - 2 * LABEL_PADDING, this.ink.ink);
    });
  }

  // As much of the text as there is room for; returns the width it took.
  drawText(text, x, y, room, color, alpha = 1) {
    const { context, letter } = this;
    const most = Math.floor(room / letter);
    if (most < 2) return 0;
    const shown = text.length > most ? `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…` : text;
    context.globalAlpha = alpha;
    context.fillStyle = color;
    context.fillText(shown, x, y + ZONE_ROW / 2, room);
    context.globalAlpha = 1;
    return shown.length * letter;
  }

  // --- curves ---------------------------------------------------------------------------------------------------------

  drawCurve(lane, top) {
    const { context, camera, ink } = this;
    const range = lane.highest - lane.lowest || 1;
    const height = CURVE - 8;
    const y = (value) => top + 4 + height - ((value - lane.lowest) / range) * height;
    context.strokeStyle = ink.curve;
    context.lineWidth = 1.2;
    this.eachTile(lane.part(0), ({ points }, from, to) => {
      context.save();
      context.beginPath();
      context.rect(camera.x(from), top, camera.x(to) - camera.x(from), CURVE);
      context.clip();
      context.beginPath();
      for (let at = 0; at < points.length; at += POINT_NUMBERS) {
        const x = camera.x(points[at]);
        if (at === 0) context.moveTo(x, y(points[at + 2]));
        else if (lane.steps) context.lineTo(x, y(points[at - 4])); // what was last holds until now
        context.lineTo(x, y(points[at + 2]));
        context.lineTo(x, y(points[at + 4]));
        context.lineTo(x, y(points[at + 5]));
        context.lineTo(camera.x(points[at + 1]), y(points[at + 3]));
        this.tally.drawn++;
      }
      context.stroke();
      context.restore();
    });
  }

  // --- what is chosen -------------------------------------------------------------------------------------------------

  drawRing(chosen, color) {
    if (!chosen) return;
    const { lane, row, start, end } = chosen;
    if (!lane.isOpen) return;
    const x = Math.max(this.camera.x(start), -4);
    const wide = Math.min(this.camera.x(end), this.width + 4) - x;
    const y = lane.top - this.lanes.scroll + RULER + TITLE + row * ZONE_ROW;
    this.context.strokeStyle = color;
    this.context.lineWidth = 2;
    this.context.strokeRect(x, y, Math.max(wide - 1, 2), ZONE_ROW - 1);
  }

  drawSpan() {
    if (!this.span) return;
    const from = this.camera.x(this.span.from);
    const to = this.camera.x(this.span.to);
    this.context.fillStyle = this.ink.span;
    this.context.fillRect(from, RULER, to - from, this.height);
    this.context.fillStyle = this.ink.chosen;
    for (const x of [from, to]) this.context.fillRect(Math.round(x), 0, 1, this.height);
  }

  // All that is in sight, each zone once, row by row.
  inView() {
    const found = [];
    for (const { lane, first, last } of this.lanes.visible()) {
      if (lane.isCurve) continue;
      for (let row = first; row < last; row++) {
        const seen = new Set();
        this.eachTile(lane.part(Math.floor(row / lane.band)), (boxes, from, to) => {
          const at = row % lane.band;
          if (at >= boxes.rows) return;
          for (let box = boxes.firstAfter(at, Math.max(from, this.camera.from)); box < boxes.firsts[at + 1]; box++) {
            const [start, end, zone] = [boxes.start(box), boxes.end(box), boxes.zone(box)];
            if (start >= Math.min(to, this.camera.to)) break;
            if (seen.has(zone) || (start < from && from > this.camera.from)) continue; // the tile before has it
            seen.add(zone);
            const name = lane.kind === "messages" ? (boxes.texts?.[zone] ?? "messages") : this.label(lane, boxes, box, row);
            found.push({ lane, row, zone, start, end, count: boxes.count(box), location: boxes.location(box), name });
          }
        });
      }
    }
    return found;
  }

  // The box at a place of the canvas, or null.
  boxAt(x, y) {
    const place = this.lanes.at(y);
    if (!place || place.row < 0 || !place.lane.isOpen || place.lane.isCurve || place.row >= place.lane.rows.length) return null;
    const { lane, row } = place;
    const time = this.camera.time(x);
    const slack = this.camera.pixel * 2;
    let best = null;
    const { band } = lane;
    const number = Math.floor(row / band);
    const width = this.tiles.span(this.level);
    const found = this.tiles.get(lane.part(number), this.level, Math.floor(time / width));
    if (!found) return null;
    const { boxes } = found;
    const last = boxes.firsts[(row % band) + 1];
    for (let box = boxes.firstAfter(row % band, time - slack); box < last && boxes.start(box) <= time + slack; box++) {
      const distance = Math.max(boxes.start(box) - time, time - boxes.end(box), 0);
      if (!best || distance < best.distance) best = { box, distance };
      if (distance === 0) break;
    }
    if (!best) return null;
    const { box } = best;
    return { lane, row, boxes, box, start: boxes.start(box), end: boxes.end(box), zone: boxes.zone(box), count: boxes.count(box), location: boxes.location(box) };
  }
}

function hex(color) {
  return `#${color.toString(16).padStart(6, "0")}`;
}

function isLight(color) {
  return 0.3 * (color >> 16) + 0.59 * ((color >> 8) & 255) + 0.11 * (color & 255) > 130;
}

// A time on the ruler, with as many digits as tell it from the next.
function tickText(time, step) {
  const [size, unit] = UNITS.find(([one]) => time >= one && one !== 6e10) ?? [1, "ns"];
  const digits = Math.max(Math.ceil(Math.log10(size / step) - 1e-9), 0);
  return `${(time / size).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}

function valueText(lane, value) {
  if (lane.unit === 1) {
    const [size, unit] = [[1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"]].find(([one]) => Math.abs(value) >= one) ?? [1, "bytes"];
    return `${(value / size).toLocaleString("en-US", { maximumFractionDigits: 2 })} ${unit}`;
  }
  return `${value.toLocaleString("en-US", { maximumFractionDigits: 3 })}${["", "", " %", " W"][lane.unit] ?? ""}`;
}
