import { z } from "zod";
import { time } from "./shapes.ts";

const count = () => z.number().nullable();

/** A row of the request log. Durations in milliseconds, cost in USD. */
export const requestShape = () =>
  z.object({
    id: z.string(),
    timestamp: time(),
    method: z.string(),
    path: z.string(),
    status: z.number(),
    error: z.string().nullable(),
    model: z.string().nullable(),
    requestedModel: z.string(),
    provider: z.string().nullable(),
    account: z.string().nullable(),
    connectionId: z.string().nullable(),
    duration: z.number(),
    ttft: z.number().nullable(),
    tokens: z.object({
      in: count(),
      out: count(),
      cacheRead: count(),
      cacheWrite: count(),
      reasoning: count(),
      estimated: z.boolean(),
    }),
    units: z.looseObject({}).nullable(),
    cost: z.number().nullable(),
    costKind: z.enum(["billed", "shadow", "free"]).nullable(),
    sourceFormat: z.string(),
    targetFormat: z.string().nullable(),
    apiKeyId: z.string(),
    apiKeyName: z.string(),
    keyGroupId: z.string().nullable(),
    client: z.string().nullable(),
    comboName: z.string().nullable(),
    cache: z.enum(["hit", "semantic", "replay"]).nullable(),
    stream: z.boolean(),
    attempts: z.number().describe("How many targets were asked"),
  });

const attemptShape = () =>
  z.looseObject({
    position: z.number(),
    provider: z.string(),
    model: z.string(),
    connectionId: z.string(),
    started: time(),
    durationMs: z.number(),
    outcome: z.string(),
    egress: egressShape(),
  });

/** Which way out an attempt took. */
const egressShape = () =>
  z.discriminatedUnion("way", [
    z.object({ way: z.literal("direct") }),
    z.object({
      way: z.literal("proxy"),
      proxy: z.string().describe("Without user and password"),
      level: z.string().describe("The level of the settings that says so"),
      exit_address: z
        .string()
        .nullable()
        .describe("Where calls through it were last seen to come from; null: unknown"),
      exit_seen: time(),
    }),
  ]);

/** The same in a list. `hasBodies`: what it sent and got was recorded. */
export const loggedShape = () => requestShape().extend({ hasBodies: z.boolean() });

const headersShape = () => z.record(z.string(), z.string());
const bodyShape = () =>
  z.object({ encoding: z.enum(["utf8", "base64"]), data: z.string(), whole: z.boolean() });
const bodiesShape = () =>
  z.object({
    client: z.object({ headers: headersShape(), request: bodyShape(), answer: bodyShape().nullable() }),
    providers: z.array(
      z.object({
        url: z.string(),
        headers: headersShape(),
        request: bodyShape(),
        status: count(),
        answer: bodyShape().nullable(),
        fault: z.string().nullable(),
      }),
    ),
  });

/** A request with its attempts and, where they were recorded, its bodies. */
export const requestDetailShape = () =>
  loggedShape().extend({
    bodies: bodiesShape().nullable(),
    errorMessage: z.string().nullable(),
    warnings: z.array(z.string()),
    attempts: z.array(attemptShape()),
  });

const namedShape = () => z.object({ id: z.string(), name: z.string() });

/** A call told from end to end. */
export const receiptShape = () =>
  z.looseObject({
    object: z.literal("omniroute.receipt"),
    request_id: z.string(),
    time: z.string(),
    path: z.string(),
    api_key: namedShape(),
    key_group: namedShape().nullable().describe("The group the key was in"),
    requested: z.string(),
    resolved: z.array(z.object({ step: z.string(), from: z.string(), to: z.string() })),
    strategy: z.string().nullable(),
    combo: z.string().nullable(),
    status: z.number(),
    attempts: z.array(
      z.looseObject({
        position: z.number(),
        model: z.string(),
        code: z.string(),
        egress: egressShape(),
      }),
    ),
    excluded: z.array(z.looseObject({ model: z.string(), reason: z.string() })),
    cost: z.number().nullable(),
    duration_ms: z.number(),
  });
