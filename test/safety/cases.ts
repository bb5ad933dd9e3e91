/** Where a case is shown: the file under `test`, and words that stand in the title of its test. */
export type Shown = readonly [file: string, words: string];

const named = (file: string, ...ids: readonly string[]) =>
  Object.fromEntries(ids.map((id) => [id, [[file, id]] as readonly Shown[]]));

const WIRE = "safety/wire.test.ts";
const BODIES = "safety/bodies.test.ts";
const PEOPLE = "safety/people.test.ts";
const PAGES = "safety/pages.test.ts";
const DOORS = "safety/doors.test.ts";
const TRAPS = "http/traps.test.ts";
const BACKUPS = "admin/backups.test.ts";
const FAILING = "safety/failing-providers.test.ts";
const STREAMS = "safety/streams.test.ts";
const PINNING = "net/pinning.test.ts";
const PLACES = "net/proxy-places.test.ts";
const CACHE = "caching/answer-cache.test.ts";
const AGAIN = "gateway/idempotency.test.ts";
const BINARY = "binary/binary.test.ts";
const CRASH = "binary/crash.test.ts";
const OPEN = "store/open-store.test.ts";
const OVERLOAD = "gateway/overload.test.ts";

/** What must hold on the wire, at the doors, towards providers, in files and at the start, and which test shows it. */
export const CASES: { readonly [id: string]: readonly Shown[] } = {
  // N, R, H: the wire
  ...named(WIRE, "N-01", "N-17", "N-18", "N-19", "R-01", "R-02", "R-03", "R-04", "R-05"),
  ...named("safety/behind-proxies.test.ts", "N-20"),
  "R-06": [[OVERLOAD, "holds back its own provider instead of filling memory"]],
  ...named(WIRE, "H-01", "H-03", "H-04", "H-05", "H-06"),
  "H-02": [[TRAPS, "two Host lines are refused"]],
  ...named("http/ip-filter.test.ts", "H-07"),
  // L, J: size and shape
  ...named(BODIES, "L-01", "L-02", "L-03", "L-04", "L-05", "L-06", "L-07", "L-08"),
  "L-09": [[OVERLOAD, "503 with Retry-After at once"]],
  "L-10": [["routing/limits.test.ts", "concurrentRequests"]],
  ...named(BODIES, "J-01", "J-02", "J-03", "J-04"),
  ...named("safety/fuzz.test.ts", "J-05"),
  // A, B: who may do what
  ...named(DOORS, "A-01", "A-02", "A-03"),
  "A-04": [["admin/roles.test.ts", "reaches its own routes and no others"]],
  ...named(PEOPLE, "A-05", "A-06", "A-07", "A-08", "A-09", "A-10", "A-11", "A-12", "A-13"),
  // No test may go by a clock: this one counts the steps, and `bench/near-misses.ts` measures.
  ...named("access/near-misses.test.ts", "A-14"),
  ...named(PEOPLE, "A-15", "A-16", "A-18", "A-19", "A-20", "A-21", "A-22"),
  "A-17": [
    ["access/sessions.test.ts", "a hundred guesses at once get five tries"],
    [TRAPS, "many wrong passwords at once neither pass nor starve others"],
  ],
  ...named(PAGES, "B-01", "B-03", "B-07", "B-08", "B-09", "B-10"),
  ...named(DOORS, "B-02", "B-04"),
  ...named("http/cors.test.ts", "B-05", "B-06"),
  "B-11": [["admin/sign-in.test.ts", "has the browser sent elsewhere"]],
  // F: files, imports, exports
  ...named(PAGES, "F-01", "F-02", "F-14", "F-15"),
  ...named(BACKUPS, "F-05", "F-06", "F-07", "F-08", "F-09", "F-10", "F-11", "F-12", "F-16", "F-17", "F-18"),
  ...named("binary/secrets.test.ts", "F-13"),
  "F-19": [["sync/sync.test.ts", "altered, replayed and foreign bundles are refused"]],
  // S: outbound
  "S-01": [
    [TRAPS, "is refused as a base URL"],
    ["net/base-url.test.ts", "forbidden addresses are refused in every spelling"],
  ],
  "S-02": [[PINNING, "is dialled where it was checked"]],
  ...named(PAGES, "S-03", "S-06", "S-07"),
  "S-04": [
    ["net/outbound.test.ts", "is not followed and the key not sent on"],
    [TRAPS, "redirects are not followed and take no key along"],
  ],
  ...named("net/proxies.test.ts", "S-05"),
  "S-08": [
    [PINNING, "is dialled where it was checked, under its own name, and resolved once"],
    [PLACES, "S-08"],
  ],
  "S-09": [
    ["net/address-rules.test.ts", "an address may be dialled or not"],
    [PINNING, "at our own port would be a loop"],
    [PLACES, "S-09"],
  ],
  "S-10": [
    [PINNING, "that nobody vouches for is told as such, and nothing is sent"],
    [PINNING, "for another name is refused"],
  ],
  // U, T, O, G: providers, streams, load, tokens
  ...named(FAILING, "U-01", "U-02", "U-03", "U-04", "U-05", "U-06", "U-08", "U-09", "U-10", "U-11"),
  ...named(FAILING, "U-12", "U-13", "U-14", "U-15", "U-18"),
  ...named("routing/health.test.ts", "U-07", "U-16", "U-17"),
  ...named(STREAMS, "T-01", "T-02", "T-03", "T-04", "T-05", "T-06", "T-07", "T-08", "T-09", "T-10"),
  ...named(STREAMS, "T-11", "T-12", "T-13"),
  "T-14": [["relay/memory.test.ts", "5,000 streams that were read to their end"]],
  ...named("gateway/held-up-loop.test.ts", "O-01"),
  ...named(OVERLOAD, "O-02", "O-03"),
  ...named("routing/attempts.test.ts", "O-04"),
  ...named("accounts/refresh.test.ts", "G-01", "G-03", "G-04"),
  ...named("accounts/crash.test.ts", "G-02", "G-05"),
  // C, X: shared state, evidence
  "C-01": [[CACHE, "with another API key, and without one"]],
  "C-02": [[CACHE, "with the header that wants no cache"]],
  "C-03": [[CACHE, "temperature"]],
  "C-04": [[CACHE, "an error"]],
  "C-05": [
    [CACHE, "not where a number differs, nor anything before the question"],
    [CACHE, "is asked anew"],
  ],
  "C-06": [[AGAIN, "three at once are one call"]],
  "C-07": [
    [AGAIN, "with the Idempotency-Key of another body: 422"],
    [AGAIN, "with another API key, or at another endpoint"],
  ],
  "C-08": [
    [AGAIN, "a key that is too long: 400"],
    [AGAIN, "what is remembered can be seen and cleared, and ends"],
  ],
  "C-09": [[TRAPS, "a hostile model name and pattern are compared without going back"]],
  "C-10": [["evals/checks.test.ts", "(a+)+$"]],
  "C-11": [["evals/checks.test.ts", "hostile expressions"]],
  ...named("admin/key-rules.test.ts", "C-12", "C-13", "C-14"),
  ...named(BACKUPS, "X-01"),
  "X-02": [
    ["lib/log.test.ts", "a JSON line is one object"],
    ["store/families.test.ts", "keeps names from outside on one line and short"],
  ],
  "X-03": [["observing/log-file.test.ts", "a full file is put aside, and the fifth goes"]],
  // K: start, crash, stop
  "K-01": [
    [BINARY, "greets in at most ten lines, with the set-up link"],
    ["access/setup.test.ts", "is open until a password is chosen with the token"],
  ],
  "K-02": [["config.test.ts", "no secret stands in the listing of settings"]],
  "K-03": [
    ["access/setup.test.ts", "CHANGEME"],
    ["access/keys.test.ts", "is not used, and that is said"],
  ],
  "K-04": [
    [BINARY, "keeps its files to itself"],
    [OPEN, "closed to other users"],
  ],
  "K-05": [[OPEN, "holds no secret in plain text"]],
  ...named(CRASH, "K-06", "K-07", "K-08", "K-22"),
  "K-09": [["store/crash.test.ts", "killed in the middle of the first start"]],
  "K-10": [[OPEN, "is refused and left byte for byte"]],
  "K-11": [[BINARY, "does not share its directory with a second process"]],
  "K-12": [[BINARY, "does not share its port with a second process"]],
  "K-13": [[BINARY, "a directory that cannot be used"]],
  "K-14": [[CRASH, "a disk that refuses"]],
  ...named("safety/clock.test.ts", "K-15"),
  "K-16": [[BINARY, "SIGTERM lets a running stream finish"]],
  "K-17": [[BINARY, "a second signal ends at once"]],
  "K-18": [[BINARY, "300 streams run at a time"]],
  "K-19": [
    ["binary/reproducible.test.ts", "K-19: two builds from clean folders"],
    ["dependencies.test.ts", "K-19: what is inside the program"],
  ],
  "K-20": [[OPEN, "missing: refused, and no new key is made"]],
  "K-21": [[BINARY, "neither runs code nor takes settings from the folder it was started in"]],
  "K-23": [[BINARY, "a database from a newer version: code 5"]],
  ...named(CRASH, "K-24"),
};
