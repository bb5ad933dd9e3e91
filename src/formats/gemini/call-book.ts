import { makeCallId } from "./wire.ts";

type OpenCall = { id: string; name: string; turn: number };

/**
 * Remembers the calls of a history, so that results find theirs: by id, else by name, first in first out. Calls of
 * the latest turn come before calls that an interruption left without a result.
 */
export class CallBook {
  #open: OpenCall[] = [];
  #turn = 0;
  #calls = 0;
  #orphans = 0;

  /** The model speaks again. */
  nextTurn(): void {
    this.#turn++;
  }

  /** Enters a call and gives its id: the wire's own, or one made of its place and content. */
  enter(name: string, input: string, id: string | undefined): string {
    const position = this.#calls++;
    const known = id ?? makeCallId("history", position, name, input);
    this.#open.push({ id: known, name, turn: this.#turn });
    return known;
  }

  /** The call a result answers, taken off the book; a result that answers none keeps an id of its own. */
  settle(name: string | undefined, id: string | undefined): { id: string; name: string | undefined } {
    const call = this.#find(name, id);
    if (!call) return { id: id ?? makeCallId("orphan", this.#orphans++, name ?? ""), name };
    this.#open = this.#open.filter((open) => open !== call);
    return { id: call.id, name: call.name };
  }

  #find(name: string | undefined, id: string | undefined): OpenCall | undefined {
    const byId = id === undefined ? undefined : this.#open.find((call) => call.id === id);
    if (byId) return byId;
    const named = this.#open.filter((call) => call.name === name);
    return named.find((call) => call.turn === this.#turn) ?? named[0];
  }
}
