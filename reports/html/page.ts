import { digest, escapeHtml, inlineScript, inlineStyle } from './inline.ts';
import type { ReportData } from './report-data.ts';

/** In the order they are inlined: a file uses only what stands above it. */
const CLIENT_FILES = [
  'dom',
  'outcomes',
  'filters',
  'heat-map',
  'address',
  'cell-list',
  'news',
  'content',
  'bytes',
  'ladder',
  'cell-view',
  'main',
];

/** In the order of the cascade. */
const STYLE_FILES = [
  'theme',
  'base',
  'page',
  'outcomes',
  'filters',
  'heat-map',
  'cell-list',
  'cell-view',
  'ladder',
  'narrow',
];

/**
 * The whole report as one HTML file that loads nothing: style, script and data are inside, and its content security
 * policy allows only these by digest. Text from the run stands in JSON blocks in which every `<` is escaped, or packed in base64.
 */
export function reportPage(data: ReportData): string {
  const style = inlineStyle(STYLE_FILES.map((name) => new URL(`./styles/${name}.css`, import.meta.url)));
  const script = inlineScript(CLIENT_FILES.map((name) => new URL(`./client/${name}.js`, import.meta.url)));
  const policy = [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src '${digest(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const { details, ...index } = data;
  const blocks = [...details].map(([cell, packed]) => packedBlock(`cell-${cell}`, packed));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Parley: ${escapeHtml(data.summary.run)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<noscript>This report needs JavaScript; the same results are in results.jsonl beside it.</noscript>
<div id="app"></div>
<dialog id="cell" aria-labelledby="cell-title"></dialog>
${dataBlock('report', JSON.stringify(index))}
${blocks.join('\n')}
<script type="module">${script}</script>
</body>
</html>
`;
}

function dataBlock(id: string, json: string): string {
  return `<script type="application/json" id="${id}">${json.replaceAll('<', '\\u003c')}</script>`;
}

function packedBlock(id: string, base64: string): string {
  return `<script type="text/plain" id="${id}">${base64}</script>`;
}
