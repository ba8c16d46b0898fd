const signals = ['SIGINT', 'SIGTERM'] as const;

/** Resolves to the first signal that asks this process to stop; a second one stops it at once, as without us. */
export function stopSignal(): Promise<(typeof signals)[number]> {
  return new Promise((resolve) => {
    const handlers = signals.map((signal) => [signal, () => stop(signal)] as const);
    const stop = (signal: (typeof signals)[number]) => {
      for (const [name, handler] of handlers) process.off(name, handler);
      resolve(signal);
    };
    for (const [name, handler] of handlers) process.on(name, handler);
  });
}

/** Calls `again` at each SIGHUP, until the function that it returns is called. */
export function reloads(again: () => void): () => void {
  process.on('SIGHUP', again);
  return () => void process.off('SIGHUP', again);
}
