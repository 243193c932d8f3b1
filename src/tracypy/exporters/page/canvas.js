// What drawings have in common.

/** Make a canvas as large as its frame, in the pixels of the screen; of these, return how many are one of the page's. */
function fitCanvas(canvas, frame, context) {
  const ratio = window.devicePixelRatio || 1;
  const wide = Math.round(frame.clientWidth * ratio);
  const high = Math.round(frame.clientHeight * ratio);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${frame.clientWidth}px`;
    canvas.style.height = `${frame.clientHeight}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return ratio;
}
