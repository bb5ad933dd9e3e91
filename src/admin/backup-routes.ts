import { z } from "zod";
import { badRequest } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { readBody } from "../http/body.ts";
import { parseInput } from "../core/parse-input.ts";
import { connectionsIn, LARGEST_IMPORT_BYTES, listBackups } from "../store/index.ts";
import { type AdminContext, isoTime, jsonObject, MANAGEMENT_LIMIT_BYTES } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { partOf, partQuery, success, time, yes } from "./shapes.ts";

/** Room for the form around the file. */
const FORM_BYTES = LARGEST_IMPORT_BYTES + 64 * 1024;

/** Copies of the configuration: put aside, taken out, brought in. */
export function backupRoutes(table: RouteTable, engine: Engine): void {
  const { manage, store } = engine;

  table.add(
    {
      method: "GET",
      path: "/api/db-backups",
      role: "reader",
      summary: "The copies of the configuration, newest first.",
      query: partQuery,
      answer: () =>
        z.object({
          backups: z.array(
            z.object({
              id: z.string(),
              filename: z.string(),
              name: z.string().nullable(),
              createdAt: time(),
              size: z.number().describe("Bytes"),
              reason: z.string(),
              connectionCount: z.number().nullable(),
            }),
          ),
        }),
    },
    (_c, { query }) => ({
      backups: partOf(listBackups(store), query).map(({ filename, path, at, size, reason, label }) => ({
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

  table.add(
    {
      method: "PUT",
      path: "/api/db-backups",
      role: "admin",
      summary: "Makes a copy now; at most one a minute.",
      body: () => z.object({ name: z.unknown().optional().describe("A name for this restore point") }),
      answer: () =>
        z.union([
          z.object({ created: yes(), filename: z.string(), size: z.number() }),
          z.object({ created: z.boolean(), message: z.string() }),
        ]),
    },
    (c, { body: { name } }) => {
      const copy = manage.copies.make(name, c.get("actor"));
      if (!copy) return { created: false, message: "A copy was made less than a minute ago." };
      return { created: true, filename: copy.filename, size: copy.size };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/db-backups",
      role: "admin",
      summary: "Restores a copy; `dryRun` only says what would come back.",
      body: () => z.object({ backupId: z.string().min(1).max(200), dryRun: z.boolean().default(false) }),
      answer: () => z.looseObject({ restored: z.boolean(), dryRun: yes().optional(), ...countsShape() }),
    },
    (c, { body: { backupId, dryRun } }) => {
      const counts = manage.copies.restore(backupId, dryRun, c.get("actor"));
      return { restored: !dryRun, ...(dryRun && { dryRun: true }), ...counts };
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/db-backups",
      role: "admin",
      summary: "Removes a copy, but not the last one.",
      query: () => z.object({ id: z.string().min(1).max(200) }),
      answer: success,
    },
    (c, { query: { id } }) => {
      manage.copies.remove(id, c.get("actor"));
      return { success: true };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/db-backups/export",
      role: "admin",
      summary: "The configuration as a database; credentials stay sealed with this installation's key.",
      answer: { media: "application/vnd.sqlite3", about: "An SQLite database, as an attachment." },
    },
    (c) => ownFile(manage.copies.export(undefined, c.get("actor")), engine),
  );

  table.add(
    {
      method: "POST",
      path: "/api/db-backups/export",
      role: "admin",
      summary: "The same with its credentials sealed under a passphrase, for another machine.",
      body: () => sealedExport,
      readsItself: true,
      answer: { media: "application/vnd.sqlite3", about: "An SQLite database, as an attachment." },
    },
    async (c) => {
      const { passphrase } = parseInput(sealedExport, await jsonOrForm(c));
      return ownFile(manage.copies.export(passphrase, c.get("actor")), engine);
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/db-backups/exportAll",
      role: "admin",
      summary: "An archive to share: everything but credentials, keys, hashes and passwords.",
      answer: { media: "application/gzip", about: "A .tar.gz, as an attachment." },
    },
    (c) =>
      attachment(
        manage.copies.exportShared(c.get("actor")),
        `omniroute-full-backup-${fileTime(engine)}.tar.gz`,
        "application/gzip",
      ),
  );

  table.add(
    {
      method: "POST",
      path: "/api/db-backups/import",
      role: "admin",
      summary: "Takes over a database or archive; all of it or nothing, after a copy was put aside.",
      form: {
        file: { about: "The database or archive, at most 100 MB.", required: true, file: true },
        mode: { about: "`replace` (default) or `merge`." },
        passphrase: { about: "The passphrase it was sealed under." },
        storageEncryptionKey: { about: "The key of the installation it comes from." },
        dryRun: { about: "`true`: only say what would come." },
      },
      answer: () =>
        z.looseObject({
          imported: z.boolean(),
          dryRun: yes().optional(),
          filename: z.string(),
          ...countsShape(),
        }),
    },
    async (c) => {
      const form = await formOf(c);
      const file = form.get("file");
      if (!(file instanceof File)) throw badRequest("Send the file as `file` of a multipart form.", "file");
      const {
        dryRun: wish,
        storageEncryptionKey,
        ...fields
      } = parseInput(
        importFields(),
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
      return {
        imported: !dryRun,
        ...(dryRun && { dryRun: true }),
        filename: plainName(file.name),
        ...counts,
      };
    },
  );
}

const countsShape = () => ({
  connectionCount: z.number(),
  nodeCount: z.number(),
  comboCount: z.number(),
  apiKeyCount: z.number(),
  keyGroupCount: z.number(),
  warnings: z.array(z.string()),
});

const sealedExport = z.object({ passphrase: z.string().min(12, "at least 12 characters").max(1000) });

/** A page without scripts downloads by a form. Its type says nothing: curl gives JSON the same one. */
async function jsonOrForm(c: AdminContext): Promise<unknown> {
  const text = new TextDecoder().decode(await readBody(c.req.raw, MANAGEMENT_LIMIT_BYTES));
  if (!text.trimStart().startsWith("{")) return Object.fromEntries(new URLSearchParams(text));
  return jsonObject(text);
}

const importFields = () =>
  z.object({
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
