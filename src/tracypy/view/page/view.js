// The page: what the parts do together, the search, and the keys.

const data = JSON.parse(document.getElementById("data").textContent);
const element = (id) => document.getElementById(id);
const view = { canvas: element("timeline"), frame: element("frame"), tip: element("tip"), said: element("said") };

const source = data.packed ? new LocalSource(data) : new ServerSource();
const camera = new Camera(data.span);
const lanes = new Lanes(data);
const tiles = new Tiles(source, data);
const selfTimes = new Float64Array(data.locations.names.length);
for (const [location, , , , self] of data.functions) selfTimes[location] = self;
const palette = new RowPalette(data, selfTimes);
const painter = new Painter(data, view.canvas, view.frame, camera, lanes, tiles);
const functions = new FunctionSums(data, element("functions"), element("functions-note"), showFunction);
const zoneTable = new ZoneTable(element("zones"), element("zones-note"));
const details = new Details(data, element("details"), source, {
  close: () => unselect(),
  fill: () => fillView(),
  flame: () => showView("flame"),
  select: (place) => selectPlace(place, true),
  search: (text) => startSearch(text),
  sums: (location) => functions.byLocation.get(location),
});

const flame = new Flame(data, source, {
  canvas: element("graph"), frame: element("flame-frame"), spacer: element("spacer"),
  reset: element("reset"), said: element("flame-said"), drawn: element("flame-drawn"),
});

// --- the drawing ------------------------------------------------------------------------------------------------------

let isPending = false;
let lastStep = 0;

function redraw() {
  if (isPending) return;
  isPending = true;
  requestAnimationFrame((now) => {
    isPending = false;
    if (camera.isMoving) camera.step(performance.now(), Math.min(now - lastStep, 50));
    lastStep = now;
    if (!painter.palette || element("timeline-panel").hidden) return;
    painter.draw();
    sayDrawn();
    if (camera.isMoving) redraw();
  });
}

function sayDrawn() {
  const { drawn, merged, waiting } = painter.tally;
  const sentences = [`${timeText(camera.to - camera.from)} in view, from ${timeText(camera.from)}; ${plural(drawn, "box", "boxes")}`];
  if (merged) sentences.push(`${countText(merged)} zones are merged, being narrower than a pixel`);
  if (tiles.problem) sentences.push("tracypy view has been stopped: what has not been seen yet cannot be shown");
  else if (waiting) sentences.push("more is on its way");
  if (data.left_out) sentences.push(data.left_out);
  element("drawn").textContent = `${sentences.join("; ")}.`;
}

tiles.onReady = redraw;
new ResizeObserver(redraw).observe(view.frame);

// For whoever has to know that all has been drawn.
view.settled = async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  do {
    redraw();
    await frame();
    await frame();
  } while (camera.isMoving || details.pending || flame.pending || searches || isPending || (!tiles.isIdle && !tiles.problem) || (painter.tally.waiting && !tiles.problem));
  return true;
};

// --- what is chosen ---------------------------------------------------------------------------------------------------

function rowName(lane, row) {
  return lane.kind === "lock" ? `${lane.name}, ${lane.threads[row]}` : lane.name;
}

async function selectPlace(place, isShown) {
  const zone = await details.showZone(source.zone(place), lanes.byNumber(place[0])?.name ?? "");
  if (!zone) return;
  const lane = lanes.byNumber(place[0]);
  painter.selected = { lane, row: place[1], zone: place[2], start: zone.start, end: zone.end, told: zone };
  painter.span = null;
  lanes.reveal(lane, place[1]);
  if (isShown && (zone.end < camera.from || zone.start > camera.to || zone.end - zone.start < 4 * camera.pixel)) camera.show(zone.start, zone.end, 2);
  sayZone(zone);
  redraw();
}

function sayZone(zone) {
  const name = zone.name ?? data.locations.names[zone.location];
  const parts = [`${name} (${placeText(data, zone.location, false)})`, `start ${timeText(zone.start)}`, `duration ${timeText(zone.end - zone.start)}`];
  view.said.textContent = [...parts, `self ${timeText(zone.self)}`, `depth ${zone.place[1]}`].join(" · ");
}

function unselect() {
  painter.selected = painter.span = null;
  view.said.textContent = "";
  details.close();
  redraw();
}

function choose(box) {
  const { lane, row, zone, start, end, count } = box;
  if (lane.isNested) {
    selectPlace([lane.number, row, zone], false);
    return;
  }
  painter.selected = { lane, row, zone, start, end };
  const what = lane.kind === "messages" ? plural(count, "message") : rowName(lane, row);
  view.said.textContent = `${what} · start ${timeText(start)} · duration ${timeText(end - start)}`;
  if (lane.kind === "messages") details.showMessages(source.messages(zone, count), count);
  else if (lane.kind === "sections" && count === 1) details.showSection(lane.sections[box.location] ?? ["section", ""], start, end);
  else if (lane.kind === "samples") details.showSamples(source.samples(lane.number, start, end), lane);
  else if (lane.kind === "frames" && count === 1) details.showFrame(lane, zone, start, end);
  else details.close();
  redraw();
}

function fillView() {
  const chosen = painter.selected ?? (painter.span && { start: painter.span.from, end: painter.span.to });
  if (chosen) camera.show(chosen.start, chosen.end, 0.02);
  redraw();
}

function chooseSpan(from, to, isDone) {
  painter.selected = null;
  painter.span = { from: Math.max(Math.min(from, to), 0), to: Math.min(Math.max(from, to), data.span) };
  if (isDone) {
    const threads = lanes.all.filter((lane) => lane.isThread && lane.isOpen);
    const { from: start, to: end } = painter.span;
    view.said.textContent = `span of ${timeText(end - start)}, from ${timeText(start)}`;
    details.showSpan(source.span(start, end, threads.map((lane) => lane.number)), threads.length === lanes.all.filter((lane) => lane.isThread).length ? "all" : "those that are unfolded");
  }
  redraw();
}

function showFunction(location) {
  showView("timeline");
  startSearch(data.locations.names[location]);
  details.showFunction(location);
}

// --- search -----------------------------------------------------------------------------------------------------------

const search = { text: "", place: [0, 0, 0], time: -1, at: 0, count: 0, others: 0 };

function startSearch(text) {
  element("search").value = text;
  Object.assign(search, { text: text.trim(), place: [0, 0, 0], time: -1, at: 0, count: 0, others: 0 });
  painter.word = search.text.toLowerCase();
  painter.matched = search.text ? matchingKeys(data, search.text) : null;
  if (painter.matched) for (const sums of functions.rows) if (painter.matched[sums.location]) search.count += sums.calls;
  functions.show(painter.matched);
  sayMatches();
  if (search.text) countOthers(search.text);
  redraw();
}

// The zones that match by their own names and texts, and those of GPUs: only who has them can count them.
async function countOthers(text) {
  searches++;
  const told = await source.others(text).catch(() => null);
  searches--;
  if (!told || text !== search.text) return;
  search.others = told.zones;
  sayMatches();
}

function sayMatches() {
  const found = [search.count || !search.others ? plural(search.count, "call") : "", search.others ? `${plural(search.others, "zone")} by name or text` : ""].filter(Boolean).join(", ");
  element("matches").textContent = !search.text ? "" : search.count + search.others ? (search.at ? `${found}, at ${timeText(search.time)}` : found) : "no match";
}

let searches = 0; // that have not been answered

async function goToMatch(isForward) {
  if (!search.text) return element("search").focus();
  searches++;
  try {
    await find(isForward);
  } finally {
    searches--;
  }
}

async function find(isForward) {
  const from = search.at ? search.time : isForward ? -1 : data.span + 1;
  const { text } = search;
  let { found } = await source.find(text, from, search.place, isForward);
  if (!found && search.count + search.others) ({ found } = await source.find(text, isForward ? -1 : data.span + 1, [0, 0, 0], isForward)); // around
  if (!found || text !== search.text) return;
  const [place, start] = found;
  Object.assign(search, { place, time: start, at: search.at + 1 });
  showView("timeline");
  sayMatches();
  await selectPlace(place, true);
}

// --- pointer ----------------------------------------------------------------------------------------------------------

function showTip(box, event) {
  const { lane, row, boxes, count, start, end } = box;
  const isMessage = lane.kind === "messages";
  const name = isMessage ? (boxes.texts?.[box.zone] ?? plural(count, "message")) : painter.label(lane, boxes, box.box, row);
  element("tip-name").textContent = count > 1 && !isMessage ? `${countText(count)} zones; the longest: ${name}` : name;
  element("tip-place").textContent = lane.isNested ? placeText(data, boxes.location(box.box), false) : rowName(lane, row);
  const facts = [["start", timeText(start)], [count > 1 ? "from first to last" : "duration", timeText(end - start)]];
  if (count > 1 && !isMessage) facts.push(["covered", shareText(boxes.covered(box.box), 1)]);
  element("tip-facts").replaceChildren(...facts.flatMap(([term, text]) => [made("dt", term), made("dd", text)]));
  view.tip.hidden = false;
  const { offsetWidth, offsetHeight } = view.tip;
  const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - offsetWidth - 8);
  const top = event.clientY + 26 + offsetHeight > window.innerHeight ? event.clientY - offsetHeight - 12 : event.clientY + 18;
  view.tip.style.transform = `translate(${Math.max(left, 8)}px, ${Math.max(top, 8)}px)`;
}

function hideTip() {
  view.tip.hidden = true;
  if (painter.hovered) {
    painter.hovered = null;
    redraw();
  }
}

const pointer = new Pointer(view.canvas, camera, lanes, {
  change: () => {
    hideTip();
    redraw();
  },
  leave: hideTip,
  hover: ({ x, y }, event) => {
    const box = painter.boxAt(x, y);
    if (!box) return hideTip();
    painter.hovered = box;
    showTip(box, event);
    redraw();
  },
  click: ({ x, y }) => {
    const place = lanes.at(y);
    if (place?.row === -1) lanes.toggle(place.lane);
    const box = painter.boxAt(x, y);
    if (box) choose(box);
    else if (place?.row !== -1) unselect();
    redraw();
  },
  doubleClick: ({ x, y }) => {
    const box = painter.boxAt(x, y);
    if (box) camera.show(box.start, box.end, 0.02);
    redraw();
  },
  span: chooseSpan,
});

// --- keys -------------------------------------------------------------------------------------------------------------

// The zone in the middle of the window, as high up as there is one.
function chooseMiddle() {
  for (const { lane, y, first, last } of lanes.visible()) {
    if (!lane.isThread) continue;
    for (let row = first; row < last; row++) {
      const height = y + TITLE + row * ZONE_ROW + ZONE_ROW / 2;
      const box = height > RULER && painter.boxAt(painter.width / 2, height);
      if (box) return choose(box);
    }
  }
}

function step(name, offset) {
  const told = painter.selected?.told;
  if (!told) return chooseMiddle();
  const [lane, row, zone] = told.place;
  if (name !== "beside") return told[name] && selectPlace(told[name], true);
  const next = zone + offset;
  const { rows } = lanes.byNumber(lane);
  if (next >= 0 && next < rows[row]) selectPlace([lane, row, next], true);
}

const HELD = { w: ["zoom", -1], s: ["zoom", 1], a: ["pan", -1], d: ["pan", 1] };
const PRESSED = {
  ArrowLeft: () => camera.pan(-0.15),
  ArrowRight: () => camera.pan(0.15),
  ArrowUp: () => lanes.scrollTo(lanes.scroll - 3 * ZONE_ROW),
  ArrowDown: () => lanes.scrollTo(lanes.scroll + 3 * ZONE_ROW),
  "+": () => camera.zoomAt(camera.width / 2, 0.5),
  "-": () => camera.zoomAt(camera.width / 2, 2),
  0: () => camera.showAll(),
  Enter: () => chooseMiddle(),
  f: () => fillView(),
  p: () => step("parent"),
  c: () => step("child"),
  ",": () => step("beside", -1),
  ".": () => step("beside", 1),
  m: () => chooseSpan(camera.from, camera.to, true),
};

view.canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key in HELD) {
    const [what, way] = HELD[key];
    if (!event.repeat) {
      if (what === "zoom") camera.zoomAt(camera.width / 2, 2 ** (way / 2));
      else camera.pan(0.1 * way);
    }
    camera.speed[what] = way;
  } else if (key in PRESSED) PRESSED[key]();
  else return;
  hideTip();
  event.preventDefault();
  redraw();
});

function standStill() {
  camera.speed.zoom = camera.speed.pan = 0;
}
view.canvas.addEventListener("keyup", standStill);
view.canvas.addEventListener("blur", standStill);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = document.activeElement === element("search");
  if (event.key === "/" && !isTyping) {
    element("search").focus();
    element("search").select();
  } else if (event.key === "Escape") {
    escape();
  } else if (event.key.toLowerCase() === "n" && !isTyping) {
    goToMatch(event.key === "n");
  } else return;
  event.preventDefault();
});

// One thing after the other: what is chosen, the search, the part that is in sight.
function escape() {
  hideTip();
  if (painter.selected || painter.span || !element("details").hidden) unselect();
  else if (search.text) startSearch("");
  else camera.showAll();
  view.canvas.focus();
  redraw();
}

element("search").addEventListener("input", (event) => startSearch(event.target.value));
element("search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  goToMatch(!event.shiftKey);
});
element("next").addEventListener("click", () => goToMatch(true));
element("previous").addEventListener("click", () => goToMatch(false));

// --- views ------------------------------------------------------------------------------------------------------------

const tabs = [...document.querySelectorAll("[role=tab]")];

function showView(name) {
  for (const tab of tabs) {
    const isChosen = tab.dataset.view === name;
    tab.ariaSelected = isChosen;
    tab.tabIndex = isChosen ? 0 : -1;
    element(tab.getAttribute("aria-controls")).hidden = !isChosen;
  }
  hideTip();
  if (name === "zones") zoneTable.fill(painter.inView(), camera, (box) => (showView("timeline"), choose(box)));
  if (name === "flame") showFlame();
  if (name === "functions") functions.show(painter.matched);
  redraw();
}

// Of the span that is chosen, or the zone, or of all; of the threads that are unfolded.
function showFlame() {
  const chosen = painter.span ?? (painter.selected?.told && { from: painter.selected.start, to: painter.selected.end });
  const rows = painter.span || !chosen ? lanes.all.filter((lane) => lane.isThread && lane.isOpen) : [painter.selected.lane];
  const span = chosen ?? { from: 0, to: data.span + 1 };
  const name = chosen ? `${timeText(span.to - span.from)} from ${timeText(span.from)}` : "all";
  flame.show(span, rows.map((lane) => lane.number), name, painter.matched);
}

tabs.forEach((tab, index) => {
  tab.addEventListener("click", () => showView(tab.dataset.view));
  tab.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: tabs.length - 1, ArrowRight: 1 }[event.key];
    if (!way) return;
    const other = tabs[(index + way) % tabs.length];
    showView(other.dataset.view);
    other.focus();
  });
});

// --- start ------------------------------------------------------------------------------------------------------------

const darkness = matchMedia("(prefers-color-scheme: dark)");
const useTheme = () => {
  palette.useTheme(darkness.matches);
  painter.usePalette(palette);
  flame.graph.usePalette(palette);
  redraw();
};
darkness.addEventListener("change", useTheme);
useTheme();
showView("timeline");
view.canvas.focus();
