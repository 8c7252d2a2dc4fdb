"use strict";
// What a definition is evaluated with. The definitions in FUNCTIONS call an arithmetic `$`: numbers (the value), jets
// (the value with two derivatives, as in acts/_jets.py) or float32, rounded at every step.

// Functions with their first two derivatives.
const RULES = {
  exp(x) { const e = Math.exp(Math.min(x, 709.5)); return [e, e, e]; },  // where it overflows, a quotient would be NaN
  log: x => [Math.log(x), 1 / x, -1 / (x * x)],
  log1p: x => [Math.log1p(x), 1 / (1 + x), -1 / ((1 + x) * (1 + x))],
  sqrt(x) { const s = Math.sqrt(x); return [s, 1 / (2 * s), -1 / (4 * s * x)]; },
  sin: x => [Math.sin(x), Math.cos(x), -Math.sin(x)],
  cos: x => [Math.cos(x), -Math.sin(x), -Math.cos(x)],
  atan: x => [Math.atan(x), 1 / (1 + x * x), -2 * x / (1 + x * x) ** 2],
  tanh(x) {
    const e = Math.exp(-2 * Math.abs(x)), t = Math.tanh(x), slope = 4 * e / (1 + e) ** 2;
    return [t, slope, -2 * t * slope];
  },
  erf(x) {
    const slope = 2 / Math.sqrt(Math.PI) * Math.exp(-x * x);
    return [Math.sign(x) * (Math.abs(x) < 1 ? erfSeries(Math.abs(x)) : 1 - erfc(Math.abs(x))), slope, -2 * x * slope];
  },
  ncdf(x) {
    const tail = erfc(Math.abs(x) / Math.SQRT2) / 2, slope = density(x);
    return [x < 0 ? tail : 1 - tail, slope, -x * slope];
  },
  npdf(x) { const p = density(x); return [p, -x * p, (x * x - 1) * p]; },
  _expm1(x) { const e = RULES.exp(x)[0]; return [Math.expm1(x), e, e]; },
  _log1p: x => RULES.log1p(x),
  _softplus(u) {  // log(1 + exp(u)), without overflow
    const e = Math.exp(-Math.abs(u));
    return [Math.max(u, 0) + Math.log1p(e), (u > 0 ? 1 : e) / (1 + e), e / (1 + e) ** 2];
  },
};

const density = x => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);

// erf by its series of positive terms, and 1 - erf for x >= 0, far out by its continued fraction.
function erfSeries(x) {
  let term = x, sum = x;
  for (let n = 1; term > 1e-17 * sum; n++) sum += term *= 2 * x * x / (2 * n + 1);
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}
function erfc(x) {
  if (x < 2) return 1 - erfSeries(x);
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

// -- arithmetics: numbers, jets, float32 ---------------------------------------------------------

const valueOf = x => x instanceof Jet ? x.value : x;
const fold = (parts, wins) => parts.reduce((a, b) => wins(valueOf(b), valueOf(a)) ? b : a);
const COMMON = {
  lt: (a, b) => valueOf(a) < valueOf(b), le: (a, b) => valueOf(a) <= valueOf(b),
  gt: (a, b) => valueOf(a) > valueOf(b), ge: (a, b) => valueOf(a) >= valueOf(b),
  eq: (a, b) => valueOf(a) === valueOf(b), ne: (a, b) => valueOf(a) !== valueOf(b),
  sign: a => Math.sign(valueOf(a)),
  max: (...parts) => fold(parts, (b, a) => b > a),
  min: (...parts) => fold(parts, (b, a) => b < a),
};

function arithmetic(basic, rule) {
  const functions = Object.fromEntries(Object.entries(RULES).map(([name, f]) => [name, rule(f)]));
  const $ = {...COMMON, ...functions, ...basic};
  return {
    abs: a => $.mul(a, $.sign(a)),
    _log_add: (a, u) => $.gt(u, 0)  // log(a + exp(u))
      ? $.add(u, $.log($.add(1, $.mul(a, $.exp($.neg(u)))))) : $.log($.add(a, $.exp(u))),
    ...$,
  };
}

const NUMBERS = arithmetic({
  add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b,
  pow: (a, n) => a ** n, neg: a => -a,
  silu_inverse(y) {  // the kink of step_swiglu: the x > 0 with silu(x) = y
    let x = y;
    for (let i = 0; i < 9; i++) x -= (x - y - y * Math.exp(-x)) / (1 + y * Math.exp(-x));
    return x;
  },
}, f => x => f(x)[0]);

class Jet {
  constructor(value, first = 0, second = 0) { Object.assign(this, {value, first, second}); }
  static of(x) { return x instanceof Jet ? x : new Jet(x); }
  through([f, df, d2f]) {
    return new Jet(f, times(df, this.first),
      times(times(d2f, this.first), this.first) + times(df, this.second));
  }
}
const times = (a, b) => a === 0 || b === 0 ? 0 : a * b;  // a factor of 0 stays 0 beside one that overflowed
const power = (x, n) => n === 0 ? [1, 0, 0] : [x ** n, n * x ** (n - 1), n === 1 ? 0 : n * (n - 1) * x ** (n - 2)];
const onJets = f => (a, b) => f(Jet.of(a), Jet.of(b));
const product = (a, b) => new Jet(a.value * b.value,
  times(a.first, b.value) + times(a.value, b.first),
  times(a.second, b.value) + 2 * times(a.first, b.first) + times(a.value, b.second));

const JETS = arithmetic({
  add: onJets((a, b) => new Jet(a.value + b.value, a.first + b.first, a.second + b.second)),
  sub: onJets((a, b) => new Jet(a.value - b.value, a.first - b.first, a.second - b.second)),
  mul: onJets(product),
  div: onJets((a, b) => product(a, b.through(power(b.value, -1)))),
  neg: onJets(a => new Jet(-a.value, -a.first, -a.second)),
  pow: (a, n) => { a = Jet.of(a); return a.through(power(a.value, n)); },
}, f => x => { x = Jet.of(x); return x.through(f(x.value)); });

const round = Math.fround, rounded = f => (a, b) => round(f(round(a), round(b)));
const FLOAT32 = arithmetic({  // the textbook line, where NUMBERS and JETS take better ones
  add: rounded((a, b) => a + b), sub: rounded((a, b) => a - b), mul: rounded((a, b) => a * b),
  div: rounded((a, b) => a / b), neg: a => -a, pow: (a, n) => round(round(a) ** n),
  exp: rounded(Math.exp),
  _expm1: u => FLOAT32.sub(FLOAT32.exp(u), 1),
  _log1p: u => FLOAT32.log(FLOAT32.add(1, u)),
  _softplus: u => FLOAT32.log(FLOAT32.add(1, FLOAT32.exp(u))),
  _log_add: (a, u) => FLOAT32.log(FLOAT32.add(a, FLOAT32.exp(u))),
  ncdf: x => FLOAT32.div(FLOAT32.add(1, FLOAT32.erf(FLOAT32.div(x, Math.SQRT2))), 2),
}, f => x => round(f(round(x))[0]));

// -- of a function with values for its parameters ----------------------------------------------

const parametersOf = (f, params) => Object.keys(f.params).map(name => params[name]);

// What the function is at x: the value, two derivatives, and the slope by each parameter; NaN where it is not defined.
function at(f, params, x) {
  const {value, first, second} = Jet.of(f.f(JETS, new Jet(x, 1), ...parametersOf(f, params)));
  if (Number.isNaN(value)) return [NaN, NaN, NaN];
  if (!Number.isFinite(second) && kinksOf(f, params).includes(x)) {  // a root of 0 has no slope: that of the left piece
    return [value, ...at(f, params, x - (Math.abs(x) * 2 ** -40 || 2 ** -200)).slice(1)];
  }
  return [value, first, second];
}
function partial(f, params, name, x) {
  const along = {...params, [name]: new Jet(params[name], 1)};
  const {value, first} = Jet.of(f.f(JETS, x, ...parametersOf(f, along)));
  return Number.isNaN(value) ? NaN : first;
}
const valueAt = (f, params, x) => f.f(NUMBERS, x, ...parametersOf(f, params));
const admitted = (f, params) => f.admits(NUMBERS, ...parametersOf(f, params));
const kinksOf = (f, params) =>
  f.kinksAt.map(kink => kink(NUMBERS, ...parametersOf(f, params))).filter(Number.isFinite);

// The error of the definition as it stands, in float32, in units in the last place: [x in float32, error]. NaN where
// the true value is no normal number of float32.
function ulpError(f, params, x) {
  const single = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, round(value)]));
  x = round(x);
  const truth = valueAt(f, single, x), got = valueIn32(f, single, x);
  if (!(Math.abs(truth) >= 2 ** -126 && Math.abs(truth) < 2 ** 128)) return [x, truth === got ? 0 : NaN];
  const ulp = 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(truth)))) - 23);
  const error = Math.abs(got - truth) / ulp;
  return [x, Number.isNaN(error) ? Infinity : error];
}
const valueIn32 = (f, params, x) => round(f.f(FLOAT32, x, ...parametersOf(f, params)));

// -- moments, as acts.moments has them: Gauss-Legendre between the kinks, refined until the sum stands still --

function moments(f, params, mean = 0, std = 1) {
  const value = x => valueAt(f, params, x), kinks = kinksOf(f, params);
  const average = expectation(value, mean, std, kinks);
  return {mean: average, std: Math.sqrt(expectation(x => (value(x) - average) ** 2, mean, std, kinks))};
}
const gain = (f, params) =>
  1 / Math.sqrt(expectation(x => valueAt(f, params, x) ** 2, 0, 1, kinksOf(f, params)));

function expectation(value, mean, std, kinks) {
  const bends = kinks.map(kink => (kink - mean) / std).filter(z => Math.abs(z) < 38.5);
  let edges = [...Array.from({length: 78}, (_, i) => i - 38.5), ...bends].sort((a, b) => a - b), before = NaN;
  while (edges.length < 20000) {
    let sum = 0, size = 0;
    for (let i = 1; i < edges.length; i++) {
      const half = (edges[i] - edges[i - 1]) / 2, middle = (edges[i] + edges[i - 1]) / 2;
      for (let j = 0; j < LEGENDRE[0].length; j++) {
        const z = middle + half * LEGENDRE[0][j], y = value(mean + std * z) * LEGENDRE[1][j] * half * density(z);
        sum += y;
        size += Math.abs(y);
      }
    }
    if (!Number.isFinite(sum) || Math.abs(sum - before) <= 1e-12 * size) return sum;
    before = sum;
    edges = edges.flatMap((edge, i) => i ? [(edges[i - 1] + edge) / 2, edge] : [edge]);
  }
  return NaN;
}
