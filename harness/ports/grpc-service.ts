/** A gRPC service as a .proto file describes it: field names in camelCase, bytes as Uint8Array, uint64 as digits. */
import { logVerbosity, type ServiceDefinition, setLogVerbosity } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

// What goes wrong is returned to the caller; it would be told on stderr as well.
setLogVerbosity(logVerbosity.NONE);

/** `service` with its package: `mls_client.MLSClient`. Throws when the file is missing or does not define it. */
export function loadGrpcService(protoFile: string, service: string): ServiceDefinition {
  const loaded = loadSync(protoFile, { longs: String, defaults: true });
  const definition = loaded[service];
  if (definition === undefined || 'format' in definition)
    throw new RangeError(`no ${service} in ${protoFile}`);
  return definition as ServiceDefinition;
}

/**
 * `message` with plain Uint8Arrays of its own for the Buffers that protobuf leaves: those are views into a buffer that
 * many share, and their `slice` does not copy.
 */
export function withPlainBytes(message: unknown): unknown {
  if (message instanceof Uint8Array) return new Uint8Array(message);
  if (Array.isArray(message)) return message.map(withPlainBytes);
  if (typeof message !== 'object' || message === null) return message;
  return Object.fromEntries(Object.entries(message).map(([name, value]) => [name, withPlainBytes(value)]));
}
