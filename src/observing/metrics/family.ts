/** Labels of one series, in the order the family names them. */
export type LabelValues = readonly (string | number)[];

/** Series of one family; what comes beyond is counted under `other`, so that names from outside fill no memory. */
const MOST_SERIES = 400;
const OTHER = "other";

/** A family of the Prometheus text format: a name, what it means, and its series. */
abstract class Family<Series> {
  /** By the labels' bare values: every call looks some up, and they are spelled out only when somebody reads them. */
  readonly #series = new Map<string, { values: LabelValues; series: Series }>();

  constructor(
    readonly name: string,
    readonly help: string,
    readonly labels: readonly string[],
  ) {}

  protected abstract readonly type: "counter" | "gauge" | "histogram";
  protected abstract make(): Series;
  protected abstract write(labels: string, series: Series): string[];

  /** The whole family as text lines; nothing while it has no series. */
  lines(): string[] {
    if (this.#series.size === 0) return [];
    return [
      `# HELP ${this.name} ${this.help}`,
      `# TYPE ${this.name} ${this.type}`,
      ...[...this.#series.values()].flatMap(({ values, series }) => this.write(this.#spell(values), series)),
    ];
  }

  protected find(values: LabelValues): Series {
    const known = this.#series.get(values.join("\u0000"));
    if (known) return known.series;
    return this.#keep(this.#series.size < MOST_SERIES ? values : this.labels.map(() => OTHER));
  }

  #keep(values: LabelValues): Series {
    const key = values.join("\u0000");
    const series = this.#series.get(key)?.series ?? this.make();
    this.#series.set(key, { values, series });
    return series;
  }

  #spell(values: LabelValues): string {
    return this.labels.map((label, index) => `${label}="${escaped(String(values[index] ?? ""))}"`).join(",");
  }
}

type Value = { value: number };

/** What only grows, until the process ends. */
export class Counter extends Family<Value> {
  protected readonly type = "counter";

  add(values: LabelValues, amount = 1): void {
    if (amount > 0) this.find(values).value += amount;
  }

  protected make(): Value {
    return { value: 0 };
  }

  protected write(labels: string, { value }: Value): string[] {
    return [line(this.name, labels, value)];
  }
}

/** What somebody else keeps and is read at one moment: a gauge, or a count. */
export class Reading extends Family<Value> {
  constructor(
    name: string,
    help: string,
    labels: readonly string[],
    protected readonly type: "gauge" | "counter" = "gauge",
  ) {
    super(name, help, labels);
  }

  /** Takes over what was read. */
  show(series: Iterable<readonly [LabelValues, number]>): this {
    for (const [values, value] of series) this.find(values).value = value;
    return this;
  }

  protected make(): Value {
    return { value: 0 };
  }

  protected write(labels: string, { value }: Value): string[] {
    return [line(this.name, labels, value)];
  }
}

type Buckets = { counts: number[]; sum: number; count: number };

/** How often values stayed under each of a list of bounds. */
export class Distribution extends Family<Buckets> {
  protected readonly type = "histogram";

  constructor(
    name: string,
    help: string,
    labels: readonly string[],
    readonly bounds: readonly number[],
  ) {
    super(name, help, labels);
  }

  observe(values: LabelValues, value: number): void {
    const series = this.find(values);
    const index = this.bounds.findIndex((bound) => value <= bound);
    if (index >= 0) series.counts[index]!++;
    series.sum += value;
    series.count++;
  }

  protected make(): Buckets {
    return { counts: this.bounds.map(() => 0), sum: 0, count: 0 };
  }

  protected write(labels: string, { counts, sum, count }: Buckets): string[] {
    const before = labels === "" ? "" : `${labels},`;
    let below = 0;
    const buckets = this.bounds.map((bound, index) => {
      below += counts[index]!;
      return line(`${this.name}_bucket`, `${before}le="${bound}"`, below);
    });
    return [
      ...buckets,
      line(`${this.name}_bucket`, `${before}le="+Inf"`, count),
      line(`${this.name}_sum`, labels, sum),
      line(`${this.name}_count`, labels, count),
    ];
  }
}

const line = (name: string, labels: string, value: number): string =>
  `${name}${labels === "" ? "" : `{${labels}}`} ${value}`;

/** https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information */
const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
