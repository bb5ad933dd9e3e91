/** Numbers, money, sizes and times in the habits of one language. */
export type Show = ReturnType<typeof createShow>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What is not known is shown as this. */
const UNKNOWN = "–";

/** Makes the writers of one language and time zone (an IANA name; undefined: the machine's own). */
export function createShow(language: string, zone?: string) {
  const number = new Intl.NumberFormat(language);
  const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const at = zone === undefined ? {} : { timeZone: zone };
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium", ...at });
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium", ...at });
  const time = new Intl.DateTimeFormat(language, { timeStyle: "medium", ...at });
  const hour = new Intl.DateTimeFormat(language, { timeStyle: "short", ...at });
  const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", timeZone: "UTC" });
  const wholeDay = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  const change = new Intl.NumberFormat(language, {
    style: "percent",
    maximumFractionDigits: 0,
    signDisplay: "exceptZero",
  });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const unit = (name: string, digits = 0) =>
    new Intl.NumberFormat(language, {
      style: "unit",
      unit: name,
      unitDisplay: "narrow",
      maximumFractionDigits: digits,
      minimumFractionDigits: digits,
    });
  const milliseconds = unit("millisecond");
  const seconds = unit("second", 1);
  const wholeSeconds = unit("second");
  const minutes = unit("minute");
  const hours = unit("hour");
  const days = unit("day");

  /** A minute or more in its two largest units; the smaller one is zero where it comes out even. */
  const longer = (ms: number): { main: string; rest: string; isEven: boolean } => {
    const inUnits = (large: number, small: number, one: Intl.NumberFormat, other: Intl.NumberFormat) => {
      const rest = Math.floor((ms % large) / small);
      return { main: one.format(Math.floor(ms / large)), rest: other.format(rest), isEven: rest === 0 };
    };
    if (ms < HOUR) return inUnits(MINUTE, 1000, minutes, wholeSeconds);
    return ms < DAY ? inUnits(HOUR, MINUTE, hours, minutes) : inUnits(DAY, HOUR, days, hours);
  };

  return {
    language,
    number: (value: number | undefined) => (value === undefined ? UNKNOWN : number.format(value)),
    /** 12,345 → 12.3K */
    compact: (value: number | undefined) =>
      value === undefined ? UNKNOWN : Math.abs(value) < 1000 ? number.format(value) : compact.format(value),
    percent: (share: number) => percent.format(share),
    /** +12 %, of a share that something grew or shrank by. */
    change: (share: number) => change.format(share),

    /** US dollars: cents for whole amounts, as many digits as it takes for small ones. */
    money(value: number | undefined): string {
      if (value === undefined) return UNKNOWN;
      const size = Math.abs(value);
      const digits = size === 0 || size >= 1 ? 2 : size >= 0.01 ? 3 : 5;
      return new Intl.NumberFormat(language, {
        style: "currency",
        currency: "USD",
        currencyDisplay: "narrowSymbol",
        minimumFractionDigits: 2,
        maximumFractionDigits: digits,
      }).format(value);
    },

    bytes(value: number): string {
      const names = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
      const step = value < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log(value) / Math.log(1024)));
      const amount = value / 1024 ** step;
      return new Intl.NumberFormat(language, {
        style: "unit",
        unit: names[step]!,
        // "826 byte" is what the short form makes of 826 bytes.
        unitDisplay: step === 0 ? "long" : "short",
        maximumFractionDigits: amount < 10 && step > 0 ? 1 : 0,
      }).format(amount);
    },

    /** 340ms · 2.4s · 3m 12s · 5h 2m · 15m */
    duration(ms: number | undefined): string {
      if (ms === undefined) return UNKNOWN;
      if (ms < 1000) return milliseconds.format(Math.round(ms));
      if (ms < MINUTE) return seconds.format(ms / 1000);
      const { main, rest, isEven } = longer(ms);
      return isEven ? main : `${main} ${rest}`;
    },

    /** Time that is left, in whole seconds as a script counts it down, always in as many parts. */
    remaining: (ms: number) => {
      const whole = Math.ceil(Math.max(0, ms) / 1000) * 1000;
      if (whole < MINUTE) return wholeSeconds.format(whole / 1000);
      const { main, rest } = longer(whole);
      return `${main} ${rest}`;
    },

    dateTime: (when: number) => dateTime.format(when),
    date: (when: number) => date.format(when),
    time: (when: number) => time.format(when),
    hour: (when: number) => hour.format(when),
    /** A day of UTC, as usage is counted: short, and with its year. */
    day: (when: number) => day.format(when),
    wholeDay: (when: number) => wholeDay.format(when),

    /** "5 min. ago", "in 2 hr." */
    relative(when: number, now: number): string {
      const distance = when - now;
      const size = Math.abs(distance);
      if (size < MINUTE) return relative.format(Math.round(distance / 1000), "second");
      if (size < HOUR) return relative.format(Math.round(distance / MINUTE), "minute");
      if (size < DAY) return relative.format(Math.round(distance / HOUR), "hour");
      if (size < 30 * DAY) return relative.format(Math.round(distance / DAY), "day");
      return date.format(when);
    },
  };
}

/** Does this machine know the time zone? */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
