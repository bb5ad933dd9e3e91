/** The ratio out of `ratios` (`16:9`) that is nearest to a size; undefined where the client asked for none. */
export function nearestAspect(
  size: { width: number; height: number } | undefined,
  ratios: readonly string[],
): string | undefined {
  if (!size) return undefined;
  const wanted = Math.log(size.width / size.height);
  const distance = (ratio: string) => {
    const [width = 1, height = 1] = ratio.split(":").map(Number);
    return Math.abs(Math.log(width / height) - wanted);
  };
  return ratios.toSorted((a, b) => distance(a) - distance(b))[0];
}

/** `data:image/png;base64,…` without what stands before the data. */
export const withoutDataUrl = (text: string): string => text.replace(/^data:[^,]*,/, "");
