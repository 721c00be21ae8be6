// The marks of an axis that begins at 0.

/** Three to six round numbers from 0 to a little above `most`. With base 1024 they are round in KiB, MiB and so on. */
export function ticksFor(most: number, base = 10): number[] {
  const unit = base === 10 ? 1 : base ** Math.max(0, Math.floor(Math.log(most || 1) / Math.log(base)));
  const span = most / unit || 1;
  const power = 10 ** Math.floor(Math.log10(span / 2));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => span / each <= 4) ?? span;
  const ticks = [0];
  for (let count = 1; (ticks.at(-1) ?? 0) < most || count < 2; count++) ticks.push(count * step * unit);
  return ticks;
}
