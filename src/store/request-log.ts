import type { Database } from "bun:sqlite";
import type { RequestRecord } from "../core/record.ts";
import type { Clock } from "../lib/clock.ts";
import type { LogDatabase } from "./database.ts";
import { latencyAdder } from "./latency-rows.ts";
import { requestAdder } from "./request-rows.ts";
import { usageAdder } from "./usage-rows.ts";
import { WriteQueue } from "./write-queue.ts";

/** Takes the record of each call once it is over; the log and the sums are written together, behind its back. */
export type RequestLog = WriteQueue<RequestRecord>;

export function createRequestLog(database: Database, logs: LogDatabase, clock: Clock): RequestLog {
  const addRequests = requestAdder(database, logs);
  const addUsage = usageAdder(database);
  const addLatencies = latencyAdder(database);
  return new WriteQueue(database, clock, (records) => {
    addRequests(records);
    addUsage(records);
    addLatencies(records);
  });
}
