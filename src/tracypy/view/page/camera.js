// Which part of the time is in sight: where it begins, and how many nanoseconds a pixel is. Both move smoothly.

const SMALLEST_PIXEL = 0.02; // nanoseconds
const MOVE_MS = 140;

class Camera {
  constructor(span) {
    this.span = Math.max(span, 1);
    this.width = 1000;
    this.from = 0;
    this.pixel = this.span / this.width;
    this.motion = null;
    this.speed = { zoom: 0, pan: 0 }; // while keys are held
    this.isWhole = true;
  }

  get to() {
    return this.from + this.pixel * this.width;
  }

  x(time) {
    return (time - this.from) / this.pixel;
  }

  time(x) {
    return this.from + x * this.pixel;
  }

  // The whole recording stays the whole recording when the window changes.
  resize(width) {
    if (width === this.width) return;
    const { isWhole } = this;
    if (this.motion) this.motion.goal.pixel *= this.width / Math.max(width, 1); // to the same end
    this.width = Math.max(width, 1);
    if (isWhole) this.set(0, this.span / this.width);
    else this.set(this.from, this.pixel);
  }

  clamp(from, pixel) {
    const kept = Math.min(Math.max(pixel, SMALLEST_PIXEL), this.span / this.width);
    const most = this.span - kept * this.width;
    return { from: Math.min(Math.max(from, 0), Math.max(most, 0)), pixel: kept };
  }

  set(from, pixel) {
    Object.assign(this, this.clamp(from, pixel));
    this.isWhole = this.pixel * this.width >= this.span * 0.999999;
  }

  // What it will be when it has come to rest.
  get goal() {
    return this.motion ? this.motion.goal : { from: this.from, pixel: this.pixel };
  }

  moveTo(from, pixel) {
    const goal = this.clamp(from, pixel);
    this.motion = { start: { from: this.from, pixel: this.pixel }, goal, begun: performance.now() };
  }

  zoomAt(x, factor) {
    const { from, pixel } = this.goal;
    const kept = this.clamp(0, pixel * factor).pixel;
    this.moveTo(from + x * pixel - x * kept, kept);
  }

  // At once, as what a finger or the mouse drags.
  dragTo(from, pixel) {
    this.motion = null;
    this.set(from, pixel);
  }

  pan(share) {
    const { from, pixel } = this.goal;
    this.moveTo(from + share * pixel * this.width, pixel);
  }

  show(start, end, margin = 0.1) {
    const length = Math.max(end - start, 1);
    const pixel = (length * (1 + 2 * margin)) / this.width;
    this.moveTo(start + length / 2 - (pixel * this.width) / 2, pixel);
  }

  showAll() {
    this.moveTo(0, this.span / this.width);
  }

  get isMoving() {
    return this.motion !== null || this.speed.zoom !== 0 || this.speed.pan !== 0;
  }

  // One step of the movement; `elapsed` in milliseconds since the last one.
  step(now, elapsed) {
    if (this.motion) {
      const { start, goal, begun } = this.motion;
      const part = Math.min((now - begun) / MOVE_MS, 1);
      const eased = 1 - (1 - part) ** 3;
      const pixel = start.pixel * (goal.pixel / start.pixel) ** eased;
      // The place that both pictures share stays where it is.
      const done = start.pixel === goal.pixel ? eased : (start.pixel - pixel) / (start.pixel - goal.pixel);
      this.set(start.from + (goal.from - start.from) * done, pixel);
      if (part === 1) {
        this.set(goal.from, goal.pixel);
        this.motion = null;
      }
    } else if (this.isMoving) {
      const factor = Math.exp((this.speed.zoom * elapsed) / 300);
      const middle = this.time(this.width / 2);
      const pixel = this.clamp(0, this.pixel * factor).pixel;
      this.set(middle - (pixel * this.width) / 2 + (this.speed.pan * elapsed * pixel * this.width) / 900, pixel);
    }
  }
}
