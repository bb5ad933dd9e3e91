/** A piece of work small enough for a script to do, and real enough to need tools and several turns. */
export type Task = {
  /** What the file must hold in the end. */
  line: string;
  /** Absolute path of the file. */
  path: string;
  /** What must be said when it is done. */
  done: string;
};

/** The task as a person would type it. Free of quotes, since some clients quote what they are given. */
export const promptOf = ({ line, path, done }: Task): string =>
  `Please write the line ${line} into the file ${path}, read it back, and then say ${done} as your answer`;

const PROMPT = /write the line (\S+) into the file (\S+), read it back, and then say (\S+) as your answer/g;

/** The last task named in a text; undefined where there is none. */
export function taskIn(text: string): Task | undefined {
  const found = [...text.matchAll(PROMPT)].at(-1);
  if (!found) return undefined;
  const [, line = "", path = "", done = ""] = found;
  return { line, path, done };
}
