/** A page as one file that loads nothing: its modules and style sheets inside, allowed by their digests. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The client's modules as one: they import each other only by name, so the import and export words can go. */
export function inlineScript(files: readonly URL[]): string {
  return files
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
    .replace(/^import [^;]*;$/gm, '')
    .replace(/^export /gm, '');
}

/** Style sheets in the order of the cascade. */
export function inlineStyle(files: readonly URL[]): string {
  return files.map((file) => readFileSync(file, 'utf8')).join('');
}

/** As a content security policy names it. */
export function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
