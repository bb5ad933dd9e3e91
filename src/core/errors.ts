/** How one stable error code looks in each protocol. Source: docs/API.md, "Errors". */
type CodeFacts = { status: number; openai: string; anthropic: string; google: string };

const code = (status: number, openai: string, anthropic: string, google: string): CodeFacts => ({
  status,
  openai,
  anthropic,
  google,
});

/** Every code a client can see, with its status and its word in each protocol's error shape. */
export const CODES = {
  bad_request: code(400, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"),
  unsupported: code(400, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"),
  no_connection: code(400, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"),
  context_length_exceeded: code(400, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"),
  invalid_api_key: code(401, "authentication_error", "authentication_error", "UNAUTHENTICATED"),
  login_required: code(401, "authentication_error", "authentication_error", "UNAUTHENTICATED"),
  budget_exceeded: code(402, "insufficient_quota", "billing_error", "RESOURCE_EXHAUSTED"),
  forbidden: code(403, "permission_error", "permission_error", "PERMISSION_DENIED"),
  key_group_paused: code(403, "permission_error", "permission_error", "PERMISSION_DENIED"),
  model_not_allowed: code(403, "permission_error", "permission_error", "PERMISSION_DENIED"),
  ip_blocked: code(403, "permission_error", "permission_error", "PERMISSION_DENIED"),
  cross_site: code(403, "permission_error", "permission_error", "PERMISSION_DENIED"),
  setup_required: code(403, "setup_required", "permission_error", "PERMISSION_DENIED"),
  model_not_found: code(404, "invalid_request_error", "not_found_error", "NOT_FOUND"),
  not_found: code(404, "invalid_request_error", "not_found_error", "NOT_FOUND"),
  not_offered: code(404, "invalid_request_error", "not_found_error", "NOT_FOUND"),
  method_not_allowed: code(405, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"),
  conflict: code(409, "invalid_request_error", "invalid_request_error", "FAILED_PRECONDITION"),
  provider_shut_down: code(410, "invalid_request_error", "not_found_error", "NOT_FOUND"),
  precondition_failed: code(412, "invalid_request_error", "invalid_request_error", "FAILED_PRECONDITION"),
  too_large: code(413, "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"),
  unsupported_media_type: code(415, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"),
  host_not_allowed: code(421, "permission_error", "permission_error", "PERMISSION_DENIED"),
  idempotency_key_reuse: code(422, "invalid_request_error", "invalid_request_error", "FAILED_PRECONDITION"),
  upgrade_required: code(426, "invalid_request_error", "invalid_request_error", "FAILED_PRECONDITION"),
  rate_limit_exceeded: code(429, "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"),
  quota_exhausted: code(429, "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"),
  cancelled: code(499, "invalid_request_error", "api_error", "CANCELLED"),
  internal_server_error: code(500, "server_error", "api_error", "INTERNAL"),
  bad_gateway: code(502, "server_error", "api_error", "UNAVAILABLE"),
  credentials_failed: code(502, "server_error", "api_error", "UNAVAILABLE"),
  upstream_unreachable: code(502, "server_error", "api_error", "UNAVAILABLE"),
  upstream_malformed: code(502, "server_error", "api_error", "UNAVAILABLE"),
  service_unavailable: code(503, "service_unavailable", "overloaded_error", "UNAVAILABLE"),
  ALL_ACCOUNTS_INACTIVE: code(503, "service_unavailable", "overloaded_error", "UNAVAILABLE"),
  gateway_timeout: code(504, "server_error", "timeout_error", "DEADLINE_EXCEEDED"),
  storage_full: code(507, "server_error", "api_error", "UNAVAILABLE"),
} as const satisfies Record<string, CodeFacts>;

export type ErrorCode = keyof typeof CODES;

/** What a provider's failure counts against. `model` means that model over that connection. */
export type Blame = "nobody" | "model" | "connection" | "limit" | "provider";

type FailureFacts = {
  /** The code a client sees when this failure is the final answer. */
  code: ErrorCode;
  /** May the next target be tried? */
  next: boolean;
  /** Would the same model over another connection say the same? Then its other connections are passed over. */
  skipModel: boolean;
  /** May the same target be asked again later in the same request? */
  transient: boolean;
  /** `limit`: the connection or its model, as the failure's `scope` says, until its reset. */
  blame: Blame;
};

/** The one table of what a target can do wrong and what follows from it. */
export const FAILURES = {
  rejected: { code: "bad_request", next: true, skipModel: true, transient: false, blame: "nobody" },
  unsupported: { code: "unsupported", next: true, skipModel: true, transient: false, blame: "nobody" },
  "context-length": {
    code: "context_length_exceeded",
    next: true,
    skipModel: true,
    transient: false,
    blame: "nobody",
  },
  credentials: {
    code: "credentials_failed",
    next: true,
    skipModel: false,
    transient: false,
    blame: "connection",
  },
  "rate-limited": {
    code: "rate_limit_exceeded",
    next: true,
    skipModel: false,
    transient: false,
    blame: "limit",
  },
  "quota-exhausted": {
    code: "quota_exhausted",
    next: true,
    skipModel: false,
    transient: false,
    blame: "limit",
  },
  "no-such-model": {
    code: "model_not_found",
    next: true,
    skipModel: false,
    transient: false,
    blame: "model",
  },
  "shut-down": { code: "provider_shut_down", next: true, skipModel: true, transient: false, blame: "nobody" },
  overloaded: {
    code: "service_unavailable",
    next: true,
    skipModel: false,
    transient: true,
    blame: "provider",
  },
  unreachable: {
    code: "upstream_unreachable",
    next: true,
    skipModel: false,
    transient: true,
    blame: "provider",
  },
  timeout: { code: "gateway_timeout", next: true, skipModel: false, transient: true, blame: "provider" },
  malformed: { code: "upstream_malformed", next: true, skipModel: false, transient: true, blame: "provider" },
  cancelled: { code: "cancelled", next: false, skipModel: false, transient: false, blame: "nobody" },
} as const satisfies Record<string, FailureFacts>;

export type FailureKind = keyof typeof FAILURES;

export type ErrorDetail = { field: string; message: string };

/** An error that a caller is told about. The message says what happened and what to do; it never holds a secret. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Field of the request that is at fault (OpenAI `param`). */
  readonly param: string | undefined;
  readonly details: ErrorDetail[] | undefined;
  /** When to come back, in milliseconds from now. */
  readonly retryAfterMs: number | undefined;
  /** Extra fields that one protocol's clients understand, written into the error object. */
  readonly extra: { [field: string]: unknown } | undefined;
  /** The call it ended stands in the log already. */
  logged = false;

  constructor(
    errorCode: ErrorCode,
    message: string,
    options: {
      param?: string;
      details?: ErrorDetail[];
      retryAfterMs?: number;
      status?: number;
      extra?: { [field: string]: unknown };
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "GatewayError";
    this.code = errorCode;
    this.status = options.status ?? CODES[errorCode].status;
    this.param = options.param;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
    this.extra = options.extra;
  }
}

/** Bad input, named by field. */
export function badRequest(message: string, param?: string): GatewayError {
  return new GatewayError("bad_request", message, param === undefined ? {} : { param });
}

/** What went wrong at one target. Thrown by `send` and by stream decoders; read by the attempt loop. */
export class TargetFailure extends Error {
  readonly kind: FailureKind;
  /** The provider's HTTP status, where it gave one. */
  readonly status: number | undefined;
  /** For limits: what is limited. */
  readonly scope: "model" | "connection";
  /** When the provider said it works again, in milliseconds since 1970. */
  readonly until: number | undefined;
  /** The provider's own code word, for the log. */
  readonly providerCode: string | undefined;
  readonly providerRequestId: string | undefined;
  /** Nothing of the answer had come when the connection broke: one repeat at once is safe. */
  readonly brokeEarly: boolean;
  /** What an error inside an answer said, as it came; its scope and its reset may still have to be read from it. */
  readonly body: unknown;
  /** The provider may still be at work on it and bill it: the same target is not asked again. */
  readonly underWay: boolean;

  constructor(
    kind: FailureKind,
    message: string,
    options: {
      status?: number;
      scope?: "model" | "connection";
      until?: number;
      providerCode?: string;
      providerRequestId?: string;
      brokeEarly?: boolean;
      underWay?: boolean;
      body?: unknown;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "TargetFailure";
    this.kind = kind;
    this.status = options.status;
    this.scope = options.scope ?? "model";
    this.until = options.until;
    this.providerCode = options.providerCode;
    this.providerRequestId = options.providerRequestId;
    this.brokeEarly = options.brokeEarly ?? false;
    this.underWay = options.underWay ?? false;
    this.body = options.body;
  }

  /** The field of the request that cannot be written for the target. */
  get param(): string | undefined {
    return this.cause instanceof GatewayError ? this.cause.param : undefined;
  }

  /** The error a client sees when this failure is the final answer. */
  toGatewayError(now: number): GatewayError {
    const { param } = this;
    const wait = this.until === undefined ? undefined : Math.max(1000, this.until - now);
    return new GatewayError(FAILURES[this.kind].code, this.message, {
      ...(wait !== undefined && { retryAfterMs: wait }),
      ...(param !== undefined && { param }),
      cause: this,
    });
  }
}
