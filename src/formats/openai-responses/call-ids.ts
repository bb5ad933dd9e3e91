/** Keeps the ids of calls apart: one that comes again gets a number. */
export class CallIds {
  readonly #taken = new Set<string>();

  distinct(id: string): string {
    let fresh = id;
    for (let count = 2; this.#taken.has(fresh); count++) fresh = `${id}_${count}`;
    this.#taken.add(fresh);
    return fresh;
  }
}
