/** What came back from a vendor, however it came. */
export type Returned = {
  code?: string;
  state?: string;
  /** The vendor's refusal: `access_denied` … */
  error?: string;
  errorDescription?: string;
  /** Everything that stood beside. */
  parameters: URLSearchParams;
};

const LONGEST = 16_384;

/**
 * Reads what a person pasted: a whole address (also one that no browser could open), `code#state`, `code=…&state=…`,
 * or a bare code. Undefined for what holds none of these.
 */
export function readPasted(text: string): Returned | undefined {
  const pasted = text.trim().replace(/^["'<]+|[>"']+$/g, "");
  if (pasted === "" || pasted.length > LONGEST) return undefined;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(pasted)) return readAddress(pasted);
  if (/(?:^|[?&#])(?:code|error|state)=/.test(pasted)) return readQuery(pasted.replace(/^[?#]+/, ""));
  const [code = "", state, ...rest] = pasted.split("#");
  if (rest.length > 0 || !isCode(code) || (state !== undefined && !isCode(state))) return undefined;
  return { code, ...(state !== undefined && { state }), parameters: new URLSearchParams() };
}

/** Reads the address a browser was sent back to; some vendors put the answer behind a `#`. */
export function readAddress(address: string): Returned | undefined {
  const [, query = "", fragment = ""] = /^[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(address) ?? [];
  const found = readQuery([query, fragment].filter((part) => part.includes("=")).join("&"));
  // Anthropic's page puts the state behind the code, also in its own address.
  if (found?.code !== undefined && found.state === undefined && isCode(fragment))
    return { ...found, state: fragment };
  return found;
}

function readQuery(query: string): Returned | undefined {
  const parameters = new URLSearchParams(query.replaceAll("&amp;", "&"));
  // Codes hold no spaces; a plus that nobody escaped was read as one.
  const code = parameters.get("code")?.trim().replaceAll(" ", "+");
  const [bare = "", fragment] = code?.split("#") ?? [];
  const state = parameters.get("state") ?? fragment;
  const error = parameters.get("error");
  const errorDescription = parameters.get("error_description");
  if (bare === "" && !error) return undefined;
  return {
    ...(bare !== "" && { code: bare }),
    ...(state && { state }),
    ...(error && { error }),
    ...(errorDescription && { errorDescription }),
    parameters,
  };
}

const isCode = (text: string): boolean => /^[\x21-\x7e]{4,}$/.test(text);
