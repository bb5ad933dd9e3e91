import { Hono } from "hono";
import type { Engine } from "../src/engine.ts";
import type { Bindings } from "../src/http/bindings.ts";

/** The dashboard. */
export function createWeb(_engine: Engine): Hono<{ Bindings: Bindings }> {
  return new Hono<{ Bindings: Bindings }>();
}
