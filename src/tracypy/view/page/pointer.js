// Mouse, wheel and fingers on the timeline.

const CLICK_PIXELS = 4;

class Pointer {
  constructor(canvas, camera, lanes, on) {
    Object.assign(this, { canvas, camera, lanes, on });
    this.down = new Map(); // by id: where it is
    this.start = null;
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointercancel", (event) => this.release(event));
    canvas.addEventListener("pointerleave", () => this.on.leave());
    canvas.addEventListener("dblclick", (event) => this.on.doubleClick(this.place(event)));
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  wheel(event) {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const [x, y] = [event.deltaX * unit, event.deltaY * unit];
    if (event.shiftKey) {
      this.lanes.scrollTo(this.lanes.scroll + (y || x));
    } else if (Math.abs(x) > Math.abs(y)) {
      this.camera.dragTo(this.camera.from + x * this.camera.pixel, this.camera.pixel);
    } else {
      this.camera.zoomAt(this.place(event).x, 2 ** (Math.min(Math.max(y, -240), 240) / 160));
    }
    this.on.change();
  }

  press(event) {
    if (event.button > 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.down.set(event.pointerId, this.place(event));
    this.begin(event.shiftKey || this.place(event).y < RULER);
  }

  // From here on, what the fingers do is seen from where they are now.
  begin(isSpan) {
    const points = [...this.down.values()];
    if (!points.length) return;
    const middle = points.reduce((sum, { x, y }) => ({ x: sum.x + x / points.length, y: sum.y + y / points.length }), { x: 0, y: 0 });
    const apart = points.length > 1 ? Math.abs(points[0].x - points[1].x) : 0;
    this.start = { middle, apart, time: this.camera.time(middle.x), pixel: this.camera.pixel, scroll: this.lanes.scroll, isSpan, hasMoved: points.length > 1 };
  }

  move(event) {
    const place = this.place(event);
    if (!this.down.has(event.pointerId)) {
      if (event.pointerType !== "touch") this.on.hover(place, event);
      return;
    }
    this.down.set(event.pointerId, place);
    const { start } = this;
    const points = [...this.down.values()];
    const middle = points.reduce((sum, { x, y }) => ({ x: sum.x + x / points.length, y: sum.y + y / points.length }), { x: 0, y: 0 });
    if (Math.hypot(middle.x - start.middle.x, middle.y - start.middle.y) > CLICK_PIXELS) start.hasMoved = true;
    if (!start.hasMoved) return;
    if (start.isSpan) {
      this.on.span(start.time, this.camera.time(place.x), false);
    } else {
      const apart = points.length > 1 ? Math.abs(points[0].x - points[1].x) : 0;
      const pixel = start.apart > 10 && apart > 10 ? (start.pixel * start.apart) / apart : start.pixel;
      this.camera.dragTo(start.time - middle.x * pixel, pixel);
      this.lanes.scrollTo(start.scroll - (middle.y - start.middle.y));
    }
    this.on.change();
  }

  release(event) {
    if (!this.down.delete(event.pointerId)) return;
    const { start } = this;
    const place = this.place(event);
    if (this.down.size) {
      this.begin(false);
      this.start.hasMoved = true;
    } else if (start.isSpan && start.hasMoved) {
      this.on.span(start.time, this.camera.time(place.x), true);
    } else if (!start.hasMoved && event.type === "pointerup") {
      this.on.click(place);
    }
  }
}
