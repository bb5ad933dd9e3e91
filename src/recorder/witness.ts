import type { GatewayError } from "../core/errors.ts";
import type { ClientFormat, PathFacts } from "../core/format.ts";
import type { Caller } from "../core/key.ts";
import type { Relay, Served, ServiceRoute } from "../relay/index.ts";

/** A client's call as a door knows it before its body is read. */
export type Asked = {
  requestId: string;
  url: Pick<URL, "pathname" | "search">;
  call: {
    format: ClientFormat;
    pathFacts?: PathFacts;
    providerRoute?: string;
    service?: ServiceRoute;
    isCounting?: boolean;
  };
  headers: Headers;
  caller: Caller;
  signal: AbortSignal;
};

/** Goes with one call from the door and back. Most calls have none who writes anything down. */
export interface Witness {
  /** The way of the request. */
  readonly relay: Relay;
  /** The client's body, which was read at once. */
  asked(body: Uint8Array): void;
  /** The client's body while it is read. */
  asking(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>;
  /** The answer to give the client. */
  answered(served: Served): Response | Promise<Response>;
  /** The same for a refusal. */
  refused(error: GatewayError, response: Response): Response | Promise<Response>;
}

/** For calls that are not recorded. */
export const nobody = (relay: Relay): Witness => ({
  relay,
  asked: () => {},
  asking: (body) => body,
  answered: ({ response }) => response,
  refused: (_error, response) => response,
});
