/**
 * Does a form come from one of our own pages? Browsers say where a form was by `Sec-Fetch-Site`, or, on plain HTTP to
 * another machine, only by `Origin`. A form that says neither is no browser's and is refused: programs have `/api`.
 */
export function isOwnForm(request: Request, url: URL): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = request.headers.get("origin");
  return origin !== null && URL.canParse(origin) && new URL(origin).host === url.host;
}

/** A path of ours to go back to; undefined for anything that could lead elsewhere. */
export function ownPath(target: string | undefined, url: URL): string | undefined {
  if (target === undefined || !/^\/(?![/\\])/.test(target) || !URL.canParse(target, url.origin))
    return undefined;
  const there = new URL(target, url.origin);
  return there.origin === url.origin ? there.pathname + there.search : undefined;
}
