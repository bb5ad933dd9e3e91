import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assetRoot } from "../lib/asset-root.ts";
import { CliError, EXIT, type CliContext } from "./context.ts";

/** Prints the notices that the build has put beside the dashboard's files. Throws where there was no build. */
export function showLicences(context: CliContext): number {
  const path = join(assetRoot(), "third-party.txt");
  if (!existsSync(path))
    throw new CliError(
      "The licences have not been gathered yet.",
      EXIT.failed,
      "Run `bun run build:web` first.",
    );
  context.out.write(readFileSync(path, "utf8"));
  return EXIT.fine;
}
