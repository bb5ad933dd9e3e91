/** A pattern (`*`, `?`) and the model or combo it stands for. */
export type Alias = { pattern: string; target: string; createdAt: number };
