/** How many connections, jobs or processes at once a baseline is tried with. */
export const WIDTHS = [1, 2, 4, 8, 16] as const;

/** Tries each width once and takes the best, so that a baseline is as strong as this machine lets it be. */
export async function bestOf(
  widths: readonly number[],
  rate: (width: number) => Promise<number>,
): Promise<number> {
  let best = { width: widths[0] ?? 1, rate: -Infinity };
  for (const width of widths) {
    const measured = await rate(width);
    if (measured > best.rate) best = { width, rate: measured };
  }
  return best.width;
}
