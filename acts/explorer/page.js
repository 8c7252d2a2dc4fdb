// The page: what is chosen, the controls that choose it, and the panels that show it.

const ORDERS = ["f", "f′", "f″"], COLORS = ["one", "two", "three", "four", "five", "six"];
const VIEW = [-6, 6], GAUSSIAN = {mean: 0, std: 1}, POINTS = 600;
const state = {one: null, two: null, view: [...VIEW], gaussian: {...GAUSSIAN}, order: 0};
const $of = id => document.getElementById(id);
const beside = x => 1e-9 * Math.max(1, Math.abs(x));

// -- what is drawn -----------------------------------------------------------------------------

const shownNow = () => ["one", "two"].filter(side => state[side]).map(side => {
  const {name, params} = state[side], f = FUNCTIONS[name];
  const label = sameName() && side === "two" ? `${name} (2)` : name;
  return {side, name, params, f, label, admitted: admitted(f, params)};
});
const sameName = () => state.two?.name === state.one.name;
const inView = kinks =>
  [...new Set(kinks)].filter(kink => state.view[0] < kink && kink < state.view[1]).sort((a, b) => a - b);

// A function of x on the view, in pieces between its kinks.
function pieces(value, kinks, count = POINTS) {
  const [low, high] = state.view, edges = [low, ...inView(kinks), high];
  return edges.slice(1).map((edge, i) => {
    const from = i ? edges[i] + beside(edges[i]) : low, to = edge < high ? edge - beside(edge) : high;
    const steps = Math.max(2, Math.ceil(count * (to - from) / (high - low)));
    return Array.from({length: steps + 1}, (_, j) => from + (to - from) * j / steps).map(x => [x, value(x)]);
  });
}

// At a kink: a filled end where the value is, an open one where a piece ends elsewhere.
function ends(value, kinks, color) {
  const close = (a, b) => Math.abs(a - b) <= 1e-6 * (1 + Math.abs(a) + Math.abs(b));
  return inView(kinks).flatMap(x => {
    const [left, here, right] = [x - beside(x), x, x + beside(x)].map(value);
    const open = [left, right].filter(y => !close(y, here));
    return [...open.map(y => ({x, y, color, open: true})), {x, y: here, color, open: false}];
  });
}

function curve(value, kinks, label, color, dash = 0) {
  return {value, label, color, dash, pieces: pieces(value, kinks), ends: ends(value, kinks, color)};
}
function drawCurves(panel, curves, kinks) {
  panel.draw({range: state.view, curves, ends: curves.flatMap(one => one.ends), kinks: inView(kinks)});
}

const PANELS = {
  ...Object.fromEntries(ORDERS.map((title, order) => [["value", "first", "second"][order], {
    title, explained: ["the function", "its derivative", "its second derivative"][order],
    draw(panel, functions) {
      const curves = functions.map(({f, params, label, side}) =>
        curve(x => at(f, params, x)[order], kinksOf(f, params), label, side, side === "two" ? 1 : 0));
      drawCurves(panel, curves, functions.flatMap(({f, params}) => kinksOf(f, params)));
    },
  }])),
  partials: {
    title: "∂f/∂parameter", explained: "what each parameter does",
    hidden: functions => functions.every(({f}) => Object.keys(f.params).length === 0),
    draw(panel, functions) {
      const each = functions.flatMap(one => Object.keys(one.f.params).map(name => ({...one, name})));
      const curves = each.map(({f, params, label, name}, i) => curve(
        x => partial(f, params, name, x), kinksOf(f, params), functions.length > 1 ? `${label}: ${name}` : name,
        COLORS[i % COLORS.length], Math.floor(i / COLORS.length)));
      drawCurves(panel, curves, functions.flatMap(({f, params}) => kinksOf(f, params)));
    },
  },
  difference: {
    title: "difference", explained: "the first function minus the second",
    hidden: functions => functions.length < 2,
    draw(panel, [a, b]) {
      const kinks = [...kinksOf(a.f, a.params), ...kinksOf(b.f, b.params)];
      const value = x => at(a.f, a.params, x)[state.order] - at(b.f, b.params, x)[state.order];
      drawCurves(panel, [curve(value, kinks, `${a.label} − ${b.label}`, "four")], kinks);
    },
  },
  gaussian: {
    title: "a Gaussian through it", explained: "the density that goes in, and what comes out", own: true,
    draw(panel, functions) {
      const {mean, std} = state.gaussian, bell = y => density((y - mean) / std) / std;
      const out = functions.map(one => ({...one, ...distribution(one.f, one.params, mean, std)}));
      const low = Math.min(mean - 3.5 * std, ...out.map(one => one.reach[0]));
      const high = Math.max(mean + 3.5 * std, ...out.map(one => one.reach[1]));
      const range = [low - 0.04 * (high - low), high + 0.04 * (high - low)];
      const curves = out.map(({parts, label, side}) => {
        const {value, corners, top} = binned(parts, range);
        return {label, color: side, area: true, pieces: parts.length ? [corners] : [], value, top};
      });
      const line = Array.from({length: 201}, (_, i) => range[0] + (range[1] - range[0]) * i / 200);
      const most = Math.max(...curves.map(curve => curve.top), bell(mean));
      panel.draw({
        range, heights: [0, 1.1 * Math.min(most, 4 * bell(mean))],
        curves: [{label: "in", color: "three", dash: 1, pieces: [line.map(y => [y, bell(y)])], value: bell}, ...curves],
        stems: out.flatMap(({atoms, side}) => atoms.map(({at: x, share}) =>
          ({x, share, color: side, text: `${shown(100 * share, 3)} % at ${shown(x, 3)}`}))),
      });
      panel.note.textContent = out.map(({label, f, params}) => {
        const made = moments(f, params, mean, std);
        const average = Math.abs(made.mean) < 1e-12 * std ? 0 : made.mean;
        return `${label}: mean ${shown(average, 5)}, standard deviation ${shown(made.std, 5)}, `
          + `gain ${shown(gain(f, params), 5)}`;
      }).join(" · ");
    },
  },
  error: {
    title: "error in ulp", explained: "in float32, in units in the last place",
    draw(panel, functions) {
      const curves = functions.flatMap(({f, params, label, side}) => {
        const textbook = x => ulpError(f, params, x)[1], own = isExample(f, params) ? measuredAt(f) : null;
        const worst = pieces(textbook, [], POINTS)[0];
        const envelope = worst.map(([x], i) => [x, Math.max(...worst.slice(Math.max(0, i - 6), i + 7).map(p => p[1]))]);
        return [
          {label: `${label}: its definition`, color: side, pieces: [envelope], value: textbook},
          ...(own ? [{...own, label: `${label}: acts`, color: side, dash: 2, area: true}] : []),
        ];
      });
      panel.draw({range: state.view, curves, logarithmic: [-1, 8.2]});
      panel.note.textContent = functions.map(({f, params, label}) => `${label} in acts, largest over [−100, 100]`
        + `${isExample(f, params) ? "" : ", with its defaults"}: ${shown(f.largest, 2)}`).join(" · ");
    },
  },
};

const isExample = (f, params) => Object.keys(f.params).every(name => params[name] === f.params[name]);

// What was measured of acts itself: steps over the view, and the value at a point.
function measuredAt(f) {
  const values = f.measured.map(error => error ?? NaN);
  const value = x => values[GRID.findIndex((edge, i) => edge <= x && x < GRID[i + 1])] ?? NaN;
  const steps = GRID.slice(0, -1).flatMap((edge, i) => [[edge, values[i]], [GRID[i + 1], values[i]]]);
  const [low, high] = state.view, inside = steps.filter(([x]) => low <= x && x <= high);
  const line = [[Math.max(low, GRID[0]), value(Math.max(low, GRID[0]))], ...inside,
    [Math.min(high, GRID.at(-1)), value(Math.min(high, GRID.at(-1) - 1e-9))]];
  return {value, pieces: [line]};
}

function redraw() {
  const all = shownNow(), functions = all.filter(one => one.admitted);
  for (const side of ["one", "two"]) {
    const refused = all.find(one => one.side === side && !one.admitted);
    $of(side).querySelector(".refused").textContent = refused ? `Not defined unless ${refused.f.domain}.` : "";
  }
  const panels = Object.values(PANELS);
  for (const {panel, hidden} of panels) panel.root.hidden = hidden?.(functions) ?? false;
  for (const {panel} of panels) panel.width = panel.svg.clientWidth || panel.width;  // all at once: one layout
  for (const {panel, draw} of panels) {
    panel.note.textContent = "";
    if (panel.root.hidden) continue;
    if (functions.length) draw(panel, functions);
    else panel.draw({range: state.view, curves: []});
  }
  clearTimeout(remembering);  // once a slider rests: a browser that is told of every frame stops listening
  remembering = setTimeout(() => history.replaceState(null, "", `#${address()}`), 200);
}

let remembering;

let waiting = false;
function soon() {  // once per frame, however often a slider moves
  if (!waiting) requestAnimationFrame(() => { waiting = false; redraw(); });
  waiting = true;
}
