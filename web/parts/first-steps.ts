import type { Engine } from "../../src/engine.ts";
import type { Visit } from "../visit.ts";
import { hasClient } from "./client-requests.ts";
import type { MessageKey } from "../i18n/index.ts";
import { readValue, saveValue } from "../../src/store/index.ts";

/** What a new installation still needs, in the order of the wizard. */
export type FirstStep = { id: "provider" | "key" | "client"; title: MessageKey; href: string; done: boolean };

const PLACE = ["dashboard", "first-steps"] as const;

/** The steps after the password, done or not; undefined once the owner has put them away. */
export function firstSteps({ engine, now }: Pick<Visit, "engine" | "now">): FirstStep[] | undefined {
  if (readValue(engine.store, ...PLACE) === "done") return undefined;
  return [
    {
      id: "provider",
      title: "setup.provider.title",
      href: "/setup/provider",
      done: engine.router.connections.length > 0,
    },
    {
      id: "key",
      title: "setup.key.title",
      href: "/setup/key",
      done: engine.access.listKeys().some(({ revokedAt }) => revokedAt === undefined),
    },
    {
      id: "client",
      title: "setup.client.title",
      href: "/setup/client",
      done: hasClient(engine, now),
    },
  ];
}

/** Takes the list of first steps off the home page. */
export function putFirstStepsAway(engine: Engine): void {
  saveValue(engine.store, ...PLACE, "done");
}
