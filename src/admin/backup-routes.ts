import type { Hono } from "hono";
import { z } from "zod";
import { badRequest } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { readBody } from "../http/body.ts";
import { parseInput } from "../manage/index.ts";
import { connectionsIn, LARGEST_IMPORT_BYTES, listBackups } from "../store/index.ts";
import { type AdminContext, type AdminEnv, isoTime, jsonBody } from "./http.ts";

/** Room for the form around the file. */
const FORM_BYTES = LARGEST_IMPORT_BYTES + 64 * 1024;

/** Copies of the configuration: put aside, taken out, brought in. */
export function backupRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { manage, store } = engine;

  app.get("/api/db-backups", (c) =>
    c.json({
      backups: listBackups(store).map(({ filename, path, at, size, reason, label }) => ({
        id: filename,
        filename,
        name: label ?? null,
        createdAt: isoTime(at),
        size,
        reason,
        connectionCount: connectionsIn(path) ?? null,
      })),
    }),
  );

  app.put("/api/db-backups", async (c) => {
    const { name } = await jsonBody(c);
    const copy = manage.copies.make(name, c.get("actor"));
    if (!copy) return c.json({ created: false, message: "A copy was made less than a minute ago." });
    return c.json({ created: true, filename: copy.filename, size: copy.size });
  });

  app.post("/api/db-backups", async (c) => {
    const { backupId, dryRun } = parseInput(
      z.object({ backupId: z.string().min(1).max(200), dryRun: z.boolean().default(false) }),
      await jsonBody(c),
    );
    const counts = manage.copies.restore(backupId, dryRun, c.get("actor"));
    return c.json({ restored: !dryRun, ...(dryRun && { dryRun: true }), ...counts });
  });

  app.delete("/api/db-backups", (c) => {
    manage.copies.remove(c.req.query("id") ?? "", c.get("actor"));
    return c.json({ success: true });
  });

  app.get("/api/db-backups/export", (c) => ownFile(manage.copies.export(undefined, c.get("actor")), engine));
  app.post("/api/db-backups/export", async (c) => {
    // A page without scripts downloads by a form.
    const isForm = /^application\/x-www-form-urlencoded\b/i.test(c.req.header("content-type") ?? "");
    const body = isForm ? await c.req.parseBody() : await jsonBody(c);
    const { passphrase } = parseInput(z.object({ passphrase: newPassphrase }), body);
    return ownFile(manage.copies.export(passphrase, c.get("actor")), engine);
  });

  app.get("/api/db-backups/exportAll", (c) =>
    attachment(
      manage.copies.exportShared(c.get("actor")),
      `omniroute-full-backup-${fileTime(engine)}.tar.gz`,
      "application/gzip",
    ),
  );

  app.post("/api/db-backups/import", async (c) => {
    const form = await formOf(c);
    const file = form.get("file");
    if (!(file instanceof File)) throw badRequest("Send the file as `file` of a multipart form.", "file");
    const {
      dryRun: wish,
      storageEncryptionKey,
      ...fields
    } = parseInput(
      importFields,
      Object.fromEntries([...form].filter(([, value]) => typeof value === "string" && value !== "")),
    );
    const dryRun = wish === "true";
    const counts = manage.copies.import(
      { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) },
      {
        mode: fields.mode,
        dryRun,
        ...(fields.passphrase !== undefined && { passphrase: fields.passphrase }),
        ...(storageEncryptionKey !== undefined && { storageKey: storageEncryptionKey }),
      },
      c.get("actor"),
    );
    return c.json({
      imported: !dryRun,
      ...(dryRun && { dryRun: true }),
      filename: plainName(file.name),
      ...counts,
    });
  });
}

const newPassphrase = z.string().min(12, "at least 12 characters").max(1000);
const importFields = z.object({
  mode: z.enum(["replace", "merge"]).default("replace"),
  passphrase: z.string().min(1).max(1000).optional(),
  storageEncryptionKey: z.string().min(1).max(1000).optional(),
  dryRun: z.enum(["true", "false"]).default("false"),
});

const ownFile = (bytes: Uint8Array, engine: Engine) =>
  attachment(bytes, `omniroute-backup-${fileTime(engine)}.sqlite`, "application/vnd.sqlite3");

async function formOf(c: AdminContext): Promise<FormData> {
  const type = c.req.header("content-type") ?? "";
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw badRequest("Send the file as `file` of a multipart form.", "file");
  }
  const bytes = await readBody(c.req.raw, FORM_BYTES);
  try {
    return await new Response(Buffer.from(bytes), { headers: { "content-type": type } }).formData();
  } catch {
    throw badRequest("The multipart form is broken.", "file");
  }
}

function attachment(bytes: Uint8Array, filename: string, type: string): Response {
  return new Response(Buffer.from(bytes), {
    headers: {
      "content-type": type,
      "content-disposition": `attachment; filename="${filename}"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}

const fileTime = (engine: Engine) => new Date(engine.clock.now()).toISOString().replace(/[:.]/g, "-");

/** An upload's name is only ever shown. */
const plainName = (name: string): string => name.replace(/[^\w.-]/g, "_").slice(-100) || "file";
