import type { Context, Hono } from "hono";
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { readBody } from "../http/body.ts";
import type { JsonObject } from "../lib/json.ts";
import { parseInput } from "../core/parse-input.ts";
import { demand, type Role } from "./guard.ts";
import { type AdminEnv, jsonBody, MANAGEMENT_LIMIT_BYTES } from "./http.ts";
import { ignoredFields } from "./ignored-fields.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** An answer that is not JSON. */
export type Media = { media: string; about: string };

/** A part of a multipart form. */
export type FormPart = { about: string; required?: boolean; file?: boolean };

/**
 * What is known of a call before it comes. From this it is routed, let in, checked and described. Schemas are given
 * as functions, because making one costs more than a start should pay for all of them.
 */
export type RouteFacts<
  Path extends string = string,
  Body extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> = {
  /** PUT stands for PATCH too, and the other way round: on one path they are equal. */
  method: Method | readonly Method[];
  /** `/api/keys/:id`; a `*` at the end stands for any rest. */
  path: Path;
  role: Role;
  /** What it does, in one sentence without jargon. */
  summary: string;
  /** The JSON body. Fields it does not name are left alone and named in a header. */
  body?: () => Body;
  /** The handler reads and checks the body itself, because its failures have a shape of their own. */
  readsItself?: boolean;
  /** Largest body in bytes. Default 1 MB. */
  limitBytes?: number;
  /** The parts of a multipart form, which the handler reads itself. */
  form?: { readonly [part: string]: FormPart };
  query?: () => Query;
  /** What comes back when it goes well; the compiler holds the handler to it. */
  answer: (() => Answer) | Media;
  /** How the handler says that something is wrong, where that is not in the one shape of errors. */
  refusal?: () => z.ZodType;
  /** The status of that answer. Default 200. */
  status?: 200 | 201;
};

/** The checked input of a call. */
export type Given<Body extends z.ZodType, Query extends z.ZodType> = {
  body: z.output<Body>;
  /** The body as it came, for those who check it themselves. */
  raw: JsonObject;
  query: z.output<Query>;
};

export type Handler<
  Path extends string,
  Body extends z.ZodType,
  Query extends z.ZodType,
  Answer extends z.ZodType,
> = (
  c: Context<AdminEnv, Path>,
  given: Given<Body, Query>,
) => Told<z.input<Answer>> | Response | Promise<Told<z.input<Answer>> | Response>;

/** A value whose lists and objects nobody changes any more. */
type Told<T> = T extends readonly (infer Item)[]
  ? readonly Told<Item>[]
  : T extends object
    ? { readonly [Field in keyof T]: Told<T[Field]> }
    : T;

/**
 * The routes of the management API. This is the only way to make one: nothing is reachable that names no role, and
 * nothing that is not described.
 */
export class RouteTable {
  readonly #app: Hono<AdminEnv>;
  readonly #engine: Engine;
  readonly #routes: RouteFacts[] = [];

  constructor(app: Hono<AdminEnv>, engine: Engine) {
    this.#app = app;
    this.#engine = engine;
  }

  /** Adds a route. Of two that fit a call, the one added first answers. */
  add<
    const Path extends string,
    Body extends z.ZodType = z.ZodType<JsonObject>,
    Query extends z.ZodType = z.ZodType<{ [name: string]: string }>,
    Answer extends z.ZodType = z.ZodType<never>,
  >(
    facts: RouteFacts<Path, Body, Query, Answer>,
    handler: Handler<Path, NoInfer<Body>, NoInfer<Query>, NoInfer<Answer>>,
  ): void {
    this.#routes.push(facts as unknown as RouteFacts);
    const body = once(facts.body);
    const query = once(facts.query);
    this.#app.on([...methodsOf(facts)], facts.path, demand(this.#engine, facts.role), async (c) => {
      const isLeft = facts.form !== undefined || facts.readsItself === true;
      const schema = isLeft ? undefined : body?.();
      const raw = schema ? await jsonBody(c, facts.limitBytes) : {};
      if (!schema && !isLeft && c.req.raw.body) await readBody(c.req.raw, MANAGEMENT_LIMIT_BYTES);
      const asked = filledIn(c.req.query());
      const given = {
        raw,
        body: (schema ? parseInput(schema, raw) : raw) as z.output<Body>,
        query: (query ? parseInput(query(), asked) : asked) as z.output<Query>,
      };
      const told = await handler(c as Context<AdminEnv, Path>, given);
      const answer = told instanceof Response ? told : Response.json(told, { status: facts.status ?? 200 });
      const ignored = schema && ignoredFields(schema, raw);
      if (ignored !== undefined) answer.headers.set("X-OmniRoute-Ignored-Fields", ignored);
      return answer;
    });
  }

  /** All routes, in the order in which they are tried. */
  list(): readonly RouteFacts[] {
    return this.#routes;
  }
}

/** The methods a route answers. */
export function methodsOf({ method }: Pick<RouteFacts, "method">): ReadonlySet<Method> {
  const named = new Set(typeof method === "string" ? [method] : method);
  if (named.has("PUT") || named.has("PATCH")) named.add("PUT").add("PATCH");
  return named;
}

/** Fields of a form that were left empty count as not there. */
const filledIn = (query: { [name: string]: string }) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));

function once<T>(make: (() => T) | undefined): (() => T) | undefined {
  if (!make) return undefined;
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
