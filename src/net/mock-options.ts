/** A whole number given as an option after `?` in a model name, at most a million; else the fallback. */
export function numberOption(options: URLSearchParams, name: string, fallback: number): number {
  const text = options.get(name) ?? "";
  return /^\d{1,7}$/.test(text) ? Math.min(Number(text), 1_000_000) : fallback;
}
