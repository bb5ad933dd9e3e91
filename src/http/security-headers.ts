/** Sent with every page. Nothing is loaded from elsewhere, no page stands in a frame. */
export const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** Sent with every answer of the management API, which is no page: nothing in it may run or stand in a frame. */
export const ANSWER_HEADERS = {
  ...PAGE_HEADERS,
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
} as const;
