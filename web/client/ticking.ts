const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Times that pass while one looks: `data-since` counts up, `data-until` counts down, once a second. */
export function countTime(): void {
  const tick = () => {
    const now = Date.now();
    for (const place of document.querySelectorAll<HTMLElement>("[data-since]"))
      place.textContent = duration(now - Number(place.dataset["since"]));
    for (const place of document.querySelectorAll<HTMLElement>("[data-until]"))
      place.textContent = duration(Math.max(0, Number(place.dataset["until"]) - now));
  };
  window.setInterval(tick, 1000);
}

function duration(ms: number): string {
  const unit = (name: string, amount: number, digits = 0) =>
    new Intl.NumberFormat(document.documentElement.lang, {
      style: "unit",
      unit: name,
      unitDisplay: "narrow",
      maximumFractionDigits: digits,
    }).format(amount);
  const seconds = Math.floor((ms % MINUTE) / 1000);
  if (ms < MINUTE) return unit("second", seconds);
  if (ms < HOUR) return `${unit("minute", Math.floor(ms / MINUTE))} ${unit("second", seconds)}`;
  if (ms < DAY)
    return `${unit("hour", Math.floor(ms / HOUR))} ${unit("minute", Math.floor((ms % HOUR) / MINUTE))}`;
  return `${unit("day", Math.floor(ms / DAY))} ${unit("hour", Math.floor((ms % DAY) / HOUR))}`;
}
