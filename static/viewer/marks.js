// Rectangles over a page. Kept as shares of the page's size, so that zooming needs nothing.

/** `boxes`: [x0, y0, x1, y1] in points of the page as shown, origin top left; `size`: the page's {width, height} in points. */
export function drawMarks(layer, boxes, size, label) {
  const marks = boxes.map(([x0, y0, x1, y1]) => {
    const mark = document.createElement("div");
    mark.className = "leaf-mark";
    place(mark, x0 / size.width, y0 / size.height, (x1 - x0) / size.width, (y1 - y0) / size.height);
    return mark;
  });
  if (marks.length) {
    marks[0].id = "mark";
    marks[0].setAttribute("role", "img");
    marks[0].setAttribute("aria-label", label);
  }
  layer.append(...marks);
  return marks;
}

/** Rectangles over what a search found: `hits` as lists of boxes like those above, `current` the one being looked at. */
export function drawBoxes(layer, hits, size, current) {
  layer.replaceChildren();
  hits.forEach((boxes, index) => {
    for (const [x0, y0, x1, y1] of boxes) {
      const mark = document.createElement("div");
      mark.className = index === current ? "leaf-found is-current" : "leaf-found";
      place(mark, x0 / size.width, y0 / size.height, (x1 - x0) / size.width, (y1 - y0) / size.height);
      layer.append(mark);
    }
  });
}

function place(element, left, top, width, height) {
  element.style.left = `${100 * left}%`;
  element.style.top = `${100 * top}%`;
  element.style.width = `${100 * width}%`;
  element.style.height = `${100 * height}%`;
}
