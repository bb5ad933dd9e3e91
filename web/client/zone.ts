const COOKIE = "omniroute_zone";
const YEAR_SECONDS = 365 * 24 * 3600;

/** Tells the server in which time zone its pages are read; it holds from the next page on. */
export function tellZone(): void {
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (document.cookie.includes(`${COOKIE}=${zone}`)) return;
  document.cookie = `${COOKIE}=${zone}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}
