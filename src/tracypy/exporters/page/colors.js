// A colour for each file: those with the most self time get hues far apart; what is not the user's own is nearly grey.

const NOT_OWN = /[\\/](?:site|dist)-packages[\\/]|[\\/]lib[\\/]python3[^\\/]*[\\/]|^<frozen |^$/;
const GOLDEN_ANGLE = 137.508;
const FIRST_HUE = 45;

function fileHues(data, selfTimes, isOwn) {
  const weights = new Float64Array(data.files.length);
  selfTimes.forEach((time, location) => (weights[data.locations.files[location]] += time));
  const byWeight = [...data.files.keys()].sort((a, b) => isOwn[b] - isOwn[a] || weights[b] - weights[a] || a - b);
  const hues = new Float64Array(data.files.length);
  byWeight.forEach((file, rank) => (hues[file] = (FIRST_HUE + rank * GOLDEN_ANGLE) % 360));
  return hues;
}

class Palette {
  constructor(data, selfTimes) {
    this.data = data;
    this.isOwn = data.files.map((file) => !NOT_OWN.test(file));
    this.hues = fileHues(data, selfTimes, this.isOwn);
    this.shades = data.locations.names.map((name) => (hashOf(name) % 7) - 3); // neighbours of one file differ a little
    this.useTheme(false);
  }

  useTheme(isDark) {
    const [lightness, step, vivid, grey] = isDark ? [0.46, 0.014, 0.1, 0.026] : [0.83, 0.016, 0.105, 0.03];
    this.boxes = this.shades.map((shade, location) => {
      const file = this.data.locations.files[location];
      const chroma = this.isOwn[file] ? vivid : grey;
      return `oklch(${(lightness + shade * step).toFixed(3)} ${chroma} ${this.hues[file].toFixed(1)})`;
    });
  }
}

function hashOf(text) {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (hash * 31 + text.charCodeAt(at)) >>> 0;
  return hash;
}
