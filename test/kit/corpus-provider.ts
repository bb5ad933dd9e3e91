import type { Server } from "bun";
import type { Corpus, CorpusAnswer } from "./corpus.ts";

/** A provider on the loopback that speaks all four formats and answers with what was recorded. */
export type CorpusProvider = {
  /** Base URL for answers of a format, up to and with the version. */
  url(format: CorpusAnswer["format"]): string;
  stop(): Promise<void>;
};

const VERSIONS: Readonly<Record<CorpusAnswer["format"], string>> = {
  "openai-chat": "v1",
  "openai-responses": "v1",
  anthropic: "v1",
  gemini: "v1beta",
};

/**
 * Answers the model `fx-N` with the corpus's answer N, whatever was asked; `fx-N-cut` writes it in pieces of seven
 * bytes. Everything that names no model is a list of models, so that connections pass their tests.
 */
export function startCorpusProvider(corpus: Corpus): CorpusProvider {
  const server: Server<undefined> = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      const asked = `${await request.text()} ${new URL(request.url).pathname}`;
      const found = /fx-(\d+)(-cut)?/.exec(asked);
      const answer = found && corpus.answers[Number(found[1])];
      if (!answer) return Response.json({ object: "list", data: [], models: [] });
      const bytes = corpus.wire(answer);
      return new Response((found[2] ? inPieces(bytes, 7) : bytes) as BodyInit, {
        status: answer.http_status ?? 200,
        headers: { "content-type": isEventStream(answer) ? "text/event-stream" : "application/json" },
      });
    },
  });
  return {
    url: (format) => `http://127.0.0.1:${server.port}/${format}/${VERSIONS[format]}`,
    stop: () => server.stop(true),
  };
}

const isEventStream = (answer: CorpusAnswer): boolean =>
  answer.kind === "stream" && answer.encoding !== "json-array";

function inPieces(bytes: Buffer, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, (at += size)));
    },
  });
}
