import { z } from "zod";
import type { Engine } from "../engine.ts";
import type { Imported } from "../manage/index.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { success } from "./shapes.ts";
import { foundShape, importedShape, offerShape, tokenHealthShape } from "./sign-in-shapes.ts";
import { shownStatus } from "./status.ts";

/** What can be signed in to, what was found on this machine, and how the tokens are. */
export function signInStateRoutes(table: RouteTable, engine: Engine): void {
  const { signIn } = engine.manage;

  table.add(
    {
      method: "GET",
      path: "/api/oauth/providers",
      role: "reader",
      summary: "The vendors one can sign in to, their rules, and what has to be set before.",
      answer: () => z.object({ providers: z.array(offerShape()) }),
    },
    () => ({
      providers: signIn.offers().map(({ status, missing, ...offer }) => ({
        ...offer,
        ...shownStatus(status),
        missing: missing ?? null,
      })),
    }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/token-health",
      role: "reader",
      summary: "How many signed-in accounts are well, and how many wait for a person.",
      answer: tokenHealthShape,
    },
    () => {
      const health = signIn.health();
      return { ...health, lastCheckAt: isoTime(health.lastCheckAt) };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/oauth/connections/:id/take-over",
      role: "admin",
      summary: "Lets this installation renew the tokens of an account that another one held.",
      answer: success,
    },
    async (c) => {
      await signIn.takeOver(c.req.param("id"), c.get("actor"));
      return { success: true };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/oauth/import",
      role: "admin",
      summary: "Sign-ins that other programs keep on this machine. Nothing secret is told.",
      answer: () => z.object({ files: z.array(foundShape()) }),
    },
    () => ({
      files: signIn
        .imports()
        .map(({ expiresAt, ...offer }) => ({ ...offer, expiresAt: isoTime(expiresAt ?? undefined) })),
    }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/oauth/import",
      role: "admin",
      summary: "Takes over a sign-in that another program keeps on this machine.",
      body: () => z.object({ id: z.string().max(100), acceptTerms: z.boolean().default(false) }),
      answer: importedShape,
    },
    async (c, { body }) => shownImport(await signIn.importFile(body, c.get("actor"))),
  );

  table.add(
    {
      method: "GET",
      path: "/api/oauth/kiro/auto-import",
      role: "admin",
      summary: "Whether a sign-in of Kiro lies on this machine.",
      answer: () => z.object({ found: z.boolean(), source: z.string().nullable() }),
    },
    () => {
      const found = signIn.imports().find(({ id }) => id === "kiro");
      return { found: found !== undefined, source: found?.path ?? null };
    },
  );
}

/** What came of a take-over. */
export const shownImport = ({ connection, warnings }: Imported) => ({
  success: true,
  connection,
  warnings,
});
