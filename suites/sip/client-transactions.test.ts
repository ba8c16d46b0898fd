import { describe, expect, it } from 'vitest';
import { InviteClientTransaction, NonInviteClientTransaction } from '../../stack/rcs/sip/transaction.ts';
import { clientBench, responseTo } from './support/transaction-bench.ts';

describe('the non-INVITE client transaction (RFC 3261 17.1.2)', () => {
  it('over UDP: Timer E at 0.5, 1, 2, 4, 4 ... seconds, Timer F at 64*T1', async () => {
    const { clock, options, log } = clientBench('MESSAGE', false);
    new NonInviteClientTransaction(options);
    await clock.advance(100_000);
    const sends = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(log).toEqual([
      ...sends.map((at) => [at, 'send MESSAGE']),
      [32_000, 'terminated'],
      [32_000, 'timeout'],
    ]);
    expect(clock.timersRunning).toBe(0);
  });

  it('over TCP: one sending, Timer F all the same', async () => {
    const { clock, options, log } = clientBench('MESSAGE', true);
    new NonInviteClientTransaction(options);
    await clock.advance(100_000);
    expect(log).toEqual([
      [0, 'send MESSAGE'],
      [32_000, 'terminated'],
      [32_000, 'timeout'],
    ]);
  });

  it('after a provisional response Timer E is T2', async () => {
    const { clock, options, log } = clientBench('MESSAGE', false);
    const transaction = new NonInviteClientTransaction(options);
    await clock.advance(600);
    transaction.receive(responseTo('MESSAGE', 100));
    expect(transaction.state).toBe('proceeding');
    await clock.advance(10_000);
    expect(log).toEqual([
      [0, 'send MESSAGE'],
      [500, 'send MESSAGE'],
      [600, 'response 100'],
      [1500, 'send MESSAGE'],
      [5500, 'send MESSAGE'],
      [9500, 'send MESSAGE'],
    ]);
  });

  it('a final response is handed up once; Timer K takes up its repetitions for T4', async () => {
    const { clock, options, log } = clientBench('MESSAGE', false);
    const transaction = new NonInviteClientTransaction(options);
    await clock.advance(20);
    transaction.receive(responseTo('MESSAGE', 200));
    transaction.receive(responseTo('MESSAGE', 200));
    expect(transaction.state).toBe('completed');
    await clock.advance(60_000);
    expect(log).toEqual([
      [0, 'send MESSAGE'],
      [20, 'response 200'],
      [5020, 'terminated'],
    ]);
  });

  it('a transport failure ends it, and after the final response nobody is told', () => {
    const waiting = clientBench('MESSAGE', true);
    new NonInviteClientTransaction(waiting.options).transportFailed();
    expect(waiting.log.map(([, what]) => what)).toEqual(['send MESSAGE', 'terminated', 'transport failure']);
    const answered = clientBench('MESSAGE', false);
    const transaction = new NonInviteClientTransaction(answered.options);
    transaction.receive(responseTo('MESSAGE', 200));
    transaction.transportFailed();
    expect(answered.log.map(([, what]) => what)).toEqual(['send MESSAGE', 'response 200', 'terminated']);
    expect(answered.clock.timersRunning).toBe(0);
  });
});

describe('the INVITE client transaction (RFC 3261 17.1.1, RFC 6026)', () => {
  it('over UDP: Timer A doubles without bound, Timer B at 64*T1', async () => {
    const { clock, options, log } = clientBench('INVITE', false);
    new InviteClientTransaction(options);
    await clock.advance(100_000);
    const sends = [0, 500, 1500, 3500, 7500, 15_500, 31_500];
    expect(log).toEqual([
      ...sends.map((at) => [at, 'send INVITE']),
      [32_000, 'terminated'],
      [32_000, 'timeout'],
    ]);
  });

  it('a provisional response stops Timers A and B: the wait for a person has no bound', async () => {
    const { clock, options, log } = clientBench('INVITE', false);
    const transaction = new InviteClientTransaction(options);
    await clock.advance(100);
    transaction.receive(responseTo('INVITE', 180));
    await clock.advance(180_000);
    expect(transaction.state).toBe('proceeding');
    expect(log).toEqual([
      [0, 'send INVITE'],
      [100, 'response 180'],
    ]);
    expect(clock.timersRunning).toBe(0);
  });

  it('a refusal is acknowledged, and so is each repetition of it, for the 32 s of Timer D', async () => {
    const { clock, options, log } = clientBench('INVITE', false);
    const transaction = new InviteClientTransaction(options);
    await clock.advance(100);
    transaction.receive(responseTo('INVITE', 486));
    await clock.advance(500);
    transaction.receive(responseTo('INVITE', 486));
    await clock.advance(60_000);
    expect(log).toEqual([
      [0, 'send INVITE'],
      [100, 'send ACK'],
      [100, 'response 486'],
      [600, 'send ACK'],
      [32_100, 'terminated'],
    ]);
  });

  it('over TCP Timer D is zero', () => {
    const { options, log } = clientBench('INVITE', true);
    const transaction = new InviteClientTransaction(options);
    transaction.receive(responseTo('INVITE', 486));
    expect(log.map(([, what]) => what)).toEqual(['send INVITE', 'send ACK', 'terminated', 'response 486']);
    expect(transaction.state).toBe('terminated');
  });

  it('every 2xx goes up, none is acknowledged here, until Timer M (RFC 6026 7.2)', async () => {
    const { clock, options, log } = clientBench('INVITE', false);
    const transaction = new InviteClientTransaction(options);
    transaction.receive(responseTo('INVITE', 200));
    await clock.advance(500);
    transaction.receive(responseTo('INVITE', 200));
    transaction.receive(responseTo('INVITE', 486));
    await clock.advance(60_000);
    expect(log).toEqual([
      [0, 'send INVITE'],
      [0, 'response 200'],
      [500, 'response 200'],
      [32_000, 'terminated'],
    ]);
  });
});
