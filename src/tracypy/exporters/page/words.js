// Numbers, names and places, as people read them.

const UNITS = [
  [6e10, "min"],
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
];

function timeText(ns) {
  for (const [size, unit] of UNITS) if (ns >= 0.9995 * size) return `${threeDigits(ns / size)} ${unit}`;
  return `${Math.round(ns)} ns`;
}

function threeDigits(value) {
  return value >= 99.95 ? countText(Math.round(value)) : value.toFixed(value >= 9.995 ? 1 : 2);
}

function countText(count) {
  return count.toLocaleString("en-US");
}

function shareText(part, whole) {
  const percent = whole > 0 ? (100 * part) / whole : 0;
  if (percent === 0 || percent >= 99.995) return `${Math.round(percent)} %`;
  return percent < 0.01 ? "< 0.01 %" : `${percent.toFixed(percent < 10 ? 2 : 1)} %`;
}

function plural(count, one, many = `${one}s`) {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

function placeText(data, location, isShort) {
  const file = (isShort ? data.short_files : data.files)[data.locations.files[location]];
  const line = data.locations.lines[location];
  return file && line > 0 ? `${file}:${line}` : file;
}

function nodeName(data, tree, node) {
  const location = tree.location[node];
  if (location === ROOT) return tree.name;
  if (location === FOLDED) return `(${plural(tree.calls[node], "smaller path")})`;
  return data.locations.names[location];
}
