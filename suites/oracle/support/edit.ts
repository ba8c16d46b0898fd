import type { FrameEntry, TraceBytes } from '../../../reports/trace.ts';
import { bytes, type Draft } from './trace.ts';

export function textOf(data: TraceBytes | undefined): string {
  if (!data) return '';
  return 'text' in data ? data.text : Buffer.from(data.base64, 'base64').toString('latin1');
}

/** Position of the `nth` frame from one host to another whose text contains `part`. Throws when there is none. */
export function frameAt(drafts: readonly Draft[], from: string, to: string, part: string, nth = 0): number {
  const found = drafts
    .map((draft, i) => ({ draft, i }))
    .filter(
      ({ draft }) =>
        draft.kind === 'frame' &&
        draft.from === from &&
        draft.to === to &&
        textOf(draft.bytes).includes(part),
    );
  if (!found[nth]) throw new Error(`no frame ${from} -> ${to} with ${JSON.stringify(part)}`);
  return found[nth].i;
}

export function without(drafts: readonly Draft[], at: number): Draft[] {
  return drafts.filter((_, i) => i !== at);
}

export function inserted(drafts: readonly Draft[], at: number, ...more: readonly Draft[]): Draft[] {
  return [...drafts.slice(0, at), ...more, ...drafts.slice(at)];
}

/** The text of one frame rewritten; Content-Length is left as it was. */
export function rewritten(drafts: readonly Draft[], at: number, rewrite: (text: string) => string): Draft[] {
  return changed(drafts, at, (draft) => {
    const before = textOf((draft as FrameEntry).bytes);
    const after = rewrite(before);
    if (after === before) throw new Error('the rewriting changed nothing');
    return { ...draft, bytes: bytes(after) } as Draft;
  });
}

export function changed(drafts: readonly Draft[], at: number, change: (draft: Draft) => Draft): Draft[] {
  return drafts.map((draft, i) => (i === at ? change(draft) : draft));
}

/** Every view of one phone from step `from` on, changed. */
export function views(
  drafts: readonly Draft[],
  side: string,
  change: (view: Extract<Draft, { kind: 'state' }>['view']) => Extract<Draft, { kind: 'state' }>['view'],
  from = 0,
): Draft[] {
  return drafts.map((draft) =>
    draft.kind === 'state' && draft.side === side && draft.stepIndex >= from
      ? { ...draft, view: change(draft.view) }
      : draft,
  );
}
