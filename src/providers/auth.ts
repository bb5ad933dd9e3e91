import type { AuthScheme } from "../core/provider.ts";

/** `Authorization: Bearer KEY`, as most services take it. */
export const bearer: AuthScheme = { type: "key", header: "authorization", prefix: "Bearer " };
