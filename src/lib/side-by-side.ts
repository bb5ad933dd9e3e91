/**
 * Does the work for all items, at most `parallel` at a time, and gives the results in the items' order. What has not
 * begun when `signal` aborts, and what comes to undefined, is left out. Rejects as soon as one piece of work does.
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  parallel: number,
  signal: AbortSignal,
  work: (item: Item) => Promise<Result | undefined>,
): Promise<Result[]> {
  const results: (Result | undefined)[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length && !signal.aborted) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
  return results.filter((result) => result !== undefined);
}
