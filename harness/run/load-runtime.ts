import type { Runtime } from './runtime.ts';

/** The real runtime as a URL, so that worker threads can load it, and nothing else has to. */
export const RUNTIME_URL = new URL('./runtime.ts', import.meta.url).href;

/** `url` is of a module that exports `runtime`. */
export async function loadRuntime(url: string): Promise<Runtime> {
  return ((await import(url)) as { runtime: Runtime }).runtime;
}
