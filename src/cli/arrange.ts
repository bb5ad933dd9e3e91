/** A command line with its command first. `command` is undefined where only help or the version is wanted. */
export type Arranged = { command: string | undefined; words: string[] };

const WITH_VALUE = new Set(["--port", "--host", "--data-dir", "--env-file", "--config"]);
const FOR_ALL = new Set([...WITH_VALUE, "--no-open", "--json", "--help", "-h", "--version", "-v"]);

/**
 * Puts the command first: options may stand before it, and no command means `serve`. What comes after an option that
 * not every command knows cannot be told apart, so such a line is one for `serve` to judge.
 */
export function arrange(words: readonly string[]): Arranged {
  const before: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (!word.startsWith("-")) return { command: word, words: [word, ...before, ...words.slice(index + 1)] };
    if (!FOR_ALL.has(word.split("=")[0]!)) break;
    before.push(word);
    if (WITH_VALUE.has(word) && index + 1 < words.length) before.push(words[++index]!);
  }
  if (before.some(isForProgram)) return { command: undefined, words: [...words] };
  return { command: "serve", words: ["serve", ...words] };
}

/** Will this line start the server, as far as can be told without knowing all options? */
export function startsServer(words: readonly string[]): boolean {
  const arranged = arrange(words);
  return arranged.command === "serve" && !arranged.words.some(isForProgram);
}

const isForProgram = (word: string): boolean => /^(?:-h|--help|-v|--version)$/.test(word);
