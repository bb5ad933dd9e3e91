import type { Caller } from "../../core/key.ts";
import type { Units, Usage } from "../../core/reply.ts";
import type { ServiceKind, ServiceReply, ServiceRequest } from "../../core/services.ts";

/** A client's call for something beside chat, as a door hands it over. */
export type ServiceInbound<Kind extends ServiceKind = ServiceKind> = {
  requestId: string;
  /** Path as the client wrote it, for the log. */
  path: string;
  kind: Kind;
  /** The name the client asked for. */
  model: string;
  request: ServiceRequest<Kind>;
  /** Does the client want the answer piece by piece? */
  stream: boolean;
  /** What the request says of what it will use. */
  expected: { inputTokens: number; units: Units };
  headers: Headers;
  caller: Caller;
  /** Aborts when the client leaves. */
  signal: AbortSignal;
  /** The provider of a `/v1/providers/{provider}/…` path. */
  providerRoute?: string;
  /** Resolves when the last byte of an upload is in: a provider can be late only from then on. */
  received?: Promise<unknown>;
  /** Writes a whole answer in the client's shape; never asked for answers that are bytes already. */
  encode(
    reply: ServiceReply<Kind>,
    facts: { model: string; usage: Usage },
  ): EncodedAnswer | Promise<EncodedAnswer>;
};

export type EncodedAnswer = { contentType: string; body: string };
