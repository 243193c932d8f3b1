// What the timeline shows as tables: for those who cannot see it, or want to copy it.

const MOST_TABLE_ROWS = 500;

// The zones in sight, row by row, by time.
class ZoneTable {
  constructor(element, note) {
    Object.assign(this, { element, note });
  }

  // `boxes`: what is drawn, each with lane, row, name, start, end and count.
  fill(boxes, camera, onChosen) {
    const rows = boxes.slice(0, MOST_TABLE_ROWS).map((box) => this.row(box, onChosen));
    this.element.tBodies[0].replaceChildren(...rows);
    const span = `${exactTime(camera.from)} to ${exactTime(camera.to)}`;
    const shown = boxes.length > rows.length ? `The first ${countText(rows.length)} of ${countText(boxes.length)} boxes` : plural(rows.length, "box", "boxes");
    this.note.textContent = `${shown} in view, from ${span}. What is narrower than a pixel is merged: zoom in to see it.`;
  }

  row(box, onChosen) {
    const row = document.createElement("tr");
    const header = made("th", "");
    header.scope = "row";
    const name = made("button", box.count > 1 ? `${countText(box.count)} zones, the longest: ${box.name}` : box.name);
    name.type = "button";
    name.addEventListener("click", () => onChosen(box));
    header.append(name);
    row.append(header);
    for (const text of [box.lane.name, countText(box.row), timeText(box.start), timeText(box.end - box.start)]) row.insertCell().textContent = text;
    return row;
  }
}

// All functions with what they cost.
class FunctionSums {
  constructor(data, element, note, onChosen) {
    Object.assign(this, { data, element, note, onChosen });
    this.column = "self";
    this.matched = null;
    this.rows = data.functions.map(([location, calls, primitive, total, self, least, most, mean]) => {
      return { location, calls, primitive, total, self, least, most, mean };
    });
    this.byLocation = new Map(this.rows.map((row) => [row.location, row]));
    element.tHead.addEventListener("click", (event) => {
      const column = event.target.closest("button")?.dataset.column;
      if (column) this.show(this.matched, column);
    });
    element.tBodies[0].addEventListener("click", (event) => {
      const location = event.target.closest("button")?.dataset.location;
      if (location !== undefined) this.onChosen(Number(location));
    });
  }

  show(matched, column = this.column) {
    Object.assign(this, { matched, column });
    const { names } = this.data.locations;
    const wanted = this.rows.filter(({ location }) => matched?.[location] ?? true);
    wanted.sort((a, b) => (column === "name" ? names[a.location].localeCompare(names[b.location]) : b[column] - a[column]) || a.location - b.location);
    this.element.tBodies[0].replaceChildren(...wanted.slice(0, MOST_TABLE_ROWS).map((sums) => this.row(sums)));
    for (const button of this.element.tHead.querySelectorAll("button")) {
      const order = button.dataset.column === "name" ? "ascending" : "descending";
      button.closest("th").ariaSort = button.dataset.column === column ? order : "none";
    }
    const shown = Math.min(wanted.length, MOST_TABLE_ROWS);
    this.note.textContent = shown < wanted.length ? `The first ${plural(shown, "function")} of ${countText(wanted.length)}.` : `${plural(shown, "function")}.`;
  }

  row(sums) {
    const row = document.createElement("tr");
    const name = made("button", this.data.locations.names[sums.location]);
    name.type = "button";
    name.dataset.location = sums.location;
    name.title = placeText(this.data, sums.location, false);
    const header = made("th", "");
    header.scope = "row";
    header.append(name, " ", made("span", placeText(this.data, sums.location, true), "place"));
    row.append(header);
    const texts = [timeText(sums.self), timeText(sums.total), countText(sums.calls), timeText(sums.mean), timeText(sums.most)];
    for (const text of texts) row.insertCell().textContent = text;
    return row;
  }
}
