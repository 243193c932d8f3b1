// The functions as a table: what the drawing says, for those who cannot see it, or want to copy it.

const MOST_ROWS = 500;

class FunctionTable {
  constructor(data, element, note, onChosen) {
    Object.assign(this, { data, element, note, onChosen });
    this.column = "self";
    element.tHead.addEventListener("click", (event) => {
      const column = event.target.closest("button")?.dataset.column;
      if (column) this.sortBy(column);
    });
    element.tBodies[0].addEventListener("click", (event) => {
      const location = event.target.closest("button")?.dataset.location;
      if (location !== undefined) this.onChosen(Number(location));
    });
  }

  sortBy(column) {
    this.column = column;
    this.fill();
  }

  show(tree, times, matchesLocation) {
    Object.assign(this, { tree, times, matchesLocation });
    this.fill();
  }

  fill() {
    const { names } = this.data.locations;
    const { calls } = this.times;
    const wanted = [...names.keys()].filter((location) => calls[location] > 0 && (this.matchesLocation?.[location] ?? true));
    const key = this.column === "name" ? null : this.times[this.column];
    wanted.sort((a, b) => (key ? key[b] - key[a] : names[a].localeCompare(names[b])) || a - b);
    this.element.tBodies[0].replaceChildren(...wanted.slice(0, MOST_ROWS).map((location) => this.row(location)));
    for (const button of this.element.tHead.querySelectorAll("button")) {
      const order = button.dataset.column === "name" ? "ascending" : "descending";
      button.closest("th").ariaSort = button.dataset.column === this.column ? order : "none";
    }
    const shown = Math.min(wanted.length, MOST_ROWS);
    this.note.textContent =
      shown < wanted.length ? `The first ${plural(shown, "function")} of ${countText(wanted.length)}.` : `${plural(shown, "function")}.`;
  }

  row(location) {
    const { data, times } = this;
    const whole = this.tree.total[0];
    const row = document.createElement("tr");
    const name = document.createElement("button");
    name.type = "button";
    name.dataset.location = location;
    name.textContent = data.locations.names[location];
    name.title = placeText(data, location, false);
    const place = document.createElement("span");
    place.className = "place";
    place.textContent = placeText(data, location, true);
    const header = document.createElement("th");
    header.scope = "row";
    header.append(name, " ", place);
    row.append(header);
    const { self, total, calls } = times;
    for (const text of [
      timeText(self[location]),
      shareText(self[location], whole),
      timeText(total[location]),
      shareText(total[location], whole),
      countText(calls[location]),
    ]) {
      row.insertCell().textContent = text;
    }
    return row;
  }
}
