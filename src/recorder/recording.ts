import { z } from "zod";
import { settingsShape } from "../core/settings.ts";

/** Text as it is, or bytes in base64. `whole` is false where the rest was too long to be kept; `size`: all bytes. */
const bodyShape = z.object({
  encoding: z.enum(["utf8", "base64"]),
  data: z.string(),
  whole: z.boolean(),
  size: z.number().int(),
});
export type KeptBody = z.infer<typeof bodyShape>;

const headersShape = z.record(z.string(), z.string());
/** The kind of a fault that came from the network itself, in the middle of a body. */
export const BROKEN = "broken";

const faultShape = z.object({
  kind: z.string(),
  message: z.string(),
  status: z.number().optional(),
  providerCode: z.string().optional(),
  brokeEarly: z.boolean().optional(),
  underWay: z.boolean().optional(),
});
export type KeptFault = z.infer<typeof faultShape>;

/** One call to a provider. Times in milliseconds since the client's call came in. */
const exchangeShape = z.object({
  connectionId: z.string(),
  method: z.string(),
  url: z.string(),
  headers: headersShape,
  body: bodyShape,
  startedMs: z.number(),
  answer: z
    .object({
      status: z.number().int(),
      headers: headersShape,
      headersMs: z.number(),
      body: bodyShape,
      /** Where the body was cut by the network: `[milliseconds, bytes]`. */
      pieces: z.array(z.tuple([z.number(), z.number()])),
    })
    .optional(),
  /** How it ended where it did not end well; neither end nor fault: silence until we gave up. */
  fault: faultShape.optional(),
  /** When it was over by itself; absent where we wanted no more of it. */
  endedMs: z.number().optional(),
});
export type Exchange = z.infer<typeof exchangeShape>;

const nodeShape = z.object({
  type: z.enum(["openai-compatible", "anthropic-compatible"]),
  apiType: z.enum(["chat", "responses"]),
  prefix: z.string(),
  baseUrl: z.string(),
  chatPath: z.string(),
});

const targetShape = z.object({
  provider: z.string(),
  /** Facts of an endpoint of the user's own; other providers are known by their id. */
  node: nodeShape.optional(),
  connectionId: z.string(),
  authType: z.string(),
  /** Names of the fields its credentials have, and how long each is; no values. */
  credentials: z.record(z.string(), z.number().int()),
  baseUrl: z.string().optional(),
  modelId: z.string(),
  model: z.record(z.string(), z.unknown()).optional(),
  label: z.string(),
  effort: z.string().optional(),
});
export type KeptTarget = z.infer<typeof targetShape>;

/** What was asked for. */
const callShape = z.discriminatedUnion("type", [
  z.object({ type: z.enum(["chat", "count"]) }),
  z.object({ type: z.literal("service"), path: z.string() }),
  z.object({ type: z.literal("gemini-embedding"), model: z.string(), isBatch: z.boolean() }),
]);
export type KeptCall = z.infer<typeof callShape>;

const planConfigShape = z.record(z.string(), z.union([z.number(), z.boolean()]));

/** One call, byte for byte, without what is secret in it. */
export const recordingShape = z.object({
  format: z.literal("omniroute-recording"),
  version: z.literal(2),
  /** The release that made it. */
  release: z.string(),
  id: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  request: z.object({
    path: z.string(),
    call: callShape,
    clientFormat: z.string(),
    /** A stream as Gemini writes it where nobody asked for events: one JSON array. */
    jsonArray: z.boolean().optional(),
    pathModel: z.string().optional(),
    pathStream: z.boolean().optional(),
    providerRoute: z.string().optional(),
    headers: headersShape,
    body: bodyShape,
    /** The body did not come to its end: the client broke off, or we wanted no more of it. */
    unfinished: z.enum(["broken", "unread"]).optional(),
    /** When it broke off. */
    brokenMs: z.number().optional(),
    /** When the client left before the end. */
    leftMs: z.number().optional(),
  }),
  /** Longest silence inside a stream, in milliseconds. */
  streamIdleMs: z.number(),
  settings: settingsShape.pick({ systemPrompt: true, thinkingBudget: true }),
  plan: z
    .object({
      requested: z.string(),
      resolved: z.array(z.object({ step: z.string(), from: z.string(), to: z.string() })),
      strategy: z.string(),
      combo: z.string().optional(),
      overridden: z.boolean().optional(),
      config: planConfigShape,
      providerConfig: z.record(z.string(), planConfigShape).optional(),
      targets: z.array(targetShape),
    })
    .optional(),
  /** Why no plan could be made. */
  planFault: z.object({ code: z.string(), message: z.string() }).optional(),
  /** Sign-ins that could not be made good: which time the account was asked for, and what came of it. */
  accountFaults: z.array(z.object({ connectionId: z.string(), nth: z.number().int(), fault: faultShape })),
  exchanges: z.array(exchangeShape),
  outcome: z.object({
    status: z.number().int(),
    errorCode: z.string().optional(),
    errorMessage: z.string().optional(),
    /** The field of the request that is at fault. */
    errorParam: z.string().optional(),
    /** No provider was asked: the answer came from a cache, or was that of an equal call a moment before. */
    cache: z.string().optional(),
    attempts: z.array(z.object({ model: z.string(), connectionId: z.string(), outcome: z.string() })),
  }),
  /** What the client was answered. `broken`: its connection was cut in the middle of it. */
  answer: z.object({ headers: headersShape, body: bodyShape, broken: z.boolean().optional() }).optional(),
});
export type Recording = z.infer<typeof recordingShape>;
