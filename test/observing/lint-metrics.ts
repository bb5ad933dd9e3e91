/** What `promtool check metrics` and the exposition format ask of a scrape: gives every fault it finds. */
export function lintMetrics(text: string): string[] {
  const faults: string[] = [];
  if (!text.endsWith("\n")) faults.push("the last line has no end");
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>();
  let current: string | undefined;
  for (const line of text.split("\n").filter(Boolean)) {
    const [, word, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (word === "HELP") {
      if (families.has(name)) faults.push(`${name}: told twice`);
      families.set(name, { type: "", help: rest, samples: [] });
      current = name;
    } else if (word === "TYPE") {
      const family = families.get(name);
      if (!family || name !== current) faults.push(`${name}: TYPE without HELP before it`);
      else family.type = rest;
    } else {
      const sample = readSample(line);
      const family = families.get(current ?? "");
      if (!sample || !family) faults.push(`not understood: ${line}`);
      else if (!belongs(sample.name, current!, family.type))
        faults.push(`${sample.name} stands under ${current}`);
      else family.samples.push(sample);
    }
  }
  for (const [name, family] of families) faults.push(...lintFamily(name, family));
  return faults;
}

type Sample = { name: string; labels: Map<string, string>; value: number };

const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/y;

export function readSample(line: string): Sample | undefined {
  const [whole, name = ""] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)/.exec(line) ?? [];
  if (whole === undefined) return undefined;
  const labels = new Map<string, string>();
  let at = name.length;
  if (line[at] === "{") {
    at++;
    while (line[at] !== "}") {
      LABEL.lastIndex = at;
      const found = LABEL.exec(line);
      if (!found || labels.has(found[1]!)) return undefined;
      labels.set(found[1]!, found[2]!);
      at = LABEL.lastIndex;
      if (line[at] === ",") at++;
      else if (line[at] !== "}") return undefined;
    }
    at++;
  }
  const [, number] = /^ (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/.exec(line.slice(at)) ?? [];
  return number === undefined ? undefined : { name, labels, value: Number(number) };
}

const belongs = (sample: string, family: string, type: string): boolean =>
  type === "histogram"
    ? ["_bucket", "_sum", "_count"].some((ending) => sample === family + ending)
    : sample === family;

const UNITS_OF_OTHER_SIZE =
  /_(?:ms|milliseconds|minutes|hours|days|kilobytes|megabytes|kb|mb|percent)(?:_|$)/;

function lintFamily(
  name: string,
  { type, help, samples }: { type: string; help: string; samples: Sample[] },
): string[] {
  const faults: string[] = [];
  const fault = (what: string) => faults.push(`${name}: ${what}`);
  if (!/^[a-z][a-z0-9_]*$/.test(name)) fault("not in snake case");
  if (help.trim() === "") fault("no help text");
  if (!["counter", "gauge", "histogram"].includes(type)) fault(`type "${type}"`);
  if (type === "counter" && !name.endsWith("_total")) fault("a counter should end in _total");
  if (type !== "counter" && /_(?:total|count|sum|bucket)$/.test(name)) fault("only counters end so");
  if (UNITS_OF_OTHER_SIZE.test(name)) fault("should use base units");
  if (/_(?:counter|gauge|histogram)(?:_|$)/.test(name)) fault("names its type");
  if (samples.length === 0) fault("no samples");
  const seen = new Set<string>();
  for (const { name: sample, labels, value } of samples) {
    const series = `${sample}{${[...labels].map((pair) => pair.join("=")).join(",")}}`;
    if (seen.has(series)) fault(`${series} stands twice`);
    seen.add(series);
    if (type !== "gauge" && !(value >= 0)) fault(`${series} is ${value}`);
    if (type !== "histogram" && (labels.has("le") || labels.has("quantile")))
      fault("a label kept for histograms");
  }
  if (type === "histogram") faults.push(...lintBuckets(name, samples));
  return faults;
}

function lintBuckets(name: string, samples: readonly Sample[]): string[] {
  const keyOf = ({ labels }: Sample) => JSON.stringify([...labels].filter(([label]) => label !== "le"));
  return [...Map.groupBy(samples, keyOf)].flatMap(([key, of]) => {
    const buckets = of.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number(labels.get("le")?.replace("+Inf", "Infinity")));
    const counts = buckets.map(({ value }) => value);
    const count = of.find((sample) => sample.name === `${name}_count`)?.value;
    const rises = (values: readonly number[]) =>
      values.every((value, index) => index === 0 || value >= values[index - 1]!);
    return [
      ...(rises(bounds) && bounds.at(-1) === Infinity ? [] : [`${name}${key}: bounds do not rise to +Inf`]),
      ...(rises(counts) && counts.at(-1) === count ? [] : [`${name}${key}: counts do not rise to the count`]),
      ...(of.some((sample) => sample.name === `${name}_sum`) ? [] : [`${name}${key}: no sum`]),
    ];
  });
}
