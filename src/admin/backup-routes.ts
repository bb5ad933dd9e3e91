import type { Hono } from "hono";
import { gunzipSync } from "node:zlib";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { readBody } from "../http/body.ts";
import { newId } from "../lib/ids.ts";
import { readTar } from "../lib/tar.ts";
import { parseInput } from "../manage/index.ts";
import {
  addAudit,
  connectionsIn,
  exportAll,
  exportDatabase,
  importDatabase,
  type ImportOptions,
  importRefusal,
  LARGEST_IMPORT_BYTES,
  listBackups,
  makeBackup,
  removeBackup,
} from "../store/index.ts";
import { type AdminContext, type AdminEnv, isoTime, jsonBody } from "./http.ts";

const BETWEEN_BACKUPS_MS = 60_000;
/** Room for the form around the file. */
const FORM_BYTES = LARGEST_IMPORT_BYTES + 64 * 1024;

/** Copies of the configuration: put aside, taken out, brought in. */
export function backupRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { store } = engine;
  const note = (
    c: AdminContext,
    action: string,
    target: string,
    details: object,
    result: "ok" | "failed" = "ok",
  ) =>
    addAudit(store, {
      action,
      actor: c.get("actor").name,
      ip: c.env.peer,
      target,
      result,
      details: { ...details },
    });

  app.get("/api/db-backups", (c) =>
    c.json({
      backups: listBackups(store).map(({ filename, path, at, size, reason }) => ({
        id: filename,
        filename,
        createdAt: isoTime(at),
        size,
        reason,
        connectionCount: connectionsIn(path) ?? null,
      })),
    }),
  );

  app.put("/api/db-backups", (c) => {
    const newest = listBackups(store)[0];
    if (newest && newest.reason === "manual" && engine.clock.now() - newest.at < BETWEEN_BACKUPS_MS) {
      return c.json({ created: false, message: "A copy was made less than a minute ago." });
    }
    const { filename, size } = makeBackup(store, "manual");
    note(c, "backup.create", filename, { size });
    return c.json({ created: true, filename, size });
  });

  app.post("/api/db-backups", async (c) => {
    const input = parseInput(
      z.object({ backupId: z.string().min(1).max(200), dryRun: z.boolean().default(false) }),
      await jsonBody(c),
    );
    const file = listBackups(store).find(({ filename }) => filename === input.backupId);
    if (!file) throw new GatewayError("not_found", "There is no such copy.");
    const counts = taken(
      c,
      file.filename,
      { mode: "replace", reason: "restore", dryRun: input.dryRun },
      (draft) => copyFileSync(file.path, draft),
    );
    return c.json({ restored: !input.dryRun, ...(input.dryRun && { dryRun: true }), ...counts });
  });

  app.delete("/api/db-backups", (c) => {
    const id = c.req.query("id") ?? "";
    if (!removeBackup(store, id)) throw new GatewayError("not_found", "There is no such copy.");
    note(c, "backup.delete", id, {});
    return c.json({ success: true });
  });

  app.get("/api/db-backups/export", (c) => {
    note(c, "export", "database", {});
    return attachment(
      exportDatabase(store),
      `omniroute-backup-${fileTime(engine)}.sqlite`,
      "application/vnd.sqlite3",
    );
  });

  app.get("/api/db-backups/exportAll", (c) => {
    note(c, "export", "all", {});
    return attachment(
      exportAll(store),
      `omniroute-full-backup-${fileTime(engine)}.tar.gz`,
      "application/gzip",
    );
  });

  app.post("/api/db-backups/import", async (c) => {
    const form = await formOf(c);
    const file = form.get("file");
    if (!(file instanceof File)) throw badRequest("Send the file as `file` of a multipart form.", "file");
    const fields = parseInput(
      z.object({
        mode: z.enum(["replace", "merge"]).default("replace"),
        storageEncryptionKey: z.string().min(1).max(1000).optional(),
        dryRun: z.enum(["true", "false"]).default("false"),
      }),
      Object.fromEntries([...form].filter(([, value]) => typeof value === "string")),
    );
    const bytes = new Uint8Array(await file.arrayBuffer());
    const dryRun = fields.dryRun === "true";
    const options: ImportOptions = {
      mode: fields.mode,
      reason: "import",
      dryRun,
      ...(fields.storageEncryptionKey !== undefined && { storageKey: fields.storageEncryptionKey }),
    };
    const filename = plainName(file.name);
    const counts = taken(c, filename, options, (draft) =>
      writeFileSync(draft, databaseIn(bytes), { mode: 0o600 }),
    );
    return c.json({ imported: !dryRun, ...(dryRun && { dryRun: true }), filename, ...counts });
  });

  /** Brings in a file that `place` writes to a private place. */
  function taken(c: AdminContext, name: string, options: ImportOptions, place: (draft: string) => void) {
    const draft = join(store.dataDir, `import-${newId()}.tmp`);
    const action = options.reason === "restore" ? "restore" : "import";
    try {
      place(draft);
      const counts = importDatabase(store, draft, options);
      if (!options.dryRun) note(c, action, name, { ...counts });
      return counts;
    } catch (error) {
      if (error instanceof GatewayError) note(c, action, name, { refused: error.message }, "failed");
      throw error;
    } finally {
      for (const ending of ["", "-journal", "-wal", "-shm"]) rmSync(draft + ending, { force: true });
    }
  }
}

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

/** The database of a file that is one, or holds one as our archives do. */
function databaseIn(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const archive = gunzipSync(bytes, { maxOutputLength: LARGEST_IMPORT_BYTES + 1024 * 1024 });
    const database = readTar(archive).find(({ name }) => name === "storage.sqlite");
    if (!database) throw new Error("there is no storage.sqlite in it");
    return database.bytes;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw importRefusal(
      "archive",
      code.startsWith("ERR_") || code.startsWith("Z_")
        ? "it cannot be unpacked within 100 MB."
        : `${(error as Error).message}.`,
    );
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
