import type { Connection } from "../../src/core/connection.ts";
import type { RequestRecord } from "../../src/core/record.ts";
import { newId } from "../../src/lib/ids.ts";

/** A whole connection; `changes` go over it. */
export function connection(changes: Partial<Connection> = {}): Connection {
  return {
    id: newId(),
    provider: "groq",
    authType: "apikey",
    name: "work",
    priority: 1,
    isActive: true,
    credentials: { apiKey: "gsk_planted_canary" },
    createdAt: 1000,
    updatedAt: 1000,
    ...changes,
  };
}

/** An everyday record: one attempt that went well. Ids are fixed unless named. */
export function record(changes: Partial<RequestRecord> = {}): RequestRecord {
  const at = changes.at ?? Date.UTC(2026, 10, 21, 9, 30);
  const base: RequestRecord = {
    id: "req_0198c0ffee0070008000000000000001",
    at,
    path: "/v1/chat/completions",
    keyId: "6f1f6f0a-5a2b-4b7e-9f0e-0d0c0b0a0908",
    keyName: "laptop",
    requestedModel: "groq/llama-3.3-70b-versatile",
    model: "groq/llama-3.3-70b-versatile",
    provider: "groq",
    connectionId: "0e6f2c52-0d8c-4b63-8f6e-1f2e3d4c5b6a",
    connectionName: "work",
    sourceFormat: "openai-chat",
    targetFormat: "openai-chat",
    stream: true,
    status: 200,
    usage: { input: 1200, output: 340, cacheRead: 800, reasoning: 40 },
    cost: 0.00123,
    costKind: "billed",
    durationMs: 2300,
    firstContentMs: 410,
    attempts: [],
    ...changes,
  };
  if (changes.attempts) return base;
  const attempt = {
    position: 0,
    provider: base.provider ?? "",
    model: base.model ?? "",
    connectionId: base.connectionId ?? "",
    connectionName: base.connectionName ?? "",
    startedAt: at + 3,
    firstContentMs: 405,
    durationMs: 2295,
    status: 200,
    outcome: "ok" as const,
  };
  return { ...base, attempts: [attempt] };
}
