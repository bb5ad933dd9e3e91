import { CliError, EXIT } from "./context.ts";

const LONGEST = 4096;

/**
 * Asks for a secret on the terminal without showing what is typed; reads the first line where standard input is a
 * pipe or file. Throws `CliError` when it is given up or empty.
 */
export async function readSecret(question: string, signal?: AbortSignal): Promise<string> {
  const secret = process.stdin.isTTY ? await typed(question, signal) : await piped();
  if (signal?.aborted) return "";
  if (secret === "") throw new CliError("Nothing was given.", EXIT.wrongUse);
  return secret;
}

async function piped(): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of Bun.stdin.stream()) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n") || text.length > LONGEST) break;
  }
  return (text.split("\n")[0] ?? "").replace(/\r$/, "");
}

const INTERRUPT = "\u0003";
const END_OF_INPUT = "\u0004";
const ERASE = new Set(["\u007f", "\b"]);

function typed(question: string, signal: AbortSignal | undefined): Promise<string> {
  process.stderr.write(`${question}: `);
  process.stdin.setRawMode(true);
  return new Promise((resolve, reject) => {
    let letters: string[] = [];
    const finish = (end: () => void) => {
      process.stdin.off("data", onData);
      process.stdin.setRawMode(false);
      process.stdin.pause();
      process.stderr.write("\n");
      end();
    };
    const onData = (data: Buffer) => {
      for (const letter of data.toString("utf8")) {
        if (letter === INTERRUPT) return finish(() => reject(new CliError("Given up.", 130)));
        if (letter === "\r" || letter === "\n" || letter === END_OF_INPUT)
          return finish(() => resolve(letters.join("")));
        if (ERASE.has(letter)) letters = letters.slice(0, -1);
        else if (letter >= " " && letters.length < LONGEST) letters.push(letter);
      }
    };
    signal?.addEventListener("abort", () => finish(() => resolve("")), { once: true });
    process.stdin.on("data", onData);
    process.stdin.resume();
  });
}
