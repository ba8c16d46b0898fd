import { threadId } from 'node:worker_threads';
import { LoopbackBlock } from '../../../emulators/network/sockets/host-directory.ts';

const FIRST = 0x8000;
const COUNT = 0x7f00;
let block = process.pid * 509 + threadId * 1_021;

/** Addresses that no other test of this machine uses at the same time, as far as chance allows. */
export function nextBlock(): LoopbackBlock {
  block += 1;
  return new LoopbackBlock(FIRST + (block % COUNT));
}
