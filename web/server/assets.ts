import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assetRoot } from "../../src/lib/asset-root.ts";

/** A line of the manifest that the build writes; see `build-web.ts`. */
type Built = { file: string; type: string; immutable: boolean; encodings: ("br" | "gzip")[] };

const YEAR = "public, max-age=31536000, immutable";
const ENDINGS = { br: ".br", gzip: ".gz" } as const;

/** The built files of the dashboard, held in memory: together they are smaller than one picture. */
export class Assets {
  readonly #byFile = new Map<string, Built & { tag: string; bodies: Map<string, Uint8Array<ArrayBuffer>> }>();
  readonly #urls = new Map<string, string>();
  /** Why there are none. */
  readonly fault: string | undefined;

  constructor(root = assetRoot()) {
    try {
      this.#load(root);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      this.fault = `The dashboard's files are missing from ${root}: run \`bun run build:web\`.`;
    }
  }

  /** The address of a file by its plain name; it changes whenever the content does. */
  url(name: string): string {
    return this.#urls.get(name) ?? `/assets/${name}`;
  }

  /** The content of a text file by its plain name; undefined when there is none. */
  text(name: string): string | undefined {
    const body = this.#byFile.get(this.url(name).slice("/assets/".length))?.bodies.get("");
    return body && new TextDecoder().decode(body);
  }

  /** Answers a request for a file below `/assets/`; undefined when there is none. */
  respond(file: string, headers: Headers): Response | undefined {
    const asset = this.#byFile.get(file);
    if (!asset) return undefined;
    const encoding = asset.encodings.find((coding) => accepts(headers, coding));
    const tag = encoding ? asset.tag.replace(/"$/, `-${encoding}"`) : asset.tag;
    const answer = {
      "content-type": asset.type,
      "cache-control": asset.immutable ? YEAR : "public, max-age=3600",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      etag: tag,
      vary: "accept-encoding",
    };
    if (headers.get("if-none-match") === tag) return new Response(null, { status: 304, headers: answer });
    return new Response(asset.bodies.get(encoding ?? "")!, {
      headers: { ...answer, ...(encoding && { "content-encoding": encoding }) },
    });
  }

  #load(root: string): void {
    const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as {
      [name: string]: Built;
    };
    for (const [name, built] of Object.entries(manifest)) {
      const body = new Uint8Array(readFileSync(join(root, built.file)));
      const bodies = new Map([["", body]]);
      for (const coding of built.encodings)
        bodies.set(coding, new Uint8Array(readFileSync(join(root, built.file + ENDINGS[coding]))));
      const tag = `"${new Bun.CryptoHasher("sha256").update(body).digest("hex").slice(0, 16)}"`;
      this.#byFile.set(built.file, { ...built, tag, bodies });
      this.#urls.set(name, `/assets/${built.file}`);
    }
  }
}

function accepts(headers: Headers, coding: string): boolean {
  const offers = (headers.get("accept-encoding") ?? "")
    .split(",")
    .map((offer) => offer.trim().split(/\s*;\s*/));
  return offers.some(([name, quality]) => name === coding && !/^q=0(?:\.0*)?$/.test(quality ?? ""));
}
