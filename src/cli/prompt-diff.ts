import { isObject, type JsonObject } from "../lib/json.ts";
import { objects } from "./answers.ts";
import type { CliContext } from "./context.ts";
import { line, paint, shown } from "./output.ts";

/** Prints what broke the provider's cache of a prompt, byte for byte: removed lines with `-`, added ones with `+`. */
export function printPromptDiff(context: CliContext, broke: JsonObject): void {
  const { diff } = broke;
  if (!isObject(diff)) {
    line(
      context.out,
      'The words of these turns were not kept. To see the next breaks byte for byte, switch on the setting "promptDiffs" (dashboard: Settings, AI).',
    );
    return;
  }
  const hunks = objects(diff.hunks);
  line(
    context.out,
    hunks.length === 0
      ? `The words are the same; what changed is the ${shown(diff.change)}.`
      : `What changed: ${shown(diff.change)}, by the ${shown(broke.changedBy)}; from byte ${shown(diff.offset)} of ${shown(diff.bytesBefore)}.`,
  );
  for (const hunk of hunks) printHunk(context, hunk);
  if (Number(diff.hunksLeftOut) > 0) line(context.out, `… and ${shown(diff.hunksLeftOut)} more differences`);
}

function printHunk(context: CliContext, hunk: JsonObject): void {
  const { out } = context;
  line(out, paint(context, out, "bold", `${shown(hunk.element)}, byte ${shown(hunk.offset)}`));
  if (hunk.lead) line(out, paint(context, out, "dim", `  … ${shown(hunk.lead)}`));
  for (const [sign, style, side] of [
    ["-", "red", hunk.removed],
    ["+", "green", hunk.added],
  ] as const) {
    if (!isObject(side) || Number(side.bytes) === 0) continue;
    const rest = Number(side.leftOut) > 0 ? ` … ${shown(side.leftOut)} more bytes` : "";
    line(out, paint(context, out, style, `${sign} ${shown(side.text)}${rest}`));
  }
  if (hunk.tail) line(out, paint(context, out, "dim", `  ${shown(hunk.tail)} …`));
}
