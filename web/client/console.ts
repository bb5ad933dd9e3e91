import { fillIn } from "./template.ts";

const MOST_LINES = 1000;
/** So near to its end the list is taken to be read at its end. */
const NEAR_PX = 24;

type Line = {
  timestamp: string;
  level: string;
  component: string;
  message: string;
  fields?: { [name: string]: unknown };
};

/** Lines of the log arrive while they are written; the view follows them unless somebody has scrolled back. */
export function start(root: HTMLElement): void {
  const follow = root.querySelector<HTMLInputElement>("[data-follow]")!;
  const list = () => root.querySelector<HTMLElement>("[data-lines]")!;
  const toEnd = () => {
    if (follow.checked) list().scrollTop = list().scrollHeight;
  };
  let source: EventSource | undefined;

  const connect = () => {
    source?.close();
    source = undefined;
    if (document.hidden) return;
    source = new EventSource(`/api/events?${root.dataset["query"] ?? "only=log"}`);
    source.addEventListener("log", (event) => {
      add(root, list(), JSON.parse((event as MessageEvent<string>).data) as Line);
      toEnd();
    });
  };

  list().addEventListener("scroll", () => {
    const { scrollHeight, scrollTop, clientHeight } = list();
    follow.checked = scrollHeight - scrollTop - clientHeight < NEAR_PX;
  });
  follow.addEventListener("change", toEnd);
  // Other filters bring other lines from the server, and ask for others from then on.
  new MutationObserver(() => {
    connect();
    toEnd();
  }).observe(root, { attributeFilter: ["data-query"] });
  document.addEventListener("visibilitychange", connect);
  connect();
  toEnd();
}

function add(
  root: HTMLElement,
  list: HTMLElement,
  { timestamp, level, component, message, fields = {} }: Line,
) {
  const time = new Date(timestamp);
  const line = fillIn(root, "line", {
    time: time.toLocaleTimeString(document.documentElement.lang),
    level,
    component,
    message,
    fields: Object.entries(fields)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(" "),
  });
  line.dataset["level"] = level;
  line.querySelector("time")?.setAttribute("datetime", timestamp);
  root.querySelector("[data-empty]")?.remove();
  list.append(line);
  while (list.childElementCount > MOST_LINES) list.firstElementChild?.remove();
}
