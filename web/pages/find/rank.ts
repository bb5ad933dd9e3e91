/** Something that can be found: what it is called, what else it may be looked for by, and how near the top it belongs. */
export type Named = { title: string; words?: string | undefined };

/** Those that hold every word of the query with how well they fit, the closest first; all of them for an empty query. */
export function rank<Thing extends Named>(
  things: readonly Thing[],
  query: string,
): { thing: Thing; score: number }[] {
  const wanted = plain(query)
    .split(/\s+/)
    .filter((word) => word !== "");
  return things
    .map((thing) => ({ thing, score: scoreOf(thing, wanted) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score);
}

/** How well a thing fits: 0 for not at all; the beginning of its title counts most. */
function scoreOf({ title, words = "" }: Named, wanted: readonly string[]): number {
  if (wanted.length === 0) return 1;
  const name = plain(title);
  const all = `${name} ${plain(words)}`;
  let score = 0;
  for (const word of wanted) {
    if (!all.includes(word)) return 0;
    if (name.startsWith(word)) score += 8;
    else if (beginsAWord(name, word)) score += 4;
    else if (name.includes(word)) score += 2;
    else score += 1;
  }
  // Of two that fit equally, the shorter is likelier to be meant.
  return score + 1 / (1 + name.length);
}

function beginsAWord(text: string, word: string): boolean {
  const at = text.indexOf(word);
  return at > 0 && /[^\p{L}\p{N}]/u.test(text[at - 1]!);
}

/** Small letters without accents, so that "cotacao" finds "cotação". */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
