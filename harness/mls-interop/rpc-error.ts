/** How a call of the contract can end without an answer: gRPC's status codes, by name. */
export const statusCode = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;
export type StatusName = keyof typeof statusCode;

export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly status: StatusName;
  /** `message` is what the other side is told: it holds no secret. */
  constructor(status: StatusName, message: string) {
    super(message);
    this.status = status;
  }
}

const names = new Map<number, StatusName>(
  Object.entries(statusCode).map(([name, code]) => [code, name as StatusName]),
);

/** UNKNOWN for a code that gRPC does not define. */
export function statusName(code: number): StatusName {
  return names.get(code) ?? 'UNKNOWN';
}

/** What is no RpcError is a fault of the implementation: INTERNAL. */
export function refusal(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new RpcError('INTERNAL', `internal error: ${text.replace(/\s*\n\s*/g, ' ')}`);
}
