/** Serves unary gRPC calls on a socket of this machine. */
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { withPlainBytes } from './grpc-service.ts';

/** What a call gives back: an answer, or a gRPC status code other than 0. */
export type UnaryReply = { readonly answer: object } | { readonly code: number; readonly details: string };

export interface GrpcServerOptions {
  readonly service: ServiceDefinition;
  /** Called for each request with the name of its method; must not reject. */
  readonly handle: (method: string, request: object) => Promise<UnaryReply>;
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
  /** Bytes of the largest request taken. */
  readonly maxRequestBytes: number;
}

export interface GrpcServer {
  readonly port: number;
  /** Lets running calls end, for at most `graceMs`; idempotent. */
  stop(graceMs: number): Promise<void>;
}

/** Rejects when the address cannot be bound. */
export async function serveGrpc(options: GrpcServerOptions): Promise<GrpcServer> {
  const { service, handle, host, maxRequestBytes } = options;
  const server = new Server({ 'grpc.max_receive_message_length': maxRequestBytes });
  const implementation: UntypedServiceImplementation = {};
  for (const name of Object.keys(service)) {
    implementation[name] = (call: ServerUnaryCall<object, object>, done: sendUnaryData<object>) => {
      void handle(name, withPlainBytes(call.request) as object).then((reply) =>
        'answer' in reply ? done(null, reply.answer) : done(reply),
      );
    };
  }
  server.addService(service, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(authority(host, options.port), ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  let stopped: Promise<void> | undefined;
  return {
    port,
    stop: (graceMs) => {
      stopped ??= new Promise((resolve) => {
        const timer = setTimeout(() => server.forceShutdown(), graceMs);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      return stopped;
    },
  };
}

function authority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
