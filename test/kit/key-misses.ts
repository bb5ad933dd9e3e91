const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Guesses that differ from `key` in one letter, the last one first; at most as many as the key has other letters. */
export function nearMisses(key: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const at = key.length - 1 - (index % 30);
    const letter = LETTERS[(LETTERS.indexOf(key[at]!) + 1 + Math.floor(index / 30)) % LETTERS.length];
    return key.slice(0, at) + letter + key.slice(at + 1);
  });
}

/** Guesses of the same length that share nothing with `key` but its form. */
export function farMisses(key: string, count: number): string[] {
  const prefix = /^(sk-\w+-)?/.exec(key)![0];
  return Array.from(
    { length: count },
    (_, index) =>
      prefix +
      Array.from(
        key.slice(prefix.length),
        (letter, at) => LETTERS[(LETTERS.indexOf(letter) + 7 + index * 3 + at) % LETTERS.length],
      ).join(""),
  ).filter((guess) => guess !== key);
}
