// A panel: curves in one SVG, and in its head the value of each of them at the cursor. No library.

const HEIGHT = 230, MARGIN = {left: 52, right: 12, top: 18, bottom: 24};

function made(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}
function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}
function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// A number for people: six digits, a real minus sign.
function shown(x, digits = 6) {
  if (Number.isNaN(x)) return "undefined";
  const size = Math.abs(x), text = size === Infinity ? "∞" : String(Number(size.toPrecision(digits)));
  return (x < 0 ? "−" : "") + text.replace("e-", "e−").replace("e+", "e");
}

function ticksOf([low, high], count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find(factor => factor * power >= rough);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({length: last - first + 1}, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// The heights that the values need; one in a hundred may leave the picture, where it stands out by far.
function heightsOf(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (!sorted.length) return [-1, 1];
  const share = part => sorted[Math.round(part * (sorted.length - 1))];
  const spread = share(0.99) - share(0.01);
  let low = Math.max(sorted[0], share(0.01) - spread), high = Math.min(sorted.at(-1), share(0.99) + spread);
  const least = 1e-9 * Math.max(1, Math.abs(low));
  if (high - low < least) [low, high] = [Math.min(low, 0) - 0.5, Math.max(high, 0) + 0.5];
  const margin = 0.06 * (high - low);
  return [low - margin, high + margin];
}

// The stretches of a piece where it is defined.
function unbroken(piece) {
  const found = [[]];
  for (const point of piece) {
    if (!Number.isNaN(point[1])) found.at(-1).push(point);
    else if (found.at(-1).length) found.push([]);
  }
  return found.filter(stretch => stretch.length);
}

class Panel {
  // title: what stands in its head; moved(x): called when the cursor goes to x, or leaves (null)
  constructor(title, explained, moved) {
    this.head = made("figcaption", {}, made("strong", {}, title), made("em", {}, explained));
    this.keys = made("span", {class: "row"});
    this.svg = drawn("svg", {tabindex: 0, role: "slider", "aria-label": title});
    this.note = made("p", {class: "note"});
    this.root = made("figure", {}, this.head, this.svg, this.note);
    this.head.append(this.keys);
    this.moved = moved;
    this.cursor = null;
    this.width = 400;  // of the picture, in pixels: the page measures it
    const go = event => this.moved(this.under(event));
    this.svg.addEventListener("pointerdown", go);
    this.svg.addEventListener("pointermove", go);
    this.svg.addEventListener("pointerleave", event => event.pointerType === "mouse" && this.moved(null));
    this.svg.addEventListener("keydown", event => this.key(event));
  }

  under(event) {
    const box = this.svg.getBoundingClientRect(), [low, high] = this.range;
    const share = (event.clientX - box.left - MARGIN.left) / (box.width - MARGIN.left - MARGIN.right);
    return low + Math.min(1, Math.max(0, share)) * (high - low);
  }

  key(event) {
    const [low, high] = this.range, step = (high - low) / (event.shiftKey ? 10 : 100);
    const from = this.cursor ?? (low + high) / 2;
    const to = {ArrowLeft: from - step, ArrowRight: from + step, Home: low, End: high, Escape: null}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.moved(to === null ? null : Math.min(high, Math.max(low, to)));
  }

  // range: of the horizontal axis; curves: [{label, color, dash, area, pieces, value}]; ends: [{x, y, open, color}];
  // kinks: x of dotted lines; stems: [{x, share, color, text}]; heights: of the vertical axis; logarithmic: its decades
  draw({range, curves, ends = [], kinks = [], stems = [], logarithmic = null, heights = null}) {
    Object.assign(this, {range, curves});
    const width = this.width, bottom = HEIGHT - MARGIN.bottom, right = width - MARGIN.right;
    const level = logarithmic ? y => Math.log10(Math.min(Math.max(y, 10 ** logarithmic[0]), 1e300)) : y => y;
    const all = curves.flatMap(curve => curve.pieces.flat()).map(point => point[1]);
    const span = this.span = logarithmic ?? heights ?? heightsOf([...all, ...ends.map(end => end.y)]);
    this.toX = x => MARGIN.left + (x - range[0]) / (range[1] - range[0]) * (right - MARGIN.left);
    this.toY = y => bottom - (level(y) - span[0]) / (span[1] - span[0]) * (bottom - MARGIN.top);
    const parts = [
      ...this.grid(width, bottom, right, logarithmic),
      ...kinks.map(x => drawn("line", {class: "kink", x1: this.toX(x), x2: this.toX(x), y1: MARGIN.top, y2: bottom})),
      ...curves.flatMap(curve => this.paths(curve, bottom)),
      ...stems.flatMap(stem => this.stem(stem, bottom)),
      ...ends.filter(end => Number.isFinite(end.y)).map(({x, y, color, open}) =>
        this.dot(x, y, color, open ? "end open" : "end")),
    ];
    this.moving = drawn("g");
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.svg.setAttribute("height", HEIGHT);
    const id = `inside-${Panel.number = (Panel.number ?? 0) + 1}`;
    const inside = drawn("clipPath", {id}, drawn("rect", {
      x: MARGIN.left - 5, y: MARGIN.top - 5, width: right - MARGIN.left + 10, height: bottom - MARGIN.top + 10}));
    this.svg.replaceChildren(inside, ...parts.slice(0, this.labels),
      drawn("g", {"clip-path": `url(#${id})`}, ...parts.slice(this.labels)), this.moving);
    this.labelled();
    this.point(this.cursor);
  }

  grid(width, bottom, right, logarithmic) {
    const xs = ticksOf(this.range, Math.max(4, width / 75)), span = this.span;
    const ys = logarithmic ? ticksOf(span, 5).filter(Number.isInteger) : ticksOf(span, 5);
    const parts = [];
    for (const x of xs) {
      const at = this.toX(x);
      parts.push(drawn("line", {class: x === 0 ? "axis" : "grid", x1: at, x2: at, y1: MARGIN.top, y2: bottom}),
        drawn("text", {x: at, y: bottom + 15, "text-anchor": "middle"}, shown(x)));
    }
    for (const y of ys) {
      const at = bottom - (y - span[0]) / (span[1] - span[0]) * (bottom - MARGIN.top);
      const text = !logarithmic ? shown(y) : Math.abs(y) < 4 ? shown(10 ** y) : `1e${shown(y)}`;
      parts.push(
        drawn("line", {class: y === 0 && !logarithmic ? "axis" : "grid", x1: MARGIN.left, x2: right, y1: at, y2: at}),
        drawn("text", {x: MARGIN.left - 6, y: at + 4, "text-anchor": "end"}, text));
    }
    this.labels = parts.length;
    return parts;
  }

  paths({pieces, color, dash, area}, bottom) {
    const place = ([x, y]) => `${this.toX(x).toFixed(2)} ${Math.min(1e5, Math.max(-1e5, this.toY(y))).toFixed(2)}`;
    const line = piece => `M${piece.map(place).join("L")}`, defined = pieces.flatMap(unbroken);
    const style = `--color: var(--${color})`, text = defined.map(line).join("");
    const curve = drawn("path", {class: `curve dash-${dash ?? 0}`, style, d: text});
    if (!area || !text) return [curve];
    const under = defined.map(piece =>
      `${line(piece)}L${this.toX(piece.at(-1)[0])} ${bottom}L${this.toX(piece[0][0])} ${bottom}Z`);
    return [drawn("path", {class: "area", style, d: under.join("")}), curve];
  }

  stem({x, share, color, text}, bottom) {
    const at = this.toX(x), top = bottom - share * (bottom - MARGIN.top - 14), style = `--color: var(--${color})`;
    const left = at > this.width - 110;
    return [drawn("line", {class: "stem", style, x1: at, x2: at, y1: bottom, y2: top}),
      drawn("circle", {class: "end", style, cx: at, cy: top, r: 4}),
      drawn("text", {x: at + (left ? -8 : 8), y: top + 4, "text-anchor": left ? "end" : "start"}, text)];
  }

  dot(x, y, color, kind) {
    return drawn("circle", {class: kind, style: `--color: var(--${color})`, r: 4,
      cx: this.toX(x), cy: Math.min(1e5, Math.max(-1e5, this.toY(y)))});
  }

  labelled() {
    const style = ({color, dash = 0}) => `--color: var(--${color}); --dash: ${["solid", "dashed", "dotted"][dash]}`;
    const keys = this.curves.map(curve => made("span", {class: "key", style: style(curve)}, curve.label));
    this.keys.replaceChildren(...keys);
  }

  // The cursor at x, or none: a line, a dot on each curve, and the values in the head.
  point(x) {
    const [low, high] = this.range, inside = x !== null && low <= x && x <= high;
    this.cursor = inside ? x : null;
    const values = this.curves.map(curve => inside ? curve.value(x) : NaN);
    this.curves.forEach((curve, i) => {
      this.keys.children[i].textContent = inside ? `${curve.label} ${shown(values[i])}` : curve.label;
    });
    const read = this.curves.map((curve, i) => `${curve.label} ${shown(values[i])}`).join(", ");
    filled(this.svg, {"aria-valuemin": low, "aria-valuemax": high, "aria-valuenow": inside ? x : low,
      "aria-valuetext": inside ? `at ${shown(x, 4)}: ${read}` : "no point chosen"}, []);
    if (!inside) return this.moving.replaceChildren();
    const at = this.toX(x), bottom = HEIGHT - MARGIN.bottom;
    const seen = this.curves.filter((_, i) => Math.abs(this.toY(values[i]) - HEIGHT / 2) < HEIGHT / 2 - 10);
    this.moving.replaceChildren(drawn("line", {class: "cursor", x1: at, x2: at, y1: MARGIN.top, y2: bottom}),
      drawn("text", {x: at, y: 11, "text-anchor": "middle"}, shown(x, 4)),
      ...seen.map(curve => this.dot(x, curve.value(x), curve.color, "mark")));
  }
}
