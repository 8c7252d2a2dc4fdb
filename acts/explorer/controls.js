// The controls, the facts below, and what is chosen as part of the page's address.

function slider(label, value, [low, high], changed) {
  const limit = Math.max(Math.abs(low), Math.abs(high)), top = x => (x >= high && value === Infinity ? Infinity : x);
  const range = made("input", {type: "range", min: low, max: high, step: limit / 300, "aria-label": label});
  const number = made("input", {type: "number", step: "any", "aria-label": `${label}, as a number`});
  const show = x => {
    range.value = Math.min(x, high);
    number.value = Number.isFinite(x) ? Number(x.toPrecision(5)) : "";
    number.placeholder = shown(x);
  };
  show(value);
  range.addEventListener("input", () => { const x = top(Number(range.value)); show(x); changed(x); });
  number.addEventListener("input", () => {
    if (number.value === "" || !Number.isFinite(number.valueAsNumber)) return;
    range.value = number.value;
    changed(number.valueAsNumber);
  });
  return made("div", {class: "slider"}, made("label", {}, label), range, number);
}

// From where to where a parameter's slider goes: as far on both sides of 0, unless its domain ends there.
function reachOf(f, name) {
  const size = f.params[name], reach = Math.max(3, Number.isFinite(size) ? 2 * Math.abs(size) : 10);
  const least = [-reach, 0, reach / 300].find(low => admitted(f, {...f.params, [name]: low}));
  return [least ?? -reach, reach];
}

function options() {
  const groups = new Map();
  for (const [name, f] of Object.entries(FUNCTIONS)) {
    if (!groups.has(f.group)) groups.set(f.group, made("optgroup", {label: f.group}));
    groups.get(f.group).append(made("option", {value: name}, name));
  }
  return [...groups.values()];
}

function choose(side, name, params = {}) {
  state[side] = name && FUNCTIONS[name] ? {name, params: {...FUNCTIONS[name].params, ...params}} : null;
  $of(side).querySelector("select").value = state[side] ? name : "";
  sliders(side);
  facts();
  soon();
}

function sliders(side) {
  const chosen = state[side], f = chosen && FUNCTIONS[chosen.name];
  const controls = f ? Object.keys(f.params).map(name => slider(name, chosen.params[name], reachOf(f, name), x => {
    chosen.params[name] = x;
    soon();
  })) : [];
  if (controls.length) {
    const reset = made("button", {type: "button"}, "defaults");
    reset.addEventListener("click", () => choose(side, chosen.name));
    controls.push(made("div", {class: "row"}, reset));
  }
  $of(side).querySelector(".sliders").replaceChildren(...controls);
}

function viewControls() {
  const field = (label, index) => {
    const input = made("input", {type: "number", step: "any", value: state.view[index]});
    input.addEventListener("input", () => {
      const view = state.view.map((end, i) => i === index ? input.valueAsNumber : end);
      if (view[0] < view[1]) { state.view = view; soon(); }
    });
    return made("label", {}, label, input);
  };
  const zoom = (label, text, change) => {
    const button = made("button", {type: "button", "aria-label": label}, text);
    button.addEventListener("click", () => {
      state.view = change(state.view).map(x => Number(x.toPrecision(6)));
      viewControls();
      soon();
    });
    return button;
  };
  const scaled = factor => ([low, high]) => [low, high].map(x => (low + high) / 2 + factor * (x - (low + high) / 2));
  const ofGaussian = (name, label, reach) => slider(label, state.gaussian[name], reach, x => {
    if (name === "mean" || x > 0) { state.gaussian[name] = x; soon(); }
  });
  $of("view").querySelector("div").replaceChildren(
    made("div", {class: "row"}, field("x from", 0), field("to", 1)),
    made("div", {class: "row"}, zoom("nearer", "+", scaled(0.5)), zoom("farther", "−", scaled(2)),
      zoom("the first view", "reset", () => [...VIEW])),
    ofGaussian("mean", "mean of the Gaussian", [-4, 4]), ofGaussian("std", "its standard deviation", [0.01, 4]));
}

// Words, with what stands between backticks as code.
const words = text => text.split("`").map((part, i) => i % 2 ? made("code", {}, part) : part);

function facts() {
  $of("facts").replaceChildren(...["one", "two"].filter(side => state[side]).map(side => {
    const {name} = state[side], f = FUNCTIONS[name], article = made("article", {style: `--color: var(--${side})`});
    const line = (label, text) => text ? [made("p", {class: "quiet"}, `${label}: ${text}`)] : [];
    article.append(made("h2", {}, name), made("p", {}, ...words(f.about)));
    const formula = made("div", {class: "scroll"});
    formula.innerHTML = f.typeset;  // made from the definition by acts itself
    article.append(formula, made("p", {}, made("code", {}, f.definition)),
      ...f.notes.map(note => made("p", {class: "quiet"}, note)),
      ...line("where", f.domain), ...line("kinks", f.kinks.join(", ")), ...line("also called", f.aliases.join(", ")),
      ...line("source", f.paper));
    if (f.rows.length) {
      const cells = (kind, row) => made("tr", {}, ...row.map(cell => made(kind, {}, cell)));
      article.append(made("div", {class: "scroll"}, made("table", {}, cells("th", ["framework", "there", "here"]),
        ...f.rows.map(([framework, theirs, ours, note]) => {
          const remark = made("span", {class: "quiet"}, ...words(note));
          return cells("td", [framework, made("span", {}, made("code", {}, theirs), remark), made("code", {}, ours)]);
        }))));
    }
    return article;
  }));
}

// -- the address: #one=elu&one.alpha=0.5&two=gelu&view=-6,6 -------------------------------------------

function address() {
  const parts = {};
  for (const side of ["one", "two"]) {
    if (!state[side]) continue;
    const {name, params} = state[side];
    parts[side] = name;
    for (const [key, value] of Object.entries(params)) {
      if (value !== FUNCTIONS[name].params[key]) parts[`${side}.${key}`] = value;
    }
  }
  if (state.view.some((x, i) => x !== VIEW[i])) parts.view = state.view.join();
  return new URLSearchParams(parts).toString();
}

function follow(text) {
  const given = new URLSearchParams(text), view = (given.get("view") ?? "").split(",").map(Number);
  state.view = view.length === 2 && view[0] < view[1] ? view : [...VIEW];
  for (const side of ["one", "two"]) {
    const name = given.get(side) ?? (side === "one" ? "elu" : ""), f = FUNCTIONS[name];
    const keys = f ? Object.keys(f.params).filter(key => given.has(`${side}.${key}`)) : [];
    const params = Object.fromEntries(keys.map(key => [key, Number(given.get(`${side}.${key}`))]));
    choose(side, f || side === "two" ? name : "elu", params);
  }
  viewControls();
}

function darken(dark) {
  document.documentElement.classList.toggle("dark", dark);
  $of("theme").textContent = dark ? "light" : "dark";
}

function start() {
  for (const side of ["one", "two"]) {
    const select = made("select", {"aria-label": side === "one" ? "function" : "second function"},
      ...(side === "two" ? [made("option", {value: ""}, "none")] : []), ...options());
    select.addEventListener("change", () => choose(side, select.value));
    $of(side).append(select, made("div", {class: "sliders"}), made("p", {class: "refused", role: "status"}));
  }
  for (const entry of Object.values(PANELS)) {
    const alone = x => entry.panel.point(x), shared = x => {
      for (const {panel, own} of Object.values(PANELS)) if (!own && !panel.root.hidden) panel.point(x);
    };
    entry.panel = new Panel(entry.title, entry.explained, entry.own ? alone : shared);
    $of("panels").append(entry.panel.root);
  }
  const orders = ORDERS.map((name, i) => made("option", {value: i}, name));
  const order = made("select", {"aria-label": "difference of"}, ...orders);
  order.addEventListener("change", () => { state.order = Number(order.value); soon(); });
  PANELS.difference.panel.head.insertBefore(order, PANELS.difference.panel.keys);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  darken(scheme.matches);
  $of("view").querySelector("details").open = matchMedia("(min-width: 761px)").matches;
  scheme.addEventListener("change", () => darken(scheme.matches));
  $of("theme").addEventListener("click", () => darken(!document.documentElement.classList.contains("dark")));
  new ResizeObserver(soon).observe($of("panels"));
  window.addEventListener("hashchange", event => follow(new URL(event.newURL).hash.slice(1)));
  follow(location.hash.slice(1));
}
if (typeof document !== "undefined") start();
