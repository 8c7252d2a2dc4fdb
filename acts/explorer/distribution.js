// What a function makes of a Gaussian, as a distribution: densities in bins, and the values that it takes for a whole
// stretch of x, with their probability.

// Of f with its parameters, for mean and std: parts between neighbouring x, [{from, to, share}]; atoms, [{at, share}];
// and the reach, [low, high], with all but a hundredth of the probability.
function distribution(f, params, mean, std) {
  const bends = kinksOf(f, params).map(kink => (kink - mean) / std).filter(z => Math.abs(z) < 6);
  const zs = [...Array.from({length: 3001}, (_, i) => (i - 1500) / 250), ...bends.flatMap(z => [z - 1e-9, z + 1e-9])];
  zs.sort((a, b) => a - b);
  const ys = zs.map(z => valueAt(f, params, mean + std * z)), parts = [], atoms = new Map();
  for (let i = 1; i < zs.length; i++) {
    const share = (zs[i] - zs[i - 1]) * density((zs[i] + zs[i - 1]) / 2);
    const from = Math.min(ys[i - 1], ys[i]), to = Math.max(ys[i - 1], ys[i]);
    if (!Number.isFinite(from + to)) continue;
    if (from === to) atoms.set(to, (atoms.get(to) ?? 0) + share);
    else parts.push({from, to, share});
  }
  const heavy = [...atoms].map(([at, share]) => ({at, share})).filter(atom => atom.share > 0.002);
  return {parts, atoms: heavy, reach: quantiles(parts, atoms, 0.004)};
}

// The density of the parts in equal bins over a range: as a function, and as the corners of its steps.
function binned(parts, [low, high], count = 240) {
  const width = (high - low) / count, heights = new Array(count).fill(0);
  for (const {from, to, share} of parts) {  // evenly over the bins from one value to the next
    const first = Math.max(0, Math.floor((from - low) / width));
    const last = Math.min(count - 1, Math.floor((to - low) / width));
    for (let bin = first; bin <= last; bin++) {
      const common = Math.min(to, low + (bin + 1) * width) - Math.max(from, low + bin * width);
      heights[bin] += share * Math.max(0, common) / (to - from) / width;
    }
  }
  const corners = heights.flatMap((height, bin) => [[low + bin * width, height], [low + (bin + 1) * width, height]]);
  return {value: y => heights[Math.floor((y - low) / width)] ?? 0, corners, top: Math.max(...heights)};
}

// Between which values all but this share of the probability lies, on each side.
function quantiles(parts, atoms, tail) {
  const all = [...parts, ...[...atoms].map(([at, share]) => ({from: at, to: at, share}))];
  if (!all.length) return [0, 0];
  const end = of => {
    let sum = 0;
    return of.find(part => (sum += part.share) > tail) ?? of.at(-1);
  };
  return [end(all.sort((a, b) => a.from - b.from)).from, end(all.sort((a, b) => b.to - a.to)).to];
}
