import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Engine } from "../engine.ts";
import { wayOut } from "../manage/index.ts";
import type { Recording } from "../recorder/index.ts";
import { findRequest, listRequests, recordedOf } from "../store/index.ts";
import { isoTime } from "./http.ts";
import { loggedShape, receiptShape, requestDetailShape, requestShape } from "./request-shapes.ts";
import type { RouteTable } from "./route-table.ts";
import { queryText } from "./shapes.ts";

/** The request log: calls in a list, and each told from end to end. */
export function requestRoutes(table: RouteTable, engine: Engine): void {
  table.add(
    {
      method: "GET",
      path: "/api/usage/call-logs",
      role: "reader",
      summary: "The request log, the newest first; `cursor` leads on.",
      query: logQuery,
      answer: () => z.object({ logs: z.array(loggedShape()), nextCursor: z.string().nullable() }),
    },
    (_c, { query }) => {
      const { requests, nextCursor } = listRequests(engine.store, query);
      const ids = requests.map(({ id }) => id);
      const recorded = recordedOf(engine.store, ids);
      const logs = requests.map((record) => ({
        ...shownRequest(record),
        hasBodies: recorded.has(record.id),
      }));
      return { logs, nextCursor: nextCursor ?? null };
    },
  );

  for (const path of ["/api/usage/logs", "/api/usage/request-logs"]) {
    table.add(
      {
        method: "GET",
        path,
        role: "reader",
        summary: "The newest rows of the request log, as a plain list; earlier versions had it here.",
        query: () => z.object({ limit: z.coerce.number().int().min(1).max(1000).default(200) }),
        answer: () => z.array(requestShape()),
      },
      (_c, { query }) => listRequests(engine.store, query).requests.map(shownRequest),
    );
  }

  table.add(
    {
      method: "GET",
      path: "/api/usage/call-logs/:id",
      // What people said may be in it: more than a key for reading figures shows.
      role: "admin",
      summary: "One request of the log, with its attempts and, where they were recorded, its bodies.",
      answer: requestDetailShape,
    },
    (c) => detail(engine, c.req.param("id")),
  );

  table.add(
    {
      method: "GET",
      path: "/api/receipts/:id",
      role: "reader",
      summary: "A call told from end to end: how it was resolved, what was tried, what it cost.",
      answer: receiptShape,
    },
    (c) => {
      const id = c.req.param("id");
      if (engine.liveRequests().some((running) => running.id === id))
        throw new GatewayError(
          "not_found",
          "This request is still running; its receipt is there once it has ended.",
        );
      return engine.manage.receipts.find(id);
    },
  );
}

const logQuery = () =>
  z.object({
    status: z
      .union([z.enum(["ok", "error"]), z.coerce.number().int().min(100).max(599)])
      .optional()
      .describe("`ok`, `error`, or a status"),
    model: queryText(),
    provider: queryText(),
    account: queryText(),
    apiKey: queryText(),
    keyGroup: queryText(),
    combo: queryText(),
    search: queryText(),
    limit: z.coerce.number().int().min(1).max(1000).default(50),
    cursor: z
      .string()
      .regex(/^\d{1,16}$/, "must be a `nextCursor` of this list")
      .optional(),
  });

function detail(engine: Engine, id: string) {
  const record = findRequest(engine.store, id);
  if (!record) throw new GatewayError("not_found", "There is no such request in the log.");
  const recording = engine.recorder.find(id);
  return {
    ...shownRequest(record),
    hasBodies: recording !== undefined,
    bodies: recording ? bodiesOf(recording) : null,
    errorMessage: record.errorMessage ?? null,
    warnings: record.warnings ?? [],
    attempts: record.attempts.map(({ startedAt, egress, ...attempt }) => ({
      ...attempt,
      started: isoTime(startedAt),
      egress: wayOut(egress),
    })),
  };
}

/** What went over the wire on both sides, before and after translation. */
function bodiesOf({ request, answer, exchanges }: Recording) {
  return {
    client: { headers: request.headers, request: request.body, answer: answer?.body ?? null },
    providers: exchanges.map((exchange) => ({
      url: exchange.url,
      headers: exchange.headers,
      request: exchange.body,
      status: exchange.answer?.status ?? null,
      answer: exchange.answer?.body ?? null,
      fault: exchange.fault?.message ?? null,
    })),
  };
}

/** A row of the request log, under its documented names. */
export function shownRequest(record: RequestRecord) {
  const { usage } = record;
  return {
    id: record.id,
    timestamp: isoTime(record.at),
    method: "POST",
    path: record.path,
    status: record.status,
    error: record.errorCode ?? null,
    model: record.model ?? null,
    requestedModel: record.requestedModel,
    provider: record.provider ?? null,
    account: record.connectionName ?? null,
    connectionId: record.connectionId ?? null,
    duration: record.durationMs,
    ttft: record.firstContentMs ?? null,
    tokens: {
      in: usage?.input ?? null,
      out: usage?.output ?? null,
      cacheRead: usage?.cacheRead ?? null,
      cacheWrite: usage?.cacheWrite ?? null,
      reasoning: usage?.reasoning ?? null,
      estimated: usage?.estimated ?? false,
    },
    units: usage?.units ?? null,
    cost: record.cost ?? null,
    costKind: record.costKind ?? null,
    sourceFormat: record.sourceFormat,
    targetFormat: record.targetFormat ?? null,
    apiKeyId: record.keyId,
    apiKeyName: record.keyName,
    keyGroupId: record.keyGroupId ?? null,
    client: record.client ?? null,
    comboName: record.combo ?? null,
    cache: record.cache ?? null,
    stream: record.stream,
    attempts: record.attempts.length,
  };
}
