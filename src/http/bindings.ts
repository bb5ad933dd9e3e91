/** What the server hands to the public API with each request. */
export type PublicBindings = {
  requestId: string;
  /** The checked URL. */
  url: URL;
  /** The path to route by. */
  path: string;
  /** Lifts the server's time limit for this request, once its body is in. */
  unlimited(): void;
};

/** What it hands to the other doors. */
export type Bindings = PublicBindings & {
  /** The client's address (behind trusted proxies, the one they name). */
  peer: string;
  /** Somebody has passed the call on: it may come from anywhere, whatever its peer. */
  passedOn: boolean;
};

/** A well-formed `X-Request-Id` of the client is kept; any other is replaced. */
export const WELL_FORMED_REQUEST_ID = /^[A-Za-z0-9_.:-]{1,128}$/;
