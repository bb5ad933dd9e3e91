import { GatewayError } from "../core/errors.ts";

/**
 * Why the store cannot be opened: the directory is no good, another process holds it, a database is broken, comes from
 * a newer version or another build, or the key to its credentials is gone or wrong.
 */
export type StoreProblem =
  "unusable" | "locked" | "damaged" | "newer" | "other-build" | "key-missing" | "key-wrong";

/** Thrown by `openStore`. The message is one line that says the cause and the cure; nothing was changed. */
export class StoreError extends Error {
  constructor(
    readonly problem: StoreProblem,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "StoreError";
  }

  /** What the process should exit with: 4 the data directory is not usable, 5 the data is refused. */
  get exitCode(): 4 | 5 {
    return this.problem === "unusable" || this.problem === "locked" ? 4 : 5;
  }
}

/** Did the disk refuse (full, read-only, failing), as opposed to us asking for nonsense? */
export function isDiskProblem(error: unknown): boolean {
  const code = sqliteCode(error) ?? (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  return /^(?:SQLITE_(?:FULL|READONLY|IOERR|CANTOPEN)|ENOSPC$|EDQUOT$|EROFS$|EIO$|EACCES$|EPERM$)/.test(code);
}

/** Is the file itself broken? */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(?:CORRUPT|NOTADB)/.test(sqliteCode(error) ?? "");
}

/** Is a value taken that must stand once? */
export function isDuplicate(error: unknown): boolean {
  return /^SQLITE_CONSTRAINT_(?:UNIQUE|PRIMARYKEY)/.test(sqliteCode(error) ?? "");
}

/** SQLite's word for an error, also when Drizzle has wrapped it: `SQLITE_FULL`, `SQLITE_IOERR_FSYNC`. */
export function sqliteCode(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = (cause as { code?: unknown }).code;
    if (typeof code === "string" && code.startsWith("SQLITE_")) return code;
  }
  return undefined;
}

/** What a management call is told when the disk refuses its change. */
export function storageFull(cause: unknown): GatewayError {
  return new GatewayError(
    "storage_full",
    "The change was not saved: the disk with the data directory is full or cannot be written. Free some space and try again.",
    { cause },
  );
}
