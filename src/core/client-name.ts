const LONGEST = 60;

/**
 * The program that called, from its User-Agent: what stands before the first remark in brackets, in harmless
 * characters. Undefined when it does not say.
 */
export function clientName(userAgent: string | null): string | undefined {
  const name = (userAgent ?? "")
    .split("(")[0]!
    .replace(/[^\w .+/:@-]/g, "")
    .trim()
    .slice(0, LONGEST)
    .trim();
  return name === "" ? undefined : name;
}
