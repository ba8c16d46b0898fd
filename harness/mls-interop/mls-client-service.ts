import { join } from 'node:path';
import { loadGrpcService } from '../ports/grpc-service.ts';

/** The contract as gRPC knows it. */
export const mlsClientService = loadGrpcService(
  join(import.meta.dirname, 'mls_client.proto'),
  'mls_client.MLSClient',
);
