import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FormatId } from "../../src/core/reply.ts";

/** One recorded answer of the corpus, with the facts that were worked out apart from this project's code. */
export type CorpusAnswer = {
  file: string;
  format: FormatId;
  kind: "stream" | "response";
  encoding: "payload-lines" | "sse" | "json" | "json-array";
  provider: string;
  http_status: number | null;
  features: string[];
  provenance: string;
  notes: string[];
  quirk?: string;
  expected: {
    text?: string;
    refusal?: string;
    reasoning_parts?: string[];
    signatures?: { kind: string; len: number; sha256: string }[];
    tool_calls?: { id: string | null; name: string; arguments: unknown; kind?: string }[];
    server_items?: unknown[];
    finish_native?: string | null;
    finish?: string | null;
    complete?: boolean;
    usage?: {
      input_total: number | null;
      cache_read: number | null;
      cache_write: number | null;
      output_total: number | null;
      reasoning: number | null;
      total: number | null;
    } | null;
    usage_native?: unknown;
    error?: unknown;
    think_lifted?: { text: string; reasoning: string };
    id?: string;
    model?: string;
  };
};

export type Corpus = {
  directory: string;
  answers: CorpusAnswer[];
  /** The bytes of an answer as an upstream sends them. */
  wire(answer: CorpusAnswer): Buffer;
};

/** Where it lies, on machines that have it. */
export const corpusDirectory = join(import.meta.dir, "../../../shared/fixtures");

/** The recorded answers, or undefined on machines without them; says so once. */
export const corpus: Corpus | undefined = load();

function load(): Corpus | undefined {
  if (!existsSync(join(corpusDirectory, "index.json"))) {
    console.warn("The corpus of recorded answers is not here: its tests are skipped.");
    return undefined;
  }
  const index = JSON.parse(readFileSync(join(corpusDirectory, "index.json"), "utf8")) as {
    answers: CorpusAnswer[];
  };
  return { directory: corpusDirectory, answers: index.answers, wire };
}

function wire(answer: CorpusAnswer): Buffer {
  const raw = readFileSync(join(corpusDirectory, answer.file));
  if (answer.encoding !== "payload-lines") return raw;
  const named = answer.format === "anthropic" || answer.format === "openai-responses";
  const end = answer.format === "gemini" ? "\r\n\r\n" : "\n\n";
  let text = "";
  for (const line of raw.toString().split("\n")) {
    if (line.trim() === "") continue;
    const type = named ? (JSON.parse(line) as { type: string }).type : undefined;
    text += `${type === undefined ? "" : `event: ${type}\n`}data: ${line}${end}`;
  }
  return Buffer.from(answer.format === "openai-chat" ? `${text}data: [DONE]\n\n` : text);
}
