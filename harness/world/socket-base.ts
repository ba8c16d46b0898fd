/** A world on real sockets of the loopback interface. */
import { threadId } from 'node:worker_threads';
import { LoopbackBlock } from '../../emulators/network/sockets/host-directory.ts';
import { SocketNetwork } from '../../emulators/network/sockets/socket-network.ts';
import { systemClock } from '../../emulators/network/sockets/system-clock.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import { SocketCertificates } from './socket-certificates.ts';
import type { WorldBase } from './world-network.ts';

/**
 * Time moves only when the wire is idle, so that a slow machine makes no time-out and a day of waiting costs nothing.
 */
export async function socketBase(startMs: number | undefined): Promise<WorldBase> {
  // One authority for all worlds of this thread: making keys costs more than running a case.
  certificates ??= SocketCertificates.open(systemClock.now);
  const issuing = await certificates;
  let network: SocketNetwork | undefined;
  const clock = new VirtualClock(startMs, async () => network?.traffic.idle());
  return {
    clock,
    network: (parts) => {
      network = new SocketNetwork({
        ...parts,
        clock,
        block: nextBlock(),
        authorities: [issuing.authority.certificate],
        credentials: (host) => issuing.credentialsOf(host),
      });
      return network;
    },
    pinOf: (host, generation) => issuing.pinOf(host, generation),
  };
}

let certificates: Promise<SocketCertificates> | undefined;

/** Processes and threads that run at the same time begin far from each other; 127.0.x.x and 127.128.x.x up are others'. */
const FIRST_BLOCK = 0x100;
const BLOCKS = 0x7f00;
let block = process.pid * 509 + threadId * 1_021;

function nextBlock(): LoopbackBlock {
  block += 1;
  return new LoopbackBlock(FIRST_BLOCK + (block % BLOCKS));
}
