import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import type { Format } from "../../src/core/format.ts";
import { FORMAT_IDS, type FormatId } from "../../src/core/reply.ts";
import { NO_QUIRKS, type Quirks } from "../../src/core/quirks.ts";
import { parseJson } from "../../src/lib/json.ts";
import { corpusDirectory } from "../kit/corpus.ts";
import { loadFormat } from "../kit/answers.ts";

/** A client's request, and checks on what of it must reach a provider that speaks `target`. */
type RequestCase = {
  id: string;
  source: FormatId;
  target: FormatId;
  why: string;
  body: { [field: string]: unknown };
  target_model: string | null;
};

const cases = join(corpusDirectory, "request-cases.json");

/** What a typical provider of each format takes beyond its letter. */
const QUIRKS: { [F in FormatId]: Quirks } = {
  "openai-chat": NO_QUIRKS,
  "openai-responses": NO_QUIRKS,
  anthropic: NO_QUIRKS,
  gemini: NO_QUIRKS,
};

if (existsSync(cases)) await runCases();
else console.warn("The request cases of the corpus are not here: their tests are skipped.");

async function runCases(): Promise<void> {
  const checker = (await import(join(corpusDirectory, "request-check.mjs"))) as {
    check(one: RequestCase, rawBody: string): string[];
  };
  const formats = new Map<FormatId, Format | undefined>();
  for (const id of FORMAT_IDS) formats.set(id, await loadFormat(id));
  const all = (parseJson(readFileSync(cases, "utf8")) as { cases: RequestCase[] }).cases;
  describe("a client's request reaches a provider of another format", () => {
    for (const one of all) {
      const source = formats.get(one.source);
      const target = formats.get(one.target);
      if (source && target)
        test(`${one.id}: ${one.why}`, () =>
          expect(checker.check(one, translated(one, source, target))).toEqual([]));
    }
  });
}

function translated(one: RequestCase, source: Format, target: Format): string {
  const model = one.target_model ?? "test-model";
  const request = source.decodeRequest(
    one.body,
    one.source === "gemini" ? { model: "m", stream: false } : {},
  );
  const encoded = target.encodeRequest(
    { ...request, model },
    { id: model, maker: `test/${model}` },
    QUIRKS[one.target],
  );
  return JSON.stringify(encoded.body);
}
