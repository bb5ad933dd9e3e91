import type { ProviderEntry } from "./catalogue.ts";

/** The id of the model that stands for a provider where nobody said which; undefined when it has none that could. */
export function mainModelOf({ provider, models }: ProviderEntry): string | undefined {
  const fit = [...models.values()].filter(
    ({ type = "chat", status, tools }) =>
      type === "chat" && status?.state !== "shut-down" && status?.state !== "not-offered" && tools !== false,
  );
  const main = fit.find(({ id }) => id === provider.mainModel) ?? fit[0];
  return main?.id;
}
