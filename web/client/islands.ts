/** What moves on a page of its own, and is loaded with it alone: `data-island` names it. */
const ISLANDS: { readonly [name: string]: () => Promise<{ start(root: HTMLElement): void }> } = {
  console: () => import("./console.ts"),
  playground: () => import("./playground.ts"),
  translator: () => import("./translator.ts"),
};

export function startIslands(): void {
  for (const root of document.querySelectorAll<HTMLElement>("[data-island]"))
    void ISLANDS[root.dataset["island"] ?? ""]?.().then(({ start }) => start(root));
}
