/** Is this the name of a time zone, such as `Europe/Berlin`? */
export function isTimeZone(name: string): boolean {
  try {
    return zoneOffset(0, name) !== undefined;
  } catch {
    return false;
  }
}

const MINUTE_MS = 60_000;

/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds. Throws `RangeError` for no zone. */
export function zoneOffset(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const parts = format.formatToParts(at).map(({ type, value }) => [type, Number(value)] as const);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = Object.fromEntries(parts);
  const wall = Date.UTC(year, month - 1, day, hour, minute);
  return wall - Math.floor(at / MINUTE_MS) * MINUTE_MS;
}
