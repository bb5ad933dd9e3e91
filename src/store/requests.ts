import { and, desc, eq, gte, isNotNull, isNull, lt, ne, or, sql, type SQL } from "drizzle-orm";
import type { RequestRecord } from "../core/record.ts";
import { firstSeq, fromRow } from "./request-rows.ts";
import { requests } from "./log-schema.ts";
import type { Store } from "./store.ts";

/** Which requests to list. Texts match whole values unless told otherwise. */
export type RequestQuery = {
  /** `ok`, `error` (not counting calls the client broke off), or a status code. */
  status?: "ok" | "error" | number;
  /** The name asked for, the `prefix/id` that answered, or that without its prefix. */
  model?: string;
  provider?: string;
  /** Id or name of a connection. */
  account?: string;
  /** Id or name of a client key. */
  apiKey?: string;
  /** Id of the group the key was in. */
  keyGroup?: string;
  combo?: string;
  /** The id, or a part of the path, a model's name or the error message; letter case does not matter. */
  search?: string;
  /** Milliseconds since 1970; `from` is in, `to` is out. */
  from?: number;
  to?: number;
  /** Default 50, at most 1000. */
  limit?: number;
  /** `nextCursor` of the page before. */
  cursor?: string;
};

/**
 * Rows one question looks through: as many as are kept, so that it is answered whole. Before the log has been trimmed
 * it may hold many more; then the answer goes on from where it stopped looking.
 */
const MOST_LOOKED_AT = 100_000;

/**
 * Requests, newest first, and where the next page begins when there is one: a page may then be short, or empty.
 */
export function listRequests(
  store: Store,
  query: RequestQuery = {},
): { requests: RequestRecord[]; nextCursor?: string } {
  store.requestLog.flush();
  const limit = Math.min(Math.max(query.limit ?? 50, 1), 1000);
  const within = and(...rangeOf(query));
  const wanted = and(...conditionsOf(query));
  const bound = wanted && seqAfter(store, within, MOST_LOOKED_AT);
  const rows = store.logs
    .select()
    .from(requests)
    .where(and(within, bound === undefined ? undefined : gte(requests.seq, bound), wanted))
    .orderBy(desc(requests.seq))
    .limit(limit + 1)
    .all();
  const page = rows.slice(0, limit);
  const next = rows.length > limit ? page.at(-1)!.seq : bound;
  return { requests: page.map(fromRow), ...(next !== undefined && { nextCursor: String(next) }) };
}

/** The number of the row after which so many newer ones lie; undefined when there are not so many. */
function seqAfter(store: Store, within: SQL | undefined, count: number): number | undefined {
  return store.logs
    .select({ seq: requests.seq })
    .from(requests)
    .where(within)
    .orderBy(desc(requests.seq))
    .limit(1)
    .offset(count - 1)
    .get()?.seq;
}

/** The newest request of that id (clients may use one of their own twice). */
export function findRequest(store: Store, id: string): RequestRecord | undefined {
  store.requestLog.flush();
  const row = store.logs.select().from(requests).where(eq(requests.id, id)).orderBy(desc(requests.seq)).get();
  return row && fromRow(row);
}

/** A LIKE pattern for "contains", with what the user typed taken literally (escape character: backslash). */
export function containing(text: string): SQL {
  return sql`${`%${text.replace(/[\\%_]/g, "\\$&")}%`} ESCAPE '\\'`;
}

function conditionsOf(query: RequestQuery): (SQL | undefined)[] {
  const { account, apiKey, keyGroup, combo, model, provider, search, status } = query;
  return [
    status === undefined ? undefined : statusCondition(status),
    model ? modelCondition(model) : undefined,
    provider ? eq(requests.provider, provider) : undefined,
    account ? or(eq(requests.connectionId, account), eq(requests.connectionName, account)) : undefined,
    apiKey ? or(eq(requests.keyId, apiKey), eq(requests.keyName, apiKey)) : undefined,
    keyGroup ? eq(requests.keyGroupId, keyGroup) : undefined,
    combo ? eq(requests.combo, combo) : undefined,
    search ? searchCondition(search) : undefined,
  ];
}

function rangeOf({ cursor, from, to }: RequestQuery): (SQL | undefined)[] {
  const before = Number(cursor ?? Number.NaN);
  return [
    from === undefined ? undefined : gte(requests.seq, firstSeq(from)),
    to === undefined ? undefined : lt(requests.seq, firstSeq(to)),
    Number.isSafeInteger(before) ? lt(requests.seq, before) : undefined,
  ];
}

function statusCondition(status: "ok" | "error" | number): SQL | undefined {
  if (status === "ok") return and(lt(requests.status, 400), isNull(requests.errorCode));
  if (status === "error") {
    return and(ne(requests.status, 499), or(gte(requests.status, 400), isNotNull(requests.errorCode)));
  }
  return eq(requests.status, status);
}

function modelCondition(model: string): SQL | undefined {
  const ending = sql`substr(${requests.model}, ${-model.length - 1}) = ${`/${model}`}`;
  return or(eq(requests.model, model), eq(requests.requestedModel, model), ending);
}

function searchCondition(search: string): SQL | undefined {
  const text = containing(search);
  return or(
    eq(requests.id, search),
    sql`${requests.path} LIKE ${text}`,
    sql`${requests.model} LIKE ${text}`,
    sql`${requests.requestedModel} LIKE ${text}`,
    sql`${requests.errorMessage} LIKE ${text}`,
  );
}
