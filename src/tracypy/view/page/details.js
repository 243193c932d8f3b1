// What is said about a zone or a span, beside the timeline.

class Details {
  constructor(data, element, source, go) {
    Object.assign(this, { data, element, source, go });
    this.asked = 0;
    this.pending = 0; // answers that have not come
  }

  close() {
    this.asked++;
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  name(location) {
    return this.data.locations.names[location];
  }

  place(location) {
    return placeText(this.data, location, false);
  }

  // Shows what `make(answer)` makes of an answer, unless something else was asked for meanwhile.
  async show(answer, make) {
    const mine = ++this.asked;
    const told = await this.awaited(answer).catch(() => null);
    if (mine !== this.asked) return null;
    const parts = told ? make(told) : [made("p", "tracypy view has been stopped: start it again to see more.")];
    this.element.replaceChildren(this.closing(), ...parts);
    this.element.hidden = false;
    this.element.scrollTop = 0;
    return told;
  }

  async awaited(answer) {
    this.pending++;
    try {
      return await answer;
    } finally {
      this.pending--;
    }
  }

  closing() {
    const button = made("button", "×", "close");
    button.type = "button";
    button.ariaLabel = "Close";
    button.addEventListener("click", () => this.go.close());
    return button;
  }

  showZone(answer, row) {
    return this.show(answer, (zone) => {
      const own = zone.name ?? this.name(zone.location);
      const length = zone.end - zone.start;
      const facts = [["place", this.place(zone.location)]];
      if (zone.name !== null) facts.unshift(["function", this.name(zone.location)]);
      facts.push(["row", row], ["depth", countText(zone.place[1])], ["start", exactTime(zone.start)], ["duration", exactTime(length)]);
      if (zone.gpu) facts.push(...gpuFacts(zone.gpu));
      facts.push(["self", `${exactTime(zone.self)}, ${shareText(zone.self, length)}`], ["children", countText(zone.children)]);
      if (zone.text) facts.push(["text", zone.text]);
      const parts = [made("h2", own), factList(facts)];
      const moves = [["Fill the view (F)", "fill", null], ["Parent (P)", "place", zone.parent], ["First child (C)", "place", zone.child]];
      const list = made("p", "");
      for (const [text, what, place] of moves) {
        if (what === "place" && !place) continue;
        const button = made("button", text);
        button.type = "button";
        button.addEventListener("click", () => (what === "fill" ? this.go.fill() : this.go.select(place)));
        list.append(button, " · ");
      }
      list.lastChild.remove();
      parts.splice(1, 0, list);
      if (zone.callstack.length) parts.push(made("h3", "Call stack"), ...zone.callstack.map((line) => made("p", line, "place")));
      if (zone.by_function.length) parts.push(made("h3", "Children by function"), this.shares(zone.by_function, length, false));
      if (!zone.gpu) parts.push(made("h3", "All calls of this function"), this.calls(zone.location, length));
      return parts;
    });
  }

  // How long all calls of a function took: a picture, and the same in numbers.
  calls(location, chosen) {
    const block = document.createElement("div");
    const sums = this.go.sums(location);
    if (!sums) return block;
    block.append(
      factList([
        ["calls", countText(sums.calls)],
        ["total", timeText(sums.total)],
        ["self", timeText(sums.self)],
        ["mean", timeText(sums.mean)],
        ["shortest", timeText(sums.least)],
        ["longest", timeText(sums.most)],
      ]),
    );
    if (sums.calls === 1) return block;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    block.append(canvas);
    const note = made("p", "", "place");
    block.append(note);
    this.awaited(this.source.calls(location)).catch(() => ({ steps: [] })).then(({ steps }) => {
      if (!steps.length) return;
      canvas.ariaLabel = distributionText(steps);
      note.textContent = `${canvas.ariaLabel}${chosen === null ? "" : `; this one: ${rankText(steps, chosen)}`}`;
      drawSteps(canvas, steps, chosen);
    });
    return block;
  }

  showFunction(location) {
    return this.show(Promise.resolve(), () => [made("h2", this.name(location)), made("p", this.place(location), "place"), this.calls(location, null)]);
  }

  showSpan(answer, lanes) {
    return this.show(answer, (span) => {
      const length = span.to - span.from;
      const facts = [["from", exactTime(span.from)], ["to", exactTime(span.to)], ["length", exactTime(length)], ["rows", lanes]];
      const shares = span.functions.map(([location, calls, total, self]) => [location, calls, total, self]);
      const left = span.count - shares.length;
      const note = left > 0 ? [made("p", `and ${plural(left, "function")} with less`, "place")] : [];
      const button = made("button", "Flame graph");
      button.type = "button";
      button.addEventListener("click", () => this.go.flame());
      return [made("h2", "Span"), button, factList(facts), made("h3", plural(span.count, "function")), this.shares(shares, length, true), ...note];
    });
  }

  shares(shares, whole, hasSelf) {
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const text of ["Function", ...(hasSelf ? ["Self"] : []), "Total", "Calls"]) {
      const cell = made("th", text);
      cell.scope = "col";
      head.append(cell);
    }
    const body = table.createTBody();
    for (const [location, calls, total, self] of shares.slice(0, 200)) {
      const row = body.insertRow();
      const name = made("button", this.name(location));
      name.type = "button";
      name.title = this.place(location);
      name.addEventListener("click", () => this.go.search(this.name(location)));
      const header = made("th", "");
      header.scope = "row";
      header.append(name);
      row.append(header);
      for (const text of [...(hasSelf ? [timeText(self)] : []), `${timeText(total)}, ${shareText(total, whole)}`, countText(calls)]) row.insertCell().textContent = text;
    }
    return table;
  }

  // What a section of the program is.
  showSection([name, category], start, end) {
    const facts = [["start", exactTime(start)], ["end", exactTime(end)], ["duration", exactTime(end - start)]];
    if (category) facts.unshift(["category", category]);
    return this.show(Promise.resolve(true), () => [made("h2", name), factList(facts)]);
  }

  // A frame, with what it looked like if that is known.
  showFrame(lane, number, start, end) {
    const facts = [["start", exactTime(start)], ["duration", exactTime(end - start)]];
    const hasImage = lane.images.has(number);
    return this.show(hasImage ? this.source.image(number) : Promise.resolve(true), (image) => {
      const name = `${lane.name === "Frames" ? "frame" : lane.name} ${countText(number + 1)}`;
      const parts = [made("h2", name), factList(facts)];
      if (image.image) {
        const picture = new Image(image.width, image.height);
        picture.src = image.image;
        picture.alt = `What ${name} looked like`;
        parts.push(picture, made("p", `${countText(image.width)} × ${countText(image.height)}`, "place"));
      } else if (hasImage) parts.push(made("p", "Its image is not in this page.", "place"));
      return parts;
    });
  }

  // Samples of a thread in a time: the calls that were running, the most frequent first.
  showSamples(answer, lane) {
    return this.show(answer, ({ count, others, stacks }) => {
      const parts = [made("h2", `${lane.name}: ${plural(count, "sample")}`.replace(": samples:", ":"))];
      for (const [times, lines] of stacks) {
        if (count > 1) parts.push(made("h3", plural(times, "sample")));
        parts.push(...(lines.length ? lines : ["(no call stack)"]).map((line) => made("p", line, "place")));
      }
      if (others) parts.push(made("p", `and ${plural(others, "other call stack")}: zoom in`));
      return parts;
    });
  }

  showMessages(answer, count) {
    return this.show(answer, ({ messages }) => {
      const rest = count - messages.length;
      return [
        made("h2", plural(count, "message")),
        factList(messages.map(([time, text]) => [exactTime(time), text])),
        made("p", rest > 0 ? `and ${countText(rest)} more: zoom in` : "", "place"),
      ];
    });
  }
}

function made(tag, text, kind) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

// When a zone was given to a GPU; its own times are those of the zone, if it has told them.
function gpuFacts({ begin, end, gpu_begin: told }) {
  const facts = [["given to it", `${exactTime(begin)}${end < 0 ? "" : `, for ${exactTime(end - begin)}`}`]];
  if (told < 0) facts.push(["times", "of the processor: the GPU has told none"]);
  return facts;
}

function factList(facts) {
  const list = document.createElement("dl");
  for (const [name, text] of facts) list.append(made("dt", name), made("dd", text));
  return list;
}

// To the nanosecond.
function exactTime(ns) {
  return ns < 1000 ? `${Math.round(ns)} ns` : `${timeText(ns)} (${countText(Math.round(ns))} ns)`;
}

// The start of the step that the given share of all calls does not exceed.
function quantile(steps, share) {
  const all = steps.reduce((sum, [, count]) => sum + count, 0);
  let before = 0;
  for (const [start, count] of steps) {
    before += count;
    if (before >= share * all) return start;
  }
  return 0;
}

function distributionText(steps) {
  return `half take about ${timeText(quantile(steps, 0.5))} or less, 95 % ${timeText(quantile(steps, 0.95))}, 99 % ${timeText(quantile(steps, 0.99))}`;
}

function rankText(steps, length) {
  const all = steps.reduce((sum, [, count]) => sum + count, 0);
  const below = steps.reduce((sum, [start, count]) => (start < length ? sum + count : sum), 0);
  return `longer than ${shareText(Math.max(below - 1, 0), all)} of them`;
}

// Bars over a logarithmic scale of time; the chosen call has a mark.
function drawSteps(canvas, steps, chosen) {
  const ratio = window.devicePixelRatio || 1;
  const wide = canvas.clientWidth;
  const high = canvas.clientHeight;
  if (!wide || !steps.length) return;
  canvas.width = Math.round(wide * ratio);
  canvas.height = Math.round(high * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const place = (time) => Math.log2(Math.max(time, 1));
  const low = place(steps[0][0]) - 0.25;
  const range = Math.max(place(steps.at(-1)[0]) + 0.375 - low, 1);
  const x = (time) => ((place(time) - low) / range) * wide;
  const most = Math.max(...steps.map(([, count]) => count));
  context.fillStyle = color("--curve");
  for (const [start, count] of steps) {
    const height = Math.max((count / most) * (high - 18), 1);
    context.fillRect(x(start), high - 16 - height, Math.max(wide / range / 8 - 1, 1), height);
  }
  context.fillStyle = color("--soft");
  context.font = `11px ${color("--sans")}`;
  context.fillText(timeText(steps[0][0]), 0, high - 3);
  const end = timeText(steps.at(-1)[0]);
  context.fillText(end, wide - context.measureText(end).width, high - 3);
  if (chosen === null) return;
  context.fillStyle = color("--chosen");
  context.fillRect(x(chosen), 0, 2, high - 16);
}
