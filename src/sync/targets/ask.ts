import { GatewayError, TargetFailure } from "../../core/errors.ts";
import type { Outbound, OutboundResponse } from "../../net/index.ts";
import { MOST_BUNDLE_BYTES } from "../bundle.ts";

export type Ask = {
  method: "GET" | "PUT" | "DELETE";
  url: string;
  headers: { [name: string]: string };
  body?: Uint8Array;
  signal: AbortSignal;
  /** Statuses that are answers here, beside those of success. */
  expected?: readonly number[];
};

const SHOWN_OF_ERROR = 300;

/** Asks a target. Throws `GatewayError` (`bad_gateway`) with the reason in words. */
export async function ask(outbound: Outbound, { expected = [], ...request }: Ask): Promise<OutboundResponse> {
  const host = new URL(request.url).host;
  let response: OutboundResponse;
  try {
    response = await outbound.send({ ...request, userEntered: true });
  } catch (error) {
    const why = error instanceof TargetFailure ? error.message : "It cannot be reached.";
    throw new GatewayError("bad_gateway", `The sync target ${host} did not answer: ${why}`, { cause: error });
  }
  if ((response.status >= 200 && response.status < 300) || expected.includes(response.status))
    return response;
  const said = (await response.text(10_000)).replace(/\s+/g, " ").slice(0, SHOWN_OF_ERROR);
  throw new GatewayError("bad_gateway", `The sync target ${host} answered ${response.status}: ${said}`);
}

/** The whole body of an answer. Throws `GatewayError` for one that is larger than any bundle. */
export async function bytesOf(response: OutboundResponse): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    size += piece.length;
    if (size > MOST_BUNDLE_BYTES)
      throw new GatewayError("bad_gateway", "The sync target sent a file larger than any bundle.");
  }
  return Buffer.concat(pieces);
}
