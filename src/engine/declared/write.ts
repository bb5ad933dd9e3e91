import type { Access } from "../../access/index.ts";
import { type ComboConfig, comboConfig } from "../../core/combo.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../core/settings.ts";
import { isObject } from "../../lib/json.ts";
import type { Manage } from "../../manage/index.ts";
import { listConnections, listNodes, type Store } from "../../store/index.ts";
import type { FileFormat } from "./locate.ts";

/** The running state as a file that declares it. Secrets become references to variables, which are listed on top. */
export function writeDeclaration(
  deps: { store: Store; manage: Manage; access: Pick<Access, "groups" | "listKeys">; settings(): Settings },
  format: FileFormat,
): string {
  const variables: string[] = [];
  const variable = (...words: string[]) => {
    const name = words
      .join("_")
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, "_")
      .replace(/^(\d)/, "_$1");
    const free = variables.includes(name) ? `${name}_${variables.length}` : name;
    variables.push(free);
    return REFERENCE + free;
  };
  const all = listConnections(deps.store);
  const prefixes = new Map(listNodes(deps.store).map(({ id, prefix }) => [id, prefix]));
  const groups = deps.access.groups.list();
  const groupNames = new Map(groups.map(({ id, name }) => [id, name]));
  const content = {
    settings: changedSettings(deps.settings(), { ...DEFAULT_SETTINGS, ...deps.store.defaults }),
    aliases: Object.fromEntries(
      Object.values(deps.manage.aliases.list())
        .flat()
        .map(({ pattern, target }) => [pattern, target]),
    ),
    nodes: listNodes(deps.store).map(({ id: _id, createdAt: _made, updatedAt: _changed, ...node }) => node),
    connections: all
      .filter(({ authType }) => authType !== "oauth")
      .map(({ provider, name, authType, priority, isActive, ...rest }) =>
        given({
          provider: prefixes.get(provider) ?? provider,
          name,
          apiKey:
            authType === "apikey" ? variable(prefixes.get(provider) ?? provider, name, "key") : undefined,
          priority: priority === 1 ? undefined : priority,
          globalPriority: rest.globalPriority,
          defaultModel: rest.defaultModel,
          baseUrl: rest.baseUrl,
          group: rest.group,
          healthCheckInterval: rest.healthCheckInterval,
          isActive: isActive ? undefined : false,
        }),
      ),
    combos: deps.manage.combos.list().map(({ name, models, strategy, config, isActive }) =>
      given({
        name,
        strategy,
        models: models.map((entry) => (Object.keys(entry).length === 1 ? entry.model : entry)),
        config: declarable(config),
        isActive: isActive ? undefined : false,
      }),
    ),
    keyGroups: groups.map(({ id: _id, createdAt: _made, updatedAt: _changed, isActive, ...group }) =>
      given({ ...group, isActive: isActive ? undefined : false }),
    ),
    keys: deps.access
      .listKeys()
      .filter(({ revokedAt }) => revokedAt === undefined)
      .map(
        ({
          id: _id,
          hash: _hash,
          masked: _masked,
          former: _former,
          createdAt: _made,
          lastUsedAt: _used,
          groupId,
          ...key
        }) =>
          given({
            ...key,
            group: groupId === undefined ? undefined : groupNames.get(groupId),
            expiresAt: key.expiresAt === undefined ? undefined : new Date(key.expiresAt).toISOString(),
            noLog: key.noLog ? true : undefined,
            key: variable("client", key.name),
          }),
      ),
  };
  const signedIn = all.filter(({ authType }) => authType === "oauth").length;
  const head = [
    "# What this OmniRoute is set up to do. Secrets stand in the environment:",
    ...(variables.length > 0 ? variables.map((name) => `#   ${name}`) : ["#   (none)"]),
    ...(signedIn > 0 ? [`# ${signedIn} signed-in accounts are left out: they cannot be declared.`] : []),
    "",
    "",
  ].join("\n");
  const filled = Object.fromEntries(
    Object.entries(content).filter(([, part]) => Object.keys(part).length > 0),
  );
  const plain = spelled(filled) as typeof filled;
  return head + (format === "toml" ? toToml(plain) : `${Bun.YAML.stringify(plain, null, 2)}\n`);
}

/** Marks a reference, until all other texts have been kept from looking like one. */
const REFERENCE = "\u0000";

function spelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spelled);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, spelled(each)]));
  if (typeof value !== "string") return value;
  return value.startsWith(REFERENCE) ? `\${${value.slice(1)}}` : value.replaceAll("${", () => "$${");
}

/** Options of earlier programs stay with a combo that was taken over, and mean nothing in a file. */
function declarable(config: ComboConfig): ComboConfig | undefined {
  const known = comboConfig.parse(config);
  return Object.keys(known).length > 0 ? known : undefined;
}

function changedSettings(settings: Settings, defaults: Settings): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) =>
        name !== "requireLogin" && JSON.stringify(value) !== JSON.stringify(defaults[name as keyof Settings]),
    ),
  );
}

const given = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

/** Tables first level, their insides inline: TOML's strings, numbers and lists are those of JSON. */
function toToml(content: { [name: string]: object }): string {
  const block = (header: string, fields: object) =>
    [header, ...Object.entries(fields).map(([name, value]) => `${keyOf(name)} = ${valueOf(value)}`), ""].join(
      "\n",
    );
  return Object.entries(content)
    .map(([name, part]) =>
      Array.isArray(part)
        ? part.map((row: object) => block(`[[${name}]]`, row)).join("\n")
        : block(`[${name}]`, part),
    )
    .join("\n");
}

const keyOf = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));

function valueOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueOf).join(", ")}]`;
  if (isObject(value))
    return `{ ${Object.entries(value)
      .map(([name, each]) => `${keyOf(name)} = ${valueOf(each)}`)
      .join(", ")} }`;
  return JSON.stringify(value);
}
